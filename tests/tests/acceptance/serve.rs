//! The station in a browser of this machine.

use crate::bench::{Bench, text};
use crate::interrupted::interrupt;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

/// Sends one request and returns status and body.
pub fn ask(host: &str, line: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(host).unwrap();
    let head = format!("{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n");
    write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").expect("a head and a body");
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

#[test]
fn a_browser_gets_page_and_station_with_the_token_only() {
    let bench = Bench::new();
    let mut serving = bench.start(&["serve", "--port", "0"]);
    let mut address = String::new();
    BufReader::new(serving.stdout.as_mut().unwrap()).read_line(&mut address).unwrap();
    let (host, path) = address.trim().strip_prefix("http://").unwrap().split_once('/').unwrap();
    assert!(host.starts_with("127.0.0.1:") && path.len() > 30, "loopback and a token: {address}");

    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/dist/index.html").is_file();
    let (status, page) = ask(host, &format!("GET /{path}"), "");
    // Without a built UI the page says how to build one.
    assert_eq!(status, if built { 200 } else { 503 }, "{page}");
    assert!(page.contains("<html"), "{page}");
    let (status, body) = ask(host, &format!("POST /{path}api/call/overview"), "{}");
    let overview: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, text(&overview, "unit")), (200, "麒麟区文化和旅游局"), "{body}");
    for line in ["GET /", "POST /api/call/overview", "POST /00000000000000000000000000000000/api/call/overview"] {
        assert_eq!(ask(host, line, "{}").0, 403, "{line} shows no token");
    }
    interrupt(&serving);
    assert_eq!(serving.wait().unwrap().code(), Some(0), "Ctrl-C is the way to stop it");
    assert!(TcpStream::connect(host).is_err(), "nobody listens any more");
    bench.clean(&["fsck"]);
}
