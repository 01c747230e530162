//! What a session has to answer under a pack, and what an answer may be. Pure.

use crate::Circumstance;
use crate::pack::{Item, RulePack};
use crate::readiness::{ClipFacts, GapFacts, SessionFacts};
use model::{Gap, Instant, Span, format_instant, gaps, parse_instant};
use std::collections::{BTreeMap, BTreeSet};

/// Longest text of an answer, in characters.
const WORDS_MAX: usize = 1000;

/// What shape an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerForm {
    /// The id of one of the options.
    Choice,
    /// RFC 3339.
    Time,
    /// `yes` or `no`, with where in the footage it is heard or seen.
    YesNo,
    /// `yes`, `no` or `not_applicable`, with where in the footage it is seen.
    Tick,
    /// When something was reported, in RFC 3339; the note says to whom.
    Report,
    Words,
}

impl AnswerForm {
    /// Returns the code used in documents.
    pub fn code(self) -> &'static str {
        match self {
            Self::Choice => "choice",
            Self::Time => "time",
            Self::YesNo => "yes_no",
            Self::Tick => "tick",
            Self::Report => "report",
            Self::Words => "words",
        }
    }
}

macro_rules! questions {
    ($($(#[$doc:meta])* $name:ident = $code:literal $form:ident,)*) => {
        /// What can be asked of a session.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Question { $($(#[$doc])* $name,)* }

        impl Question {
            /// Every question, in the order in which they are asked.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Returns the stable code, under which answers are kept.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Returns the question of a code.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|question| question.code() == code)
            }

            /// Returns the shape of its answers.
            pub fn form(self) -> AnswerForm {
                match self { $(Self::$name => AnswerForm::$form,)* }
            }
        }
    };
}

questions! {
    /// 执法类别.
    Act = "act" Choice,
    /// 环节.
    Stage = "stage" Choice,
    Occasion = "occasion" Choice,
    /// Whether it is of a kind that has to be recorded without a gap.
    Recording = "recording" Choice,
    /// 作为证据.
    Evidence = "evidence" YesNo,
    /// By its code: what makes the footage be kept longer.
    Circumstance = "circumstance" YesNo,
    Arrived = "arrived" Time,
    LateBegin = "late_begin" Words,
    Left = "left" Time,
    EarlyEnd = "early_end" Words,
    /// 告知录音录像.
    Told = "told" YesNo,
    /// By the gap's id.
    GapReason = "gap_reason" Choice,
    GapSpoken = "gap_spoken" YesNo,
    /// 确实无法继续记录.
    GapUnable = "gap_unable" YesNo,
    GapReport = "gap_report" Report,
    GapWritten = "gap_written" Words,
    /// By the item's id.
    Opening = "opening" Tick,
    KeyContent = "key_content" Tick,
    /// What the footage shows of the event.
    Reflects = "reflects" Tick,
    /// 记录事项.
    Matter = "matter" Tick,
    /// 送达方式.
    Service = "service" Choice,
    /// By what the way of service asks for.
    ServiceDetail = "service_detail" Words,
    /// By the clip's id.
    Supplement = "supplement" Words,
    DamageReport = "damage_report" Report,
    DamageWritten = "damage_written" Words,
    /// 阻挠音像记录.
    Obstruction = "obstruction" YesNo,
    Transfer = "transfer" Report,
}

/// What was answered; an empty value takes an answer back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub value: String,
    /// Where in the footage, `HH:MM:SS` from its beginning; may be empty.
    pub timecode: String,
    pub note: String,
}

impl Answer {
    fn is(&self, value: &str) -> bool {
        self.value == value
    }
}

/// The answers of a session, by question and by gap, clip or item.
pub type Answers = BTreeMap<(Question, String), Answer>;

/// A clip of the session, as far as questions depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionClip {
    pub id: String,
    /// What people call it.
    pub number: String,
    pub from: Option<Instant>,
    pub to: Option<Instant>,
    /// Stored after its deadline.
    pub late: bool,
    pub late_explained: bool,
    pub damaged: bool,
    /// 损坏说明 was issued.
    pub damage_written: bool,
}

/// What the register knows of a session without asking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// Officers with their certificates, as the statement has them.
    pub officers: u32,
    pub place: bool,
    pub statement_signed: bool,
    /// 中止情况书面说明 was issued.
    pub interruption_written: bool,
    /// Clips that have to do with the work.
    pub clips: Vec<SessionClip>,
}

/// One question put to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub question: Question,
    /// Which gap, clip or item; empty where there is one of it.
    pub subject: String,
    /// What people call the subject; empty for a gap, which is told by its times.
    pub name: String,
    pub gap: Option<Gap>,
    pub article: Option<String>,
    /// Ids and names to choose from.
    pub options: Vec<(String, String)>,
}

impl Asked {
    /// Says which part of an answer is wrong: `value`, `timecode` or `note`.
    pub fn fault(&self, answer: &Answer) -> Option<&'static str> {
        let long = |text: &str| text.chars().count() > WORDS_MAX;
        if answer.value.is_empty() {
            return None;
        }
        let value = match self.question.form() {
            AnswerForm::Choice => self.options.iter().any(|(id, _)| answer.is(id)),
            AnswerForm::Time | AnswerForm::Report => parse_instant(&answer.value).is_some(),
            AnswerForm::YesNo => ["yes", "no"].contains(&answer.value.as_str()),
            AnswerForm::Tick => ["yes", "no", "not_applicable"].contains(&answer.value.as_str()),
            AnswerForm::Words => !answer.value.trim().is_empty() && !long(&answer.value),
        };
        let unnamed = self.question.form() == AnswerForm::Report && answer.note.trim().is_empty();
        match () {
            () if !value => Some("value"),
            () if !answer.timecode.is_empty() && !is_timecode(&answer.timecode) => Some("timecode"),
            () if unnamed || long(&answer.note) => Some("note"),
            () => None,
        }
    }
}

/// Tells whether a text is `HH:MM:SS`.
fn is_timecode(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let number = |part: &str, max: u32| part.len() == 2 && part.parse::<u32>().is_ok_and(|n| n <= max);
    parts.len() == 3 && number(parts[0], 99) && number(parts[1], 59) && number(parts[2], 59)
}

/// Returns the pauses between the clips that the pack lets nobody pass over.
pub fn unexplained_pauses(pack: &RulePack, course: &Course) -> Vec<Gap> {
    let spans: Vec<Span> =
        course.clips.iter().filter_map(|clip| Some(Span { from: clip.from?, to: clip.to? })).collect();
    gaps(&spans, pack.continuity.pause_seconds.value)
}

/// Returns the name of a gap among those of its session: when it began.
pub fn gap_id(gap: &Gap) -> String {
    format_instant(gap.from)
}

/// Returns everything that a session is asked under a pack, in the order of [`Question`].
pub fn asked(pack: &RulePack, course: &Course, answers: &Answers) -> Vec<Asked> {
    let mut list = Vec::new();
    whole(pack, course, answers, &mut list);
    for gap in unexplained_pauses(pack, course) {
        pause(pack, &gap, answers, &mut list);
    }
    let ticked = [
        (Question::Opening, &pack.opening),
        (Question::KeyContent, &pack.key_content),
        (Question::Reflects, &pack.reflects),
        (Question::Matter, &pack.matters),
    ];
    for (question, items) in ticked {
        list.extend(items.iter().map(|item| Asked {
            subject: item.id.clone(),
            name: item.name.clone(),
            ..plain(question, item.article.as_deref())
        }));
    }
    service(pack, answers, &mut list);
    for clip in &course.clips {
        footage(pack, clip, answers, &mut list);
    }
    list.sort_by_key(|asked| (asked.question, asked.gap.map(|gap| gap.from)));
    list
}

fn plain(question: Question, article: Option<&str>) -> Asked {
    Asked {
        question,
        subject: String::new(),
        name: String::new(),
        gap: None,
        article: article.map(str::to_owned),
        options: Vec::new(),
    }
}

fn choice<'a>(question: Question, items: impl IntoIterator<Item = &'a Item>) -> Option<Asked> {
    let items: Vec<&Item> = items.into_iter().collect();
    let first = items.first()?;
    let options = items.iter().map(|item| (item.id.clone(), item.name.clone())).collect();
    Some(Asked { options, ..plain(question, first.article.as_deref()) })
}

fn whole(pack: &RulePack, course: &Course, answers: &Answers, list: &mut Vec<Asked>) {
    let listed = [
        (Question::Act, &pack.acts[..], &[][..]),
        (Question::Stage, &pack.stages, &[]),
        (Question::Occasion, &pack.occasions, &[]),
        (Question::Recording, &pack.must_record, &pack.may_record),
    ];
    list.extend(listed.into_iter().filter_map(|(question, items, more)| choice(question, items.iter().chain(more))));
    list.push(plain(Question::Evidence, pack.evidence.as_ref().map(|rules| rules.article.as_str())));
    for rule in &pack.keep {
        if [Circumstance::Enforcement, Circumstance::Objection, Circumstance::Important].contains(&rule.when) {
            let subject = rule.when.code().to_owned();
            list.push(Asked { subject, ..plain(Question::Circumstance, Some(&rule.article)) });
        }
    }
    let article = Some(pack.continuity.article.as_str());
    list.extend([plain(Question::Arrived, article), plain(Question::Left, article)]);
    let facts = facts(pack, course, answers);
    let slack = pack.continuity.late_minutes.value;
    list.extend(facts.begins_late(slack).then(|| plain(Question::LateBegin, article)));
    list.extend(facts.ends_early(slack).then(|| plain(Question::EarlyEnd, article)));
    list.extend(pack.told.as_ref().map(|rule| plain(Question::Told, rule.article.as_deref())));
    if let Some(rules) = &pack.obstruction {
        list.push(plain(Question::Obstruction, Some(&rules.article)));
        list.extend(facts.obstructed.then(|| plain(Question::Transfer, Some(&rules.article))));
    }
}

fn pause(pack: &RulePack, gap: &Gap, answers: &Answers, list: &mut Vec<Asked>) {
    let rules = &pack.interruption;
    let id = gap_id(gap);
    let unable = answers.get(&(Question::GapUnable, id.clone())).is_some_and(|answer| answer.is("yes"));
    let mut ask = |asked: Asked| list.push(Asked { subject: id.clone(), gap: Some(*gap), ..asked });
    choice(Question::GapReason, &rules.reasons).into_iter().for_each(&mut ask);
    let article = Some(rules.article.as_str());
    if rules.spoken && !unable {
        ask(plain(Question::GapSpoken, article));
    }
    ask(plain(Question::GapUnable, article));
    if unable && rules.report_to.is_some() {
        ask(plain(Question::GapReport, article));
    }
    if unable && rules.written {
        ask(plain(Question::GapWritten, article));
    }
}

/// Asks how a document was served, and then what that way asks for.
fn service(pack: &RulePack, answers: &Answers, list: &mut Vec<Asked>) {
    list.extend(choice(Question::Service, &pack.services));
    let chosen = answers.get(&(Question::Service, String::new()));
    let Some(way) = chosen.and_then(|answer| pack.services.iter().find(|item| answer.is(&item.id))) else { return };
    list.extend(way.asks.iter().map(|asks| Asked {
        subject: asks.clone(),
        name: asks.clone(),
        ..plain(Question::ServiceDetail, way.article.as_deref())
    }));
}

fn footage(pack: &RulePack, clip: &SessionClip, answers: &Answers, list: &mut Vec<Asked>) {
    let mut ask = |question: Question, article: Option<&str>| {
        list.push(Asked { subject: clip.id.clone(), name: clip.number.clone(), ..plain(question, article) });
    };
    let left = time(answers, Question::Left);
    let after = clip.from.zip(left).is_some_and(|(from, left)| from > left);
    if let Some(rule) = pack.no_selection.as_ref().filter(|rule| rule.value && after) {
        ask(Question::Supplement, rule.article.as_deref());
    }
    if let Some(rules) = pack.damage.as_ref().filter(|_| clip.damaged) {
        ask(Question::DamageReport, rules.report_to.article.as_deref());
        ask(Question::DamageWritten, rules.report_to.article.as_deref());
    }
}

fn time(answers: &Answers, question: Question) -> Option<Instant> {
    parse_instant(&answers.get(&(question, String::new()))?.value)
}

/// Returns what readiness depends on: what the register knows, and what was answered.
pub fn facts(pack: &RulePack, course: &Course, answers: &Answers) -> SessionFacts {
    let of = |question: Question, subject: &str| answers.get(&(question, subject.to_owned()));
    let given = |question: Question, subject: &str| of(question, subject).is_some();
    let yes = |question: Question, subject: &str| of(question, subject).is_some_and(|answer| answer.is("yes"));
    let ticks = |question: Question, items: &[Item]| -> BTreeMap<String, bool> {
        items.iter().map(|item| (item.id.clone(), given(question, &item.id))).collect()
    };
    let gap = |gap: &Gap| {
        let id = gap_id(gap);
        GapFacts {
            reason: of(Question::GapReason, &id).map(|answer| answer.value.clone()),
            spoken: of(Question::GapSpoken, &id).map(|answer| answer.is("yes")),
            unable: yes(Question::GapUnable, &id),
            reported: given(Question::GapReport, &id),
            written: given(Question::GapWritten, &id) || course.interruption_written,
            id,
        }
    };
    let clip = |clip: &SessionClip| ClipFacts {
        id: clip.id.clone(),
        from: clip.from,
        to: clip.to,
        late: clip.late,
        late_explained: clip.late_explained,
        damaged: clip.damaged,
        damage_reported: given(Question::DamageReport, &clip.id),
        damage_written: given(Question::DamageWritten, &clip.id) || clip.damage_written,
        supplement_explained: given(Question::Supplement, &clip.id),
    };
    let kind = of(Question::Recording, "");
    SessionFacts {
        officers: course.officers,
        place: course.place,
        act: given(Question::Act, ""),
        stage: given(Question::Stage, ""),
        must_record: kind.map(|kind| pack.must_record.iter().any(|item| kind.is(&item.id))),
        told: of(Question::Told, "").map(|answer| answer.is("yes")),
        arrived: time(answers, Question::Arrived),
        left: time(answers, Question::Left),
        late_begin_explained: given(Question::LateBegin, ""),
        early_end_explained: given(Question::EarlyEnd, ""),
        clips: course.clips.iter().map(clip).collect(),
        gaps: unexplained_pauses(pack, course).iter().map(gap).collect(),
        opening: ticks(Question::Opening, &pack.opening),
        key_content: ticks(Question::KeyContent, &pack.key_content),
        // What nobody has said is no evidence is treated as evidence.
        evidence: !of(Question::Evidence, "").is_some_and(|answer| answer.is("no")),
        statement_signed: course.statement_signed,
        obstructed: yes(Question::Obstruction, ""),
        transferred: given(Question::Transfer, ""),
    }
}

/// Returns what the answers say the session is, as far as retention depends on it.
pub fn circumstances(statement_signed: bool, answers: &Answers) -> BTreeSet<Circumstance> {
    let answered = |question: Question, subject: &str, value: &str| {
        answers.get(&(question, subject.to_owned())).is_some_and(|answer| answer.is(value))
    };
    let mut found: BTreeSet<Circumstance> =
        Circumstance::ALL.iter().copied().filter(|one| answered(Question::Circumstance, one.code(), "yes")).collect();
    if statement_signed && !answered(Question::Evidence, "", "no") || answered(Question::Evidence, "", "yes") {
        found.insert(Circumstance::Evidence);
    }
    if answered(Question::Obstruction, "", "yes") {
        found.insert(Circumstance::Obstruction);
    }
    found
}
