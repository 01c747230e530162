//! The command line as it is typed. Its words stand in `assets/wording/cli.json`; `help` puts the two together.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Parser)]
#[command(name = "evidock", version)]
pub struct Arguments {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub order: Order,
}

/// What every command takes.
#[derive(Args)]
pub struct Common {
    #[arg(long, global = true)]
    pub vault: Option<PathBuf>,
    #[arg(long, global = true)]
    pub dock: Vec<PathBuf>,
    #[arg(long, global = true)]
    pub actor: Option<String>,
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Subcommand)]
pub enum Order {
    #[command(subcommand)]
    Rules(RulesOrder),
    Init(NewVault),
    Dock,
    Intake {
        path: PathBuf,
    },
    Clock {
        #[arg(long)]
        job: String,
        #[arg(long)]
        recorder_shows: Option<String>,
    },
    Clips {
        #[arg(long, default_value = "")]
        query: String,
        #[arg(long, default_value_t = CLIPS_LISTED)]
        limit: u32,
    },
    Clip {
        clip: String,
    },
    #[command(subcommand)]
    Case(CaseOrder),
    #[command(subcommand)]
    Session(SessionOrder),
    #[command(subcommand)]
    Statement(StatementOrder),
    #[command(subcommand)]
    Checklist(ChecklistOrder),
    #[command(subcommand)]
    People(PeopleOrder),
    #[command(subcommand)]
    Recorders(RecordersOrder),
    Devices,
    Trips,
    Package {
        case: String,
        #[arg(long)]
        out: PathBuf,
        #[arg(long)]
        iso: Option<PathBuf>,
    },
    Fsck {
        #[arg(long)]
        metadata_only: bool,
    },
    Scrub,
    Alarms {
        #[command(subcommand)]
        order: Option<AlarmsOrder>,
    },
    Papers {
        #[arg(long)]
        kind: Option<String>,
    },
    #[command(subcommand)]
    Paper(PaperOrder),
    Due,
    Late {
        #[arg(required = true)]
        clips: Vec<String>,
        #[arg(long)]
        reason: String,
    },
    Rebuild {
        #[arg(long, requires = "rules")]
        unit: Option<String>,
        #[arg(long, requires = "unit")]
        rules: Option<String>,
        #[arg(long)]
        copies: Option<PathBuf>,
    },
    Copies(CopiesOrder),
    Restore {
        clip: String,
        #[arg(long)]
        yes: bool,
    },
    Backup {
        #[arg(long)]
        list: bool,
    },
    RestoreRegister {
        file: PathBuf,
    },
    Verify {
        path: PathBuf,
    },
    Serve {
        #[arg(long)]
        port: u16,
    },
}

/// Clips listed without `--limit`; the help says so.
pub const CLIPS_LISTED: u32 = 100;

#[derive(Args)]
pub struct CopiesOrder {
    #[arg(long, conflicts_with = "off")]
    pub folder: Option<PathBuf>,
    #[arg(long)]
    pub off: bool,
    #[arg(long)]
    pub check: bool,
}

#[derive(Subcommand)]
pub enum AlarmsOrder {
    Acknowledge {
        alarm: String,
        #[arg(long)]
        note: String,
    },
}

#[derive(Subcommand)]
pub enum PaperOrder {
    Issue {
        #[arg(long)]
        kind: String,
        #[arg(long, default_value = "")]
        subject: String,
        #[arg(long)]
        values: Option<PathBuf>,
    },
    Show {
        paper: String,
    },
}

#[derive(Subcommand)]
pub enum RulesOrder {
    List,
    Show {
        pack: String,
    },
    Compare {
        #[arg(num_args = 2..)]
        packs: Vec<String>,
    },
    Check {
        file: PathBuf,
    },
    Clock(RuleClock),
    Adopt {
        file: PathBuf,
        #[arg(long)]
        from: String,
    },
    #[command(subcommand)]
    Calendar(CalendarOrder),
}

#[derive(Subcommand)]
pub enum CalendarOrder {
    Show,
    Import { file: PathBuf },
}

#[derive(Args)]
pub struct RuleClock {
    #[arg(long)]
    pub pack: String,
    #[arg(long)]
    pub recorded_end: String,
    #[arg(long)]
    pub returned: Option<String>,
    #[arg(long, value_enum, default_value_t = ClockKind::Store)]
    pub kind: ClockKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ClockKind {
    Store,
    Archive,
}

#[derive(Args)]
pub struct NewVault {
    #[arg(long)]
    pub unit: String,
    #[arg(long)]
    pub rules: String,
}

#[derive(Subcommand)]
pub enum CaseOrder {
    Add {
        number: String,
        #[arg(long, default_value = "")]
        cause: String,
        #[arg(long, default_value = "")]
        party: String,
        #[arg(long, default_value = "")]
        department: String,
    },
    List,
    Show {
        case: String,
    },
    Export {
        case: String,
        #[arg(long)]
        out: PathBuf,
        #[arg(long)]
        without_footage: bool,
    },
    Deliver {
        case: String,
        #[arg(long)]
        day: String,
        #[arg(long, default_value = "")]
        platform: String,
        #[arg(long, default_value = "")]
        note: String,
    },
    Conclude {
        case: String,
        #[arg(long, required_unless_present = "closed")]
        inspected: Option<String>,
        #[arg(long)]
        closed: Option<String>,
    },
}

#[derive(Subcommand)]
pub enum ChecklistOrder {
    Show {
        #[arg(long)]
        edition: Option<u32>,
    },
    Export {
        #[arg(long, value_enum)]
        format: TableFormat,
        #[arg(long)]
        out: PathBuf,
        #[arg(long)]
        edition: Option<u32>,
    },
    Import {
        file: PathBuf,
        #[arg(long)]
        yes: bool,
        #[arg(long, requires = "yes")]
        published: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    Csv,
    Xlsx,
}

#[derive(Subcommand)]
pub enum SessionOrder {
    List {
        #[arg(long)]
        awaiting: bool,
    },
    Show {
        session: String,
    },
    Assign {
        #[arg(required = true)]
        sessions: Vec<String>,
        #[arg(long, conflicts_with = "none")]
        case: Option<String>,
        #[arg(long)]
        none: bool,
    },
    Merge {
        #[arg(required = true)]
        sessions: Vec<String>,
        #[arg(long, default_value = "")]
        reason: String,
    },
    Split {
        session: String,
        #[arg(long)]
        at: String,
        #[arg(long, default_value = "")]
        reason: String,
    },
}

#[derive(Subcommand)]
pub enum StatementOrder {
    Draft {
        session: String,
        #[command(flatten)]
        fields: Box<FieldFlags>,
    },
    Show {
        statement: String,
    },
    Sign {
        session: String,
        #[command(flatten)]
        fields: Box<FieldFlags>,
        #[arg(long, default_value = "")]
        reason: String,
    },
    Pdf {
        statement: String,
        #[arg(long)]
        out: PathBuf,
    },
}

/// The fields of a statement.
#[derive(Args)]
pub struct FieldFlags {
    #[arg(long = "officer")]
    pub officers: Vec<String>,
    #[arg(long)]
    pub from: Option<String>,
    #[arg(long)]
    pub to: Option<String>,
    #[arg(long)]
    pub place: Option<String>,
    #[arg(long)]
    pub cause: Option<String>,
    #[arg(long)]
    pub party: Option<String>,
    #[arg(long)]
    pub method: Option<String>,
    #[arg(long)]
    pub maker: Option<String>,
    #[arg(long)]
    pub made_at: Option<String>,
    #[arg(long)]
    pub purpose: Option<String>,
    #[arg(long)]
    pub carrier: Option<String>,
    #[arg(long)]
    pub emphasis: Option<String>,
    #[arg(long)]
    pub transcript: Option<String>,
    #[arg(long)]
    pub file: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum PeopleOrder {
    Add {
        name: String,
        #[arg(long, default_value = "")]
        certificate: String,
        #[arg(long, default_value = "")]
        duty: String,
        #[arg(long, default_value = "")]
        department: String,
    },
    List,
}

#[derive(Subcommand)]
pub enum RecordersOrder {
    List,
}
