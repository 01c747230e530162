/** A station at work, as data: what the sample host and the component tests show. */
import type { wire } from "../src/host/host";

const id = (prefix: string, n: number) => `${prefix}${String(n).padStart(26 - prefix.length, "0")}`;
/** 2026-11-21 in Beijing, as UTC text. */
export const at = (time: string, day = "2026-11-21") => new Date(`${day}T${time}+08:00`).toISOString();
const hex = (seed: number) => Array.from({ length: 64 }, (_, i) => ((seed * 31 + i * i * 7 + 11 * i) % 16).toString(16)).join("");

export const packs: wire.RulePack[] = [
  { id: "qilin-2019", bureau: "曲靖市麒麟区文化和旅游局", title: "执法全过程记录制度（2019）" },
  { id: "gansu-gdj", bureau: "甘肃省广播电视局", title: "行政执法全过程记录制度实施细则" },
  { id: "pingdingshan-mzj", bureau: "平顶山市民族宗教事务局", title: "行政执法音像记录管理制度（2019）" },
  { id: "wgl", bureau: "文化广电和旅游局", title: "行政执法全过程记录制度" },
  { id: "liulin-2024", bureau: "冠县柳林镇人民政府", title: "柳政发〔2024〕12号" },
];

export const people: wire.PersonView[] = [
  { id: id("P", 1), name: "张伟", certificate_no: "53030036001", duty: "保管员", department: "综合科", active: true },
  { id: id("P", 2), name: "李娜", certificate_no: "53030036012", duty: "执法人员", department: "执法一中队", active: true },
  { id: id("P", 3), name: "王强", certificate_no: "53030036015", duty: "执法人员", department: "执法一中队", active: true },
  { id: id("P", 4), name: "赵敏", certificate_no: "", duty: "档案员", department: "办公室", active: true },
  { id: id("P", 5), name: "陈刚", certificate_no: "53030036003", duty: "执法人员", department: "执法二中队", active: false },
];

export const recorders: wire.RecorderView[] = [
  { id: id("R", 1), name: "DSJ-A8 03号", profile: "hikvision-dsj", serial: "A8C03-2291", keeper: "李娜" },
  { id: id("R", 2), name: "DSJ-A8 05号", profile: "hikvision-dsj", serial: "A8C05-2293", keeper: "王强" },
  { id: id("R", 3), name: "大华 D5 01号", profile: "dahua-mpt", serial: "", keeper: "" },
];

export const profiles: wire.RecorderProfile[] = [
  { id: "hikvision-dsj", maker: "海康威视", model: "DSJ 系列" },
  { id: "dahua-mpt", maker: "大华", model: "MPT 系列" },
  { id: "vta", maker: "警翼", model: "V 系列" },
  { id: "dcim", maker: "通用", model: "DCIM 目录" },
];

export function job(n: number, change: Partial<wire.JobView> = {}): wire.JobView {
  return {
    id: id("J", n), drive_label: "BODYCAM-03", recorder: "DSJ-A8 03号", source: "/media/station/BODYCAM-03",
    state: "running", stage: "copying", files_done: 7, files_total: 12, bytes_done: 18_400_000_000, bytes_total: 29_100_000_000,
    speed: 86_000_000, seconds_left: 130, stalled_since: null, awaits_target: false, opened_at: at("16:02:11"), closed_at: null, stored: 7, stored_bytes: 18_400_000_000,
    already_held: 0, unreadable_media: 0, refused: 0, problems: [], error: null, awaiting_sessions: [], ...change,
  };
}

export function drive(n: number, change: Partial<wire.DriveView> = {}): wire.DriveView {
  return {
    id: `drive-${n}`, label: "BODYCAM-03", serial: "A1B2-C3D4", fstype: "exfat", capacity: 31_900_000_000, read_only: true,
    port: `1-2.${n}`, standing: "registered", recorder: recorders[0]!, job: null, ...change,
  };
}

const problems: wire.ProblemView[] = [
  { code: "symlink_refused", path: "DCIM/100MEDIA/latest.mp4", detail: "" },
  { code: "unreadable", path: "DCIM/101MEDIA/20261121_094502_0007.mp4", detail: "Input/output error (os error 5)" },
];

export const drives: wire.DriveView[] = [
  drive(3, { job: job(3) }),
  drive(4, { label: "NO NAME", serial: "77F0-1A2B", recorder: null, standing: "unknown", capacity: 29_300_000_000, read_only: false }),
  drive(1, {
    label: "BODYCAM-05", recorder: recorders[1]!,
    job: job(1, {
      state: "done", stage: "ended", files_done: 12, bytes_done: 31_000_000_000, bytes_total: 31_000_000_000, drive_label: "BODYCAM-05", recorder: "DSJ-A8 05号",
      opened_at: at("15:40:00"), closed_at: at("15:46:02"), stored: 9, stored_bytes: 22_600_000_000, already_held: 3, unreadable_media: 1,
      awaiting_sessions: [id("S", 1), id("S", 2), id("S", 3)],
    }),
  }),
  drive(2, {
    label: "D5-CARD", recorder: recorders[2]!,
    job: job(2, {
      state: "done", stage: "ended", files_done: 40, files_total: 42, bytes_done: 5_000_000_000, bytes_total: 5_100_000_000, drive_label: "D5-CARD", recorder: "大华 D5 01号",
      opened_at: at("15:50:00"), closed_at: at("15:51:12"), stored: 40, stored_bytes: 5_000_000_000, refused: 2, problems,
    }),
  }),
  drive(5, {
    label: "BODYCAM-07", recorder: { ...recorders[0]!, id: id("R", 7), name: "DSJ-A8 07号", keeper: "陈刚" },
    job: job(5, { state: "failed", stage: "ended", stored: 4, closed_at: at("15:59:00"), error: { code: "target_full", params: {}, detail: "write /vault/staging/…: No space left on device (os error 28)" } }),
  }),
];

export const jobs: wire.JobView[] = [
  ...drives.flatMap((one) => (one.job ? [one.job] : [])),
  job(6, { state: "interrupted", stage: "ended", recorder: "DSJ-A8 07号", files_done: 4, opened_at: at("11:20:00"), closed_at: at("11:21:40"), stored: 4, stored_bytes: 3_300_000_000 }),
  job(7, { state: "cancelled", stage: "ended", recorder: "DSJ-A8 03号", files_done: 2, opened_at: at("10:01:00", "2026-11-20"), closed_at: at("10:02:00", "2026-11-20"), stored: 2, stored_bytes: 900_000_000 }),
];

export function clip(n: number, change: Partial<wire.ClipRow> = {}): wire.ClipRow {
  const start = Date.parse(at("09:02:00")) + n * 544_000;
  return {
    id: id("C", n), number: `P2026-${String(n).padStart(6, "0")}`, original_name: `20261121_0${9 + Math.floor(n / 60)}${String((2 + n * 9) % 60).padStart(2, "0")}05_${String(n).padStart(4, "0")}.mp4`,
    size: 820_000_000 + n * 7_777_777, state: "verified", level: "V2", recorder: recorders[n % 3]!.name,
    recorded_from: new Date(start).toISOString(), duration_ms: 540_000, playable: true, session: id("S", 1), case_number: null, taken_in_at: at("15:44:10"), ...change,
  };
}

export const cases: wire.CaseView[] = [
  { id: id("K", 1), number: "麒文旅罚〔2026〕12号", cause: "未按规定核对登记上网消费者有效身份证件", party: "曲靖市麒麟区某某网吧", department: "文化市场综合执法大队", opened_at: at("10:00:00"), sessions: 2, awaiting: 0, clips: 14, bytes: 11_600_000_000, packages: 0, light: "red" },
  { id: id("K", 2), number: "麒文旅罚〔2026〕13号", cause: "擅自从事互联网上网服务经营活动", party: "李某某", department: "文化市场综合执法大队", opened_at: at("11:00:00"), sessions: 2, awaiting: 1, clips: 7, bytes: 4_100_000_000, packages: 0, light: "red" },
  { id: id("K", 3), number: "麒文旅查〔2026〕88号", cause: "娱乐场所日常检查", party: "某某娱乐有限公司", department: "执法一中队", opened_at: at("09:00:00", "2026-11-18"), sessions: 1, awaiting: 0, clips: 3, bytes: 1_900_000_000, packages: 1, light: null },
  { id: id("K", 4), number: "麒文旅罚〔2026〕9号", cause: "", party: "", department: "", opened_at: at("09:00:00", "2026-11-10"), sessions: 0, awaiting: 0, clips: 0, bytes: 0, packages: 0, light: "red" },
];

export const fields: wire.StatementFields = {
  officers: [{ name: "李娜", certificate_no: "53030036012" }],
  taken_from: at("09:02:00"), taken_to: at("09:47:20"), place: "麒麟区文化路 18 号 某某网吧", cause: "", party: "",
  method: "执法记录仪现场摄录，未作剪辑", maker: "李娜", made_at: at("16:05:00"), purpose: "", carrier: "执法记录仪 DSJ-A8 03号 存储卡；原件存于本站证据库", emphasis: "", transcript: "",
};

function row(n: number, change: Partial<wire.SessionRow> = {}): wire.SessionRow {
  return {
    id: id("S", n), recorder: recorders[n % 3]!.name, from: at("09:02:00"), to: at("09:47:20"), clips: 5, duration_ms: 2_630_000, gaps: 0,
    case_id: null, case_number: null, statement_number: null, drafted: false, missing: ["officers", "cause", "party", "purpose"], light: "red", lacking: 9, ...change,
  };
}

export const sessions: wire.SessionRow[] = [
  row(1, { gaps: 1, drafted: true }),
  row(2, { from: at("10:30:00"), to: at("10:52:00"), clips: 3, duration_ms: 1_320_000, missing: [], case_id: cases[1]!.id, case_number: cases[1]!.number, drafted: true }),
  row(3, { from: at("14:12:00"), to: at("15:01:00"), clips: 6, duration_ms: 2_900_000, gaps: 2 }),
  row(4, { from: null, to: null, clips: 1, duration_ms: 0, recorder: "NO NAME" }),
  row(5, { from: at("09:10:00", "2026-11-20"), to: at("09:40:00", "2026-11-20"), case_id: cases[0]!.id, case_number: cases[0]!.number, statement_number: "音说〔2026〕31号", missing: [] }),
  row(6, { from: at("13:10:00", "2026-11-20"), to: at("14:02:00", "2026-11-20"), case_id: cases[0]!.id, case_number: cases[0]!.number, statement_number: "音说〔2026〕32号", missing: [] }),
  row(7, { from: at("16:00:00", "2026-11-17"), to: at("16:30:00", "2026-11-17"), case_id: cases[1]!.id, case_number: cases[1]!.number, statement_number: "音说〔2026〕29号", missing: [] }),
];

export function signed(number: string, revision = 1, reason = ""): wire.StatementView {
  const filled = { ...fields, officers: [...fields.officers, { name: "王强", certificate_no: "53030036015" }], cause: cases[0]!.cause, party: cases[0]!.party, purpose: "证明检查时该场所未核对上网人员身份证件" };
  return { number, revision, fields: filled, signed_at: at("16:20:31"), signed_by: "李娜（53030036012）", reason, root: hex(3), pdf_url: "about:blank", pdf_sha256: hex(5) };
}

export function sessionDetail(session: string): wire.SessionDetail {
  const found = sessions.find((one) => one.id === session) ?? sessions[0]!;
  const begin = found.from ? Date.parse(found.from) : null;
  const clips = Array.from({ length: found.clips }, (_, i) => {
    const shift = i * 524_000 + (i > 2 ? 90_000 : 0);
    return clip(i + 1, {
      recorder: found.recorder, session: found.id, duration_ms: begin === null ? null : i === 4 ? 380_000 : 520_000,
      recorded_from: begin === null ? null : new Date(begin + shift).toISOString(), case_number: found.case_number, playable: i !== 4,
    });
  });
  const gapAt = begin === null ? null : new Date(begin + 3 * 524_000).toISOString();
  const gaps = found.gaps && gapAt ? [{ from: gapAt, to: new Date(Date.parse(gapAt) + 90_000).toISOString(), seconds: 90 }] : [];
  const full = found.missing.length === 0;
  const draftFields = full ? { ...signed("").fields, taken_from: found.from ?? "", taken_to: found.to ?? "" } : { ...fields, taken_from: found.from ?? "", taken_to: found.to ?? "" };
  return {
    row: found, clips, gaps,
    draft: { revision: 1, fields: draftFields, guessed: full ? [] : ["taken_from", "taken_to", "place", "method", "maker", "made_at", "carrier"], saved_at: found.drafted ? at("16:06:10") : null, missing: found.missing },
    statements: found.statement_number ? [signed(found.statement_number)] : [],
  };
}

export const packages: wire.PackageView[] = [
  { id: id("G", 1), number: "归〔2026〕3号", case_id: cases[2]!.id, case_number: cases[2]!.number, made_at: at("17:10:00", "2026-11-18"), made_by: "赵敏", folder: "packages/2026/归〔2026〕3号", image: "packages/2026/归〔2026〕3号.iso", files: 12, bytes: 1_920_000_000, image_bytes: 1_923_000_000, root: hex(9), verified: { at: at("17:14:00", "2026-11-18"), metadata_only: false, checked: 12, bytes: 1_920_000_000, findings: [] } },
  { id: id("G", 2), number: "归〔2026〕2号", case_id: cases[2]!.id, case_number: cases[2]!.number, made_at: at("16:00:00", "2026-11-12"), made_by: "赵敏", folder: "packages/2026/归〔2026〕2号", image: null, files: 9, bytes: 860_000_000, image_bytes: null, root: hex(4), verified: { at: at("16:14:00"), metadata_only: false, checked: 9, bytes: 860_000_000, findings: [{ code: "sha256_differs", path: "data/originals/20261118_093000_0002.mp4", detail: "" }, { code: "file_added", path: "data/originals/notes.txt", detail: "" }] } },
];

export const overview: wire.Overview = {
  unit: "曲靖市麒麟区文化和旅游局", rule_pack: packs[0]!, vault: "/srv/evidock/vault", version: "0.1.0", operator: people[0]!, zone_minutes: 480,
  docked: drives.length, awaiting: 4, ready_to_package: 1, disk_free: 1_200_000_000_000, disk_total: 4_000_000_000_000, clips: 18_204, clip_bytes: 2_600_000_000_000,
  ledger_events: 18_204, ledger_head: hex(7), last_check: { at: at("03:10:00"), metadata_only: false, checked_clips: 18_204, findings: 0 }, alarms: 0, target_trouble: null,
};

export const settings: wire.Settings = {
  unit: overview.unit, rule_pack: "qilin-2019", ask_unclassified: true, intake_at_once: false, session_pause_max_s: 1800,
  dock_folders: [], mount_roots: ["/media", "/run/media", "/mnt"], second_read: false, second_copy: "", scrub_days: 30, day_ends_at_close: false, office_close: "17:30",
};

const frame = (n: number) =>
  `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180"><rect width="320" height="180" fill="hsl(${205 + n * 14} 22% ${30 + n * 3}%)"/><path d="M0 130 90 ${80 + n * 4} 180 120 320 70V180H0z" fill="hsl(${205 + n * 14} 25% 20%)"/><circle cx="${60 + n * 22}" cy="50" r="16" fill="#f3e3b0"/></svg>`)}`;

export const media = (clipId: string): wire.ClipMedia => ({ url: `sample.webm?${clipId}`, frames: Array.from({ length: 8 }, (_, n) => ({ url: frame(n), position_ms: n * 67_000 })) });

export function clipDetail(held: wire.ClipRow): wire.ClipDetail {
  const n = Number(held.number.slice(-6));
  return {
    row: held, blake3: hex(n + 1), sha256: hex(n + 2), sm3: hex(n + 3), stored_path: `originals/2026/11/21/dsj-a8-03/${held.id}/${held.original_name}`,
    recorded_to: held.recorded_from && new Date(Date.parse(held.recorded_from) + (held.duration_ms ?? 0)).toISOString(), time_source: "name",
    media: held.playable === false
      ? { readable: false, reason: "moov atom not found", container: "", duration_ms: null, video_codec: null, width: 0, height: 0, frame_rate_milli: 0, audio_codec: null, created: null }
      : { readable: true, reason: "", container: "mov,mp4,m4a,3gp,3g2,mj2", duration_ms: held.duration_ms, video_codec: "h264", width: 1920, height: 1080, frame_rate_milli: 29_970, audio_codec: "aac", created: held.recorded_from },
    sightings: [{ path: `DCIM/100MEDIA/${held.original_name}`, volume: "BODYCAM-03 A1B2-C3D4", job: id("J", 3), seen_at: at("15:44:10"), source_mtime: 1_795_000_000, local: "2026-11-21T09:11:04" }],
    marks: [], store_clock: { due: at("09:03:00"), trip: null, stricter: null, kept: true, provisional: false, within: "24小时", article: "执法记录制度 第十六条第一款" }, late_reason: null, retention: { until: "open", won: { when: "一般", term: "由本单位确定", until: "open", article: "执法记录制度 第十八条" }, lost: [] }, unreadable: [], checked_at: at("03:10:00"), readings: [], copies: [], clock: { method: "entered", error_ms: 12_400, bound_ms: 2000, newest_path: "", station_at: at("15:40:20") },
    history: [
      { seq: 18_101, at: at("15:44:10"), kind: "clip.registered", actor: "张伟（53030036001）", reason: "" },
      { seq: 18_120, at: at("15:44:31"), kind: "clip.probed", actor: "本站", reason: "" },
      { seq: 18_133, at: at("15:46:02"), kind: "session.formed", actor: "本站", reason: "" },
      { seq: 18_190, at: at("16:12:45"), kind: "session.assigned", actor: "李娜（53030036012）", reason: "同一次检查" },
    ],
  };
}

export function plan(held: wire.CaseView): wire.PackagePlan {
  const own = sessions.filter((one) => one.case_id === held.id);
  const missing = own.filter((one) => !one.statement_number).map((one) => one.id);
  const blockers: wire.Blocker[] = own.length === 0 ? ["no_sessions"] : missing.length ? [{ statements_missing: { sessions: missing } }] : [];
  return { case: held, sessions: own, files: own.length * 9, bytes: held.bytes, image_bytes: Math.round(held.bytes * 1.01), blockers, medium: held.bytes > 8e9 ? "bd" : held.bytes > 4.5e9 ? "dvd_dl" : "dvd" };
}

const rule = (key: string, label: string, value: string, article: string | null, item = ""): wire.RuleLine => ({ key, label, item, value, article });
export const packDetail = (id: string): wire.RulePackDetail => ({
  pack: packs.find((pack) => pack.id === id.split("@")[0])!, version: 1, author: "证坞", valid_from: "2019-10-01",
  text: `id = "${id.split("@")[0]}"\nbureau = "${packs[0]!.bureau}"\nversion = 1\nauthor = "证坞"\nvalid_from = "2019-10-01"\n\n[store]\narticle = "第十九条"\n\n[store.within]\nworking_days = 7\n\n[continuity.pause_seconds]\nvalue = 5\n`,
  lines: [
    rule("bureau", "单位", packs[0]!.bureau, null),
    rule("store.within", "储存期限", id === packs[0]!.id ? "7个工作日" : "24小时", "第十九条"),
    rule("must_record/seizure", "应当全程录", "查封、扣押财产", "第十三条"),
    rule("must_record/demolition", "应当全程录", "强制拆除", "第十三条"),
    rule("keep/evidence", "保存期限", "与卷宗相同", "第二十条", "作为证据"),
    rule("continuity.pause_seconds", "算作不间断的最长停顿（秒）", "5", null),
  ],
});
export function packsBeside(ids: string[]): wire.RuleComparison {
  const details = ids.map(packDetail);
  const lines = details[0]!.lines.map((line, at) => {
    const cells = details.map((detail) => ({ value: detail.lines[at]!.value, article: detail.lines[at]!.article }));
    return { key: line.key, label: line.label, item: line.item, same: cells.every((cell) => cell.value === cells[0]!.value), cells };
  });
  return { packs: details.map((detail) => detail.pack), lines };
}

export const conclusion: wire.Conclusion = { inspected_at: null, closed_at: null, archive_clock: null, packaged: false };
export const calendar: wire.CalendarView = { edition: "cn 2026-1", name: "国务院办公厅部分节假日安排", first_year: 2004, last_year: 2026, imported_at: null, imported_by: null };
export const timeline: wire.RuleTimeline = {
  own: [{ reference: "qilin-2019@2", pack: { ...packs[0]! }, version: 2, author: "政策法规科", recorded_at: at("09:00:00", "2026-01-04"), recorded_by: "赵敏" }],
  adoptions: [{ reference: "qilin-2019@2", bureau: packs[0]!.bureau, version: 2, from: "2026-01-05", at: at("09:00:00", "2026-01-04"), by: "赵敏", in_force: true }],
};
/** Refuses what has `buro` in it, in the line where it stands. */
export function ruleCheck(text: string, beside: string | null): wire.RuleCheck {
  const line = text.split("\n").findIndex((one) => one.includes("buro")) + 1;
  if (line > 0) return { refused: `第 ${line} 行：格式不对：unknown field \`buro\``, line, detail: null, comparison: null };
  return { refused: null, line: null, detail: packDetail(packs[0]!.id), comparison: beside ? packsBeside([packs[1]!.id, packs[0]!.id]) : null };
}
