/** Papers of the sample station. */
import type { Commands, wire } from "../src/host/host";
import { at } from "./sample-data";
import { refuse } from "./sample-host";

const article = "执法全过程记录制度 第十六条";
const kind = (code: string, title: string, prefix: string, subjects: wire.SubjectKind[], called: string | null = article): wire.PaperKind => ({ code, title, prefix, subjects, article: called });

export const kinds: wire.PaperKind[] = [
  kind("handover", "执法音像资料移交（入库）清单及回执", "移交", ["job"]),
  kind("interruption", "音像记录中止情况书面说明", "中止", ["session"]),
  kind("access_request", "执法音像资料使用审批表", "调用", ["case", "clip"]),
  kind("checklist", "执法音像记录事项清单", "事项", ["unit"]),
  kind("statistics", "执法音像记录情况统计表", "统计", ["unit"], null),
];

const key = (place: wire.PaperPlace, name: string, label: string, more: Partial<wire.PaperKey> = {}): wire.PaperKey => ({
  place, key: name, label, required: true, long: false, choices: [], needed_when: null, timecode: false, suggestions: [], ...more,
});

export const keys: wire.PaperKey[] = [
  key("fields", "act", "执法事项"),
  key("fields", "officers", "执法人员", { suggestions: ["李娜（53030036012）", "王强（53030036015）"] }),
  key("fields", "outcome", "中止结果", { choices: [{ code: "resumed", label: "恢复记录" }, { code: "abandoned", label: "确实无法继续记录" }] }),
  key("fields", "reported_to", "报告对象", { required: false, needed_when: { field: "outcome", is: ["abandoned"] } }),
  key("basis", "basis", "依据"),
  key("lists", "gaps", "中止时段"),
  key("lists", "gaps.from", "中止时间"),
  key("lists", "gaps.reason", "客观原因", { suggestions: ["设备故障", "电量不足"] }),
  key("checks", "heads", "对照的情形", { required: false, timecode: true }),
  key("grids", "items", "记录事项", { required: false }),
  key("clips", "clips", "涉及的片段", { required: false }),
  key("fields", "reason", "中止的经过和原因", { long: true }),
  key("signers", "officers", "说明人", { required: false }),
];

export const content: wire.PaperContent = {
  basis: [{ title: "执法全过程记录制度", article: "第十六条" }],
  fields: { act: "网吧现场检查", officers: "李娜（53030036012）", outcome: "resumed" },
  lists: { gaps: [{ from: "2026-11-21 09:02:10", reason: "" }] },
  grids: { items: { columns: [{ name: "事项", weight: 6, shown: true }], rows: [["检查"]] } },
  clips: { clips: ["P2026-000001"] },
  checks: { heads: [{ item: "应当记录而没有记录", answer: "open", timecode: "", note: "" }] },
  signers: { officers: ["李娜"] },
};

/** What the station would say is missing. */
export function lacks(now: wire.PaperContent): string[] {
  const blank = (value: string | undefined) => !value?.trim();
  const fields = keys.filter((one) => one.place === "fields" && (one.required || one.needed_when?.is.includes(now.fields[one.needed_when.field] ?? "")));
  const gaps = (now.lists.gaps ?? []).flatMap((row, i) => (blank(row.reason) ? [`gaps[${i + 1}].reason`] : []));
  return [...fields.filter((one) => blank(now.fields[one.key])).map((one) => one.key), ...gaps, ...(now.basis.length ? [] : ["basis"])];
}

export const subject: wire.PaperSubject = { kind: "session", id: "S1" };

export const form = (): wire.PaperForm => ({
  kind: kinds[1]!, subject, about: "DSJ-A8 03号　2026-11-21 09:02:05", keys, revision: 0, content: JSON.parse(JSON.stringify(content)), missing: lacks(content), saved_at: null,
});

const issued = (number: string, more: Partial<wire.PaperView> = {}): wire.PaperView => ({
  number, kind: "interruption", title: kinds[1]!.title, subject, about: "DSJ-A8 03号　2026-11-21 09:02:05", basis: article, record: "ab".repeat(32),
  sheets: 1, issued_at: at("16:20:00"), issued_by: "李娜（53030036012）", pdf_url: `paper/${number}`, pdf_sha256: "cd".repeat(32), voided: null, ...more,
});

const PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==";

type Answers = { [K in keyof Commands]: (request: Commands[K]["request"]) => Commands[K]["response"] };
export type PaperAnswers = Pick<Answers, "paper_kinds" | "paper_draft" | "save_paper_draft" | "drop_paper_draft" | "paper_drafts" | "preview_paper" | "issue_paper" | "void_paper" | "papers" | "paper_page" | "open_paper" | "printers" | "print_paper">;

export function paperAnswers(notice: (topic: wire.Topic) => void): PaperAnswers {
  const held = form();
  let papers = [issued("中止〔2026〕1号"), issued("统计〔2026〕1号", { kind: "statistics", title: kinds[4]!.title, voided: { at: at("16:40:00"), by: "李娜（53030036012）", reason: "期间写错" } })];
  const found = (number: string) => papers.find((one) => one.number === number) ?? refuse("not_found", { what: number });
  return {
    paper_kinds: () => kinds,
    paper_draft: ({ kind: code, subject: about }) => ({ ...held, kind: kinds.find((one) => one.code === code) ?? refuse("not_found"), subject: about }),
    save_paper_draft: ({ revision, content: now }) => {
      if (revision !== held.revision) refuse("draft_stale");
      Object.assign(held, { content: now, revision: revision + 1, missing: lacks(now), saved_at: at("16:30:00") });
      return { revision: held.revision, saved_at: held.saved_at, missing: held.missing };
    },
    drop_paper_draft: () => {
      Object.assign(held, form());
      return {};
    },
    paper_drafts: () => (held.saved_at ? [{ kind: held.kind.code, title: held.kind.title, subject: held.subject, about: held.about, saved_at: held.saved_at }] : []),
    preview_paper: ({ page }) => ({ image: PIXEL, page, pages: 2 }),
    issue_paper: ({ content: now, subject: about }) => {
      const missing = lacks(now);
      if (missing.length) refuse("paper_incomplete", { missing: missing.join(",") });
      const paper = issued(`中止〔2026〕${papers.length}号`, { subject: about });
      papers = [paper, ...papers];
      notice("papers");
      return paper;
    },
    void_paper: ({ number, reason }) => Object.assign(found(number), { voided: { at: at("16:50:00"), by: "李娜（53030036012）", reason } }),
    papers: ({ kind: code }) => papers.filter((one) => code === null || one.kind === code),
    paper_page: ({ page }) => ({ image: PIXEL, page, pages: 1 }),
    open_paper: () => ({}),
    printers: () => [{ name: "一楼", usual: true }, { name: "档案室", usual: false }],
    print_paper: ({ printer }) => ({ printer: printer ?? "一楼", id: "一楼-7" }),
  };
}
