//! The one list of commands: name, request, response. The window, the browser host and the tests know no other.

use crate::dto::*;

/// Calls `$each!` with every command as `name(Request) -> Response,`.
#[macro_export]
macro_rules! with_commands {
    ($each:ident) => {
        $each! {
            host_state(Nothing) -> HostState,
            create_vault(CreateVault) -> HostState,
            overview(Nothing) -> Overview,
            rule_packs(Nothing) -> Vec<RulePack>,
            rule_pack(RulePackRef) -> RulePackDetail,
            compare_rules(RulePackRefs) -> RuleComparison,
            settings(Nothing) -> Settings,
            save_settings(Settings) -> Settings,

            drives(Nothing) -> Vec<DriveView>,
            recorder_profiles(Nothing) -> Vec<RecorderProfile>,
            recorders(Nothing) -> Vec<RecorderView>,
            admit_drive_once(DriveRef) -> DriveView,
            register_drive(RegisterDrive) -> DriveView,
            start_intake(StartIntake) -> JobView,
            cancel_intake(JobRef) -> JobView,
            jobs(JobPage) -> Vec<JobView>,
            job_outcome(JobRef) -> JobOutcome,
            enter_clock(EnterClock) -> ClockView,

            clips(ClipQuery) -> ClipPage,
            clip(ClipRef) -> ClipDetail,
            clip_media(ClipRef) -> ClipMedia,
            open_clip(ClipRef) -> Nothing,

            sessions(SessionQuery) -> Vec<SessionRow>,
            session(SessionRef) -> SessionDetail,
            assign_case(AssignCase) -> Nothing,
            merge_sessions(MergeSessions) -> SessionDetail,
            split_session(SplitSession) -> SessionDetail,
            save_draft(SaveDraft) -> Draft,
            sign_statement(SignStatement) -> StatementView,
            open_statement(StatementRef) -> Nothing,
            session_inquiry(SessionRef) -> InquiryView,
            answer_session(AnswerSession) -> InquiryView,
            mark_clip(MarkClip) -> ClipDetail,

            cases(Nothing) -> Vec<CaseView>,
            case_detail(CaseRef) -> CaseDetail,
            save_case(SaveCase) -> CaseView,

            package_plan(CaseRef) -> PackagePlan,
            make_package(MakePackage) -> TaskView,
            verify_package(PackageRef) -> TaskView,
            packages(Nothing) -> Vec<PackageView>,
            open_package(PackageRef) -> Nothing,

            people(Nothing) -> Vec<PersonView>,
            save_person(SavePerson) -> PersonView,
            choose_operator(PersonRef) -> PersonView,

            alarms(AlarmQuery) -> Vec<AlarmView>,
            acknowledge_alarm(AcknowledgeAlarm) -> AlarmView,
            scrub(Nothing) -> ScrubView,
            pause_scrub(PauseScrub) -> ScrubView,
            scrub_now(Nothing) -> ScrubView,
            copy_status(Nothing) -> CopyStatus,
            restore_plan(ClipRef) -> RestorePlan,
            restore_clip(ClipRef) -> TaskView,
            backups(Nothing) -> Vec<BackupView>,
            back_up(Nothing) -> TaskView,
            folders(FolderQuery) -> FolderList,

            paper_kinds(Nothing) -> Vec<PaperKind>,
            paper_draft(PaperRef) -> PaperForm,
            save_paper_draft(SavePaperDraft) -> PaperSaved,
            drop_paper_draft(PaperRef) -> Nothing,
            paper_drafts(Nothing) -> Vec<PaperDraftView>,
            preview_paper(PreviewPaper) -> PaperPage,
            issue_paper(IssuePaper) -> PaperView,
            void_paper(VoidPaper) -> PaperView,
            papers(PaperQuery) -> Vec<PaperView>,
            paper_page(PaperPageRef) -> PaperPage,
            open_paper(PaperNumber) -> Nothing,
            printers(Nothing) -> Vec<PrinterView>,
            print_paper(PrintPaper) -> PrintJob,
            devices(Nothing) -> DeviceList,
            device(RecorderRef) -> RecorderDetail,
            save_recorder(SaveRecorder) -> RecorderRow,
            check_out(CheckOut) -> RecorderRow,
            return_recorder(ReturnRecorder) -> RecorderRow,
            report_fault(ReportFault) -> RecorderRow,
            service_recorder(ServiceRecorder) -> RecorderRow,
            trips(Nothing) -> TripList,
            open_trip(OpenTrip) -> TripRow,
            close_trip(CloseTrip) -> TripRow,
            withdraw_trip(WithdrawTrip) -> TripRow,

            check_store(CheckRequest) -> TaskView,
            tasks(Nothing) -> Vec<TaskView>,
            cancel_task(TaskRef) -> TaskView,

            checklist(ChecklistRef) -> ChecklistView,
            save_checklist(SaveChecklist) -> ChecklistView,
            plan_checklist_import(PlanChecklistImport) -> ChecklistImport,
            export_checklist(ExportChecklist) -> ExportedFile,
            case_export(CaseRef) -> CaseExport,
            export_case(ExportCase) -> TaskView,
            deliver_case(DeliverCase) -> DeliveryView,
            due(Nothing) -> Vec<DueView>,
            explain_late(ExplainLate) -> Nothing,
            conclude_case(ConcludeCase) -> Conclusion,
            rule_timeline(Nothing) -> RuleTimeline,
            check_rules(CheckRules) -> RuleCheck,
            adopt_rules(AdoptRules) -> RuleTimeline,
            calendar(Nothing) -> CalendarView,
            import_calendar(ImportCalendar) -> CalendarImported,
        }
    };
}

macro_rules! name_commands {
    ($($name:ident($request:ty) -> $response:ty,)*) => {
        /// Every command's name, in the order of the list.
        pub const COMMANDS: &[&str] = &[$(stringify!($name),)*];

        /// Returns the TypeScript map from command to request and response.
        pub fn typescript() -> String {
            let config = ts_rs::Config::from_env();
            let mut lines = vec![
                "// Generated by `cargo test -p wire`. Do not edit.".to_owned(),
                "import type * as wire from \"./wire\";".to_owned(),
                String::new(),
                "export type Commands = {".to_owned(),
            ];
            $(lines.push(format!(
                "  {}: {{ request: {}; response: {} }};",
                stringify!($name),
                qualified::<$request>(&config),
                qualified::<$response>(&config),
            ));)*
            lines.push("};\n".to_owned());
            lines.join("\n")
        }
    };
}
with_commands!(name_commands);

/// Returns a type's TypeScript name behind the `wire.` prefix, arrays included.
fn qualified<T: ts_rs::TS>(config: &ts_rs::Config) -> String {
    let name = T::name(config);
    match name.strip_prefix("Array<").and_then(|inner| inner.strip_suffix('>')) {
        Some(inner) => format!("wire.{inner}[]"),
        None => format!("wire.{name}"),
    }
}
