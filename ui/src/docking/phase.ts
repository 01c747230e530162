/** Where a docked drive stands, and the one sentence that is true about pulling the plug now. */
import type { wire } from "../host/host";
import { count } from "../text/format";
import { jobWords, stageWords, standingWords, type StateWords } from "../text/wording";
import { text } from "../text/zh-CN";

export type Phase =
  | "unread" | "unstarted"
  | "listing" | "copying" | "finishing" | "probing"
  | "done" | "nothingNew" | "partly" | "interrupted" | "cancelled" | "failed";

export function phaseOf(drive: wire.DriveView): Phase {
  const job = drive.job;
  if (!job) return drive.standing === "unknown" ? "unread" : "unstarted";
  switch (job.state) {
    case "running": return job.stage === "ended" ? "probing" : job.stage;
    case "done": return job.refused > 0 ? "partly" : job.stored > 0 ? "done" : "nothingNew";
    default: return job.state;
  }
}

/** Files of a job that are safe in the vault: newly stored, or held before. */
function safeFiles(job: wire.JobView): number {
  return job.stored + job.already_held;
}

export function pullSentence(drive: wire.DriveView): string {
  const phase = phaseOf(drive);
  const safe = drive.job ? safeFiles(drive.job) : 0;
  const pull = text.docking.pull;
  switch (phase) {
    case "unread": return pull.unread;
    case "unstarted": return pull.unstarted;
    case "copying": return safe > 0 ? pull.copying(count(safe)) : pull.copyingFirst;
    case "interrupted": return pull.interrupted(count(safe));
    case "cancelled": return pull.cancelled(count(safe));
    case "failed": return pull.failed(count(safe));
    default: return pull[phase];
  }
}

/** Returns the headline of a card: word and tone. */
export function headline(drive: wire.DriveView): StateWords {
  const phase = phaseOf(drive);
  const job = drive.job;
  switch (phase) {
    case "unread": return { word: text.docking.nothingRead, tone: "care" };
    case "unstarted": return { word: text.docking.ready, tone: standingWords[drive.standing].tone };
    case "done":
    case "nothingNew": return { word: text.docking.canPull, tone: "good" };
    case "partly": return { word: text.docking.canPullExcept(job?.refused ?? 0), tone: "care" };
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
