//! A card in the dock of a bench, and a station that serves several.

use crate::bench::Bench;
use crate::custody::{Contents, contents};
use crate::strangers::{files_below, tool};
use faultfs::{Card, Fault, Mount, Script};
use fixtures::{Drive, Layout};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Output};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long anything here may take; what takes longer hangs.
pub const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(20);

/// A card with faults, and the sound files it was made of.
pub struct Docked {
    pub card: Card,
    pub mount: Mount,
    /// The files the card is made of, where they are sound.
    pub files: Vec<PathBuf>,
    sound: PathBuf,
}

impl Docked {
    /// Makes a card with clips of these sizes and docks it.
    pub fn with(bench: &Bench, name: &str, sizes: &[u64]) -> Self {
        let sound = bench.path("cards").join(name);
        // Names differ from card to card, and so does the content: its seed is the number on the card.
        let mut drive = Drive::new(&sound, Layout::DsjA).unwrap();
        let clip = |(n, size): (usize, &u64)| drive.noise_clip(&format!("2026-11-21 09:{n:02}:00"), 50, *size).unwrap();
        let files = sizes.iter().enumerate().map(clip).collect();
        let place = bench.path("dock").join(name);
        fs::create_dir_all(&place).unwrap();
        let card = Card::over(&sound).unwrap();
        let mount = Mount::start(&place, &card).unwrap();
        Self { card, mount, files, sound }
    }

    /// Lets these faults happen from now on.
    pub fn suffers(&self, faults: Vec<Fault>) {
        self.card.play(Script { faults, ..Script::default() });
    }

    /// Returns the path of a file as faults name it.
    pub fn name(&self, index: usize) -> String {
        self.files[index].strip_prefix(&self.sound).unwrap().to_str().unwrap().to_owned()
    }

    /// Returns the folder of the clips as faults name it.
    pub fn folder(&self) -> String {
        Path::new(&self.name(0)).parent().unwrap().to_str().unwrap().to_owned()
    }

    pub fn contents(&self) -> Contents {
        contents(&self.files)
    }

    /// Returns the digests of what the card holds now, as it gives them.
    pub fn contents_now(&self, bench: &Bench) -> Contents {
        let folder = bench.path("seen");
        fs::create_dir_all(&folder).unwrap();
        // Not digested in place: b3sum maps files, which not every kernel allows here.
        let copied = files_below(self.mount.at()).into_iter().enumerate().map(|(n, file)| {
            let copy = folder.join(n.to_string());
            fs::write(&copy, fs::read(file).unwrap()).unwrap();
            copy
        });
        contents(&copied.collect::<Vec<_>>())
    }

    /// Waits until a read of the card hangs.
    pub fn hangs(&self) {
        assert!(until(|| self.card.stalled() > 0), "the intake reads what does not answer");
    }

    /// Takes the card in, however that ends.
    pub fn take_in(&self, bench: &Bench) -> (i32, Value) {
        let ran = bench.run(&["intake", self.mount.at().to_str().unwrap(), "--json"]);
        (ran.status, ran.document())
    }

    /// Takes the card in, which has to end with this status and state.
    pub fn taken_in(&self, bench: &Bench, status: i32, state: &str, when: &str) -> Value {
        let (ended, document) = self.take_in(bench);
        assert_eq!((ended, document["summary"]["state"].as_str()), (status, Some(state)), "{when}: {document:#}");
        document
    }

    /// Starts to take the card in.
    pub fn start(&self, bench: &Bench) -> Child {
        bench.start(&["intake", self.mount.at().to_str().unwrap(), "--json"])
    }
}

/// Waits until something is so; `false` when it is not in time.
pub fn until(mut so: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if so() {
            return true;
        }
        sleep(GLANCE);
    }
    false
}

/// Waits for a program to end by itself. One that does not is killed, after `release` has let go what holds it.
pub fn end_of(mut running: Child, release: impl FnOnce()) -> Option<Output> {
    let ended = until(|| running.try_wait().unwrap().is_some());
    if !ended {
        running.kill().unwrap();
        release();
    }
    let output = running.wait_with_output().unwrap();
    ended.then_some(output)
}

/// Collects what a program writes, from now on; it need not end for that.
pub fn written_by(running: &mut Child) -> Arc<Mutex<Vec<u8>>> {
    let written = Arc::new(Mutex::new(Vec::new()));
    let (mut from, to) = (running.stdout.take().expect("its output is ours"), Arc::clone(&written));
    std::thread::spawn(move || {
        let mut block = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut block) {
            to.lock().unwrap().extend_from_slice(&block[..count]);
        }
    });
    written
}

/// `evidock serve` on a bench's vault: several drives at once.
pub struct Serving {
    /// None once it was stopped.
    running: Option<Child>,
    host: String,
    path: String,
}

impl Serving {
    /// Starts it; mounts below the bench's `dock` count as drives.
    pub fn start(bench: &Bench) -> Self {
        bench.clean(&["people", "add", "李娜", "--certificate", "53030036012"]);
        let mut running = bench.start(&["serve", "--port", "0"]);
        let mut address = String::new();
        BufReader::new(running.stdout.as_mut().unwrap()).read_line(&mut address).unwrap();
        let (host, path) = address.trim().strip_prefix("http://").unwrap().split_once('/').unwrap();
        let serving = Self { host: host.to_owned(), path: path.to_owned(), running: Some(running) };
        let person = json!({ "person": serving.call("people", &json!({}))[0]["id"] });
        serving.call("choose_operator", &person);
        serving.set("mount_roots", json!([bench.path("dock")]));
        serving
    }

    /// Changes one setting.
    pub fn set(&self, name: &str, value: Value) {
        let mut settings = self.call("settings", &json!({}));
        assert!(settings.get(name).is_some(), "{name} is a setting: {settings}");
        settings[name] = value;
        self.call("save_settings", &settings);
    }

    /// Calls a command that has to succeed.
    pub fn call(&self, command: &str, request: &Value) -> Value {
        let body = request.to_string();
        let mut stream = TcpStream::connect(&self.host).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (path, host) = (&self.path, &self.host);
        let head = format!("POST /{path}api/call/{command} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        let kind = "Content-Type: application/json\r\n";
        write!(stream, "{head}{kind}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap_or_else(|error| panic!("{command} is answered in time: {error}"));
        let (head, body) = reply.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.starts_with("HTTP/1.1 200"), "{command}: {head}\n{body}");
        serde_json::from_str(body).unwrap()
    }

    /// Returns the drive that a card is, once the station sees it.
    pub fn drive(&self, docked: &Docked) -> Value {
        // Of a mount without a block device the station tells no more than its id.
        let table = fs::read_to_string("/proc/self/mountinfo").unwrap();
        let at = docked.mount.at().to_str().unwrap();
        let line = table.lines().find(|line| line.split(' ').nth(4) == Some(at)).expect("the card is mounted");
        let id = format!("mount:{}:", line.split(' ').next().unwrap());
        let mut found = None;
        let seen = until(|| {
            let drives = self.call("drives", &json!({}));
            let here = |drive: &&Value| drive["id"].as_str().unwrap().starts_with(&id);
            found = drives.as_array().unwrap().iter().find(here).cloned();
            found.is_some()
        });
        assert!(seen, "the station sees the drive at {at}");
        found.expect("it was seen")
    }

    /// Allows a card to be read and starts its intake; returns the job.
    pub fn begin(&self, docked: &Docked) -> String {
        let drive = json!({ "drive": self.drive(docked)["id"] });
        self.call("admit_drive_once", &drive);
        let start = json!({ "drive": drive["drive"], "declared_unclassified": true });
        self.call("start_intake", &start)["id"].as_str().unwrap().to_owned()
    }

    /// Returns the newest job of a card.
    pub fn job(&self, docked: &Docked) -> Value {
        self.drive(docked)["job"].clone()
    }

    /// Waits for the newest job of a card to end, and returns it.
    pub fn ended(&self, docked: &Docked) -> Value {
        let mut job = Value::Null;
        let ended = until(|| {
            job = self.job(docked);
            job["state"] != "running"
        });
        assert!(ended, "the job ends: {job:#}");
        job
    }

    /// Stops it as Ctrl-C does; `release` lets go what may hold it.
    pub fn stop(mut self, release: impl FnOnce()) -> Option<Output> {
        let running = self.running.take().expect("it runs until it is stopped");
        tool("kill", &["-INT", &running.id().to_string()], Path::new("."));
        end_of(running, release)
    }
}

impl Drop for Serving {
    /// Ends it with a test that failed.
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take()
            && let Err(error) = running.kill()
        {
            eprintln!("evidock serve goes on: {error}");
        }
    }
}
