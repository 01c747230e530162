//! Recorders and trips: worked with in the window, read at a terminal.

use crate::bench::{Bench, text};
use crate::interrupted::interrupt;
use crate::serve::ask;
use fixtures::{ClipSpec, Drive, Layout};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

/// A served station, spoken to as its page does.
pub struct Served {
    child: Child,
    host: String,
    path: String,
}

impl Served {
    pub fn start(bench: &Bench) -> Self {
        let mut child = bench.start(&["--dock", "drives", "serve", "--port", "0"]);
        let mut address = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut address).unwrap();
        let (host, path) = address.trim().strip_prefix("http://").unwrap().split_once('/').unwrap();
        Self { host: host.to_owned(), path: path.to_owned(), child }
    }

    pub fn call(&self, command: &str, request: &Value) -> Value {
        let (status, body) = ask(&self.host, &format!("POST /{}api/call/{command}", self.path), &request.to_string());
        assert_eq!(status, 200, "{command} {request}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Lets somebody sit at the station: whoever is known already, else this person.
    fn operated_by(&self, name: &str, certificate_no: &str) -> String {
        let person = json!({
            "id": null, "name": name, "certificate_no": certificate_no, "duty": "", "department": "", "active": true
        });
        let known = self.call("people", &json!({}))[0].clone();
        let held = if known.is_null() { self.call("save_person", &person) } else { known };
        let id = text(&held, "id").to_owned();
        self.call("choose_operator", &json!({"person": id}));
        id
    }

    fn recorder(&self, name: &str, keeper: &str) -> String {
        let recorder = json!({
            "id": null, "name": name, "serial": "", "kind": "照相机", "maker": "某某", "model": "C1", "acquired_on": "2020-03-01",
            "cost": "3000元", "place": "器材柜", "status": "in_use", "keeper_id": keeper, "keeper": ""
        });
        text(&self.call("save_recorder", &recorder), "id").to_owned()
    }

    pub fn stop(mut self) {
        interrupt(&self.child);
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "it stops when asked to");
    }
}

fn trip(person: &str, recorder: &str, from: &str, returned_at: Value) -> Value {
    json!({
        "people": [person], "recorders": [recorder], "reason": "elsewhere", "place": "茨营镇", "from": from, "proof": "派遣单7号",
        "returned_at": returned_at, "return_proof": "车票"
    })
}

/// A test that fails leaves no program behind.
impl Drop for Served {
    fn drop(&mut self) {
        // One that was stopped is gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Asks again and again until there is an answer.
fn until<T>(what: &str, ask: impl Fn() -> Option<T>) -> T {
    let answers = (0..600).map(|_| ask()).inspect(|_| sleep(Duration::from_millis(50)));
    answers.flatten().next().unwrap_or_else(|| panic!("{what} within half a minute"))
}

/// Fills a vault with recorders and trips in every state that documents tell.
pub fn equip(bench: &Bench) {
    let served = Served::start(bench);
    let person = served.operated_by("孙丽", "53030036020");
    let (a, b) = (served.recorder("照相机01", &person), served.recorder("照相机02", &person));
    served.call(
        "check_out",
        &json!({
            "recorder": a, "person": person, "at": null, "battery_percent": 80, "free_mb": 30000, "clock_right": true,
            "performance_ok": false, "also_checked": [], "remark": "", "despite": true
        }),
    );
    served.call("report_fault", &json!({"recorder": b, "person": person, "at": null, "what": "快门失灵"}));
    served.call("open_trip", &trip(&person, &b, "2020-10-12 08:00", json!("2020-10-13 18:00")));
    let wrong = served.call("open_trip", &trip(&person, &a, "2020-10-12 08:00", Value::Null));
    served.call("withdraw_trip", &json!({"trip": wrong["id"], "reason": "登记错了设备"}));
    served.stop();
}

/// Returns what a terminal says of the clip's storage, and what the document does.
fn storage(bench: &Bench, number: &str) -> (String, Value) {
    let told = bench.clean(&["clip", number]).out;
    let line = told.lines().find(|line| line.starts_with("储存期限")).unwrap_or_else(|| panic!("{told}")).to_owned();
    (line, bench.document(&["clip", number], 0)["store_clock"].clone())
}

#[test]
fn a_trip_moves_the_clock_of_its_footage_and_the_terminal_says_so() {
    let bench = Bench::new();
    let mut drive = Drive::new(&bench.path("drives/CARD"), Layout::DsjA).unwrap();
    drive.clip("2020-10-12 10:00:00", &ClipSpec { seconds: 2, ..ClipSpec::default() }).unwrap();
    let served = Served::start(&bench);
    let person = served.operated_by("李娜", "53030036012");
    let docked =
        until("the card is noticed", || served.call("drives", &json!({}))[0]["id"].as_str().map(str::to_owned));
    let register = json!({"drive": docked, "name": "03号", "serial": "", "keeper": "李娜"});
    let recorder = text(&served.call("register_drive", &register)["recorder"], "id").to_owned();
    served.call("start_intake", &json!({"drive": docked, "declared_unclassified": true}));
    until("the card is taken in", || {
        let job = served.call("jobs", &json!({"limit": 1}))[0].clone();
        (job["state"] == "done").then_some(())
    });
    let opened = served.call("open_trip", &trip(&person, &recorder, "2020-10-12 08:00", Value::Null));
    let id = text(&opened, "id").to_owned();
    served.stop();

    let number = text(&bench.document(&["clips"], 0)["clips"][0], "number").to_owned();
    let (line, clock) = storage(&bench, &number);
    assert!(line.contains("外出未归") && line.contains("7个工作日"), "{line}");
    assert_eq!((&clock["due"], &clock["kept"], text(&clock["trip"], "place")), (&Value::Null, &json!(true), "茨营镇"));

    let served = Served::start(&bench);
    served.call("close_trip", &json!({"trip": id, "returned_at": null, "proof": "车票"}));
    served.stop();
    let (line, clock) = storage(&bench, &number);
    assert!(line.contains("按时") && line.contains("返回单位起算") && line.contains("异地执法"), "{line}");
    assert!(clock["due"].is_string() && clock["trip"]["returned_at"].is_string(), "{clock}");
    let listed = bench.clean(&["devices"]).out;
    assert!(["03号", "李娜", "在库"].iter().all(|word| listed.contains(word)), "{listed}");
    let listed = bench.clean(&["trips"]);
    assert!(["茨营镇", "派遣单7号", "03号"].iter().all(|word| listed.out.contains(word)), "{}", listed.out);
    assert!(listed.err.contains("7个工作日") && listed.err.contains("第十九条"), "what a trip does: {}", listed.err);

    let served = Served::start(&bench);
    served.call("withdraw_trip", &json!({"trip": id, "reason": "没有外出"}));
    served.stop();
    let (line, clock) = storage(&bench, &number);
    assert!(line.contains("逾期") && clock["trip"].is_null(), "withdrawn, it counts no more: {line}");
    assert!(bench.clean(&["trips"]).out.contains("已撤销：没有外出"), "but is told");
    bench.clean(&["fsck"]);
}
