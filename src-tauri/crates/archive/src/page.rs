//! What a person opens first: `index.html` to browse the package offline, and `VERIFY.txt`.
//!
//! No script, nothing from elsewhere, relative links only; every text from outside is escaped.

use crate::content::{PackagedClip, PackagedSession};
use crate::list::{TABLE, TABLE_PAPER, clock, statement_list, statement_paper};
use crate::plan::{PackagePlan, session_folder};
use crate::tags::INSTRUCTIONS;
use crate::words::{fill, words};
use model::{Instant, StationZone};

const STYLE: &str = "
:root { color-scheme: light; }
body { font: 14px/1.6 \"Noto Sans CJK SC\", \"Microsoft YaHei\", \"PingFang SC\", sans-serif; color: #1b2430;
  background: #f4f6f8; margin: 0 auto; max-width: 72rem; padding: 1.5rem; }
h1 { font-size: 22px; margin: 0 0 .25rem; }
h2 { font-size: 17px; margin: 0 0 .75rem; }
h3 { font-size: 14px; margin: 0 0 .5rem; overflow-wrap: anywhere; }
section, article { background: #fff; border: 1px solid #d5dbe3; border-radius: 4px; padding: 1rem 1.25rem; margin: 1rem 0; }
article { background: #fafbfc; }
dl { display: grid; grid-template-columns: 9rem 1fr; gap: .25rem 1rem; margin: 0; }
dt { color: #55606e; }
dd { margin: 0; overflow-wrap: anywhere; }
.digest { font-family: \"Noto Sans Mono CJK SC\", Consolas, monospace; font-size: 12px; }
.lead, .hint { color: #55606e; margin: .25rem 0; }
.warn { border-left: 4px solid #b45309; padding-left: .75rem; margin: .5rem 0; }
video { display: block; max-width: 100%; width: 40rem; margin: .5rem 0; background: #000; }
a { color: #0b5cad; }
@media print { video { display: none; } body { background: #fff; } }
";

/// Returns `index.html`.
pub(crate) fn index(plan: &PackagePlan) -> String {
    let content = &plan.content;
    let words = &words().page;
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'; object-src 'none'\">\n\
         <title>{title} {number}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>{title} {number}</h1>\n<p class=\"lead\">{lead}</p>\n",
        title = html(&words.title),
        number = html(&content.number),
        lead = html(&words.lead),
    );
    case_section(&mut page, plan);
    for (index, session) in content.sessions.iter().enumerate() {
        session_section(&mut page, plan, index, session);
    }
    page.push_str(&format!("<section>\n<h2>{}</h2>\n<ol>\n", html(&words.section_verify)));
    for step in &words.verify {
        page.push_str(&format!("<li>{}</li>\n", html(step)));
    }
    page.push_str("</ol>\n</section>\n</body>\n</html>\n");
    page
}

fn case_section(page: &mut String, plan: &PackagePlan) {
    let content = &plan.content;
    let case = &content.case.draft;
    let words = &words().page;
    let clips: usize = plan.originals.iter().map(Vec::len).sum();
    let contents = fill(
        &words.contents_value,
        &[
            ("sessions", &content.sessions.len().to_string()),
            ("clips", &clips.to_string()),
            ("bytes", &plan.bytes.to_string()),
        ],
    );
    let lists = [
        link(TABLE_PAPER, &words.list_paper),
        link(TABLE, &words.list_table),
        link(INSTRUCTIONS, &words.list_instructions),
    ];
    page.push_str(&format!("<section>\n<h2>{}</h2>\n<dl>\n", html(&words.section_case)));
    for (label, value) in [
        (&words.package_number, content.number.as_str()),
        (&words.unit, &content.unit),
        (&words.case_number, &case.number),
        (&words.cause, &case.cause),
        (&words.party, &case.party),
        (&words.department, &case.department),
        (&words.made_at, &content.zone.show(content.made_at)),
        (&words.made_by, &content.made_by),
        (&words.contents, &contents),
    ] {
        fact(page, label, &text_or_none(value));
    }
    fact(page, &words.lists, &lists.join("<br>"));
    let zone = fill(&words.zone, &[("offset", &offset(content.zone))]);
    page.push_str(&format!("</dl>\n<p class=\"hint\">{}</p>\n</section>\n", html(&zone)));
}

fn session_section(page: &mut String, plan: &PackagePlan, index: usize, session: &PackagedSession) {
    let words = &words().page;
    let zone = plan.content.zone;
    let statement = &session.statement;
    let number =
        fill(&words.statement_value, &[("number", &statement.number), ("revision", &statement.revision.to_string())]);
    let taken = fill(&words.span_value, &[("from", &statement.taken_from), ("to", &statement.taken_to)]);
    let papers = format!(
        "{} {} {}",
        html(&number),
        link(&statement_paper(index), &words.statement_open),
        link(&statement_list(&session_folder(index)), &words.statement_list)
    );
    page.push_str(&format!("<section>\n<h2>{}</h2>\n<dl>\n", html(&session.title)));
    fact(page, &words.recorder, &text_or_none(&session.recorder));
    fact(page, &words.span, &html(&span(zone, session.from, session.to)));
    fact(page, &words.statement, &papers);
    fact(page, &words.officers, &text_or_none(&statement.officers));
    fact(page, &words.taken, &html(&taken));
    fact(page, &words.place, &text_or_none(&statement.place));
    fact(page, &words.root, &digest(&statement.root));
    page.push_str("</dl>\n");
    for (clip, path) in session.clips.iter().zip(&plan.originals[index]) {
        clip_article(page, zone, clip, path);
    }
    page.push_str("</section>\n");
}

fn clip_article(page: &mut String, zone: StationZone, clip: &PackagedClip, path: &str) {
    let words = &words().page;
    page.push_str(&format!(
        "<article id=\"{id}\">\n<h3>{label} {id}</h3>\n",
        label = html(&words.clip),
        id = html(&clip.number)
    ));
    if clip.playable {
        page.push_str(&format!(
            "<video controls preload=\"none\" src=\"{}\"></video>\n<p class=\"hint\">{}</p>\n",
            url(path),
            html(&words.play_hint)
        ));
    } else {
        page.push_str(&format!("<p class=\"warn\">{}</p>\n", html(&words.unplayable)));
    }
    let size = fill(&words.size_value, &[("bytes", &clip.size.to_string())]);
    page.push_str("<dl>\n");
    fact(page, &words.original_name, &html(&clip.original_name));
    fact(page, &words.open, &link(path, path));
    fact(page, &words.span, &html(&span(zone, clip.recorded_from, clip.recorded_to)));
    fact(page, &words.duration, &html(&clip.duration_ms.map_or_else(|| words.unknown.clone(), clock)));
    fact(page, &words.size, &html(&size));
    let standing = forms::standing(clip.state, clip.level, clip.unreadable);
    fact(page, &words.level, &html(&format!("{} {standing}", clip.level.code())));
    for (label, value) in [("SHA-256", clip.digests.sha256), ("SM3", clip.digests.sm3), ("BLAKE3", clip.digests.blake3)]
    {
        fact(page, label, &digest(&value));
    }
    page.push_str("</dl>\n</article>\n");
}

/// Appends a label and its value; the value is HTML already.
fn fact(page: &mut String, label: &str, value: &str) {
    page.push_str(&format!("<dt>{}</dt><dd>{value}</dd>\n", html(label)));
}

fn text_or_none(text: &str) -> String {
    html(if text.trim().is_empty() { &words().page.none } else { text })
}

fn digest(digest: &model::Digest) -> String {
    format!("<span class=\"digest\">{digest}</span>")
}

fn link(path: &str, text: &str) -> String {
    format!("<a href=\"{}\">{}</a>", url(path), html(text))
}

fn span(zone: StationZone, from: Option<Instant>, to: Option<Instant>) -> String {
    let words = &words().page;
    let show = |at: Option<Instant>| at.map_or_else(|| words.unknown.clone(), |at| zone.show(at));
    fill(&words.span_value, &[("from", &show(from)), ("to", &show(to))])
}

fn offset(zone: StationZone) -> String {
    let minutes = zone.minutes();
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// Escapes text for element content and quoted attributes.
fn html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// Encodes a path for a link: all but unreserved characters and `/` (RFC 3986 §2.3).
fn url(path: &str) -> String {
    let mut safe = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            safe.push(char::from(byte));
        } else {
            safe.push_str(&format!("%{byte:02X}"));
        }
    }
    safe
}

/// Returns `VERIFY.txt`, with byte order mark and CRLF so that every Windows editor shows it.
pub(crate) fn instructions(plan: &PackagePlan) -> String {
    let content = &plan.content;
    let values = [
        ("number", content.number.as_str()),
        ("unit", &content.unit),
        ("case_number", &content.case.draft.number),
        ("software", &content.software),
    ];
    let mut text = "\u{feff}".to_owned();
    for line in &words().instructions {
        text.push_str(&fill(line, &values));
        text.push_str("\r\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_stays_text() {
        assert_eq!(html("<b a='1' c=\"2\">&"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;", "HTML is escaped");
        assert_eq!(url("data/a b#1?\"'<取>.mp4"), "data/a%20b%231%3F%22%27%3C%E5%8F%96%3E.mp4", "links are encoded");
    }
}
