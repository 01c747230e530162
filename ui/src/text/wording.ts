/** Codes of the station in words; the same files fill the command line and the papers. */
import alarms from "@wording/alarms.json";
import errors from "@wording/errors.json";
import events from "@wording/events.json";
import fields from "@wording/fields.json";
import problems from "@wording/problems.json";
import readiness from "@wording/readiness.json";
import states from "@wording/states.json";
import type { wire } from "../host/host";
import { text } from "./zh-CN";

/** How a state is to be taken; icon and colour follow from it. */
export type Tone = "good" | "busy" | "care" | "bad" | "idle";

export interface Explained {
  what: string;
  effect: string;
  action: string;
}

export interface StateWords {
  word: string;
  tone: Tone;
}

const explainedErrors: Record<string, Explained> = { ...errors, ...text.hostErrors };
const explainedProblems: Record<string, Explained> = problems;

/** Returns what happened, what it affects and what to do; an unknown code reads as `internal`. */
export function explainError(error: wire.WireError): Explained {
  const words = explainedErrors[error.code] ?? errors.internal;
  const filled = (line: string) => fill(line, named(error.params));
  return { what: filled(words.what), effect: filled(words.effect), action: filled(words.action) };
}

const explainedAlarms: Record<string, Explained> = alarms;

/** Returns the words of an alarm's kind; an unknown kind stands for itself. */
export function explainAlarm(kind: string): Explained {
  return explainedAlarms[kind] ?? { what: kind, effect: "", action: "" };
}

/** Returns the words of a problem's code; an unknown code stands for itself. */
export function explainProblem(code: string): Explained {
  return explainedProblems[code] ?? { what: code, effect: "", action: "" };
}

/** Fills `{param}`; what stays empty goes, with the parentheses around it. */
export function fill(line: string, params: Record<string, string>): string {
  return line
    .replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? "")
    .replace(/（\s*）/g, "")
    .trim();
}

/** `missing` and `field` arrive as field codes. */
function named(params: Record<string, string>): Record<string, string> {
  const words = (codes: string) => codes.split(",").map((code) => inputs[code.trim()] ?? fieldName(code.trim())).join("、");
  const result = { ...params };
  for (const name of ["missing", "field"]) if (result[name]) result[name] = words(result[name]);
  return result;
}

export interface FieldWords {
  name: string;
  rule: string;
  article: string;
}

export type FieldCode = keyof typeof fields;

export function fieldWords(code: FieldCode): FieldWords {
  return fields[code];
}

/** Returns the name of a field of the statement; an unknown code stands for itself. */
export function fieldName(code: string): string {
  return code in fields ? fields[code as FieldCode].name : code;
}

const inputs: Record<string, string> = text.inputs;

/** Returns the words of a ledger event's kind; an unknown kind stands for itself. */
export function eventWord(kind: string): string {
  return (events as Record<string, string>)[kind] ?? kind;
}

const stated = <K extends string>(group: Record<K, { word: string; tone: string }>) =>
  group as Record<K, StateWords>;

// Each annotation stops the build when a value of the wire has no word.
export const standingWords: Record<wire.DriveStanding, StateWords> = stated(states.drive_standing);
export const jobWords: Record<wire.JobState, StateWords> = stated(states.job_state);
export const stageWords: Record<wire.JobStage, StateWords> = stated(states.job_stage);
export const taskKindWords: Record<wire.TaskKind, StateWords> = stated(states.task_kind);
export const taskWords: Record<wire.TaskState, StateWords> = stated(states.task_state);
export const taskStageWords: Record<wire.TaskStage, StateWords> = stated(states.task_stage);
export const scrubWords: Record<wire.ScrubState, StateWords> = stated(states.scrub_state);
export const recorderStatusWords: Record<wire.RecorderStatus, StateWords> = stated(states.recorder_status);
export const recorderStateWords: Record<wire.RecorderState, StateWords> = stated(states.recorder_state);
export const serviceKindWords: Record<wire.ServiceKind, StateWords> = stated(states.service_kind);
export const serviceResultWords: Record<wire.ServiceResult, StateWords> = stated(states.service_result);
export const mediumWords: Record<wire.Medium, { word: string; capacity: number }> = states.medium;

const clipStates: Record<string, StateWords> = stated(states.clip_state);
const levels: Record<string, StateWords & { meaning: string }> = states.level as never;
const timeSources: Record<string, StateWords> = stated(states.time_source);

const dueKinds: Record<string, StateWords> = stated(states.due_kind);
const dueLevels: Record<string, StateWords> = stated(states.due_level);

export function dueKindWords(what: string): StateWords {
  return dueKinds[what] ?? { word: what, tone: "idle" };
}

export function dueLevelWords(level: string): StateWords {
  return dueLevels[level] ?? { word: level, tone: "idle" };
}

export const clipStateCodes = Object.keys(clipStates);

export function clipStateWords(state: string): StateWords {
  return clipStates[state] ?? { word: state, tone: "idle" };
}

export function levelWords(level: string): StateWords & { meaning: string } {
  return levels[level] ?? { word: level, tone: "idle", meaning: "" };
}

/** Returns what a clip's level says while the clip is in this state: 已校验 is never said of one that is not. */
export function reachedWords(state: string, level: string): StateWords & { meaning: string } {
  const known = levelWords(level);
  if (!(state in text.evidence.levelOf)) return known;
  const word = text.evidence.levelOf[state as keyof typeof text.evidence.levelOf](level.replace("-cached", ""));
  return { ...known, word, tone: "idle" };
}

export function timeSourceWords(source: string): StateWords {
  return timeSources[source] ?? { word: source, tone: "idle" };
}

export const lightWords: Record<wire.Light, StateWords> = stated(readiness.lights);

/** Returns what is wanted in words; an unknown code stands for itself. */
export function wantWord(want: string): string {
  return (readiness.wants as Record<string, string>)[want] ?? want;
}

/** Returns what a question asks; one of many is asked by its subject. */
export function questionWord(question: string, subject = ""): string {
  if (question === "circumstance") return (readiness.circumstances as Record<string, string>)[subject] ?? subject;
  return (readiness.questions as Record<string, string>)[question] ?? question;
}

export interface MarkWords {
  word: string;
  effect: string;
}
export const markWords: Record<string, MarkWords> = readiness.marks;
