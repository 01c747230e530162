/** A station in memory, for looking at the window and for component tests. Never part of the product. */
import type { Commands, Host, wire } from "../src/host/host";
import * as data from "./sample-data";
import { checklistAnswers } from "./sample-checklist";
import { equipped, rules, tripList } from "./sample-devices";
import { dueItems } from "./sample-due";
import * as faults from "./sample-faults";
import { inquiries } from "./sample-inquiry";
import { paperAnswers } from "./sample-papers";

type Answers = { [K in keyof Commands]: (request: Commands[K]["request"]) => Commands[K]["response"] };
/** `faults`: drives pulled, silent, damaged, and alarms; `disk`: the vault's disk is full. */
export type Scene = "rich" | "empty" | "first" | "locked" | "loading" | "error" | "faults" | "disk";

export interface SampleHost extends Host {
  /** Every call so far, in order. */
  calls: { command: keyof Commands; request: unknown }[];
  answers: Answers;
  notice(topic: wire.Topic): void;
}

export const refuse = (code: string, params: Record<string, string> = {}): never => {
  throw { code, params, detail: `sample: ${code}` } satisfies wire.WireError;
};
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const found = <T>(value: T | undefined): T => value ?? refuse("not_found");

export function sampleHost(scene: Scene = "rich"): SampleHost {
  const handlers = new Set<(notice: wire.Notice) => void>();
  const notice = (topic: wire.Topic) => handlers.forEach((handler) => handler({ topic }));
  const changed: Partial<Record<Scene, (answers: Answers, notice: (topic: wire.Topic) => void) => Answers>> = { empty: emptied, faults: troubled, disk: stopped };
  const answers = changed[scene]?.(answersOf(notice), notice) ?? answersOf(notice);
  const calls: SampleHost["calls"] = [];
  return {
    calls,
    answers,
    notice,
    async call(command, request) {
      calls.push({ command, request: copy(request) });
      if (command === "host_state") return copy(hostState(scene)) as never;
      if (scene === "loading") return new Promise(() => {});
      if (scene === "error" && command !== "overview") refuse("register_failed");
      await Promise.resolve();
      return copy(answers[command](request));
    },
    listen(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
  };
}

function hostState(scene: Scene): wire.HostState {
  const code = scene === "first" ? "vault_missing" : scene === "locked" ? "vault_locked" : null;
  const vault = "/srv/evidock/vault";
  return { ready: code === null, vault, error: code && { code, params: { vault }, detail: "open vault: lock is held by process 4711" }, rule_packs: data.packs };
}

function emptied(answers: Answers): Answers {
  const overview = { ...data.overview, docked: 0, awaiting: 0, ready_to_package: 0, clips: 0, operator: null, last_check: null, ledger_events: 1 };
  return {
    ...answers, overview: () => overview, drives: () => [], jobs: () => [], clips: () => ({ rows: [], next: null, total: 0 }), sessions: () => [],
    cases: () => [], packages: () => [], people: () => [], recorders: () => [], tasks: () => [],
    backups: () => [], papers: () => [], paper_drafts: () => [], printers: () => [],
    devices: () => ({ recorders: [], rules }), trips: () => tripList([]),
    due: () => [],
  };
}

/** Alarms that can be acknowledged, as the station keeps them. */
function alarmed(standing: wire.AlarmView[], notice: (topic: wire.Topic) => void): Pick<Answers, "alarms" | "acknowledge_alarm"> {
  const all = copy([...standing, faults.pastAlarm]);
  return {
    alarms: ({ open }) => all.filter((one) => !open || !one.acknowledged),
    acknowledge_alarm: ({ alarm, note }) => {
      const held = found(all.find((one) => one.id === alarm));
      if (note.trim().length < 2) refuse("alarm_note_missing");
      held.acknowledged = { at: new Date().toISOString(), by: "张伟（53030036001）", note };
      notice("alarms");
      return held;
    },
  };
}

function troubled(answers: Answers, notice: (topic: wire.Topic) => void): Answers {
  const special = [faults.damaged.row, faults.suspect, faults.mismatch];
  return {
    ...answers, ...alarmed(faults.openAlarms, notice), drives: () => faults.faultDrives, jobs: () => faults.faultJobs,
    settings: () => ({ ...data.settings, second_read: true, second_copy: faults.copies.folder, ask_unclassified: false, intake_at_once: true }),
    copy_status: () => faults.copies, scrub: () => faults.scrub,
    clips: (query) => {
      const page = answers.clips(query);
      const rows = special.filter((one) => !query.state || one.state === query.state);
      return { ...page, rows: [...rows, ...page.rows.filter((one) => !special.some((other) => other.id === one.id))], total: page.total + rows.length };
    },
    clip: ({ clip }) => {
      const row = special.find((one) => one.id === clip);
      if (!row) return answers.clip({ clip });
      const copy = { place: "Q1", path: `originals/${row.original_name}`, good: true, made_at: data.at("15:44:12"), checked_at: data.at("03:10:00") };
      const readings = row.state === "suspect" ? [{ at: data.at("15:59:00"), path: "DCIM/a", same: false, blake3: "ab".repeat(32), coldness: "direct" }] : [];
      return { ...data.clipDetail(row), unreadable: row.state === "damaged" ? faults.damaged.unreadable : [], copies: [copy], readings };
    },
  };
}

function stopped(answers: Answers, notice: (topic: wire.Topic) => void): Answers {
  const overview = { ...data.overview, disk_free: 41_000_000, target_trouble: { code: "target_full", since: data.at("16:04:00") } };
  return { ...answers, ...alarmed([faults.diskAlarm], notice), overview: () => overview, drives: () => faults.stoppedDrives, jobs: () => faults.stoppedDrives.map((one) => one.job!) };
}

function answersOf(notice: (topic: wire.Topic) => void): Answers {
  const state = copy({ drives: data.drives, people: data.people, cases: data.cases, sessions: data.sessions, packages: data.packages, settings: data.settings, overview: data.overview, scrub: { ...faults.scrub, state: "idle" as wire.ScrubState, clips_done: 18_204, bytes_done: faults.scrub.bytes_total, reading: "", next_due: data.at("03:10:00", "2026-11-24") } });
  const details = new Map<string, wire.SessionDetail>();
  const tasks: wire.TaskView[] = [];
  const asked = inquiries();
  const clips = Array.from({ length: 1800 }, (_, i) =>
    data.clip(i + 1, { state: i === 6 ? "mismatch" : "verified", playable: i % 11 === 3 ? false : i % 17 === 5 ? null : true, level: i % 9 === 2 ? "V2-cached" : "V2", case_number: i % 4 === 0 ? data.cases[0]!.number : null }),
  );
  const drive = (id: string) => found(state.drives.find((one) => one.id === id));
  const caseOf = (id: string) => found(state.cases.find((one) => one.id === id));
  const detail = (id: string) => {
    const held = details.get(id) ?? copy(data.sessionDetail(id));
    details.set(id, held);
    held.row = state.sessions.find((one) => one.id === id) ?? held.row;
    return held;
  };
  const begin = (kind: wire.TaskKind, subject: string): wire.TaskView => {
    const task: wire.TaskView = { id: `T${tasks.length}`, kind, subject, state: "running", stage: kind === "check" ? "checking" : "imaging", done_bytes: 6_100_000_000, total_bytes: 11_600_000_000, started_at: data.at("16:30:00"), error: null, report: null };
    tasks.push(task);
    notice("tasks");
    return task;
  };
  return {
    ...checklistAnswers(begin, notice),
    host_state: () => hostState("rich"),
    create_vault: () => hostState("rich"),
    overview: () => ({ ...state.overview, docked: state.drives.length, awaiting: state.sessions.filter((one) => !one.statement_number).length }),
    rule_packs: () => data.packs,
    rule_pack: ({ id }) => data.packDetail(id),
    compare_rules: ({ ids }) => data.packsBeside(ids),
    settings: () => state.settings,
    save_settings: (next) => {
      if (next.second_copy.startsWith("/srv")) refuse("copy_place_unfit", { path: next.second_copy, why: "same_disk" });
      return (state.settings = next);
    },
    drives: () => state.drives,
    recorder_profiles: () => data.profiles,
    recorders: () => data.recorders,
    admit_drive_once: ({ drive: id }) => Object.assign(drive(id), { standing: "admitted_once" }),
    register_drive: (asked) => Object.assign(drive(asked.drive), { standing: "registered", recorder: { id: "R", profile: "dcim", ...asked } }),
    start_intake: ({ drive: id }) => (drive(id).job = data.job(9, { files_done: 0, bytes_done: 0, stored: 0, seconds_left: null, stage: "listing" })),
    cancel_intake: ({ job }) => Object.assign(found(state.drives.find((one) => one.job?.id === job)?.job ?? undefined), { state: "cancelled", stage: "ended" }),
    jobs: ({ limit }) => data.jobs.slice(0, limit),
    job_outcome: ({ job }) => faults.outcome(job),
    enter_clock: () => ({ method: "entered", error_ms: 4_000, bound_ms: 2_000, newest_path: "", station_at: new Date().toISOString() }),
    ...alarmed([], notice),
    ...equipped(notice, refuse),
    scrub: () => state.scrub,
    pause_scrub: ({ paused }) => Object.assign(state.scrub, { state: paused ? "paused" : "running" }),
    scrub_now: () => Object.assign(state.scrub, { state: "running" }),
    copy_status: () => ({ ...faults.copies, folder: state.settings.second_copy, bytes_done: 0, bytes_total: 0 }),
    restore_plan: ({ clip }) => faults.plan(found([faults.mismatch, ...clips].find((one) => one.id === clip))),
    restore_clip: ({ clip }) => begin("restore", clip),
    backups: () => faults.backups,
    back_up: () => begin("backup", ""),
    folders: ({ folder }) => faults.folders(folder),
    clips: (query) => {
      const rows = clips.filter((one) => `${one.number} ${one.original_name} ${one.recorder} ${one.case_number}`.includes(query.text) && (!query.state || one.state === query.state) && (!query.recorder || one.recorder === query.recorder));
      const from = Number(query.after ?? 0);
      const end = from + query.limit;
      return { rows: rows.slice(from, end), next: end < rows.length ? String(end) : null, total: rows.length };
    },
    clip: ({ clip }) => data.clipDetail(found(clips.find((one) => one.id === clip))),
    clip_media: ({ clip }) => data.media(clip),
    open_clip: () => ({}),
    sessions: ({ filter }) => state.sessions.filter((one) => filter === "all" || !one.statement_number),
    session: ({ session }) => detail(session),
    assign_case: ({ sessions, case_id }) => {
      for (const id of sessions) Object.assign(found(state.sessions.find((one) => one.id === id)), { case_id, case_number: case_id && caseOf(case_id).number });
      return {};
    },
    merge_sessions: ({ sessions: ids }) => {
      state.sessions = state.sessions.filter((one) => !ids.slice(1).includes(one.id));
      return detail(ids[0]!);
    },
    split_session: ({ session }) => detail(session),
    save_draft: ({ session, revision, fields, guessed }) => {
      const held = detail(session);
      if (held.draft.revision !== revision) refuse("draft_stale");
      held.draft = { ...held.draft, revision: revision + 1, fields, guessed, saved_at: new Date().toISOString() };
      return held.draft;
    },
    sign_statement: ({ session, fields, reason }) => {
      const held = detail(session);
      const number = `音说〔2026〕${33 + held.statements.length}号`;
      const statement = { ...data.signed(number, held.statements.length + 1, reason), fields };
      held.statements.push(statement);
      Object.assign(found(state.sessions.find((one) => one.id === session)), { statement_number: number, missing: [] });
      notice("sessions");
      return statement;
    },
    open_statement: () => ({}),
    session_inquiry: ({ session }) => asked.of(session),
    answer_session: (given) => asked.answer(given),
    mark_clip: ({ clip, mark, set, note }) => {
      const held = data.clipDetail(found(clips.find((one) => one.id === clip)));
      return { ...held, marks: set ? [{ mark, note, at: data.at("16:05:00"), by: "李娜（53030036012）" }] : [] };
    },
    cases: () => state.cases,
    case_detail: ({ case_id }) => ({ case: caseOf(case_id), sessions: state.sessions.filter((one) => one.case_id === case_id), packages: state.packages.filter((one) => one.case_id === case_id), conclusion: data.conclusion }),
    save_case: (asked) => {
      const old = state.cases.find((one) => one.id === asked.id);
      const held = { ...(old ?? { ...data.cases[3]!, id: `K${state.cases.length}` }), ...asked, id: old?.id ?? `K${state.cases.length}` };
      state.cases = old ? state.cases.map((one) => (one === old ? held : one)) : [...state.cases, held];
      return held;
    },
    package_plan: ({ case_id }) => data.plan(caseOf(case_id)),
    make_package: ({ case_id }) => begin("package", caseOf(case_id).number),
    verify_package: ({ package: id }) => begin("verify_package", found(state.packages.find((one) => one.id === id)).case_number),
    packages: () => state.packages,
    open_package: () => ({}),
    people: () => state.people,
    save_person: (asked) => {
      const held = { ...asked, id: asked.id ?? `P${state.people.length}` };
      state.people = asked.id ? state.people.map((one) => (one.id === asked.id ? held : one)) : [...state.people, held];
      return held;
    },
    choose_operator: ({ person }) => (state.overview.operator = found(state.people.find((one) => one.id === person))),
    ...paperAnswers(notice),
    check_store: () => begin("check", "全库"),
    tasks: () => tasks,
    due: () => dueItems,
    explain_late: () => ({}),
    conclude_case: ({ inspected_at, closed_at }) => ({ ...data.conclusion, inspected_at, closed_at }),
    rule_timeline: () => data.timeline,
    check_rules: ({ text, beside }) => data.ruleCheck(text, beside),
    adopt_rules: () => data.timeline,
    calendar: () => data.calendar,
    import_calendar: ({ text }) => (text.startsWith("{") ? { calendar: { ...data.calendar, edition: "cn 2027-1" }, days: [{ day: "2027-01-04", worked: false }], moved: [] } : refuse("calendar_refused", { reason: "expected value at line 1 column 1" })),
    cancel_task: ({ task }) => Object.assign(found(tasks.find((one) => one.id === task)), { state: "cancelled" }),
  };
}
