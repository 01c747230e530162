//! Grouping clips into sessions.

use ledger::{Change, SessionChanged, SessionFormed};
use model::{ClipId, IdSource, Instant, SessionId, SessionRules, Span, stitch};
use register::{ClipRow, SessionRow};
use std::collections::BTreeMap;

/// Returns what has to change so that loose clips with a time belong to sessions of their origin.
///
/// Every act of footage gets one: it continues a session without a statement when the pause between them is short
/// enough, as a resumed job must not cut an act in two. An act that closes the pause between two such sessions joins
/// the earlier one; the later stays as it is, since a person may have meant the cut. A companion file joins the
/// nearest session within a pause, and else stays without: its time alone makes no act, and must not stretch one.
pub fn group(
    loose: &[ClipRow],
    held: &[(SessionRow, Vec<ClipRow>)],
    rules: SessionRules,
    ids: &dyn IdSource,
) -> Vec<Change> {
    let mut drafts: Vec<Draft<'_>> = held.iter().map(|(session, clips)| Draft::of(session, clips)).collect();
    let mut footage: BTreeMap<&str, Vec<Member<'_>>> = BTreeMap::new();
    for row in loose.iter().filter(|row| row.footage) {
        footage.entry(&row.origin).or_default().extend(Member::of(row));
    }
    for (origin, members) in footage {
        let spans: Vec<Span> = members.iter().map(|member| member.span).collect();
        for act in stitch(&spans, rules) {
            let act: Vec<Member<'_>> = act.into_iter().map(|i| members[i]).collect();
            join_or_form(&mut drafts, origin, act, rules, ids);
        }
    }
    for row in loose.iter().filter(|row| !row.footage) {
        if let Some(member) = Member::of(row) {
            join_nearest(&mut drafts, &row.origin, member, rules);
        }
    }
    drafts.into_iter().filter_map(Draft::change).collect()
}

#[derive(Clone, Copy)]
struct Member<'a> {
    clip: &'a ClipId,
    recorder: &'a str,
    footage: bool,
    span: Span,
}

impl<'a> Member<'a> {
    fn of(row: &'a ClipRow) -> Option<Self> {
        let from = row.clip.recorded_from?;
        let span = Span { from, to: row.clip.recorded_to.unwrap_or(from) };
        Some(Self { clip: &row.clip.id, recorder: &row.clip.recorder, footage: row.footage, span })
    }
}

struct Draft<'a> {
    id: SessionId,
    recorder: &'a str,
    origin: &'a str,
    fresh: bool,
    grown: bool,
    /// Clips whose time nobody knows: put here by a person, and kept.
    timeless: Vec<&'a ClipId>,
    clips: Vec<Member<'a>>,
}

impl<'a> Draft<'a> {
    fn of(session: &'a SessionRow, clips: &'a [ClipRow]) -> Self {
        Self {
            id: session.session.id.clone(),
            recorder: &session.session.recorder,
            origin: &session.origin,
            fresh: false,
            grown: false,
            timeless: clips.iter().filter(|row| Member::of(row).is_none()).map(|row| &row.clip.id).collect(),
            clips: clips.iter().filter_map(Member::of).collect(),
        }
    }

    /// Returns the extent of the footage; companions do not stretch it.
    fn span(&self) -> Option<Span> {
        let footage = || self.clips.iter().filter(|member| member.footage).map(|member| member.span);
        let from = footage().map(|span| span.from).min()?;
        let to = footage().map(|span| span.to).max()?;
        Some(Span { from, to })
    }

    fn change(mut self) -> Option<Change> {
        self.clips.sort_by_key(|member| member.span);
        let clips = self.clips.iter().map(|member| member.clip).chain(self.timeless).map(ToString::to_string).collect();
        let id = self.id.to_string();
        match (self.fresh, self.grown) {
            (true, _) => {
                let (recorder, origin) = (self.recorder.to_owned(), self.origin.to_owned());
                Some(SessionFormed { id, recorder, origin, clips }.into())
            }
            (false, true) => Some(SessionChanged { id, clips }.into()),
            (false, false) => None,
        }
    }
}

fn join_or_form<'a>(
    drafts: &mut Vec<Draft<'a>>,
    origin: &'a str,
    act: Vec<Member<'a>>,
    rules: SessionRules,
    ids: &dyn IdSource,
) {
    let whole = Draft {
        id: SessionId::fresh(ids),
        recorder: act.first().map_or("", |member| member.recorder),
        origin,
        fresh: true,
        grown: false,
        timeless: Vec::new(),
        clips: act,
    };
    let Some(span) = whole.span() else { return };
    let near = drafts
        .iter_mut()
        .filter(|draft| draft.origin == origin)
        .filter_map(|draft| draft.span().map(|other| (other, draft)))
        .filter(|(other, _)| stitch(&[*other, span], rules).len() == 1)
        .min_by_key(|(other, _)| *other);
    match near {
        Some((_, draft)) => {
            draft.clips.extend(whole.clips);
            draft.grown = true;
        }
        None => drafts.push(whole),
    }
}

fn join_nearest<'a>(drafts: &mut [Draft<'a>], origin: &str, member: Member<'a>, rules: SessionRules) {
    let pause_max = u64::from(rules.pause_max_s) * 1000;
    let nearest = drafts
        .iter_mut()
        .filter(|draft| draft.origin == origin)
        .filter_map(|draft| draft.span().map(|span| (pause(span, member.span.from), draft)))
        .filter(|(pause, _)| *pause <= pause_max)
        .min_by_key(|(pause, _)| *pause);
    if let Some((_, draft)) = nearest {
        draft.clips.push(member);
        draft.grown = true;
    }
}

/// Returns the milliseconds between a span and an instant; 0 within it.
fn pause(span: Span, at: Instant) -> u64 {
    let at = at.timestamp_millis();
    let (from, to) = (span.from.timestamp_millis(), span.to.timestamp_millis());
    if at < from { from.abs_diff(at) } else { at.saturating_sub(to).max(0).unsigned_abs() }
}
