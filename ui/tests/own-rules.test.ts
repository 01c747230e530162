import { flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, it } from "vitest";
import CalendarPanel from "../src/settings/CalendarPanel.vue";
import OwnRules from "../src/settings/OwnRules.vue";
import RulePanel from "../src/settings/RulePanel.vue";
import { lineSpan, readHead, readNumber, writeHead, writeNumber } from "../src/settings/ruleText";
import StationForm from "../src/settings/StationForm.vue";
import { mounted, type } from "./mounted";
import { packs, settings } from "./sample-data";

const SOURCE = 'id = "qj-qilin"\nversion = 1\nauthor = "证坞"\nvalid_from = "2019-10-01"\n\n[store]\nversion = 7\narticle = "第十九条"\n';
const inBody = (testid: string) => document.querySelector<HTMLElement>(`[data-testid="${testid}"]`);
const input = (testid: string) => {
  const marked = inBody(testid)!;
  return (marked.matches("input, textarea") ? marked : marked.querySelector("input, textarea")) as HTMLInputElement;
};
async function enter(testid: string, value: string): Promise<void> {
  input(testid).value = value;
  input(testid).dispatchEvent(new Event("input", { bubbles: true }));
  await flushPromises();
}
async function press(testid: string): Promise<void> {
  inBody(testid)!.click();
  await flushPromises();
}
afterEach(() => {
  document.body.innerHTML = "";
});

describe("the head of a rule file", () => {
  it("is read and written without touching the rest", () => {
    expect(readHead(SOURCE)).toEqual({ version: "1", author: "证坞", valid_from: "2019-10-01" });
    const changed = writeHead(SOURCE, { version: "2", author: '政策"法规"科', valid_from: "2027-01-01" });
    expect(changed).toBe('id = "qj-qilin"\nversion = 2\nauthor = "政策\\"法规\\"科"\nvalid_from = "2027-01-01"\n\n[store]\nversion = 7\narticle = "第十九条"\n');
    const without = writeHead(SOURCE, { version: "2", author: "甲", valid_from: "" });
    expect(without, "no first day is no line").not.toContain("valid_from");
    expect(writeHead(without, { version: "2", author: "甲", valid_from: "2027-01-01" }), "and comes back behind the author").toContain('author = "甲"\nvalid_from = "2027-01-01"\n');
  });
  it("has its numbers where the station writes them, and only those are changed", () => {
    const source = "[store]\narticle = \"甲\"\n\n[store.within]\nhours = 24\n\n[store.away.within]\nhours = 48\n\n[archive]\nwithin = { working_days = 30 }\n";
    expect(readNumber(source, "store.within")).toEqual({ key: "hours", count: "24" });
    expect(readNumber(source, "archive.within"), "written in another way it is left to the file").toBeNull();
    const changed = writeNumber(source, "store.within", { key: "working_days", count: "2" });
    expect(changed).toBe(source.replace("hours = 24", "working_days = 2"));
    expect(writeNumber(source, "store.within", { key: "hours", count: "" }), "no number changes nothing").toBe(source);
  });
  it("finds a line by its number", () => {
    const [from, to] = lineSpan(SOURCE, 3);
    expect(SOURCE.slice(from, to)).toBe('author = "证坞"');
  });
});

describe("a pack of the unit's own", () => {
  it("is copied as the next version, refused with its line, laid beside the original and adopted from a day", async () => {
    const { wrapper, host } = await mounted(OwnRules, { shown: packs[0]!.id, source: SOURCE });
    expect(wrapper.get('[data-testid="rule-adoption"]').text(), "what judges now").toContain("现行");
    await press("rule-copy");
    expect(readHead(input("rule-file").value), "the next version that is free, by the unit").toEqual({ version: "3", author: "曲靖市麒麟区文化和旅游局", valid_from: "2019-10-01" });
    await enter("rule-author", "政策法规科");
    expect(readHead(input("rule-file").value).author, "what is typed above goes into the file").toBe("政策法规科");

    await enter("rule-file", input("rule-file").value.replace("[store]", "buro = 1\n[store]"));
    await press("rule-check");
    expect(inBody("rule-refused")!.textContent).toContain("第 6 行");
    const area = input("rule-file");
    expect(area.value.slice(area.selectionStart!, area.selectionEnd!), "the line is marked").toBe("buro = 1");
    await enter("rule-from", "2027-01-01");
    document.querySelector("#rule-editor-form")!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    await flushPromises();
    expect(host.calls.some((call) => call.command === "adopt_rules"), "a refused file is not adopted").toBe(false);

    await enter("rule-file", input("rule-file").value.replace("buro = 1\n", ""));
    await press("rule-compare");
    expect(inBody("rule-accepted"), "it is accepted").not.toBeNull();
    expect(inBody("rule-differs")!.textContent).toContain("储存期限");
    document.querySelector("#rule-editor-form")!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    await flushPromises();
    expect(host.calls.find((call) => call.command === "adopt_rules")?.request).toEqual({ text: input("rule-file").value, from: "2027-01-01" });
    wrapper.unmount();
  });

  it("stands with the built-in ones, and is the one in force", async () => {
    const { wrapper, host } = await mounted(RulePanel, { governing: packs[0]!.id });
    const select = wrapper.findAllComponents({ name: "ElSelect" })[0]!;
    select.vm.$emit("update:modelValue", "qilin-2019@2");
    await flushPromises();
    expect(host.calls.filter((call) => call.command === "rule_pack").at(-1)?.request).toEqual({ id: "qilin-2019@2" });
    wrapper.unmount();
  });
});

describe("the calendar", () => {
  const choose = async (wrapper: Awaited<ReturnType<typeof mounted>>["wrapper"], content: string) => {
    const picker = wrapper.get('[data-testid="calendar-file"]').element as HTMLInputElement;
    Object.defineProperty(picker, "files", { value: [{ text: async () => content }], configurable: true });
    picker.dispatchEvent(new Event("change"));
    await flushPromises();
  };
  it("is imported from a file, and tells what it turned and what it moved", async () => {
    const { wrapper, host } = await mounted(CalendarPanel, {});
    expect(wrapper.get('[data-testid="calendar-edition"]').text()).toContain("cn 2026-1");
    await choose(wrapper, "no calendar");
    expect(wrapper.get('[data-testid="error-note"]').attributes("data-code"), "a bad file is refused").toBe("calendar_refused");
    expect(wrapper.find('[data-testid="calendar-outcome"]').exists()).toBe(false);
    await choose(wrapper, '{"calendar": 1}');
    expect(host.calls.filter((call) => call.command === "import_calendar").at(-1)?.request).toEqual({ text: '{"calendar": 1}' });
    expect(wrapper.get('[data-testid="calendar-outcome"]').text()).toContain("2027-01-04 休息");
    wrapper.unmount();
  });
});

describe("the end of a day", () => {
  it("is saved as an hour, and refused in another shape", async () => {
    const { wrapper, host } = await mounted(StationForm, { section: "unit", settings });
    await type(wrapper, "set-close", "5点半");
    await wrapper.get("form").trigger("submit");
    expect(host.calls.some((call) => call.command === "save_settings"), "no hour of the day").toBe(false);
    await type(wrapper, "set-close", "18:00");
    wrapper.findComponent({ name: "ElSwitch" }).vm.$emit("update:modelValue", true);
    await wrapper.get("form").trigger("submit");
    await flushPromises();
    expect(host.calls.find((call) => call.command === "save_settings")?.request).toMatchObject({ day_ends_at_close: true, office_close: "18:00" });
    wrapper.unmount();
  });
});
