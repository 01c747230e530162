//! Footage, key frames and statements as a player asks for them.
#![allow(clippy::unwrap_used)]

mod support;

use loopback::FileKind;
use support::client::{Connection, ask};
use support::{Station, below, footage};

#[test]
fn a_player_gets_the_ranges_it_asks_for() {
    let serving = loopback::media(Station::new()).unwrap();
    let get = format!("GET {}", below(&serving, "footage/C1"));
    let (all, size) = (footage(), footage().len());
    for (range, status, expected) in [
        ("bytes=0-", 206, 0..size),
        ("bytes=999000-", 206, 999_000..size),
        ("bytes=100-199", 206, 100..200),
        ("bytes=0-0", 206, 0..1),
        ("bytes=-500", 206, size - 500..size),
        ("bytes=999999-2000000", 206, size - 1..size),
        // Players that ask for several pieces at once are content with the whole.
        ("bytes=0-9,20-29", 200, 0..size),
    ] {
        let reply = ask(serving.address, &get, &[&format!("Range: {range}")]);
        assert_eq!(reply.status, status, "{range}");
        assert!(reply.body == all[expected.clone()], "{range} gives exactly the bytes {expected:?}");
        let told = format!("bytes {}-{}/{size}", expected.start, expected.end - 1);
        let told = Some(told.as_str()).filter(|_| status == 206);
        assert_eq!(reply.header("content-range"), told, "{range}");
        assert_eq!(reply.header("content-type"), Some("video/mp4"), "{range}");
        assert_eq!(reply.header("accept-ranges"), Some("bytes"), "{range}");
    }
    for range in ["bytes=1000000-", "bytes=2000000-3000000", "bytes=9-3"] {
        let reply = ask(serving.address, &get, &[&format!("Range: {range}")]);
        assert_eq!(reply.status, 416, "{range} lies outside");
        assert_eq!(reply.header("content-range"), Some("bytes */1000000"), "{range}: says how long the file is");
    }
    assert!(ask(serving.address, &get, &[]).body == all, "without a range: the whole file");
}

#[test]
fn every_kind_comes_with_its_type() {
    let station = Station::new();
    let serving = loopback::media(station.clone()).unwrap();
    let number = "%E6%96%87%E3%80%942026%E3%80%953%E5%8F%B7";
    for (rest, content_type, length) in [
        ("footage/C1".to_owned(), "video/mp4", 1_000_000),
        ("footage/EMPTY".to_owned(), "video/mp4", 0),
        ("frame/C1/3".to_owned(), "image/jpeg", 11),
        (format!("statement/{number}"), "application/pdf", 5),
    ] {
        for method in ["GET", "HEAD"] {
            let reply = ask(serving.address, &format!("{method} {}", below(&serving, &rest)), &[]);
            assert_eq!(reply.status, 200, "{method} {rest}");
            assert_eq!(reply.header("content-type"), Some(content_type), "{method} {rest}");
            assert_eq!(reply.header("content-length"), Some(length.to_string().as_str()), "{method} {rest}");
            assert_eq!(reply.header("cache-control"), Some("no-store"), "evidence stays out of caches: {rest}");
        }
    }
    let asked = station.asked.lock().unwrap();
    assert!(asked.contains(&(FileKind::Statement, "文〔2026〕3号".to_owned())), "numbers arrive decoded: {asked:?}");
}

#[test]
fn a_connection_is_kept_for_the_next_question() {
    let serving = loopback::media(Station::new()).unwrap();
    let mut connection = Connection::open(serving.address);
    let path = below(&serving, "footage/C1");
    for (start, range, length) in [
        ("HEAD", "bytes=0-", 0),
        ("GET", "bytes=0-99", 100),
        ("GET", "bytes=999990-", 10),
        ("GET", "bytes=0-", 1_000_000),
    ] {
        let reply = connection.ask(&format!("{start} {path}"), &[&format!("Range: {range}")], &[]);
        assert_eq!((reply.status, reply.body.len()), (206, length), "{start} {range} on the same connection");
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    let station = Station::new();
    let serving = loopback::media(station.clone()).unwrap();
    for rest in [
        "footage/C2",
        "footage/GONE",
        "footage/FOLDER",
        "footage/",
        "footage/C1/more",
        "footage/..%2f..%2fetc%2fpasswd",
        "footage/%2e%2e%2ffootage.mp4",
        "footage/../footage.mp4",
        "footage/footage.mp4",
        "footage/%00",
        "frame/C1/4",
        "frame/C1/-1",
        "frame/C1/3x",
        "frame/C1/99999999999",
        "frame/..%2f/3",
        "statement/C1",
        "..%2ffootage%2fC1",
        "api/call/clips",
        "api/events",
        "",
    ] {
        let reply = ask(serving.address, &format!("GET {}", below(&serving, rest)), &[]);
        assert_eq!(reply.status, 404, "GET {rest}");
    }
    let asked = station.asked.lock().unwrap();
    let tricked = (FileKind::Footage, "../../etc/passwd".to_owned());
    assert!(asked.contains(&tricked), "the station judges ids as text, never as paths: {asked:?}");
}

#[test]
fn nothing_can_be_changed() {
    let station = Station::new();
    let serving = loopback::media(station.clone()).unwrap();
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let reply = ask(serving.address, &format!("{method} {}", below(&serving, "footage/C1")), &[]);
        assert_eq!(reply.status, 405, "{method} footage");
    }
    assert!(std::fs::read(station.path("footage.mp4")).unwrap() == footage(), "footage is as it was");
}
