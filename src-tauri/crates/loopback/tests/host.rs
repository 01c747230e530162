//! The real station behind the server.
#![allow(clippy::unwrap_used)]

mod support;

use serde_json::{Value, json};
use support::client::{Connection, ask};
use support::{Station, below};

#[test]
fn the_station_itself_answers() {
    let folder = tempfile::tempdir().unwrap();
    let vault = folder.path().join("vault");
    let host = wire::Host::open(wire::HostOptions { vault: vault.clone(), dock_folders: vec![] });
    let serving = loopback::station(host.clone(), 0).unwrap();
    let start = format!("POST {}", below(&serving, "api/call/host_state"));
    let reply = Connection::open(serving.address).ask(&start, &[], b"{}");
    assert_eq!(reply.status, 200, "a vault that is not there is a state, not a failure: {}", reply.text());
    let answer: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(answer, host.call("host_state", json!({})).unwrap(), "HTTP gives what the window is given");
    assert_eq!(answer["vault"], json!(vault), "it is this vault");
    for rest in ["footage/../../vault", "footage/01ARZ3NDEKTSV4RRFFQ69G5FAV", "frame/..%2f..%2f/1", "statement/..%2fx"]
    {
        let reply = ask(serving.address, &format!("GET {}", below(&serving, rest)), &[]);
        assert_eq!(reply.status, 404, "without a vault there is no file: {rest}");
    }
    host.close();
}

#[test]
fn addresses_of_footage_suit_the_page() {
    let station = Station::new();
    let media = loopback::media(station.clone()).unwrap();
    assert_eq!(*station.media_base.lock().unwrap(), media.base, "the window's page stands elsewhere");
    let _serving = loopback::station(station.clone(), 0).unwrap();
    assert_eq!(*station.media_base.lock().unwrap(), "", "a page served here finds footage relative to itself");
}
