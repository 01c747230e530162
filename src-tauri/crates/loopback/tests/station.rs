//! Commands and notices as a browser has them.
#![allow(clippy::unwrap_used)]

mod support;

use serde_json::{Value, json};
use support::client::{Connection, Reply};
use support::{Station, below};
use wire::dto::{Topic, WireError};

fn post(serving: &loopback::Serving, command: &str, body: &[u8]) -> Reply {
    let start = format!("POST {}", below(serving, &format!("api/call/{command}")));
    Connection::open(serving.address).ask(&start, &["Content-Type: application/json"], body)
}

#[test]
fn a_command_is_answered_in_json() {
    let serving = loopback::station(Station::new(), 0).unwrap();
    let request = json!({ "text": "城关镇", "limit": 50 });
    let reply = post(&serving, "clips", request.to_string().as_bytes());
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("cache-control"), Some("no-store"), "a register changes");
    let answer: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(answer, json!({ "command": "clips", "request": request }), "request and answer pass unchanged");
}

#[test]
fn a_refusal_is_a_wire_error() {
    let serving = loopback::station(Station::new(), 0).unwrap();
    for (command, body, status, code) in [
        ("session", "{}", 404, "not_found"),
        ("save_case", "{}", 403, "not_allowed"),
        ("save_draft", "{}", 409, "draft_stale"),
        ("check_store", "{}", 500, "register_damaged"),
        // It panics inside; the others go on.
        ("overview", "{}", 500, "internal"),
        ("no_such_command", "{}", 404, "invalid_input"),
        ("..%2fclips", "{}", 404, "invalid_input"),
        ("clips", "", 400, "invalid_input"),
        ("clips", "{", 400, "invalid_input"),
        ("clips", "{} {}", 400, "invalid_input"),
    ] {
        let reply = post(&serving, command, body.as_bytes());
        assert_eq!(reply.status, status, "{command} {body:?}: {}", reply.text());
        let error: WireError = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(error.code, code, "{command} {body:?}: {error:?}");
        assert!(!error.detail.is_empty(), "the phone call needs the cause: {command} {body:?}");
    }
    assert_eq!(post(&serving, "clips", b"{}").status, 200, "after all that the next command is answered");
}

#[test]
fn a_request_has_a_longest_length() {
    const LONGEST: usize = 32 * 1024 * 1024;
    let serving = loopback::station(Station::new(), 0).unwrap();
    let text = |length: usize| format!("\"{}\"", "a".repeat(length - 2)).into_bytes();
    assert_eq!(post(&serving, "clips", &text(LONGEST)).status, 200, "32 MiB are let in");
    let reply = post(&serving, "clips", &text(LONGEST + 1));
    assert_eq!(reply.status, 413, "one byte more is not");
    let error: WireError = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(error.code, "invalid_input", "{error:?}");
}

#[test]
fn commands_are_posted_only() {
    let serving = loopback::station(Station::new(), 0).unwrap();
    let path = below(&serving, "api/call/clips");
    let reply = Connection::open(serving.address).ask(&format!("GET {path}"), &[], &[]);
    assert_eq!(reply.status, 405, "a link cannot give a command");
}

/// Reads the next event's data; blank lines and comments stand between.
fn next_event(connection: &mut Connection) -> Value {
    loop {
        // Pieces of a chunked body: sizes in hexadecimal between the lines.
        if let Some(data) = connection.line().strip_prefix("data: ") {
            return serde_json::from_str(data).unwrap();
        }
    }
}

fn listen(serving: &loopback::Serving) -> Connection {
    let mut connection = Connection::open(serving.address);
    let host = format!("Host: {}", serving.address);
    connection.say(&format!("GET {}", below(serving, "api/events")), &[&host, "Accept: text/event-stream"], &[]);
    let head = connection.hear_head();
    assert_eq!(head.status, 200, "the stream opens before anything happens");
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
    assert_eq!(head.header("cache-control"), Some("no-store"));
    connection
}

#[test]
fn every_client_hears_what_changes() {
    let station = Station::new();
    let serving = loopback::station(station.clone(), 0).unwrap();
    let (mut one, mut other) = (listen(&serving), listen(&serving));
    assert_eq!(station.listening(2), 2, "both are subscribed when their streams open");
    for topic in [Topic::Dock, Topic::Clips] {
        station.tell(topic);
        for client in [&mut one, &mut other] {
            let expected = json!({ "topic": topic });
            assert_eq!(next_event(client), expected, "the notice itself, at once");
        }
    }
}

#[test]
fn a_client_that_leaves_is_unsubscribed() {
    let station = Station::new();
    let serving = loopback::station(station.clone(), 0).unwrap();
    let (one, mut other) = (listen(&serving), listen(&serving));
    assert_eq!(station.listening(2), 2, "two listen");
    drop(one);
    assert_eq!(station.listening(1), 1, "one left, without a notice having to fail first");
    station.tell(Topic::Jobs);
    assert_eq!(next_event(&mut other), json!({ "topic": "jobs" }), "the other still hears");
}

#[test]
fn a_client_that_does_not_read_holds_up_nobody() {
    let station = Station::new();
    let serving = loopback::station(station.clone(), 0).unwrap();
    let mut asleep = listen(&serving);
    let begun = std::time::Instant::now();
    for _ in 0..200_000 {
        station.tell(Topic::Jobs);
    }
    station.tell(Topic::Settings);
    assert!(begun.elapsed().as_secs() < 5, "the station never waits: {:?}", begun.elapsed());
    let mut heard = 0;
    while next_event(&mut asleep) != json!({ "topic": "settings" }) {
        heard += 1;
    }
    assert!((1..200_000).contains(&heard), "what was missed is told on waking, joined: {heard} times");
}

#[test]
fn footage_is_served_beside() {
    let serving = loopback::station(Station::new(), 0).unwrap();
    let start = format!("GET {}", below(&serving, "footage/C1"));
    let reply = Connection::open(serving.address).ask(&start, &["Range: bytes=0-9"], &[]);
    assert_eq!((reply.status, reply.body.len()), (206, 10), "the page plays from the same server");
}
