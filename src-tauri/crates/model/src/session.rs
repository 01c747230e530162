//! 场次: the segments of one recorder's one act, stitched by time.

use crate::{CaseId, Instant, SessionId};
use chrono::Duration;

/// Limits for stitching; given by the unit's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRules {
    /// Longest pause between two segments of the same act, in seconds.
    pub pause_max_s: u32,
}

impl Default for SessionRules {
    fn default() -> Self {
        Self { pause_max_s: 30 * 60 }
    }
}

/// A recording's extent on the recorder's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub from: Instant,
    pub to: Instant,
}

/// A pause within a session that has to be explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    pub from: Instant,
    pub to: Instant,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub recorder: String,
    pub span: Option<Span>,
    pub case: Option<CaseId>,
}

/// Returns the spans grouped into acts: indices into `spans`, in time order.
pub fn stitch(spans: &[Span], rules: SessionRules) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by_key(|&i| spans[i]);
    let pause_max = Duration::seconds(rules.pause_max_s.into());
    let mut acts: Vec<Vec<usize>> = Vec::new();
    let mut end: Option<Instant> = None;
    for i in order {
        let span = spans[i];
        match (acts.last_mut(), end) {
            (Some(act), Some(last)) if span.from - last <= pause_max => act.push(i),
            _ => acts.push(vec![i]),
        }
        let fresh_act = acts.last().is_some_and(|act| act.len() == 1);
        end = Some(if fresh_act { span.to } else { end.map_or(span.to, |last| last.max(span.to)) });
    }
    acts
}

/// Returns the pauses of more than `gap_min_s` seconds, in time order; shorter ones are the recorder's own cut between
/// segments.
pub fn gaps(spans: &[Span], gap_min_s: u32) -> Vec<Gap> {
    let mut sorted = spans.to_vec();
    sorted.sort();
    let gap_min = Duration::seconds(gap_min_s.into());
    let mut found = Vec::new();
    let mut end: Option<Instant> = None;
    for span in sorted {
        if let Some(last) = end
            && span.from - last > gap_min
        {
            found.push(Gap { from: last, to: span.from });
        }
        end = Some(end.map_or(span.to, |last| last.max(span.to)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn span(from_s: i64, to_s: i64) -> Span {
        let at = |s| DateTime::from_timestamp(1_800_000_000 + s, 0).expect("in range");
        Span { from: at(from_s), to: at(to_s) }
    }

    #[test]
    fn segments_of_one_act_are_stitched() {
        let rules = SessionRules::default();
        let rows = [
            ("none", vec![], vec![]),
            ("two segments cut by the recorder", vec![span(0, 600), span(600, 900)], vec![vec![0, 1]]),
            ("a pause of 90 s", vec![span(0, 600), span(690, 900)], vec![vec![0, 1]]),
            ("out of order", vec![span(600, 900), span(0, 600)], vec![vec![1, 0]]),
            ("two acts", vec![span(0, 600), span(2401, 3000)], vec![vec![0], vec![1]]),
            (
                "a short clip inside a long one",
                vec![span(0, 6000), span(10, 20), span(6100, 6200)],
                vec![vec![0, 1, 2]],
            ),
        ];
        for (what, spans, expected) in rows {
            assert_eq!(stitch(&spans, rules), expected, "{what}");
        }
    }

    #[test]
    fn gaps_longer_than_the_recorders_cut_are_found() {
        assert!(gaps(&[span(0, 600), span(605, 900)], 5).is_empty(), "5 s is the recorder's own cut");
        let found = gaps(&[span(690, 900), span(0, 600)], 5);
        assert_eq!(found.len(), 1, "a pause of 90 s is one gap");
        assert_eq!((found[0].to - found[0].from).num_seconds(), 90);
    }
}
