//! `--help` is Chinese, for every command there is.

use crate::bench::Bench;

/// Returns the commands that a help text lists.
fn listed(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "命令:").skip(1).take_while(|line| line.starts_with("  "));
    lines.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

fn walk(bench: &Bench, path: &[String], seen: &mut Vec<String>) {
    let ran = bench.clean(&[path, &["--help".to_owned()]].concat());
    for english in ["Usage:", "Options:", "Commands:", "Arguments:", "Print ", "[OPTIONS]", "[default:", "[env:"] {
        assert!(!ran.out.contains(english), "`evidock {}` is Chinese, not {english}\n{}", ran.line, ran.out);
    }
    assert!(ran.out.contains("用法：evidock"), "`evidock {}`\n{}", ran.line, ran.out);
    seen.push(path.join(" "));
    let below = listed(&ran.out);
    assert!(!below.is_empty() || ran.out.contains("示例:"), "`evidock {}` shows an example\n{}", ran.line, ran.out);
    for name in below {
        walk(bench, &[path, &[name]].concat(), seen);
    }
}

#[test]
fn every_help_is_chinese() {
    let (bench, mut seen) = (Bench::empty(), Vec::new());
    walk(&bench, &[], &mut seen);
    let wanted = [
        "rules list",
        "rules show",
        "rules compare",
        "rules check",
        "rules clock",
        "init",
        "dock",
        "intake",
        "clips",
        "clip",
        "case add",
        "case list",
        "case show",
        "session list",
        "session show",
        "session assign",
        "session merge",
        "session split",
        "statement draft",
        "statement show",
        "statement sign",
        "statement pdf",
        "people add",
        "people list",
        "recorders list",
        "devices",
        "trips",
        "package",
        "clock",
        "fsck",
        "scrub",
        "alarms",
        "alarms acknowledge",
        "papers",
        "paper issue",
        "paper show",
        "copies",
        "restore",
        "backup",
        "restore-register",
        "rebuild",
        "due",
        "late",
        "case conclude",
        "rules adopt",
        "rules calendar show",
        "rules calendar import",
        "verify",
        "serve",
    ];
    for command in wanted {
        assert!(seen.iter().any(|one| one == command), "`evidock {command}` is there: {seen:?}");
    }
}
