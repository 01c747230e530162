use super::{ClipRow, wire_type};

wire_type! {
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum SessionFilter { Awaiting, All }

    pub struct SessionQuery { pub filter: SessionFilter }

    pub struct SessionRow {
        pub id: String,
        pub recorder: String,
        pub from: Option<String>,
        pub to: Option<String>,
        pub clips: u32,
        pub duration_ms: u64,
        pub gaps: u32,
        pub case_id: Option<String>,
        pub case_number: Option<String>,
        /// Number of the newest signed statement.
        pub statement_number: Option<String>,
        /// Whether a draft is kept.
        pub drafted: bool,
        /// What the statement still lacks: codes of `Field`.
        pub missing: Vec<String>,
        /// 归档就绪灯; `None` where it was not asked for.
        pub light: Option<super::Light>,
        /// How much it lacks before it can be filed.
        pub lacking: u32,
    }

    pub struct SessionRef { pub session: String }

    pub struct SessionDetail {
        pub row: SessionRow,
        pub clips: Vec<ClipRow>,
        pub gaps: Vec<GapView>,
        pub draft: Draft,
        pub statements: Vec<StatementView>,
    }

    pub struct GapView { pub from: String, pub to: String, pub seconds: u64 }

    /// The statement as it is being filled in.
    pub struct Draft {
        /// Grows with every save; a save with an older one is refused as stale.
        pub revision: u32,
        pub fields: StatementFields,
        /// Fields filled by the station and not yet touched: a guess, marked as such.
        pub guessed: Vec<String>,
        pub saved_at: Option<String>,
        pub missing: Vec<String>,
    }

    /// Times are RFC 3339; empty text while unset.
    #[derive(Default)]
    pub struct StatementFields {
        pub officers: Vec<OfficerView>,
        pub taken_from: String,
        pub taken_to: String,
        pub place: String,
        pub cause: String,
        pub party: String,
        pub method: String,
        pub maker: String,
        pub made_at: String,
        pub purpose: String,
        pub carrier: String,
        pub emphasis: String,
        pub transcript: String,
    }

    pub struct OfficerView { pub name: String, pub certificate_no: String }

    pub struct SaveDraft {
        pub session: String,
        pub revision: u32,
        pub fields: StatementFields,
        /// Guessed fields that the officer has not touched.
        pub guessed: Vec<String>,
    }

    /// What was shown is what is signed: refused as stale when draft or clips changed since.
    pub struct SignStatement {
        pub session: String,
        pub revision: u32,
        pub fields: StatementFields,
        /// The session's clips by id, in the order shown.
        pub clips: Vec<String>,
        /// Why it is revised; needed from the second on.
        pub reason: String,
    }

    /// A signed statement; never changed, only followed by a further one.
    pub struct StatementView {
        pub number: String,
        pub revision: u32,
        pub fields: StatementFields,
        pub signed_at: String,
        pub signed_by: String,
        pub reason: String,
        /// SHA-256 over the list of the session's clips.
        pub root: String,
        /// Address of the PDF, valid while the station runs.
        pub pdf_url: String,
        pub pdf_sha256: String,
    }

    pub struct StatementRef { pub number: String }

    pub struct AssignCase { pub sessions: Vec<String>, pub case_id: Option<String> }

    /// 合并场次: the later ones join the first.
    pub struct MergeSessions { pub sessions: Vec<String>, pub reason: String }

    /// 拆分场次: this clip and all after it form a session of their own.
    pub struct SplitSession { pub session: String, pub clip: String, pub reason: String }
}
