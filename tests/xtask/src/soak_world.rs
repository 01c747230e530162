//! The soak's machine: a small disk with a vault, cards behind FUSE, a clock that can be set.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::soak::{INTAKE_LIMIT, Met, Round, unexpected};
use crate::soak_cards::Card;
use crate::{Failure, Outcome, failed, mounts, process, root};

const DISK_BYTES: &str = "8G";
/// What a full disk has left.
const LEFT: u64 = 2 << 20;
const PROGRAMS: [&str; 3] = ["evidock", "evidock-probe", "faultfs"];
/// Steps the clock of one process (Debian's package libfaketime).
const CLOCK: &str = "faketime/libfaketime.so.1";
const PULSE: Duration = Duration::from_millis(5);
const MOUNT_PATIENCE: Duration = Duration::from_secs(10);

/// Everything below `target/soak`. Needs root for the loop device.
pub struct World {
    folder: PathBuf,
    clock_library: PathBuf,
    log: File,
    /// The card's process, while it is docked.
    docked: Option<(Child, PathBuf)>,
}

impl World {
    /// Builds the programs, makes the disk and an empty vault on it.
    pub fn make() -> Outcome<Self> {
        let built = built()?;
        let folder = root().join("target/soak");
        clear(&folder)?;
        for below in ["programs", "cards", "dock", "disk", "second"] {
            fs::create_dir_all(folder.join(below)).map_err(failed("新建浸泡目录"))?;
        }
        for program in PROGRAMS {
            // Whoever builds meanwhile changes nothing here.
            fs::copy(built.join(program), folder.join("programs").join(program)).map_err(failed(program))?;
        }
        let log = File::create(folder.join("soak.log")).map_err(failed("新建日志"))?;
        let world = Self { clock_library: clock_library()?, folder, log, docked: None };
        world.clock(0)?;
        for disk in ["disk", "second"] {
            let image = world.folder.join(format!("{disk}.img"));
            process::finish(Command::new("truncate").args(["-s", DISK_BYTES]).arg(&image))?;
            process::finish(Command::new("mkfs.ext4").args(["-q", "-E", "lazy_itable_init=1"]).arg(&image))?;
            let at = world.folder.join(disk);
            process::finish(Command::new("mount").args(["-o", "loop,noatime"]).arg(&image).arg(at))?;
        }
        world.clean(&["init", "--unit", "浸泡测试", "--rules", "qj-qilin"])?;
        world.clean(&["people", "add", "李娜", "--certificate", "53030036012"])?;
        world.set_up()?;
        Ok(world)
    }

    /// Has every card read a second time and every clip copied to the second disk, as an administrator sets it in the
    /// window.
    fn set_up(&self) -> Outcome {
        let mut serving = self
            .evidock(&["serve", "--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed("启动 serve"))?;
        let set = self.set_settings(&mut serving);
        serving.kill().and_then(|()| serving.wait()).map_err(failed("结束 serve"))?;
        set
    }

    fn set_settings(&self, serving: &mut Child) -> Outcome {
        let mut address = String::new();
        let told = serving.stdout.as_mut().expect("standard output is piped");
        BufReader::new(told).read_line(&mut address).map_err(failed("读 serve 的地址"))?;
        // What is set up is set up by somebody.
        let people = call(address.trim(), "people", "{}")?;
        let person = people.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        call(address.trim(), "choose_operator", &format!("{{\"person\":\"{person}\"}}"))?;
        let settings = call(address.trim(), "settings", "{}")?;
        let place = format!("\"second_copy\":\"{}\"", self.second().display());
        let wanted =
            settings.replace("\"second_copy\":\"\"", &place).replace("\"second_read\":false", "\"second_read\":true");
        let saved = call(address.trim(), "save_settings", &wanted)?;
        let both = saved.contains(&place) && saved.contains("\"second_read\":true");
        if both { Ok(()) } else { Err(Failure(format!("设置第二份和复读：{saved}"))) }
    }

    /// Returns where the second copies lie.
    pub fn second(&self) -> PathBuf {
        self.folder.join("second")
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn cards(&self) -> PathBuf {
        self.folder.join("cards")
    }

    fn disk(&self) -> PathBuf {
        self.folder.join("disk")
    }

    pub fn vault(&self) -> PathBuf {
        self.disk().join("vault")
    }

    pub fn log(&mut self, line: &str) -> Outcome {
        writeln!(self.log, "{line}").map_err(failed("写日志"))
    }

    /// Sets how many seconds the station's clock is away from the true time, also for what runs already.
    pub fn clock(&self, seconds: i64) -> Outcome {
        let (file, new) = (self.folder.join("clock"), self.folder.join("clock.new"));
        // A reader sees the old or the new, never half of it.
        fs::write(&new, format!("{seconds:+}")).and_then(|()| fs::rename(&new, file)).map_err(failed("拨钟"))
    }

    fn evidock(&self, words: &[&str]) -> Command {
        let mut command = process::tied(self.folder.join("programs/evidock"));
        command.args(words).env("EVIDOCK_VAULT", self.vault()).env("RUST_BACKTRACE", "0").stdin(Stdio::null());
        command.env("LD_PRELOAD", &self.clock_library).env("FAKETIME_TIMESTAMP_FILE", self.folder.join("clock"));
        // Waiting goes by the steady clock, which no custodian sets.
        command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        command
    }

    /// Runs a command that has to end with status 0; returns its standard output.
    pub fn clean(&self, words: &[&str]) -> Outcome<String> {
        let ended = self.evidock(words).output().map_err(failed("启动 evidock"))?;
        let out = String::from_utf8_lossy(&ended.stdout).into_owned();
        if ended.status.success() {
            return Ok(out);
        }
        let said = format!("{out}\n{}", String::from_utf8_lossy(&ended.stderr));
        Err(unexpected(&format!("evidock {}", words.join(" ")), ended.status.code(), &said))
    }

    /// Docks a card, takes it in, and lets happen what the round wants.
    pub fn play(&mut self, round: &Round, card: &Card) -> Outcome<Met> {
        let at = self.dock(round, card)?;
        let said = self.folder.join("said");
        let output = File::create(&said).map_err(failed("新建输出"))?;
        let errors = output.try_clone().map_err(failed("新建输出"))?;
        let place = at.to_str().expect("the checkout's path is text");
        let mut intake =
            self.evidock(&["intake", place]).stdout(output).stderr(errors).spawn().map_err(failed("启动采集"))?;
        let mut met = self.happen(round, &mut intake)?;
        met.status = intake.wait().map_err(failed("等待采集"))?.code();
        self.undock()?;
        self.make_room()?;
        met.said = fs::read_to_string(&said).map_err(failed("读输出"))?;
        Ok(met)
    }

    fn happen(&mut self, round: &Round, intake: &mut Child) -> Outcome<Met> {
        let begun = Instant::now();
        let mut met = Met::default();
        let mut clock = round.clock;
        while intake.try_wait().map_err(failed("等待采集"))?.is_none() {
            let due = |moment: Option<Duration>| moment.is_some_and(|moment| begun.elapsed() >= moment);
            if let Some((_, seconds)) = clock.filter(|(moment, _)| due(Some(*moment))) {
                self.clock(seconds)?;
                clock = None;
            }
            if !met.filled && due(round.fill) {
                self.fill()?;
                met.filled = true;
            }
            if !met.pulled && due(round.pull) {
                self.pull()?;
                met.pulled = true;
            }
            if !met.killed && due(round.kill) {
                intake.kill().map_err(failed("杀死采集"))?;
                met.killed = true;
            }
            if begun.elapsed() > INTAKE_LIMIT {
                intake.kill().and_then(|()| intake.wait()).map_err(failed("杀死采集"))?;
                return Err(Failure(format!("采集 {} 秒没有结束", INTAKE_LIMIT.as_secs())));
            }
            sleep(PULSE);
        }
        Ok(met)
    }

    /// Mounts a card with its troubles; returns where.
    fn dock(&mut self, round: &Round, card: &Card) -> Outcome<PathBuf> {
        let at = self.folder.join("dock").join(format!("CARD-{}", card.index() + 1));
        fs::create_dir_all(&at).map_err(failed("新建接入点"))?;
        let script = self.folder.join("script.json");
        let text = round.trouble.as_ref().map_or("{}", |trouble| trouble.script.as_str());
        fs::write(&script, text).map_err(failed("写剧本"))?;
        let mut mount = process::tied(self.folder.join("programs/faultfs"));
        mount.arg("--source").arg(card.folder()).arg("--mount").arg(&at).arg("--script").arg(&script);
        let log = self.log.try_clone().map_err(failed("写日志"))?;
        let child =
            mount.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().map_err(failed("启动 faultfs"))?;
        self.docked = Some((child, at.clone()));
        let begun = Instant::now();
        while !mounts::is_mounted(&at)? {
            if begun.elapsed() > MOUNT_PATIENCE {
                return Err(Failure(format!("{} 没有接入", at.display())));
            }
            sleep(PULSE);
        }
        Ok(at)
    }

    /// Kills the card's process: what is mounted answers no more.
    fn pull(&mut self) -> Outcome {
        match &mut self.docked {
            Some((child, _)) => child.kill().map_err(failed("拔卡")),
            None => Ok(()),
        }
    }

    fn undock(&mut self) -> Outcome {
        let Some((mut child, at)) = self.docked.take() else { return Ok(()) };
        process::finish(Command::new("umount").arg("--lazy").arg(&at))?;
        child.kill().and_then(|()| child.wait()).map_err(failed("结束 faultfs"))?;
        Ok(())
    }

    /// Leaves next to no room on the vault's disk.
    fn fill(&self) -> Outcome {
        let free = process::output(Command::new("stat").args(["-f", "-c", "%a %S"]).arg(self.disk()))?;
        let numbers: Vec<u64> = free.split_whitespace().flat_map(str::parse).collect();
        let [blocks, size] = numbers[..] else { return Err(Failure(format!("stat -f 说：{free}"))) };
        let take = (blocks * size).saturating_sub(LEFT);
        // Other writers may be faster: then the disk is full all the same.
        process::output(
            Command::new("fallocate").args(["-l", &take.to_string()]).arg(self.ballast()).stderr(Stdio::null()),
        )?;
        Ok(())
    }

    fn make_room(&self) -> Outcome {
        match fs::remove_file(self.ballast()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed("腾出空间")(error)),
            _ => Ok(()),
        }
    }

    fn ballast(&self) -> PathBuf {
        self.disk().join("ballast")
    }

    /// Takes everything down.
    pub fn clear(&mut self) -> Outcome {
        self.undock()?;
        let log = fs::read(self.folder.join("soak.log")).map_err(failed("读日志"))?;
        clear(&self.folder)?;
        fs::write(root().join("target/soak.log"), log).map_err(failed("保存日志"))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Err(Failure(why)) = self.undock() {
            eprintln!("{why}");
        }
    }
}

/// Calls a command of the station that is served at this address; returns its answer.
fn call(address: &str, command: &str, body: &str) -> Outcome<String> {
    let wrong = || Failure(format!("serve 的地址：{address}"));
    let (host, path) = address.strip_prefix("http://").and_then(|rest| rest.split_once('/')).ok_or_else(wrong)?;
    let head = format!("POST /{path}api/call/{command} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    let kind = format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
    let mut answer = String::new();
    let mut stream = TcpStream::connect(host).map_err(failed(command))?;
    let asked = write!(stream, "{head}{kind}{body}").and_then(|()| stream.read_to_string(&mut answer));
    asked.map_err(failed(command))?;
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.contains(" 200 ") => Ok(body.to_owned()),
        _ => Err(Failure(format!("{command}：{answer}"))),
    }
}

/// Unmounts and removes what an earlier soak left.
fn clear(folder: &Path) -> Outcome {
    if !folder.exists() {
        return Ok(());
    }
    mounts::unmount_below(folder)?;
    fs::remove_dir_all(folder).map_err(failed(format!("清空 {}", folder.display())))
}

/// Builds the programs, unless they are named as for the acceptance tests; returns their folder.
fn built() -> Outcome<PathBuf> {
    if let Some(folder) = std::env::var_os("EVIDOCK_PROGRAMS") {
        return Ok(folder.into());
    }
    process::cargo(&["build", "--package", "cli", "--package", "media", "--package", "faultfs", "--bins"])?;
    Ok(root().join("target/debug"))
}

/// Finds libfaketime where Debian puts it for this machine.
fn clock_library() -> Outcome<PathBuf> {
    let folder = Path::new("/usr/lib").join(format!("{}-linux-gnu", std::env::consts::ARCH)).join(CLOCK);
    if folder.is_file() { Ok(folder) } else { Err(Failure(format!("缺少 {}（libfaketime）", folder.display()))) }
}
