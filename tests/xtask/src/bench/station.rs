//! The station under measure: `evidock serve` on a fresh vault, asked over loopback as the window asks.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::json::{Json, quoted};
use super::{clear, drop_caches, released};
use crate::process::{finish, output, tied};
use crate::{Failure, Outcome, failed};

/// Time between two questions; each costs the station some hundred microseconds.
const PULSE: Duration = Duration::from_millis(100);
/// A drive is noticed, and an intake asked for is begun, within this time.
const PATIENCE: Duration = Duration::from_secs(60);
/// Clock ticks in a second, as /proc counts processor time; the same on every Linux.
const TICKS: f64 = 100.0;

/// What is to be taken in.
pub struct Order<'a> {
    /// What is docked lies below: mounts, else folders that stand for drives.
    pub dock: &'a Path,
    pub mounted: bool,
    pub drives: usize,
    pub second_read: bool,
    /// Whether to wait for the look into the clips, which begins when all are verified.
    pub to_the_end: bool,
}

/// What one intake took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ran {
    /// Seconds from the first job's opening until the last clip had its level.
    pub verified: f64,
    /// Seconds until the last job was closed; `None` when it was not waited for.
    pub closed: Option<f64>,
    /// Seconds of processor until everything was verified; the look into the clips comes after that.
    pub processor: f64,
    /// Highest resident memory.
    pub peak_mib: u64,
}

/// Makes a vault, takes the docked drives in at once, and reads from the ledger when it was done. Caches are empty at
/// the begin; a file not taken in is a failure.
pub fn intake(vault: &Path, order: &Order<'_>) -> Outcome<Ran> {
    let station = Station::start(vault, order)?;
    let drives = station.drives(order.drives)?;
    for drive in &drives {
        station.call("admit_drive_once", &format!("{{\"drive\":{}}}", quoted(drive)))?;
    }
    drop_caches()?;
    let used = station.processor_seconds();
    for drive in &drives {
        let order = format!("{{\"drive\":{},\"declared_unclassified\":true}}", quoted(drive));
        station.call("start_intake", &order)?;
    }
    let processor = station.wait(order)? - used;
    let peak_mib = station.peak_mib();
    station.stop()?;
    let (verified, closed) = told(vault)?;
    Ok(Ran { verified, closed: closed.filter(|_| order.to_the_end), processor, peak_mib })
}

struct Station {
    child: Child,
    host: String,
    token: String,
}

impl Station {
    fn start(vault: &Path, order: &Order<'_>) -> Outcome<Self> {
        clear(vault)?;
        let evidock = || {
            let mut command = tied(released("evidock"));
            command.arg("--vault").arg(vault).stdin(Stdio::null()).stdout(Stdio::null());
            command
        };
        finish(evidock().args(["init", "--unit", "测量", "--rules", "qj-qilin"]))?;
        finish(evidock().args(["people", "add", "测量员"]))?;
        let mut serving = evidock();
        if !order.mounted {
            serving.arg("--dock").arg(order.dock);
        }
        serving.args(["serve", "--port", "0", "--json"]);
        let child =
            serving.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(failed("无法启动 evidock serve"))?;
        let mut station = Self { host: String::new(), token: String::new(), child };
        station.listen()?;
        station.set_up(order)?;
        Ok(station)
    }

    /// Reads the address from the one document on standard output.
    fn listen(&mut self) -> Outcome {
        let mut lines = BufReader::new(self.child.stdout.take().expect("standard output is piped"));
        let mut text = String::new();
        while Json::read(&text).is_none() {
            if lines.read_line(&mut text).map_err(failed("evidock serve 没有回答"))? == 0 {
                return Err(Failure("evidock serve 没有写出地址".into()));
            }
        }
        let document = Json::read(&text).unwrap_or(Json::Null);
        let address = document.text("address").strip_prefix("http://").unwrap_or_default();
        let (host, token) = address.split_once('/').unwrap_or_default();
        (self.host, self.token) = (host.to_owned(), token.trim_end_matches('/').to_owned());
        Ok(())
    }

    /// Chooses the operator and the settings; no scrub disturbs the measure.
    fn set_up(&self, order: &Order<'_>) -> Outcome {
        let people = self.ask("people", "{}")?;
        let person = people.elements().first().map(|one| one.text("id")).unwrap_or_default();
        self.call("choose_operator", &format!("{{\"person\":{}}}", quoted(person)))?;
        let mut settings = self.ask("settings", "{}")?;
        settings.set("second_read", Json::Bool(order.second_read));
        settings.set("scrub_days", Json::Number("0".to_owned()));
        settings.set("mount_roots", Json::List(vec![Json::Text(order.dock.display().to_string())]));
        self.call("save_settings", &settings.written()).map(drop)
    }

    /// Waits until as many drives are docked and returns their ids.
    fn drives(&self, count: usize) -> Outcome<Vec<String>> {
        let begin = Instant::now();
        loop {
            let drives = self.ask("drives", "{}")?;
            if drives.elements().len() == count {
                return Ok(drives.elements().iter().map(|drive| drive.text("id").to_owned()).collect());
            }
            if begin.elapsed() > PATIENCE {
                return Err(Failure(format!("接入了 {} 台设备，应为 {count} 台", drives.elements().len())));
            }
            thread::sleep(PULSE);
        }
    }

    /// Waits until every job has verified what it has to, and for its end where that is wanted. Returns the processor
    /// time at the moment when all was verified.
    fn wait(&self, order: &Order<'_>) -> Outcome<f64> {
        let mut used = None;
        loop {
            let jobs = self.ask("jobs", "{\"limit\":50}")?;
            let jobs = jobs.elements();
            for job in jobs {
                if job.number("refused") > 0 || !matches!(job.text("state"), "running" | "done") {
                    return Err(Failure(format!("采集没有完整结束，这次测量无效：{}", job.written())));
                }
            }
            let all = |over: fn(&Json) -> bool| jobs.len() == order.drives && jobs.iter().all(over);
            if all(|job| matches!(job.text("stage"), "probing" | "ended")) {
                let used = *used.get_or_insert_with(|| self.processor_seconds());
                if !order.to_the_end || all(|job| job.text("state") == "done") {
                    return Ok(used);
                }
            }
            thread::sleep(PULSE);
        }
    }

    fn ask(&self, command: &str, body: &str) -> Outcome<Json> {
        let text = self.call(command, body)?;
        Json::read(&text).ok_or_else(|| Failure(format!("{command} 的回答不是 JSON：{text}")))
    }

    /// Asks the station and returns the body of its answer.
    fn call(&self, command: &str, body: &str) -> Outcome<String> {
        let doing = || format!("无法询问 evidock serve（{command}）");
        let mut stream = TcpStream::connect(&self.host).map_err(failed(doing()))?;
        let (host, token, length) = (&self.host, &self.token, body.len());
        let request = format!(
            "POST /{token}/api/call/{command} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).map_err(failed(doing()))?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map_err(failed(doing()))?;
        match answer.split_once("\r\n\r\n") {
            Some((head, body)) if head.starts_with("HTTP/1.1 200") => Ok(body.to_owned()),
            _ => Err(Failure(format!("{}：{answer}", doing()))),
        }
    }

    /// Returns the processor time of the process and of the children it waited for, proc_pid_stat(5).
    fn processor_seconds(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        // Behind the name: state is the first, utime the twelfth, then stime, cutime, cstime.
        fields.skip(11).take(4).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS
    }

    fn peak_mib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|rest| rest.trim().strip_suffix(" kB")).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0)
            / 1024
    }

    /// Ends the station in good order.
    fn stop(mut self) -> Outcome {
        output(Command::new("kill").args(["-TERM", &self.child.id().to_string()]))?;
        self.child.wait().map(drop).map_err(failed("evidock serve 没有结束"))
    }
}

impl Drop for Station {
    /// A measure that failed leaves no station behind. One that has ended is gone already.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            drop(self.child.kill().and_then(|()| self.child.wait()));
        }
    }
}

/// Reads from the ledger how long it took until the last clip had its level, and until the last job was closed.
fn told(vault: &Path) -> Outcome<(f64, Option<f64>)> {
    let folder = vault.join("ledger");
    let (mut opened, mut verified, mut closed) = (f64::MAX, 0.0_f64, None);
    for file in fs::read_dir(&folder).map_err(failed("无法读账本"))?.flatten() {
        let text = fs::read_to_string(file.path()).map_err(failed("无法读账本"))?;
        for event in text.lines().filter_map(Json::read) {
            let at = seconds(event.text("at")).ok_or_else(|| Failure(format!("账本里的时间读不懂：{event:?}")))?;
            match event.text("kind") {
                "job.opened" => opened = opened.min(at),
                "clip.registered" | "source.reread" => verified = verified.max(at),
                "job.closed" => closed = Some(closed.unwrap_or(at).max(at)),
                _ => {}
            }
        }
    }
    if verified < opened {
        return Err(Failure("账本里没有采集到的片段".into()));
    }
    Ok((verified - opened, closed.map(|at| at - opened)))
}

/// Reads `2026-11-21T16:56:22.869Z` as seconds since some fixed day.
fn seconds(at: &str) -> Option<f64> {
    let (day, time) = at.strip_suffix('Z')?.split_once('T')?;
    let mut parts = day.split('-').map(|part| part.parse::<i64>());
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let mut parts = time.split(':').map(|part| part.parse::<f64>());
    let (hours, minutes, seconds) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    // Years that begin with March have their odd day at the end.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days =
        365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (153 * month + 2) / 5 + day;
    Some(days as f64 * 86_400.0 + hours * 3_600.0 + minutes * 60.0 + seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_ledger_are_read() {
        let passed = |from, to| seconds(to).zip(seconds(from)).map(|(to, from)| ((to - from) * 1000.0).round());
        let rows = [
            ("2026-11-21T16:56:22.869Z", "2026-11-21T16:56:23.000Z", Some(131.0)),
            ("2026-02-28T23:59:59.500Z", "2026-03-01T00:00:00Z", Some(500.0)),
            ("2024-02-28T00:00:00Z", "2024-03-01T00:00:00Z", Some(2.0 * 86_400_000.0)),
            ("2026-12-31T23:59:59Z", "2027-01-01T00:00:01Z", Some(2000.0)),
            ("yesterday", "2027-01-01T00:00:01Z", None),
        ];
        for (from, to, expected) in rows {
            assert_eq!(passed(from, to), expected, "from {from} to {to}");
        }
    }
}
