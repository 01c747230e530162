//! A client that says exactly what a test wants said.
#![allow(clippy::unwrap_used, dead_code)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longest wait for bytes; a server that hangs fails the test.
const PATIENCE: Duration = Duration::from_secs(10);

pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

/// One connection, kept alive.
pub struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Connection {
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { stream: BufReader::new(stream), host: address.to_string() }
    }

    /// Sends a request with exactly these header lines.
    pub fn say(&mut self, start: &str, headers: &[&str], body: &[u8]) {
        let head: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        let message = format!("{start} HTTP/1.1\r\n{head}\r\n");
        self.stream.get_mut().write_all(&[message.as_bytes(), body].concat()).unwrap();
    }

    pub fn ask(&mut self, start: &str, headers: &[&str], body: &[u8]) -> Reply {
        let host = format!("Host: {}", self.host);
        let length = format!("Content-Length: {}", body.len());
        self.say(start, &[&[host.as_str(), length.as_str()], headers].concat(), body);
        self.hear(start.starts_with("HEAD"))
    }

    /// Reads one answer; an answer to HEAD announces a body and has none.
    pub fn hear(&mut self, head: bool) -> Reply {
        let mut reply = self.hear_head();
        let length = reply.header("content-length").map_or(0, |length| length.parse().unwrap());
        reply.body = vec![0; if head { 0 } else { length }];
        self.stream.read_exact(&mut reply.body).unwrap();
        reply
    }

    pub fn hear_head(&mut self) -> Reply {
        let start = self.line();
        let status = start.split(' ').nth(1).unwrap().parse().unwrap();
        let lines = std::iter::from_fn(|| Some(self.line()).filter(|line| !line.is_empty()));
        let headers = lines.map(|line| line.split_once(": ").map(|(n, v)| (n.to_owned(), v.to_owned())).unwrap());
        Reply { status, headers: headers.collect(), body: Vec::new() }
    }

    /// Reads one line without its end; empty at the end of the stream too.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line.trim_end_matches(['\r', '\n']).to_owned()
    }

    /// Reads whatever comes until the server closes.
    pub fn rest(mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).unwrap();
        rest
    }
}

/// Asks once, on a fresh connection.
pub fn ask(address: SocketAddr, start: &str, headers: &[&str]) -> Reply {
    Connection::open(address).ask(start, headers, &[])
}
