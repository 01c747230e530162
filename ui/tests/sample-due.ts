/** What is due at the sample station, and one clip that was stored late. */
import type { wire } from "../src/host/host";
import { at, cases, clip, clipDetail } from "./sample-data";

const rows = [1, 2, 3].map((n) => clip(n));
const item = (what: string, subject: string, change: Partial<wire.DueView>): wire.DueView => ({
  what, subject, title: "", detail: "", job: null, due: at("09:03:00"), stricter: null, level: "overdue", provisional: false, article: "执法记录制度 第十六条第一款", ...change,
});

export const lateDetail: wire.ClipDetail = {
  ...clipDetail(rows[0]!), store_clock: { due: at("09:03:00", "2026-11-19"), trip: null, stricter: null, kept: false, provisional: false, within: "24小时", article: "执法记录制度 第十六条第一款" },
};
const job = lateDetail.sightings[0]!.job;

export const dueItems: wire.DueView[] = [
  ...rows.map((row) => item("late_reason", row.id, { title: row.number, detail: row.original_name, job })),
  item("store", job, { title: "DSJ-A8 03号", detail: "BODYCAM-03", job, level: "last", due: at("20:00:00") }),
  item("archive", cases[0]!.id, { title: cases[0]!.number, detail: cases[0]!.party, level: "warned", due: at("23:59:59", "2026-12-01"), stricter: at("17:30:00", "2026-12-01"), article: "执法记录制度 第十六条" }),
  item("appraisal", clip(9).id, { title: clip(9).number, detail: clip(9).original_name, due: at("00:00:00", "2026-11-20"), article: "执法记录制度 第十九条" }),
];
