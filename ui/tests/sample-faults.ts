/** A station in trouble, as data: what goes wrong in the field, all of it at once. */
import type { wire } from "../src/host/host";
import { at, clip, drive, job, recorders } from "./sample-data";

const id = (prefix: string, n: number) => `${prefix}${String(n).padStart(26 - prefix.length, "0")}`;
const fast = (error_ms: number): wire.ClockView => ({ method: "entered", error_ms, bound_ms: 2000, newest_path: "", station_at: at("15:58:40") });

export const damaged: wire.DamagedClip = {
  row: clip(21, { state: "damaged", playable: false, original_name: "20261121_094502_0007.mp4", size: 1_932_735_283 }),
  readable: 1_931_424_563,
  unreadable: [{ from: 402_653_184, to: 402_718_720 }, { from: 1_207_959_552, to: 1_209_204_736 }],
};
export const suspect = clip(22, { state: "suspect", level: "V2", original_name: "20261121_101102_0009.mp4" });
export const mismatch = clip(7, { state: "mismatch" });

const none: wire.JobOutcome = { levels: [], damaged: [], suspect: [], copied: 0, to_copy: 0, clock: null };
const outcomes: Record<string, Partial<wire.JobOutcome>> = {
  [id("J", 1)]: { levels: [{ level: "V2-cached", clips: 1 }, { level: "V2", clips: 8 }], clock: fast(12_400) },
  [id("J", 2)]: { levels: [{ level: "V2", clips: 40 }], clock: { method: "newest_file", error_ms: 93_600_000, bound_ms: null, newest_path: "DCIM/a.mp4", station_at: at("15:50:00") } },
  [id("J", 31)]: { levels: [{ level: "V3", clips: 12 }], copied: 9, to_copy: 12, clock: fast(-75_000) },
  [id("J", 32)]: { levels: [{ level: "V2", clips: 10 }], damaged: [damaged], suspect: [suspect], copied: 12, to_copy: 12 },
};
export const outcome = (jobId: string): wire.JobOutcome => ({ ...none, ...outcomes[jobId] });

const named = (n: number, name: string) => ({ label: `BODYCAM-0${n}`, recorder: { ...recorders[0]!, id: id("R", n), name: `DSJ-A8 0${n}号`, keeper: name } });
const ended = { stage: "ended" as const, seconds_left: null, speed: 0, closed_at: at("16:01:20") };

export const faultDrives: wire.DriveView[] = [
  drive(1, { ...named(1, "李娜"), job: job(33, { stalled_since: new Date(Date.now() - 23_000).toISOString(), speed: 0, seconds_left: null }) }),
  drive(2, { ...named(2, "王强"), job: job(34, { stage: "second_read", files_done: 12, bytes_done: 38_200_000_000, bytes_total: 58_200_000_000, stored: 12, seconds_left: 240 }) }),
  drive(3, { ...named(3, "赵敏"), job: job(31, { ...ended, state: "done", files_done: 12, stored: 12, stored_bytes: 29_100_000_000 }) }),
  drive(4, {
    ...named(4, "陈刚"),
    job: job(32, { ...ended, state: "done", files_done: 12, stored: 12, stored_bytes: 21_500_000_000, problems: [{ code: "file_damaged", path: "DCIM/100MEDIA/20261121_094502_0007.mp4", detail: "Input/output error (os error 5)" }, { code: "read_retried", path: "DCIM/100MEDIA/20261121_090205_0001.mp4", detail: "3" }] }),
  }),
];
/** Its drive has been pulled: only the list of jobs knows it. */
export const pulledJob = job(35, { ...ended, state: "interrupted", recorder: "DSJ-A8 06号", drive_label: "BODYCAM-06", files_done: 7, stored: 7, closed_at: at("16:03:10") });
export const faultJobs: wire.JobView[] = [...faultDrives.flatMap((one) => (one.job ? [one.job] : [])), pulledJob];

/** As the disk under the vault fills up: nothing goes on, and everything waits. */
export const stoppedDrives: wire.DriveView[] = [1, 2].map((n) =>
  drive(n, { ...named(n, "李娜"), job: job(40 + n, { ...ended, state: "interrupted", awaits_target: true, error: { code: "target_full", params: {}, detail: "write staging: No space left on device (os error 28)" } }) }),
);

const alarm = (n: number, kind: string, change: Partial<wire.AlarmView>): wire.AlarmView => ({
  id: id("A", n), kind, subject: "", detail: "", article: "", raised_at: at(`16:0${n}:11`), clip: null, acknowledged: null, ...change,
});
export const openAlarms: wire.AlarmView[] = [
  alarm(1, "original_bad", { subject: mismatch.number, clip: mismatch, detail: "original_changed originals/2026/11/21/dsj-a8-03/…/20261121_090505_0007.mp4" }),
  alarm(2, "clip_damaged", { subject: damaged.row.number, clip: damaged.row, article: "柳林镇行政执法全过程记录制度 第十六条" }),
  alarm(3, "copy_unreachable", { subject: "/media/second/evidock", detail: "target_failed: No such file or directory (os error 2)" }),
];
export const diskAlarm = alarm(4, "target_failed", { subject: "/srv/evidock/vault", detail: "target_full: write staging: No space left on device (os error 28)" });
export const pastAlarm = alarm(5, "backup_failed", { acknowledged: { at: at("16:20:00"), by: "张伟（53030036001）", note: "已换上新磁盘" } });

export const scrub: wire.ScrubView = {
  state: "running", days: 30, clips_done: 6_204, clips_total: 18_204, bytes_done: 884_000_000_000, bytes_total: 2_600_000_000_000, findings: 0, not_cold: 0,
  last_complete: at("03:10:00", "2026-10-24"), next_due: null, reading: "20261121_090505_0007.mp4", error: null,
};
export const copies: wire.CopyStatus = {
  folder: "/media/second/evidock", place: id("Q", 1), reachable: true, error: null, copied: 18_190, missing: 14, bytes_done: 3_100_000_000, bytes_total: 8_800_000_000,
  caught_up_at: at("15:40:00"), disk_free: 900_000_000_000, disk_total: 4_000_000_000_000,
};
export const backups: wire.BackupView[] = [
  { at: at("16:01:30"), elsewhere: true, file: "register-000000018204.sqlite", path: "/media/second/evidock/register/register-000000018204.sqlite", events: 18_204, bytes: 92_000_000, sha256: "0".repeat(64), present: true },
  { at: at("16:01:29"), elsewhere: false, file: "register-000000018204.sqlite", path: "/srv/evidock/vault/backup/register-000000018204.sqlite", events: 18_204, bytes: 92_000_000, sha256: "0".repeat(64), present: true },
  { at: at("11:20:00", "2026-11-20"), elsewhere: false, file: "register-000000017990.sqlite", path: "", events: 17_990, bytes: 91_000_000, sha256: "0".repeat(64), present: false },
];
export const plan = (row: wire.ClipRow): wire.RestorePlan => ({
  clip: row, problem: "original_changed", detail: "", from: `/media/second/evidock/originals/2026/11/21/dsj-a8-03/${row.id}/${row.original_name}`,
  into: "originals/2026/11/21/dsj-a8-03", bytes: row.size, copy_made_at: at("15:44:12"), copy_checked_at: at("03:10:00"),
});
export const folders = (asked: string): wire.FolderList => {
  const folder = asked || "/media";
  return {
    folder, parent: folder === "/" ? null : folder.replace(/\/[^/]*$/, "") || "/",
    folders: ["second", "evidock", "备份盘"].map((name) => ({ name, path: `${folder === "/" ? "" : folder}/${name}` })), disk_free: 900_000_000_000, disk_total: 4_000_000_000_000,
  };
};
