//! Cases: what sessions are gathered under and archived as.

use crate::{CaseId, Instant};

/// What a person enters of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseDraft {
    /// 案号, such as `麒文旅罚〔2026〕12号`.
    pub number: String,
    /// 案由
    pub cause: String,
    /// 当事人
    pub party: String,
    /// 承办机构
    pub department: String,
}

/// A case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub id: CaseId,
    pub draft: CaseDraft,
    pub opened_at: Instant,
}
