use super::wire_type;
use std::collections::BTreeMap;

wire_type! {
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum SubjectKind { Session, Case, Clip, Recorder, Job, Trip, Unit }

    /// What a paper is about; of the unit `id` is the period: `2026`, `2026-07-01/2026-09-30`, or empty.
    pub struct PaperSubject {
        pub kind: SubjectKind,
        pub id: String,
    }

    pub struct PaperKind {
        pub code: String,
        /// The unit's own title where its rules give one.
        pub title: String,
        /// What its numbers begin with.
        pub prefix: String,
        /// What it can be about, the usual first.
        pub subjects: Vec<SubjectKind>,
        /// The article of the rules in force that calls for it.
        pub article: Option<String>,
    }

    /// A kind of paper about a subject.
    pub struct PaperRef {
        pub kind: String,
        pub subject: PaperSubject,
    }

    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum PaperPlace { Fields, Lists, Grids, Clips, Checks, Signers, Basis }

    pub struct PaperChoice {
        pub code: String,
        pub label: String,
    }

    /// A field that must be filled where another one holds one of these codes.
    pub struct PaperCondition {
        pub field: String,
        pub is: Vec<String>,
    }

    /// One thing that a paper asks for; `list.column` for a column of a list.
    pub struct PaperKey {
        pub place: PaperPlace,
        pub key: String,
        pub label: String,
        pub required: bool,
        /// Text of any length.
        pub long: bool,
        pub choices: Vec<PaperChoice>,
        pub needed_when: Option<PaperCondition>,
        /// Whether each line of a check list says where in the footage it is seen.
        pub timecode: bool,
        /// Texts to choose from where any other will do as well.
        pub suggestions: Vec<String>,
    }

    pub struct PaperBasis {
        pub title: String,
        pub article: String,
    }

    pub struct PaperColumn {
        pub name: String,
        pub weight: u32,
        pub shown: bool,
    }

    pub struct PaperGrid {
        pub columns: Vec<PaperColumn>,
        pub rows: Vec<Vec<String>>,
    }

    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum PaperAnswer { Yes, No, NotApplicable, Open }

    pub struct PaperCheck {
        pub item: String,
        pub answer: PaperAnswer,
        pub timecode: String,
        pub note: String,
    }

    /// What a person fills in, by the places of the keys.
    #[derive(Default)]
    pub struct PaperContent {
        pub basis: Vec<PaperBasis>,
        pub fields: BTreeMap<String, String>,
        pub lists: BTreeMap<String, Vec<BTreeMap<String, String>>>,
        pub grids: BTreeMap<String, PaperGrid>,
        /// 片段编号, in the order of printing.
        pub clips: BTreeMap<String, Vec<String>>,
        pub checks: BTreeMap<String, Vec<PaperCheck>>,
        pub signers: BTreeMap<String, Vec<String>>,
    }

    /// A paper as it is being filled in, with all that its form is made of.
    pub struct PaperForm {
        pub kind: PaperKind,
        pub subject: PaperSubject,
        /// What the subject is called.
        pub about: String,
        pub keys: Vec<PaperKey>,
        /// Grows with every save; a save with an older one is refused as stale.
        pub revision: u32,
        pub content: PaperContent,
        /// Keys that are still to be filled: `reason`, `gaps[1].reason`.
        pub missing: Vec<String>,
        pub saved_at: Option<String>,
    }

    pub struct SavePaperDraft {
        pub kind: String,
        pub subject: PaperSubject,
        pub revision: u32,
        pub content: PaperContent,
    }

    pub struct PaperSaved {
        pub revision: u32,
        pub saved_at: Option<String>,
        pub missing: Vec<String>,
    }

    /// A kept draft in a list.
    pub struct PaperDraftView {
        pub kind: String,
        pub title: String,
        pub subject: PaperSubject,
        pub about: String,
        pub saved_at: Option<String>,
    }

    pub struct PreviewPaper {
        pub kind: String,
        pub content: PaperContent,
        /// From 1.
        pub page: u32,
    }

    /// One page as a picture.
    pub struct PaperPage {
        /// `data:image/png;base64,…`
        pub image: String,
        pub page: u32,
        pub pages: u32,
    }

    /// What was shown is what is issued: refused as stale when the draft changed since.
    pub struct IssuePaper {
        pub kind: String,
        pub subject: PaperSubject,
        pub revision: u32,
        pub content: PaperContent,
    }

    pub struct PaperNumber { pub number: String }

    pub struct PaperPageRef {
        pub number: String,
        /// From 1.
        pub page: u32,
    }

    pub struct VoidPaper { pub number: String, pub reason: String }

    /// `None` takes all.
    pub struct PaperQuery {
        pub kind: Option<String>,
        pub subject: Option<PaperSubject>,
        pub year: Option<i32>,
    }

    pub struct PaperView {
        pub number: String,
        pub kind: String,
        pub title: String,
        pub subject: PaperSubject,
        pub about: String,
        /// The regulations and articles that call for it; empty where none does.
        pub basis: String,
        /// SHA-256 of its values; printed on it.
        pub record: String,
        pub sheets: u32,
        pub issued_at: String,
        pub issued_by: String,
        /// Address of the PDF, valid while the station runs.
        pub pdf_url: String,
        pub pdf_sha256: String,
        pub voided: Option<PaperVoid>,
    }

    pub struct PaperVoid { pub at: String, pub by: String, pub reason: String }

    pub struct PrinterView {
        pub name: String,
        /// The one that is used unless another is chosen.
        pub usual: bool,
    }

    pub struct PrintPaper {
        pub number: String,
        /// `None`: the usual one.
        pub printer: Option<String>,
    }

    /// What the print service took over.
    pub struct PrintJob { pub printer: String, pub id: String }
}
