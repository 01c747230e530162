//! Grouping clips into sessions.

use ledger::{Change, SessionChanged, SessionFormed};
use model::{ClipId, IdSource, Session, SessionId, SessionRules, Span, stitch};
use register::ClipRow;
use std::collections::BTreeMap;

/// Returns what has to change so that every loose clip with a time belongs to a session of its recorder.
///
/// An act continues a session without a statement when the pause between them is short enough; a resumed job must not
/// cut an act in two. Companion files join the session of their recorder that is nearest in time.
pub fn group(
    loose: &[ClipRow],
    held: &[(Session, Vec<ClipRow>)],
    rules: SessionRules,
    ids: &dyn IdSource,
) -> Vec<Change> {
    let mut drafts: Vec<Draft> = held
        .iter()
        .map(|(session, clips)| Draft {
            id: session.id.clone(),
            recorder: session.recorder.clone(),
            fresh: false,
            grown: false,
            clips: clips.iter().filter_map(Member::of).collect(),
        })
        .collect();
    let mut footage: BTreeMap<&str, Vec<Member>> = BTreeMap::new();
    for row in loose.iter().filter(|row| row.footage) {
        footage.entry(&row.clip.recorder).or_default().extend(Member::of(row));
    }
    for (recorder, members) in footage {
        let spans: Vec<Span> = members.iter().map(|member| member.span).collect();
        for act in stitch(&spans, rules) {
            let act: Vec<Member> = act.into_iter().map(|i| members[i].clone()).collect();
            join_or_form(&mut drafts, recorder, act, rules, ids);
        }
    }
    for row in loose.iter().filter(|row| !row.footage) {
        if let Some(member) = Member::of(row) {
            join_nearest(&mut drafts, &row.clip.recorder, member);
        }
    }
    drafts.into_iter().filter_map(Draft::change).collect()
}

#[derive(Clone)]
struct Member {
    clip: ClipId,
    span: Span,
}

impl Member {
    fn of(row: &ClipRow) -> Option<Self> {
        let from = row.clip.recorded_from?;
        let span = Span { from, to: row.clip.recorded_to.unwrap_or(from) };
        Some(Self { clip: row.clip.id.clone(), span })
    }
}

struct Draft {
    id: SessionId,
    recorder: String,
    fresh: bool,
    grown: bool,
    clips: Vec<Member>,
}

impl Draft {
    fn span(&self) -> Option<Span> {
        let from = self.clips.iter().map(|member| member.span.from).min()?;
        let to = self.clips.iter().map(|member| member.span.to).max()?;
        Some(Span { from, to })
    }

    fn change(mut self) -> Option<Change> {
        self.clips.sort_by_key(|member| member.span);
        let clips = self.clips.iter().map(|member| member.clip.to_string()).collect();
        let id = self.id.to_string();
        match (self.fresh, self.grown) {
            (true, _) => Some(SessionFormed { id, recorder: self.recorder, clips }.into()),
            (false, true) => Some(SessionChanged { id, clips }.into()),
            (false, false) => None,
        }
    }
}

fn join_or_form(drafts: &mut Vec<Draft>, recorder: &str, act: Vec<Member>, rules: SessionRules, ids: &dyn IdSource) {
    let whole =
        Draft { id: SessionId::fresh(ids), recorder: recorder.to_owned(), fresh: true, grown: false, clips: act };
    let span = whole.span();
    let near = drafts.iter_mut().find(|draft| {
        draft.recorder == recorder
            && matches!((draft.span(), span), (Some(a), Some(b)) if stitch(&[a, b], rules).len() == 1)
    });
    match near {
        Some(draft) => {
            draft.clips.extend(whole.clips);
            draft.grown = true;
        }
        None => drafts.push(whole),
    }
}

fn join_nearest(drafts: &mut [Draft], recorder: &str, member: Member) {
    let at = member.span.from.timestamp_millis();
    let distance = |span: Span| at.abs_diff(at.clamp(span.from.timestamp_millis(), span.to.timestamp_millis()));
    let nearest = drafts
        .iter_mut()
        .filter(|draft| draft.recorder == recorder)
        .filter_map(|draft| draft.span().map(|span| (distance(span), draft)))
        .min_by_key(|(distance, _)| *distance);
    if let Some((_, draft)) = nearest {
        draft.clips.push(member);
        draft.grown = true;
    }
}
