//! Who is let in, on which addresses, and how the server ends.
#![allow(clippy::unwrap_used)]

mod support;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use support::client::{Connection, ask};
use support::{Station, below};

#[test]
fn only_the_token_opens() {
    let serving = loopback::station(Station::new(), 0).unwrap();
    let right = below(&serving, "footage/C1");
    let token = right.split('/').nth(1).unwrap().to_owned();
    assert_eq!(token.len(), 32, "the token has 128 bits");
    for (path, expected) in [
        (right.clone(), 200),
        ("/".into(), 403),
        ("/footage/C1".into(), 403),
        ("/api/events".into(), 403),
        ("/index.html".into(), 403),
        (format!("/{}/footage/C1", "0".repeat(32)), 403),
        (format!("/{}/footage/C1", &token[..31]), 403),
        (format!("/{token}0/footage/C1"), 403),
        (format!("/{}/footage/C1", token.to_uppercase() + "A"), 403),
        (format!("//{token}/footage/C1"), 403),
        (format!("/footage/C1?token={token}"), 403),
        (format!("/{token}/nothing/here"), 404),
    ] {
        let reply = ask(serving.address, &format!("GET {path}"), &[]);
        assert_eq!(reply.status, expected, "GET {path}");
        assert_eq!(reply.header("cache-control"), Some("no-store"), "refusals are not kept either: {path}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "GET {path}");
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"), "the address holds the token: {path}");
    }
    let refused = ask(serving.address, "POST /api/call/clips", &[]);
    assert_eq!(refused.status, 403, "a command without the token is not even looked at");
    assert!(refused.text().contains("完整地址"), "a person who mistyped the address is told so: {}", refused.text());
}

#[test]
fn two_servers_have_two_tokens() {
    let (one, other) = (loopback::media(Station::new()).unwrap(), loopback::media(Station::new()).unwrap());
    assert_ne!(below(&one, ""), below(&other, ""), "a token is drawn for each server");
    let crossed = ask(other.address, &format!("GET {}", below(&one, "footage/C1")), &[]);
    assert_eq!(crossed.status, 403, "the token of one opens no other");
}

#[test]
fn a_foreign_host_is_refused() {
    let serving = loopback::station(Station::new(), 0).unwrap();
    let (port, path) = (serving.address.port(), below(&serving, "footage/C1"));
    let host = |name: &str| format!("Host: {name}");
    for (headers, expected) in [
        (vec![host(&format!("127.0.0.1:{port}"))], 200),
        (vec![host(&format!("localhost:{port}"))], 200),
        (vec![host("127.0.0.1")], 403),
        (vec![host("localhost")], 403),
        (vec![host(&format!("evil.example:{port}"))], 403),
        (vec![host(&format!("127.0.0.1.evil.example:{port}"))], 403),
        (vec![host(&format!("127.0.0.1:{}", port ^ 1))], 403),
        (vec![host(&format!("127.0.0.1:{port}")), host(&format!("evil.example:{port}"))], 403),
    ] {
        let mut connection = Connection::open(serving.address);
        let lines: Vec<&str> = headers.iter().map(String::as_str).collect();
        connection.say(&format!("GET {path}"), &lines, &[]);
        assert_eq!(connection.hear(false).status, expected, "with {headers:?}");
    }
    let mut connection = Connection::open(serving.address);
    let named = host(&format!("127.0.0.1:{port}"));
    connection.say(&format!("GET http://evil.example:{port}{path}"), &[&named], &[]);
    assert_eq!(connection.hear(false).status, 403, "a foreign name in the request line counts as the host");
}

#[test]
fn a_foreign_page_may_neither_call_nor_read() {
    let serving = loopback::station(Station::new(), 0).unwrap();
    let port = serving.address.port();
    let (call, clip) = (below(&serving, "api/call/clips"), below(&serving, "footage/C1"));
    for (origin, called, shared) in [
        (format!("http://127.0.0.1:{port}"), 200, false),
        (format!("http://localhost:{port}"), 200, false),
        ("tauri://localhost".into(), 200, true),
        ("http://tauri.localhost".into(), 200, true),
        ("https://evil.example".into(), 403, false),
        (format!("http://127.0.0.1:{}", port ^ 1), 403, false),
        (format!("https://127.0.0.1:{port}"), 403, false),
        ("null".into(), 403, false),
        ("".into(), 403, false),
    ] {
        let header = format!("Origin: {origin}");
        let reply = Connection::open(serving.address).ask(&format!("POST {call}"), &[&header], b"{}");
        assert_eq!(reply.status, called, "a command from {origin:?}");
        assert_eq!(reply.header("access-control-allow-origin"), None, "commands are shared with no page: {origin:?}");
        let read = ask(serving.address, &format!("GET {clip}"), &[&header]);
        let allowed = shared.then_some(origin.as_str());
        assert_eq!(read.header("access-control-allow-origin"), allowed, "footage drawn on a canvas by {origin:?}");
    }
    let reply = Connection::open(serving.address).ask(&format!("POST {call}"), &[], b"{}");
    assert_eq!(reply.status, 200, "a program that is no browser names no origin");
}

#[test]
fn it_listens_on_127_0_0_1_alone() {
    let serving = loopback::station(Station::new(), 0).unwrap();
    let port = serving.address.port();
    assert_eq!(serving.address, SocketAddr::from(([127, 0, 0, 1], port)), "the address it says");
    // Linux gives all of 127/8 to lo: a server on 0.0.0.0 would answer here.
    for other in [format!("127.0.0.2:{port}"), format!("[::1]:{port}")] {
        assert!(TcpStream::connect(&other).is_err(), "nobody answers on {other}");
    }
}

#[test]
fn a_port_can_be_asked_for_and_is_refused_when_taken() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let serving = loopback::station(Station::new(), free).unwrap();
    assert_eq!(serving.address.port(), free, "the port that was asked for");
    let Err(error) = loopback::station(Station::new(), free) else { panic!("two servers share port {free}") };
    assert_eq!(error.to_string(), format!("cannot listen on 127.0.0.1:{free}"), "says which port");
}

#[test]
fn dropping_stops_it_whatever_is_under_way() {
    let station = Station::new();
    let serving = loopback::station(station.clone(), 0).unwrap();
    let address = serving.address;
    let host = format!("Host: {address}");
    let mut listening = Connection::open(address);
    listening.say(&format!("GET {}", below(&serving, "api/events")), &[&host], &[]);
    assert_eq!(listening.hear_head().status, 200, "notices flow");
    assert_eq!(station.listening(1), 1, "one client listens");
    // A file larger than the socket's buffers, of which nobody reads: a paused player.
    std::fs::File::options().write(true).open(station.path("footage.mp4")).unwrap().set_len(1 << 30).unwrap();
    let mut paused = Connection::open(address);
    paused.say(&format!("GET {}", below(&serving, "footage/C1")), &[&host], &[]);
    assert_eq!(paused.hear_head().status, 200, "the player has begun");
    let mut idle = Connection::open(address);
    assert_eq!(idle.ask("GET /", &[], &[]).status, 403, "a connection that is kept alive");

    let begun = Instant::now();
    drop(serving);
    assert!(begun.elapsed() < Duration::from_secs(3), "the end is bounded, took {:?}", begun.elapsed());
    assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
    TcpListener::bind(address).unwrap();
    assert_eq!(station.listening(0), 0, "the listener is let go");
    assert_eq!(listening.rest(), b"0\r\n\r\n", "the stream of notices ends in good order, not cut off");
    assert!(idle.rest().is_empty(), "the idle connection ends");
}
