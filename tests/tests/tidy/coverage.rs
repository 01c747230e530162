//! The rule on `assets/rules/coverage.toml`: every article of every regulation says where it is met and what proves it,
//! or why software cannot meet it. `COVERAGE.md` beside it is written from it.

use crate::code::plain;
use crate::tree::Tree;
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

pub const DATA: &str = "assets/rules/coverage.toml";
pub const PAGE: &str = "assets/rules/COVERAGE.md";
/// Stands for a test that is not named yet.
const UNPROVEN: &str = "?";
/// Rows that may still wait for the name of their test.
const UNPROVEN_MAX: usize = 0;
/// What can only come with sign-in: who may see, copy and hand out. And what the disc issue brings.
const TO_COME: [&str; 2] = ["登录与审批", "光盘"];
/// Papers by the kinds of `paper.issued`.
const PAPERS: [&str; 17] = [
    "statement",
    "file_list",
    "handover",
    "interruption",
    "unrecorded",
    "damage",
    "access_request",
    "access_register",
    "checklist",
    "device_ledger",
    "device_checkout",
    "device_maintenance",
    "incident_report",
    "case_review",
    "statistics",
    "destruction",
    "trip",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Coverage {
    regulation: Vec<Regulation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Regulation {
    /// Id of its rule pack.
    pack: String,
    /// How many 条 it has.
    articles: u32,
    rows: Vec<Row>,
}

/// What one or more articles ask for. Exactly one of `tests`, `not_software` and `to_come` says how it stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    articles: Vec<u32>,
    /// In our own words.
    must: String,
    /// `record`, `screen`, `paper`, `rule` or `command`, and its name.
    #[serde(default)]
    met: Vec<String>,
    /// `crate::function`, or `file: step` for tests of the window.
    #[serde(default)]
    tests: Vec<String>,
    #[serde(default)]
    not_software: Option<String>,
    #[serde(default)]
    to_come: Option<String>,
}

impl Row {
    fn is_unproven(&self) -> bool {
        self.tests.iter().any(|test| test == UNPROVEN)
    }
}

fn read(tree: &Tree) -> Result<Coverage, String> {
    let text = tree.get(DATA).ok_or_else(|| format!("{DATA} is missing"))?;
    toml::from_str(text).map_err(|error| format!("{DATA}: {error}"))
}

/// Returns what is wrong with the table: articles without a row, rows without an answer, names with nothing behind them.
pub fn faults(tree: &Tree) -> Vec<String> {
    let coverage = match read(tree) {
        Ok(coverage) => coverage,
        Err(fault) => return vec![fault],
    };
    let known = Known::of(tree);
    let mut found = Vec::new();
    for regulation in &coverage.regulation {
        let pack = &regulation.pack;
        let said: BTreeSet<u32> = regulation.rows.iter().flat_map(|row| row.articles.iter().copied()).collect();
        found.extend(
            (1..=regulation.articles).filter(|n| !said.contains(n)).map(|n| format!("{pack}: 第{n}条 has no row")),
        );
        found.extend(said.iter().filter(|n| **n > regulation.articles).map(|n| format!("{pack}: there is no 第{n}条")));
        let cited = cited(tree.get(&pack_file(pack)).unwrap_or_default());
        found.extend(cited.difference(&said).map(|n| format!("{pack}: its rules cite 第{n}条, which has no row")));
        for row in &regulation.rows {
            let place = format!("{pack} {:?}", row.articles);
            found.extend(row_faults(row, pack, tree, &known).into_iter().map(|fault| format!("{place}: {fault}")));
        }
    }
    for pack in tree.files().filter_map(|(path, _)| pack_of(path)) {
        if !coverage.regulation.iter().any(|regulation| regulation.pack == pack) {
            found.push(format!("{pack} has no table"));
        }
    }
    found
}

fn row_faults(row: &Row, pack: &str, tree: &Tree, known: &Known) -> Vec<String> {
    let answers = [!row.tests.is_empty(), row.not_software.is_some(), row.to_come.is_some()];
    let mut found = Vec::new();
    if row.articles.is_empty() || row.must.trim().is_empty() {
        found.push("names no article, or nothing that is asked".to_owned());
    }
    if answers.iter().filter(|given| **given).count() != 1 {
        found.push(
            "says neither its tests, nor why it is no software, nor what is to come; or more than one".to_owned(),
        );
    }
    if row.tests.is_empty() != row.met.is_empty() {
        found.push("where it is met and what proves it go together".to_owned());
    }
    if let Some(issue) = row.to_come.as_deref().filter(|issue| !TO_COME.contains(issue)) {
        found.push(format!("`{issue}` is none of the issues that may still come"));
    }
    if row.not_software.as_deref().is_some_and(|why| why.chars().count() < 4) {
        found.push("a reason is more than a word".to_owned());
    }
    // What others are building has no place yet either.
    let unproven = row.is_unproven();
    found.extend(row.met.iter().filter_map(|met| known.met_fault(met, pack, unproven, tree)));
    found.extend(row.tests.iter().filter_map(|test| known.test_fault(test, tree)));
    found
}

/// Returns the rows that still wait for the name of a test, where they are more than may wait.
pub fn unproven(tree: &Tree) -> Vec<String> {
    let rows: Vec<String> = read(tree).map_or_else(|_| Vec::new(), |coverage| waiting(&coverage));
    if rows.len() > UNPROVEN_MAX { rows } else { Vec::new() }
}

fn waiting(coverage: &Coverage) -> Vec<String> {
    let rows =
        coverage.regulation.iter().flat_map(|regulation| regulation.rows.iter().map(move |row| (regulation, row)));
    let unproven = rows.filter(|(_, row)| row.is_unproven());
    unproven.map(|(regulation, row)| format!("{} {:?}: {}", regulation.pack, row.articles, row.must)).collect()
}

/// What there is to be named.
struct Known {
    /// `crate::function` of every test.
    tests: BTreeSet<String>,
    records: BTreeMap<String, Json>,
    commands: BTreeSet<String>,
    screens: BTreeSet<String>,
}

impl Known {
    fn of(tree: &Tree) -> Self {
        let json = |path: &str| serde_json::from_str::<Json>(tree.get(path).unwrap_or("{}")).unwrap_or_default();
        let records = json("assets/wording/events.json").as_object().cloned().unwrap_or_default();
        let commands = json("assets/wording/cli.json")["commands"].as_object().cloned().unwrap_or_default();
        let pages = tree.ending(&[".vue"]).filter(|(path, _)| path.starts_with("ui/src/"));
        let marks =
            pages.flat_map(|(_, text)| text.split("testid=\"").skip(1)).filter_map(|rest| rest.split('"').next());
        Self {
            tests: tests(tree),
            records: records.into_iter().collect(),
            commands: commands.into_iter().map(|(name, _)| name).collect(),
            screens: marks.map(str::to_owned).collect(),
        }
    }

    fn met_fault(&self, met: &str, pack: &str, unproven: bool, tree: &Tree) -> Option<String> {
        let (kind, name) = met.split_once(' ').unwrap_or((met, ""));
        let there = match kind {
            "record" => unproven || self.records.contains_key(name),
            "screen" => unproven || self.screens.contains(name),
            "paper" => PAPERS.contains(&name),
            "rule" => has_rule(tree.get(&pack_file(pack)).unwrap_or_default(), name),
            "command" => unproven || self.commands.contains(name),
            _ => false,
        };
        (!there).then(|| format!("there is no `{met}`"))
    }

    fn test_fault(&self, test: &str, tree: &Tree) -> Option<String> {
        let there = match test.split_once(": ") {
            Some((file, step)) => tree.get(file).is_some_and(|text| text.contains(&format!("\"{step}\""))),
            None => test == UNPROVEN || self.tests.contains(test),
        };
        (!there).then(|| format!("there is no test `{test}`"))
    }
}

/// Returns every test as `crate::function`; those below `tests/` belong to the crate `acceptance`.
fn tests(tree: &Tree) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, text) in tree.ending(&[".rs"]) {
        let below =
            path.strip_prefix("src-tauri/crates/").or_else(|| path.strip_prefix("tests/tests/").map(|_| "acceptance/"));
        let Some(name) = below.unwrap_or(path).split('/').next() else { continue };
        let plain = plain(text);
        for (at, _) in plain.match_indices("#[test]") {
            let Some((_, rest)) = plain[at..].split_once("fn ") else { continue };
            let function: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.insert(format!("{name}::{function}"));
        }
    }
    found
}

fn pack_file(pack: &str) -> String {
    format!("assets/rules/{pack}.toml")
}

/// Returns the id of a rule pack from its path. `law.toml` is no regulation, nor is this table.
fn pack_of(path: &str) -> Option<&str> {
    let name = path.strip_prefix("assets/rules/")?.strip_suffix(".toml")?;
    (!matches!(name, "law" | "coverage")).then_some(name)
}

/// Tells whether a rule file says something under a key such as `store.within`.
fn has_rule(text: &str, key: &str) -> bool {
    let mut at = toml::from_str::<toml::Value>(text).ok();
    for part in key.split('.') {
        at = at.and_then(|value| value.get(part).cloned());
    }
    at.is_some()
}

/// Returns the articles that a rule file cites.
fn cited(text: &str) -> BTreeSet<u32> {
    let cited = text.split("article = \"").skip(1).filter_map(|rest| rest.split('"').next());
    let mut found = BTreeSet::new();
    for article in cited {
        for (at, _) in article.match_indices('第') {
            let number: String =
                article[at..].chars().skip(1).take_while(|c| "一二三四五六七八九十".contains(*c)).collect();
            let behind = article[at..].chars().nth(number.chars().count() + 1);
            found.extend(number_of(&number).filter(|_| behind == Some('条')));
        }
    }
    found
}

/// Returns a number below a hundred: `十九` is 19.
fn number_of(text: &str) -> Option<u32> {
    let digit = |c: char| "一二三四五六七八九".chars().position(|known| known == c).map(|n| n as u32 + 1);
    match text.split_once('十') {
        None => text.chars().next().and_then(digit).filter(|_| text.chars().count() == 1),
        Some((tens, ones)) => {
            let tens = if tens.is_empty() { Some(1) } else { tens.chars().next().and_then(digit) };
            let ones = if ones.is_empty() { Some(0) } else { ones.chars().next().and_then(digit) };
            Some(tens? * 10 + ones?)
        }
    }
}

/// Returns the page that is written from the table.
pub fn page(tree: &Tree) -> Result<String, String> {
    let coverage = read(tree)?;
    let records = Known::of(tree).records;
    let mut text = String::from(
        "# 制度条款落实表\n\n由 `coverage.toml` 生成（`EVIDOCK_BLESS=1 cargo test -p acceptance --test tidy coverage`），\
         不要手改。要求是我们的概括，不是原文。\n\n每一行写明落实在哪里（记录、界面、文书、规则、命令）和证明它的测试；\
         软件做不到的写明理由；要等登录、审批或光盘的写明等什么。\n",
    );
    for regulation in &coverage.regulation {
        let pack: toml::Value = toml::from_str(tree.get(&pack_file(&regulation.pack)).unwrap_or_default())
            .map_err(|error| format!("{}: {error}", regulation.pack))?;
        let of = |key: &str| pack.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
        text += &format!("\n## {}\n\n《{}》，共 {} 条。\n", of("bureau"), of("title"), regulation.articles);
        text += "\n| 条 | 要求 | 落实 | 测试 |\n|---|---|---|---|\n";
        for row in &regulation.rows {
            let articles: Vec<String> = row.articles.iter().map(u32::to_string).collect();
            let (met, proof) = told(row, &records);
            text += &format!("| {} | {} | {met} | {proof} |\n", articles.join("、"), row.must);
        }
    }
    Ok(text)
}

fn told(row: &Row, records: &BTreeMap<String, Json>) -> (String, String) {
    if let Some(why) = &row.not_software {
        return (format!("不属软件：{why}"), String::new());
    }
    if let Some(issue) = &row.to_come {
        return (format!("待做：{issue}"), String::new());
    }
    let place = |met: &String| {
        let (kind, name) = met.split_once(' ').unwrap_or((met, ""));
        let word = match kind {
            "record" => "记录",
            "screen" => "界面",
            "paper" => "文书",
            "rule" => "规则",
            _ => "命令",
        };
        let said = records.get(name).and_then(Json::as_str).filter(|_| kind == "record");
        format!("{word}{} `{name}`", said.map(|said| format!("“{said}”")).unwrap_or_default())
    };
    let proof = |test: &String| if test == UNPROVEN { "**尚未证明**".to_owned() } else { format!("`{test}`") };
    let list = |parts: Vec<String>| parts.join("<br>");
    (list(row.met.iter().map(place).collect()), list(row.tests.iter().map(proof).collect()))
}

#[test]
fn a_hole_in_the_table_is_found() {
    let good = r#"{ articles = [1], must = "记录", met = ["record clip.registered", "rule store.within"], tests = ["station::it_holds"] }"#;
    let rows = [
        (good, 0, "met, and proven"),
        (r#"{ articles = [1], must = "设备", not_software = "由单位采购" }"#, 0, "no software, with its reason"),
        (r#"{ articles = [1], must = "权限", to_come = "登录与审批" }"#, 0, "an issue that may come"),
        (r#"{ articles = [1], must = "权限", to_come = "以后" }"#, 1, "no such issue"),
        (r#"{ articles = [1], must = "设备", not_software = "无" }"#, 1, "no reason"),
        (r#"{ articles = [1], must = "记录" }"#, 1, "no answer at all"),
        (r#"{ articles = [1], must = "记录", met = ["paper trip"], tests = ["?"] }"#, 0, "one that waits for its test"),
        (r#"{ articles = [1], must = "记录", met = ["record trip.opened"], tests = ["?"] }"#, 0, "and for its record"),
        (
            r#"{ articles = [1], must = "记录", met = ["record trip.opened"], tests = ["station::it_holds"] }"#,
            1,
            "no such record",
        ),
        (
            r#"{ articles = [1], must = "记录", met = ["screen clip-detail"], tests = ["ui/tests/a.test.ts: opens"] }"#,
            0,
            "a test of the window",
        ),
        (
            r#"{ articles = [1], must = "记录", met = ["screen clip-detail"], tests = ["ui/tests/a.test.ts: shuts"] }"#,
            1,
            "no such step",
        ),
        (
            r#"{ articles = [1], must = "记录", met = ["rule store.until"], tests = ["station::it_holds"] }"#,
            1,
            "no such rule",
        ),
        (
            r#"{ articles = [1], must = "记录", met = ["rule store.within"], tests = ["station::helper"] }"#,
            1,
            "no test",
        ),
        (
            r#"{ articles = [1, 3], must = "记录", met = ["rule store.within"], tests = ["station::it_holds"] }"#,
            1,
            "no such article",
        ),
        (
            r#"{ articles = [], must = "记录", not_software = "由单位采购" }"#,
            2,
            "article 1, which is cited, has no row",
        ),
    ];
    for (row, wanted, why) in rows {
        let second = r#"{ articles = [2], must = "范围", not_software = "只说适用范围" }"#;
        let table = format!("[[regulation]]\npack = \"a\"\narticles = 2\nrows = [\n  {row},\n  {second},\n]\n");
        let tree = Tree::of(&[
            (DATA, &table),
            ("assets/rules/a.toml", "bureau = \"局\"\n[store]\nwithin = 1\narticle = \"第一条\"\n"),
            ("assets/wording/events.json", r#"{"clip.registered": "片段入库"}"#),
            ("src-tauri/crates/station/src/a.rs", "#[test]\nfn it_holds() {}\nfn helper() {}"),
            ("ui/src/a.vue", "<p data-testid=\"clip-detail\" />"),
            ("ui/tests/a.test.ts", "it(\"opens\", () => {});"),
        ]);
        let found = faults(&tree);
        let hits = found.iter().filter(|fault| !fault.contains("which has no row")).count();
        assert_eq!(hits, wanted, "{why}: {found:?}");
        assert!(page(&tree).unwrap().contains("## 局"), "the page is written all the same");
    }
    assert_eq!(faults(&Tree::of(&[])).len(), 1, "a missing table is told");
    for (text, number) in
        [("一", Some(1)), ("十", Some(10)), ("十九", Some(19)), ("二十", Some(20)), ("二十九", Some(29)), ("", None)]
    {
        assert_eq!(number_of(text), number, "{text}");
    }
}
