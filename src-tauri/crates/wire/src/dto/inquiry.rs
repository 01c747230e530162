use super::wire_type;

wire_type! {
    /// 归档就绪灯.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum Light { Green, Amber, Red }

    /// What a session is asked, what was answered, and what it lacks.
    pub struct InquiryView {
        pub light: Light,
        /// The worst first.
        pub missing: Vec<MissingView>,
        /// In the order of asking.
        pub questions: Vec<QuestionView>,
    }

    pub struct MissingView {
        /// Code of what is wanted; where it is a question's, that is where it is entered.
        pub want: String,
        /// Which gap, clip or item; empty where there is one of it.
        pub subject: String,
        /// What people call the subject.
        pub name: String,
        pub article: Option<String>,
        pub light: Light,
    }

    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum AnswerForm { Choice, Time, YesNo, Tick, Report, Words }

    pub struct QuestionView {
        pub question: String,
        pub subject: String,
        pub name: String,
        pub gap: Option<super::GapView>,
        pub article: Option<String>,
        pub form: AnswerForm,
        pub options: Vec<OptionView>,
        pub answer: Option<AnswerView>,
    }

    pub struct OptionView { pub id: String, pub name: String }

    pub struct AnswerView {
        pub value: String,
        /// `HH:MM:SS` from the beginning of the footage; may be empty.
        pub timecode: String,
        pub note: String,
        pub at: String,
        pub by: String,
    }

    /// All of them are recorded, or none; an empty value takes an answer back.
    pub struct AnswerSession { pub session: String, pub answers: Vec<NewAnswer> }

    pub struct NewAnswer {
        pub question: String,
        pub subject: String,
        pub value: String,
        pub timecode: String,
        pub note: String,
    }

    pub struct MarkClip {
        pub clip: String,
        /// Code of `Mark`.
        pub mark: String,
        pub set: bool,
        pub note: String,
    }

    pub struct MarkView { pub mark: String, pub note: String, pub at: String, pub by: String }
}
