/** Where a docked drive stands, and the one sentence that is true about pulling the plug now. */
import type { wire } from "../host/host";
import { count, duration } from "../text/format";
import { jobWords, stageWords, standingWords, type StateWords } from "../text/wording";
import { text } from "../text/zh-CN";

export type Phase =
  | "unread" | "unstarted"
  | "listing" | "copying" | "second_read" | "finishing" | "probing" | "stalled"
  | "done" | "nothingNew" | "partly" | "flawed" | "interrupted" | "waiting" | "cancelled" | "failed";

/** Problems of files that are in custody and yet not verified: 残损, 存疑. */
const FLAWS = ["file_damaged", "second_read_differs"];

export function phaseOf(drive: wire.DriveView): Phase {
  const job = drive.job;
  if (!job) return drive.standing === "unknown" ? "unread" : "unstarted";
  switch (job.state) {
    case "running": return job.stalled_since ? "stalled" : job.stage === "ended" ? "probing" : job.stage;
    case "done":
      if (job.problems.some((problem) => FLAWS.includes(problem.code))) return "flawed";
      return job.refused > 0 ? "partly" : job.stored > 0 ? "done" : "nothingNew";
    default: return job.awaits_target ? "waiting" : job.state;
  }
}

/**
 * Returns the interrupted jobs whose drive is away: the newest of each recorder and volume. Which of them a docked
 * drive would continue is decided by the station, from the volume itself.
 */
export function pulledJobs(jobs: wire.JobView[], drives: wire.DriveView[]): wire.JobView[] {
  const newest = new Map<string, wire.JobView>();
  for (const job of [...jobs].sort((a, b) => b.opened_at.localeCompare(a.opened_at))) {
    const key = `${job.recorder}\n${job.drive_label}`;
    if (!newest.has(key)) newest.set(key, job);
  }
  const away = (job: wire.JobView) => !drives.some((drive) => drive.job?.id === job.id || isLike(drive, job));
  return [...newest.values()].filter((job) => job.state === "interrupted" && away(job));
}

/** Returns the job that a drive, docked again and not begun, will most likely continue. */
export function leftBehind(drive: wire.DriveView, jobs: wire.JobView[]): wire.JobView | null {
  if (drive.job) return null;
  return pulledJobs(jobs, []).find((job) => isLike(drive, job)) ?? null;
}

/** A card nobody has registered may name its recorder itself, but not before it is read. */
function isLike(drive: wire.DriveView, job: wire.JobView): boolean {
  return drive.label === job.drive_label && (drive.recorder === null || drive.recorder.name === job.recorder);
}

/** Files of a job that are safe in the vault: newly stored, or held before. */
export function safeFiles(job: wire.JobView): number {
  return job.stored + job.already_held;
}

/** Files that a job has listed and neither holds nor refused. */
export function missingFiles(job: wire.JobView): number {
  return Math.max(0, job.files_total - safeFiles(job) - job.refused);
}

/** Bytes of a job that are not in the vault yet. */
export function missingBytes(job: wire.JobView): number {
  return Math.max(0, job.bytes_total - job.bytes_done);
}

/** Seconds without an answer after which the station gives a drive up. */
export const STALL_GIVEN_UP_S = 60;

/** Returns for how many seconds a drive has not answered, or `null` while it does. */
export function stallSeconds(job: wire.JobView, now: number): number | null {
  return job.stalled_since === null ? null : Math.max(0, Math.floor((now - Date.parse(job.stalled_since)) / 1000));
}

export function pullSentence(drive: wire.DriveView): string {
  const phase = phaseOf(drive);
  const safe = drive.job ? safeFiles(drive.job) : 0;
  const pull = text.docking.pull;
  switch (phase) {
    case "unread": return pull.unread;
    case "unstarted": return pull.unstarted;
    case "copying": return safe > 0 ? pull.copying(count(safe)) : pull.copyingFirst;
    case "second_read": return pull.second_read(count(safe));
    case "stalled": return pull.stalled(count(safe));
    case "waiting": return pull.waiting(count(safe));
    case "interrupted": return pull.interrupted(count(safe));
    case "cancelled": return pull.cancelled(count(safe));
    case "failed": return pull.failed(count(safe));
    default: return pull[phase];
  }
}

/** Returns the headline of a card: word and tone. */
export function headline(drive: wire.DriveView, now: number = Date.now()): StateWords {
  const phase = phaseOf(drive);
  const job = drive.job;
  switch (phase) {
    case "unread": return { word: text.docking.nothingRead, tone: "care" };
    case "stalled": return { word: text.docking.stalled(duration(job ? (stallSeconds(job, now) ?? 0) : 0)), tone: "bad" };
    case "unstarted": return { word: text.docking.ready, tone: standingWords[drive.standing].tone };
    case "done":
    case "nothingNew": return { word: text.docking.canPull, tone: "good" };
    case "flawed": return { word: text.docking.canPullFlawed, tone: "bad" };
    case "partly": return { word: text.docking.canPullExcept(job?.refused ?? 0), tone: "care" };
    case "waiting": return { word: text.docking.waiting, tone: "bad" };
    case "interrupted":
    case "cancelled":
    case "failed": return jobWords[phase];
    default: return stageWords[phase];
  }
}

/** Returns the name people know the drive by: the recorder's, else the label. */
export function driveName(drive: wire.DriveView): string {
  return drive.recorder?.name || drive.label || text.docking.unnamed;
}

/** Returns the seconds a job took, or has taken. */
export function jobSeconds(job: wire.JobView, now: number = Date.now()): number {
  return (Date.parse(job.closed_at ?? new Date(now).toISOString()) - Date.parse(job.opened_at)) / 1000;
}
