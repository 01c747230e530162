/** A checklist and a case's exports as a station would tell of them. */
import type { wire } from "../src/host/host";
import { at, packs } from "./sample-data";

const column = (id: string, title: string, kind: string, hidden = false): wire.ChecklistColumn => ({ id, title, kind, hidden });
const version = (n: number, published: string | null): wire.ChecklistVersion => ({ version: n, recorded_at: at("09:00:00"), recorded_by: "张伟（53030036001）", published_on: published, columns: 4, rows: 2 });

export const table: wire.ChecklistTable = {
  columns: [column("c1", "序号", "auto"), column("c2", "执法类别", "choice"), column("c3", "记录内容", "text"), column("c4", "备注", "text", true)],
  rows: [["", "行政检查", "不配合签字的过程", "内部"], ["", "行政处罚", "听证全过程", ""]],
};

type Answers = "checklist" | "save_checklist" | "plan_checklist_import" | "export_checklist" | "case_export" | "export_case" | "deliver_case";
type Commands = import("../src/host/host").Commands;

export function checklistAnswers(begin: (kind: wire.TaskKind, subject: string) => wire.TaskView, notice: (topic: wire.Topic) => void): { [K in Answers]: (request: Commands[K]["request"]) => Commands[K]["response"] } {
  const held = [{ table, version: version(1, "2026-11-01") }];
  const deliveries: wire.DeliveryView[] = [];
  const view = (n: number | null): wire.ChecklistView => {
    const newest = held.at(-1)!;
    const shown = held.find((one) => one.version.version === n) ?? newest;
    return { table: shown.table, version: shown.version, versions: held.map((one) => one.version).reverse(), origin: `${packs[0]!.title} 第十三条`, borrowed: true, article: `${packs[0]!.title} 第十三条`, to_publish: true };
  };
  return {
    checklist: ({ version: n }) => view(n),
    save_checklist: ({ base, published_on, table: next }) => {
      if (base !== held.at(-1)!.version.version) throw { code: "checklist_stale", params: {}, detail: "sample" };
      held.push({ table: next, version: { ...version(base + 1, published_on), rows: next.rows.length } });
      notice("settings");
      return view(null);
    },
    plan_checklist_import: ({ file, current }) => {
      if (!file.endsWith(".csv")) throw { code: "table_refused", params: { reason: "第 3 行：有内容没有对应的栏目", line: "3" }, detail: "sample" };
      const rows = [...current.rows.slice(0, 1), current.rows[1]!.map((cell, n) => (n === 2 ? "听证全程" : cell)), current.columns.map((_, n) => (n === 1 ? "行政强制" : ""))];
      const planned = current.columns.slice(0, 3).map(({ title }) => ({ title, new: false }));
      return { columns: planned, kept: ["备注"], rows: ["same", { changed: { was: 2, columns: ["记录内容"] } }, "new"], gone: [], same: false, table: { ...current, rows } };
    },
    export_checklist: ({ format, folder }) => ({ path: `${folder}/a.${format}` }),
    case_export: () => ({ name: "案件资料-12号-20261121", clips: 4, bytes: 7_340_032, statements: 2, platform: "全省行政执法信息平台", article: `${packs[0]!.title} 第八条`, exports: [], deliveries: [...deliveries] }),
    export_case: ({ case_id: id }) => begin("export_case", id),
    deliver_case: ({ platform, day, note }) => {
      const made = { recorded_at: at("10:00:00"), by: "张伟（53030036001）", platform, day, note };
      deliveries.unshift(made);
      return made;
    },
  };
}
