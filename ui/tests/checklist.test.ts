import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { describe, expect, it } from "vitest";
import CaseDelivery from "../src/cases/CaseDelivery.vue";
import ChecklistPanel from "../src/checklist/ChecklistPanel.vue";
import { asBase64, cellText, choicesOf, columnFault, freshId, withCell, withColumns, withoutRow, withRow, withRowMoved } from "../src/checklist/edit";
import { mounted, press, type } from "./mounted";
import { sampleHost } from "./sample-host";
import { table } from "./sample-checklist";

const cells = (wrapper: VueWrapper) => wrapper.findAll('[data-testid="checklist-row"]').map((row) => row.findAll("td").map((cell) => cell.text()));
const grid = (wrapper: VueWrapper) => wrapper.get('[data-testid="checklist-grid"]').element;
const within = (testid: string) => document.querySelector<HTMLElement>(`[data-testid="${testid}"]`)!;
async function keys(wrapper: VueWrapper, ...names: (string | [string, KeyboardEventInit])[]): Promise<void> {
  for (const name of names) {
    const [key, init] = typeof name === "string" ? [name, {}] : name;
    press(grid(wrapper), key, init);
    await flushPromises();
  }
}

describe("what can be done to a table", () => {
  it("gives a new one and leaves the old", () => {
    const before = JSON.stringify(table);
    expect(withCell(table, 0, 2, "新").rows[0]).toEqual(["", "行政检查", "新", "内部"]);
    expect(withCell(table, 0, 0, "9"), "a number is the row's place").toBe(table);
    expect(withRow(table, 1).rows.map((row) => row[1])).toEqual(["行政检查", "", "行政处罚"]);
    expect(withoutRow(table, 0).rows).toHaveLength(1);
    expect(withRowMoved(table, 0, 1).rows.map((row) => row[1])).toEqual(["行政处罚", "行政检查"]);
    expect(withRowMoved(table, 0, -1), "nowhere to go").toBe(table);
    expect(JSON.stringify(table), "the table that was there").toBe(before);
  });
  it("moves cells with their column", () => {
    const [serial, kind, content] = table.columns;
    const fresh = { id: freshId(table.columns), title: "存储期限", kind: "text", hidden: false };
    const next = withColumns(table, [content!, fresh, kind!, serial!]);
    expect(fresh.id).toBe("c5");
    expect(next.rows[0], "what was hidden and taken away is gone, the rest has moved").toEqual(["不配合签字的过程", "", "行政检查", ""]);
    expect(cellText(next, 1, 3), "numbers count the rows").toBe("2");
  });
  it.each([[["甲", "乙"], null], [["甲", " "], "unnamed"], [["甲", " 甲"], "twice"], [[], "none"]] as const)("says what is wrong with columns %j", (titles, fault) =>
    expect(columnFault(titles.map((title, n) => ({ id: `c${n}`, title, kind: "text", hidden: false })))).toBe(fault));
  it("suggests what stands in the column already", () => {
    expect(choicesOf(table, 1, "")).toEqual(["行政检查", "行政处罚"]);
    expect(choicesOf(table, 1, "处罚")).toEqual(["行政处罚"]);
  });
  it("writes bytes as base64", () => expect(asBase64(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]))).toBe("77u/YQ=="));
});

describe("the checklist", () => {
  it("shows what is not hidden, numbered", async () => {
    const { wrapper } = await mounted(ChecklistPanel, {});
    expect(wrapper.findAll('[data-testid="checklist-title"]').map((one) => one.text())).toEqual(["序号", "执法类别", "记录内容"]);
    expect(cells(wrapper)).toEqual([["1", "行政检查", "不配合签字的过程"], ["2", "行政处罚", "听证全过程"]]);
    expect(wrapper.get('[data-testid="checklist-article"]').text()).toContain("第十三条，应当向社会公开");
    wrapper.unmount();
  });
  it("is edited by keys alone, undone, and saved as a further version", async () => {
    const { wrapper, host } = await mounted(ChecklistPanel, {});
    await keys(wrapper, "ArrowRight", "ArrowRight", "Enter");
    await type(wrapper, "checklist-input", "拒不签字");
    press(within("checklist-input"), "Enter");
    await flushPromises();
    expect(cells(wrapper)[0]).toEqual(["1", "行政检查", "拒不签字"]);
    expect(wrapper.get('[data-testid="checklist-grid"]').attributes("aria-activedescendant"), "Enter goes down").toBe("cell-1-2");
    await keys(wrapper, "Insert");
    expect(cells(wrapper)).toHaveLength(3);
    await keys(wrapper, ["ArrowUp", { altKey: true }]);
    expect(cells(wrapper)[1], "the empty row moved up").toEqual(["2", "", ""]);
    await keys(wrapper, ["Delete", { ctrlKey: true }], ["z", { ctrlKey: true }]);
    expect(cells(wrapper), "a row taken away comes back").toHaveLength(3);
    await type(wrapper, "checklist-published", "2026-11-21");
    await wrapper.get("form").trigger("submit");
    await flushPromises();
    const saved = host.calls.find((call) => call.command === "save_checklist")!.request;
    expect(saved).toMatchObject({ base: 1, published_on: "2026-11-21", table: { columns: table.columns } });
    expect((saved as { table: typeof table }).table.rows).toEqual([["", "行政检查", "拒不签字", "内部"], ["", "", "", ""], ["", "行政处罚", "听证全过程", ""]]);
    expect(wrapper.find('[data-testid="checklist-dirty"]').exists(), "nothing is left to save").toBe(false);
    wrapper.unmount();
  });
  it("leaves a cell as it was on Escape, and takes a suggestion by arrow keys", async () => {
    const { wrapper } = await mounted(ChecklistPanel, {});
    await keys(wrapper, "ArrowRight", "F2");
    await type(wrapper, "checklist-input", "别的");
    press(within("checklist-input"), "Escape");
    await flushPromises();
    expect(cells(wrapper)[0]![1]).toBe("行政检查");
    await keys(wrapper, "Enter");
    await type(wrapper, "checklist-input", "处罚");
    press(within("checklist-input"), "ArrowDown");
    press(within("checklist-input"), "Enter");
    await flushPromises();
    expect(cells(wrapper)[0]![1], "what the column held already").toBe("行政处罚");
    wrapper.unmount();
  });
  it("leaves keys of the input method alone", async () => {
    const { wrapper } = await mounted(ChecklistPanel, {});
    await keys(wrapper, "ArrowRight", "Enter");
    await type(wrapper, "checklist-input", "wen");
    const pressed = press(within("checklist-input"), "Enter", { keyCode: 229 });
    await flushPromises();
    expect([pressed.defaultPrevented, !!within("checklist-input")], "the text is still being written").toEqual([false, true]);
    wrapper.unmount();
  });
  it("says that somebody saved meanwhile, and keeps what was typed", async () => {
    const host = sampleHost();
    const { wrapper } = await mounted(ChecklistPanel, {}, host);
    await keys(wrapper, "ArrowRight", "Delete");
    host.answers.save_checklist({ base: 1, published_on: null, table });
    await wrapper.get("form").trigger("submit");
    await flushPromises();
    expect(wrapper.get('[data-testid="error-note"]').attributes("data-code")).toBe("checklist_stale");
    expect(cells(wrapper)[0]![1], "still there").toBe("");
    wrapper.unmount();
  });
  it("shows what a file would change before it takes anything, and refuses a bad one", async () => {
    const { wrapper, host } = await mounted(ChecklistPanel, {});
    const choose = async (name: string) => {
      const input = wrapper.get<HTMLInputElement>('[data-testid="checklist-file"]').element;
      Object.defineProperty(input, "files", { value: [new File(["a"], name)], configurable: true });
      input.dispatchEvent(new Event("change"));
      await new Promise((done) => setTimeout(done, 20));
      await flushPromises();
    };
    await choose("a.xlsx");
    expect(wrapper.get('[data-testid="error-note"]').text(), "the line and the reason").toContain("第 3 行");
    await choose("a.csv");
    expect(host.calls.at(-1)).toMatchObject({ command: "plan_checklist_import", request: { file: "a.csv", content: "YQ==" } });
    expect(within("plan-sums").textContent).toBe("相同 1 行，改动 1 行，新增 1 行，文件里没有 0 行");
    expect(within("plan-kept").textContent).toBe("备注");
    expect(cells(wrapper), "nothing is taken over yet").toHaveLength(2);
    within("plan-take").click();
    await flushPromises();
    expect(cells(wrapper)).toHaveLength(3);
    expect(wrapper.find('[data-testid="checklist-dirty"]').exists(), "and nothing is saved yet").toBe(true);
    wrapper.unmount();
  });
  it("names and hides columns, and refuses two of a name", async () => {
    const { wrapper } = await mounted(ChecklistPanel, {});
    await wrapper.get('[data-testid="checklist-columns-open"]').trigger("click");
    await flushPromises();
    within("column-add").click();
    await flushPromises();
    const titles = () => [...document.querySelectorAll<HTMLElement>('[data-testid="column-title"]')].map((one) => (one.matches("input") ? one : one.querySelector("input")) as HTMLInputElement);
    const rename = async (n: number, title: string) => {
      titles()[n]!.value = title;
      titles()[n]!.dispatchEvent(new Event("input", { bubbles: true }));
      await flushPromises();
    };
    await rename(4, "备注");
    within("columns-keep").click();
    await flushPromises();
    expect(within("column-fault").textContent).toBe("两栏的名称不能相同");
    await rename(4, "存储期限");
    within("columns-keep").click();
    await flushPromises();
    expect(wrapper.findAll('[data-testid="checklist-title"]').map((one) => one.text())).toEqual(["序号", "执法类别", "记录内容", "存储期限"]);
    wrapper.unmount();
  });
});

describe("a case that goes out", () => {
  it("asks where to and whether with footage, and shows the task", async () => {
    const { wrapper, host } = await mounted(CaseDelivery, { caseId: "A1" });
    await wrapper.get('[data-testid="case-export-open"]').trigger("click");
    await flushPromises();
    expect(within("export-platform").textContent).toContain("全省行政执法信息平台");
    within("export-start").click();
    await flushPromises();
    expect(host.calls.some((call) => call.command === "export_case"), "without a folder nothing begins").toBe(false);
    const field = within("export-folder");
    const input = (field.matches("input") ? field : field.querySelector("input")) as HTMLInputElement;
    input.value = "/mnt/usb";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await flushPromises();
    within("export-start").click();
    await flushPromises();
    expect(host.calls.find((call) => call.command === "export_case")!.request).toEqual({ case_id: "A1", folder: "/mnt/usb", with_footage: true });
    await flushPromises();
    expect(within("export-task").dataset.state).toBe("running");
    within("export-stop").click();
    await flushPromises();
    expect(host.calls.some((call) => call.command === "cancel_task"), "it can be stopped").toBe(true);
    wrapper.unmount();
  });
  it("notes the day on which it was handed in", async () => {
    const { wrapper, host } = await mounted(CaseDelivery, { caseId: "A1" });
    await wrapper.get('[data-testid="case-deliver-open"]').trigger("click");
    await flushPromises();
    const day = (within("deliver-day").matches("input") ? within("deliver-day") : within("deliver-day").querySelector("input")) as HTMLInputElement;
    const write = async (value: string) => {
      day.value = value;
      day.dispatchEvent(new Event("input", { bubbles: true }));
      await flushPromises();
      within("deliver-keep").click();
      await flushPromises();
    };
    await write("昨天");
    expect(within("deliver-day-wrong").textContent).toContain("2026-11-21");
    await write("2026-11-20");
    expect(host.calls.find((call) => call.command === "deliver_case")!.request).toEqual({ case_id: "A1", platform: "全省行政执法信息平台", day: "2026-11-20", note: "" });
    expect(wrapper.get('[data-testid="delivery"]').text()).toContain("2026-11-20 已归集到全省行政执法信息平台");
    wrapper.unmount();
  });
});
