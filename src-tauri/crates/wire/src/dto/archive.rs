use super::{CheckReport, SessionRow, wire_type};

wire_type! {
    pub struct CaseView {
        pub id: String,
        /// 案号
        pub number: String,
        /// 案由
        pub cause: String,
        /// 当事人
        pub party: String,
        /// 承办机构
        pub department: String,
        pub opened_at: String,
        pub sessions: u32,
        /// Sessions without a signed statement.
        pub awaiting: u32,
        pub clips: u32,
        pub bytes: u64,
        pub packages: u32,
        /// 归档就绪灯; `None` where it was not asked for, or the case is packaged.
        pub light: Option<super::Light>,
    }

    pub struct SaveCase {
        pub id: Option<String>,
        pub number: String,
        pub cause: String,
        pub party: String,
        pub department: String,
    }

    pub struct CaseRef { pub case_id: String }

    pub struct CaseDetail {
        pub case: CaseView,
        pub sessions: Vec<SessionRow>,
        pub packages: Vec<PackageView>,
        pub conclusion: super::Conclusion,
    }

    /// What a package would hold, before anything is written.
    pub struct PackagePlan {
        pub case: CaseView,
        pub sessions: Vec<SessionRow>,
        pub files: u32,
        pub bytes: u64,
        /// Predicted size of the image in bytes.
        pub image_bytes: u64,
        /// Reasons why it cannot be made yet.
        pub blockers: Vec<Blocker>,
        pub medium: Medium,
    }

    /// The smallest medium that holds the image.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum Medium { Cd, Dvd, DvdDl, Bd, Larger }

    /// Why a package cannot be made yet.
    #[serde(rename_all = "snake_case")]
    pub enum Blocker {
        NoSessions,
        /// Sessions, by id, without a signed statement.
        StatementsMissing { sessions: Vec<String> },
        /// Clips, by number, that failed their check.
        ClipsMismatch { clips: Vec<String> },
        /// Clips, by number, that hold state secrets.
        StateSecrets { clips: Vec<String> },
        /// Statements, by number, whose paper bears another case number than the case does now.
        CaseNumberDiffers { statements: Vec<String> },
    }

    pub struct MakePackage { pub case_id: String, pub image: bool }

    pub struct PackageView {
        pub id: String,
        /// 归档包编号, such as `归〔2026〕3号`.
        pub number: String,
        pub case_id: String,
        pub case_number: String,
        pub made_at: String,
        pub made_by: String,
        /// Below the vault.
        pub folder: String,
        pub image: Option<String>,
        pub files: u32,
        pub bytes: u64,
        pub image_bytes: Option<u64>,
        /// SHA-256 of `tagmanifest-sha256.txt`.
        pub root: String,
        pub verified: Option<CheckReport>,
    }

    pub struct PackageRef { pub package: String }
}
