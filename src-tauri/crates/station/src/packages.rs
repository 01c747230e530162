//! Archive packages of cases.

use crate::checks::CheckReport;
use crate::inquiry::marked_clips;
use crate::statements::{duration_and_playable, unreadable_bytes};
use crate::tasks::{TaskKind, Watch};
use crate::{Act, Failure, Station, TaskStatus, Topic, authorise};
use archive::{Medium, PackageContent, PackagePlan, PackagedClip, PackagedSession, PackagedStatement};
use ledger::{PackageMade, PackageVerified};
use model::{Actor, CaseId, ClipState, ErrorCode, Mark, NumberKind, PackageId, SessionId};
use register::{CaseRow, PackageRow, SessionRow, View};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a package cannot be made yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocker {
    NoSessions,
    /// Sessions without a signed statement.
    StatementsMissing(Vec<SessionId>),
    /// Clips, by number, that failed their check.
    ClipsMismatch(Vec<String>),
    /// Clips, by number, that hold state secrets.
    StateSecrets(Vec<String>),
    /// Statements, by number, whose paper bears another case number than the case does now.
    CaseNumberDiffers(Vec<String>),
}

/// What a package would hold, before anything is written.
#[derive(Clone, Debug)]
pub struct PackageDraft {
    pub case: CaseRow,
    pub sessions: Vec<SessionRow>,
    pub files: u64,
    pub bytes: u64,
    /// Predicted; the image is not larger.
    pub image_bytes: u64,
    pub medium: Medium,
    pub blockers: Vec<Blocker>,
}

/// Where a package is written.
#[derive(Clone, Debug)]
pub enum Destination {
    /// Below the vault's `packages/`, with an image or without.
    Vault { image: bool },
    /// Folder and image elsewhere, as the command line names them.
    Elsewhere { folder: PathBuf, image: Option<PathBuf> },
}

/// Stands for the number that a package gets only when it is made.
const UNNUMBERED: &str = "归〔0〕0号";

impl Station {
    /// Lays out what a case's package would hold.
    pub fn package_draft(&self, case: &CaseId) -> Result<PackageDraft, Failure> {
        let row = self.read(|view| view.case(case))?.ok_or_else(|| Failure::not_found(case))?;
        let sessions = self.read(|view| view.sessions_of_case(case))?;
        let blockers = self.read(|view| blockers(view, &row, &sessions))?;
        let mut draft = PackageDraft {
            case: row,
            files: 0,
            bytes: 0,
            image_bytes: 0,
            medium: Medium::for_bytes(0),
            blockers,
            sessions,
        };
        if draft.blockers.is_empty() {
            let plan = self.plan_package(case, UNNUMBERED, &Actor::Station)?;
            (draft.files, draft.bytes) = (plan.files, plan.bytes);
            if let Some(disc) = plan.discs.first() {
                (draft.image_bytes, draft.medium) = (disc.image_bytes, disc.medium);
            }
        } else {
            (draft.files, draft.bytes) = (draft.case.clips.into(), draft.case.bytes);
        }
        Ok(draft)
    }

    fn plan_package(&self, case: &CaseId, number: &str, actor: &Actor) -> Result<PackagePlan, Failure> {
        let unit = self.settings()?.unit;
        let content = self.register.read::<_, Failure>(|view| {
            let row = view.case(case)?.ok_or_else(|| Failure::not_found(case))?;
            let mut sessions = Vec::new();
            for (n, session) in view.sessions_of_case(case)?.into_iter().enumerate() {
                sessions.push(self.packaged_session(view, n + 1, &session)?);
            }
            Ok(PackageContent {
                number: number.to_owned(),
                unit,
                case: row.case,
                made_at: self.now(),
                made_by: actor.display(),
                zone: self.zone(),
                sessions,
                ledger_head: view.ledger_head()?,
                software: crate::software(),
            })
        })?;
        Ok(archive::plan(content)?)
    }

    fn packaged_session(&self, view: &View<'_>, n: usize, row: &SessionRow) -> Result<PackagedSession, Failure> {
        let session = &row.session;
        let signed = view.statements(&session.id)?.into_iter().next();
        let signed = signed.ok_or_else(|| Failure::new(ErrorCode::PackageIncomplete))?;
        let zone = self.zone();
        let show = |at: Option<model::Instant>| at.map(|at| zone.show(at)).unwrap_or_default();
        let officers: Vec<String> =
            signed.fields.officers.iter().map(|o| format!("{}（{}）", o.name, o.certificate_no)).collect();
        let statement = PackagedStatement {
            number: signed.number.clone(),
            revision: signed.revision,
            officers: officers.join("、"),
            taken_from: show(signed.fields.taken_from),
            taken_to: show(signed.fields.taken_to),
            place: signed.fields.place,
            root: signed.root,
            pdf: self.vault.join(&signed.pdf_path),
            pdf_sha256: signed.pdf_sha256,
        };
        let mut clips = Vec::new();
        for id in view.statement_clips(&signed.number)? {
            let row = view.clip(&id)?.ok_or_else(|| Failure::not_found(&id))?;
            let (duration_ms, playable) = duration_and_playable(&row);
            clips.push(PackagedClip {
                number: row.clip.number,
                original_name: row.clip.original_name,
                source: self.vault.join(&row.clip.stored_path),
                size: row.clip.size,
                digests: row.clip.digests,
                level: row.clip.level,
                state: row.clip.state,
                unreadable: unreadable_bytes(&row.unreadable),
                recorded_from: row.clip.recorded_from,
                recorded_to: row.clip.recorded_to,
                duration_ms,
                playable,
            });
        }
        Ok(PackagedSession {
            title: format!("场次 {n}"),
            recorder: session.recorder.clone(),
            from: session.span.map(|span| span.from),
            to: session.span.map(|span| span.to),
            statement,
            clips,
        })
    }

    /// Makes a case's package as a task.
    pub fn start_package(
        self: &Arc<Self>,
        actor: &Actor,
        case: &CaseId,
        destination: Destination,
    ) -> Result<TaskStatus, Failure> {
        authorise(self, actor, Act::Archive)?;
        let row = self.read(|view| view.case(case))?.ok_or_else(|| Failure::not_found(case))?;
        let (actor, case) = (actor.clone(), case.clone());
        self.spawn_task(TaskKind::Package, &row.case.draft.number, move |station, watch| {
            let package = station.make_package(&actor, &case, &destination, watch)?;
            Ok(package.verified.map(CheckReport::from))
        })
    }

    /// Makes a case's package: folder, image if asked for, both read back and compared; then it is written down.
    pub(crate) fn make_package(
        &self,
        actor: &Actor,
        case: &CaseId,
        destination: &Destination,
        watch: &Watch<'_>,
    ) -> Result<PackageRow, Failure> {
        if !self.package_draft(case)?.blockers.is_empty() {
            return Err(Failure::new(ErrorCode::PackageIncomplete));
        }
        // One package at a time: its number goes into files that are written before it is committed.
        let _alone = self.packaging.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let year = self.zone().year(self.now());
        let number = self.read(|view| view.next_number(NumberKind::Package, year))?;
        let (_, n) = NumberKind::Package.parse(&number).ok_or_else(|| Failure::new(ErrorCode::Internal))?;
        let id = PackageId::fresh(self.around.ids.as_ref());
        let (folder, image) = self.places_for(destination, &format!("{year}-{n:04}-{id}"))?;
        let plan = self.plan_package(case, &number, actor)?;
        let bag = archive::write(&plan, &folder, self.fonts()?, watch)?;
        let disc = plan.discs.first().ok_or_else(|| Failure::new(ErrorCode::Internal))?;
        let written = match &image {
            Some(image) => Some(archive::write_image(&folder, image, &disc.volume_id, watch)?),
            None => None,
        };
        let report = archive::verify(image.as_deref().unwrap_or(&folder), watch)?;
        let made = PackageMade {
            id: id.to_string(),
            number,
            case: case.to_string(),
            made_at: model::format_instant(plan.content.made_at),
            ledger_events: plan.content.ledger_head.0,
            ledger_head: plan.content.ledger_head.1.to_string(),
            folder: self.shown(&folder),
            image: image.as_deref().map(|image| self.shown(image)),
            files: bag.files,
            bytes: bag.bytes,
            image_bytes: written.as_ref().map(|image| image.bytes),
            image_sha256: written.as_ref().map(|image| image.sha256.to_string()),
            root: bag.root.to_string(),
            statements: plan.content.sessions.iter().map(|s| s.statement.number.clone()).collect(),
        };
        let verified = package_verified(&id, &report);
        self.register.write::<_, Failure>(&self.author(actor, ""), |_| Ok((vec![made.into(), verified.into()], ())))?;
        self.tell(&[Topic::Packages, Topic::Cases]);
        self.package(&id)
    }

    fn places_for(&self, destination: &Destination, name: &str) -> Result<(PathBuf, Option<PathBuf>), Failure> {
        match destination {
            Destination::Vault { image } => {
                let packages = self.vault.join("packages");
                fixity::create_folders(&packages).map_err(|error| {
                    Failure::new(crate::vault::target_code(&error)).with("path", packages.display()).because(error)
                })?;
                Ok((packages.join(name), image.then(|| packages.join(format!("{name}.iso")))))
            }
            Destination::Elsewhere { folder, image } => Ok((folder.clone(), image.clone())),
        }
    }

    /// Returns a path below the vault without the vault, any other as it is.
    fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.vault).unwrap_or(path).display().to_string()
    }

    /// Returns one package.
    pub fn package(&self, id: &PackageId) -> Result<PackageRow, Failure> {
        self.read(|view| view.package(id))?.ok_or_else(|| Failure::not_found(id))
    }

    /// Returns where a package's folder lies.
    pub fn package_folder(&self, id: &PackageId) -> Result<PathBuf, Failure> {
        // Joining an absolute path gives that path.
        Ok(self.vault.join(self.package(id)?.folder))
    }

    /// Reads a package back and compares, as a task.
    pub fn start_package_check(self: &Arc<Self>, actor: &Actor, id: &PackageId) -> Result<TaskStatus, Failure> {
        authorise(self, actor, Act::Archive)?;
        let package = self.package(id)?;
        let (actor, id) = (actor.clone(), id.clone());
        self.spawn_task(TaskKind::VerifyPackage, &package.number, move |station, watch| {
            let place = package.image.as_ref().unwrap_or(&package.folder);
            let report = archive::verify(&station.vault.join(place), watch)?;
            let mut verified = package_verified(&id, &report);
            if report.root.is_some_and(|root| root != package.root) {
                // A whole package that agrees with itself, but is not the one that was made.
                let problem = model::Problem::new(model::ProblemCode::ListDiffers, place.clone());
                verified.findings.push((&problem).into());
            }
            let author = station.author(&actor, "");
            station.register.write::<_, Failure>(&author, |_| Ok((vec![verified.into()], ())))?;
            Ok(station.package(&id)?.verified.map(CheckReport::from))
        })
    }

    /// Makes a package and returns when it is done.
    pub fn package_and_wait(
        self: &Arc<Self>,
        actor: &Actor,
        case: &CaseId,
        destination: Destination,
    ) -> Result<PackageRow, Failure> {
        let task = self.start_package(actor, case, destination)?;
        self.wait_for(&task.id)?;
        let newest = self.read(|view| Ok(view.packages()?.into_iter().find(|package| package.case == *case)))?;
        newest.ok_or_else(|| Failure::new(ErrorCode::Internal))
    }
}

fn package_verified(id: &PackageId, report: &archive::Report) -> PackageVerified {
    PackageVerified {
        package: id.to_string(),
        checked: report.checked,
        bytes: report.bytes,
        findings: report.findings.iter().map(Into::into).collect(),
    }
}

fn blockers(view: &View<'_>, case: &CaseRow, sessions: &[SessionRow]) -> Result<Vec<Blocker>, register::RegisterError> {
    let mut found = Vec::new();
    if sessions.is_empty() {
        found.push(Blocker::NoSessions);
    }
    let unsigned: Vec<SessionId> =
        sessions.iter().filter(|row| row.statement_number.is_none()).map(|row| row.session.id.clone()).collect();
    if !unsigned.is_empty() {
        found.push(Blocker::StatementsMissing(unsigned));
    }
    let mut mismatched = Vec::new();
    for row in sessions {
        for clip in view.clips_of_session(&row.session.id)? {
            if clip.clip.state == ClipState::Mismatch {
                mismatched.push(clip.clip.number);
            }
        }
    }
    if !mismatched.is_empty() {
        found.push(Blocker::ClipsMismatch(mismatched));
    }
    let secret = marked_clips(view, sessions, Mark::StateSecret)?;
    if !secret.is_empty() {
        found.push(Blocker::StateSecrets(secret));
    }
    let mut renamed = Vec::new();
    for row in sessions {
        let newest = view.statements(&row.session.id)?.into_iter().next();
        renamed
            .extend(newest.filter(|signed| signed.case_number != case.case.draft.number).map(|signed| signed.number));
    }
    if !renamed.is_empty() {
        found.push(Blocker::CaseNumberDiffers(renamed));
    }
    Ok(found)
}
