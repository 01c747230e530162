use super::wire_type;

wire_type! {
    /// A column of the checklist. `kind`: `text`, `choice` or `auto`.
    #[derive(Eq)]
    pub struct ChecklistColumn {
        pub id: String,
        pub title: String,
        pub kind: String,
        pub hidden: bool,
    }

    /// 音像记录事项清单: each row has a cell for each column; those of an automatic column are empty.
    #[derive(Eq)]
    pub struct ChecklistTable {
        pub columns: Vec<ChecklistColumn>,
        pub rows: Vec<Vec<String>>,
    }

    pub struct ChecklistVersion {
        pub version: u32,
        pub recorded_at: String,
        pub recorded_by: String,
        /// `2026-11-21`; `None` while it is not published.
        pub published_on: Option<String>,
        pub columns: u32,
        pub rows: u32,
    }

    /// `None`: the one in force.
    pub struct ChecklistRef { pub version: Option<u32> }

    /// The checklist in force or an earlier version, and where it comes from.
    pub struct ChecklistView {
        pub table: ChecklistTable,
        /// `None`: nobody has saved one yet, and this is what it starts from.
        pub version: Option<ChecklistVersion>,
        /// The newest first.
        pub versions: Vec<ChecklistVersion>,
        /// The regulation and article that the columns come from.
        pub origin: String,
        /// The columns are another regulation's, since the unit's own names none.
        pub borrowed: bool,
        /// The article that asks for a checklist; `None` where the unit's regulation does not.
        pub article: Option<String>,
        /// That article asks for it to be made public.
        pub to_publish: bool,
    }

    pub struct SaveChecklist {
        /// The version it was made from; 0: none.
        pub base: u32,
        pub published_on: Option<String>,
        pub table: ChecklistTable,
    }

    pub struct PlanChecklistImport {
        /// Its name tells CSV from XLSX.
        pub file: String,
        /// Its bytes as base64.
        pub content: String,
        /// What it is laid beside.
        pub current: ChecklistTable,
    }

    /// A row of the file against the rows that are there. Places count from 1.
    #[serde(rename_all = "snake_case")]
    pub enum RowStanding {
        Same,
        /// Stands at the place of another; `columns` are the titles of those that differ.
        Changed { was: u32, columns: Vec<String> },
        New,
    }

    pub struct PlannedColumn { pub title: String, pub new: bool }

    /// What an import would make of the table, before anything is taken over.
    pub struct ChecklistImport {
        pub columns: Vec<PlannedColumn>,
        /// Titles of columns that the file does not have: they stay.
        pub kept: Vec<String>,
        pub rows: Vec<RowStanding>,
        /// Places of rows that the file does not have, from 1.
        pub gone: Vec<u32>,
        pub same: bool,
        pub table: ChecklistTable,
    }

    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum TableFormat { Csv, Xlsx }

    pub struct ExportChecklist {
        pub version: Option<u32>,
        pub format: TableFormat,
        /// Where the new file is put.
        pub folder: String,
    }

    pub struct ExportedFile { pub path: String }

    pub struct ExportRow {
        pub at: String,
        pub by: String,
        pub folder: String,
        pub files: u64,
        pub bytes: u64,
        pub with_footage: bool,
        /// SHA-256 of `manifest-sha256.txt`.
        pub root: String,
    }

    /// 归集: a case handed in to a platform.
    pub struct DeliveryView {
        pub recorded_at: String,
        pub by: String,
        pub platform: String,
        /// `2026-11-21`
        pub day: String,
        pub note: String,
    }

    /// What an export of a case would hold, and what was done before.
    pub struct CaseExport {
        /// What its folder is called.
        pub name: String,
        pub clips: u64,
        /// Bytes of the footage.
        pub bytes: u64,
        pub statements: u64,
        /// The platform that the rules name, and the article.
        pub platform: Option<String>,
        pub article: Option<String>,
        pub exports: Vec<ExportRow>,
        pub deliveries: Vec<DeliveryView>,
    }

    pub struct ExportCase {
        pub case_id: String,
        /// Above the new folder.
        pub folder: String,
        pub with_footage: bool,
    }

    pub struct DeliverCase {
        pub case_id: String,
        /// Empty: the one that the rules name.
        pub platform: String,
        /// `2026-11-21`
        pub day: String,
        pub note: String,
    }
}
