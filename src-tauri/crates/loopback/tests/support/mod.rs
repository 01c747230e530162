//! A stand-in for the station, over real files.
#![allow(clippy::unwrap_used, dead_code)]

pub mod client;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use loopback::{FileKind, Listener, Served, Serving, Subscription};
use serde_json::{Value, json};
use wire::dto::{Notice, Topic, WireError};

/// What the tests take for footage: every byte tells its place.
pub fn footage() -> Vec<u8> {
    (0..1_000_000u32).map(|n| (n % 251) as u8).collect()
}

pub struct Station {
    folder: tempfile::TempDir,
    listeners: Mutex<Vec<Weak<Listener>>>,
    /// What was asked for by id, in order.
    pub asked: Mutex<Vec<(FileKind, String)>>,
    pub media_base: Mutex<String>,
}

impl Station {
    pub fn new() -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("footage.mp4"), footage()).unwrap();
        std::fs::write(folder.path().join("empty.mp4"), []).unwrap();
        std::fs::write(folder.path().join("frame.jpg"), b"a key frame").unwrap();
        std::fs::write(folder.path().join("statement.pdf"), b"%PDF-").unwrap();
        Arc::new(Self {
            folder,
            listeners: Mutex::default(),
            asked: Mutex::default(),
            media_base: Mutex::new("unset".into()),
        })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn tell(&self, topic: Topic) {
        for listener in self.listeners.lock().unwrap().iter().filter_map(Weak::upgrade) {
            listener(Notice { topic });
        }
    }

    /// Returns how many listen, once it is as many as expected or after a while.
    pub fn listening(&self, expected: usize) -> usize {
        let begun = Instant::now();
        loop {
            let count = self.listeners.lock().unwrap().iter().filter(|listener| listener.strong_count() > 0).count();
            if count == expected || begun.elapsed() > Duration::from_secs(5) {
                return count;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Served for Station {
    fn call(&self, command: &str, request: Value) -> Result<Value, WireError> {
        let refuse = |code: &str| {
            let params = BTreeMap::from([("what".to_owned(), "会话".to_owned())]);
            Err(WireError { code: code.to_owned(), params, detail: "told by the station".to_owned() })
        };
        match command {
            "clips" => Ok(json!({ "command": command, "request": request })),
            "session" => refuse("not_found"),
            "save_case" => refuse("not_allowed"),
            "save_draft" => refuse("draft_stale"),
            "check_store" => refuse("register_damaged"),
            "overview" => panic!("the stand-in is told to break"),
            other => panic!("{other} is no command of these tests"),
        }
    }

    fn listen(&self, each: Listener) -> Subscription {
        let listener = Arc::new(each);
        self.listeners.lock().unwrap().push(Arc::downgrade(&listener));
        Box::new(listener)
    }

    fn file(&self, kind: FileKind, id: &str) -> Option<PathBuf> {
        self.asked.lock().unwrap().push((kind, id.to_owned()));
        let name = match (kind, id) {
            (FileKind::Footage, "C1") => "footage.mp4",
            (FileKind::Footage, "EMPTY") => "empty.mp4",
            (FileKind::Footage, "GONE") => "gone.mp4",
            (FileKind::Footage, "FOLDER") => ".",
            (FileKind::Frame(3), "C1") => "frame.jpg",
            (FileKind::Statement, "文〔2026〕3号") => "statement.pdf",
            _ => return None,
        };
        Some(self.path(name))
    }

    fn set_media_base(&self, base: &str) {
        base.clone_into(&mut self.media_base.lock().unwrap());
    }
}

/// Returns the path below the token: `/TOKEN/REST`.
pub fn below(serving: &Serving, rest: &str) -> String {
    let path = serving.base.strip_prefix(&format!("http://{}", serving.address)).unwrap();
    format!("{path}{rest}")
}
