//! 警报: what calls for a person, until somebody has acknowledged it.

use crate::{Act, Failure, Station, Topic, authorise};
use ledger::{AlarmAcknowledged, Change};
use model::{Actor, AlarmId, AlarmKind, ErrorCode};
use register::AlarmRow;

/// Shortest note, in characters.
const NOTE_CHARS_MIN: usize = 2;
/// Longest note, in characters.
const NOTE_CHARS_MAX: usize = 500;

impl Station {
    /// Returns the alarms that stand, the oldest first.
    pub fn alarms(&self) -> Result<Vec<AlarmRow>, Failure> {
        self.read(|view| view.open_alarms())
    }

    /// Returns the newest alarms, acknowledged or not.
    pub fn recent_alarms(&self, limit: u32) -> Result<Vec<AlarmRow>, Failure> {
        self.read(|view| view.alarms(limit))
    }

    /// Raises an alarm that has no other write to go with; nothing happens while one of its kind and subject stands.
    /// Where something else is written, [`raised`](register::View::raised) puts the alarm into the same write.
    pub(crate) fn raise_alarm(
        &self,
        kind: AlarmKind,
        subject: &str,
        detail: &str,
        article: &str,
    ) -> Result<(), Failure> {
        let raised = self.register.write::<_, Failure>(&self.author(&Actor::Station, ""), |view| {
            let raised = Vec::from_iter(view.raised(self.around.ids.as_ref(), kind, subject, detail, article)?);
            Ok((raised.clone(), raised))
        })?;
        self.tell_alarms(&raised);
        Ok(())
    }

    /// Tells that alarms were raised, where changes that were written raised any.
    pub(crate) fn tell_alarms(&self, written: &[Change]) {
        if written.iter().any(|change| matches!(change, Change::AlarmRaised(_))) {
            self.tell(&[Topic::Alarms]);
        }
    }

    /// 确认警报: a person has dealt with it and says how. What it was raised about stays as it is.
    pub fn acknowledge_alarm(&self, actor: &Actor, id: &AlarmId, note: &str) -> Result<AlarmRow, Failure> {
        authorise(self, actor, Act::Check)?;
        // An account or the station itself cannot answer for it.
        let Actor::Person { .. } = actor else { return Err(Failure::new(ErrorCode::OperatorMissing)) };
        let note = note.trim();
        match note.chars().count() {
            0..NOTE_CHARS_MIN => return Err(Failure::new(ErrorCode::AlarmNoteMissing)),
            NOTE_CHARS_MIN..=NOTE_CHARS_MAX => {}
            _ => return Err(Failure::invalid("note")),
        }
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            let alarm = view.alarm(id)?.ok_or_else(|| Failure::not_found(id))?;
            if alarm.acknowledged.is_some() {
                return Err(Failure::invalid("alarm").with("what", id));
            }
            let acknowledged = AlarmAcknowledged { id: id.to_string(), note: note.to_owned() };
            Ok((vec![acknowledged.into()], ()))
        })?;
        self.tell(&[Topic::Alarms]);
        self.read(|view| view.alarm(id))?.ok_or_else(|| Failure::not_found(id))
    }
}
