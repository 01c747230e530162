import { flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, it } from "vitest";
import App from "../src/frame/App.vue";
import CaseEnd from "../src/cases/CaseEnd.vue";
import ClipKeeping from "../src/evidence/ClipKeeping.vue";
import DuePanel from "../src/frame/DuePanel.vue";
import { dueLines } from "../src/frame/due";
import { mounted, press, type } from "./mounted";
import { clipDetail, clip } from "./sample-data";
import { dueItems, lateDetail } from "./sample-due";
import { sampleHost } from "./sample-host";

const inBody = (testid: string) => [...document.querySelectorAll<HTMLElement>(`[data-testid="${testid}"]`)];
afterEach(() => {
  document.body.innerHTML = "";
});

describe("what is due", () => {
  it("is one line for the late clips of one intake, and one for everything else", () => {
    const lines = dueLines(dueItems);
    expect(lines.map((line) => [line.first.what, line.items.length])).toEqual([["late_reason", 3], ["store", 1], ["archive", 1], ["appraisal", 1]]);
  });

  it("opens by a key, walks by arrows and goes to the case by Enter", async () => {
    const { wrapper, router } = await mounted(App, {});
    expect(wrapper.get('[data-testid="due-open"]').attributes("data-count"), "the bell counts each").toBe(String(dueItems.length));
    press(document.body, "d");
    await flushPromises();
    const heads = inBody("due-go");
    expect(document.activeElement, "the most urgent is ready").toBe(heads[0]);
    press(heads[0]!, "ArrowDown");
    press(heads[1]!, "ArrowDown");
    expect(document.activeElement, "two down").toBe(heads[2]);
    heads[2]!.click();
    await flushPromises();
    expect([router.currentRoute.value.name, router.currentRoute.value.params.caseId]).toEqual(["cases", dueItems[4]!.subject]);
    wrapper.unmount();
  });

  it("says so when there is nothing", async () => {
    const { wrapper } = await mounted(DuePanel, { items: [], error: null, modelValue: true });
    await flushPromises();
    expect(inBody("due-none")).toHaveLength(1);
    wrapper.unmount();
  });

  it("takes one reason for all late clips of an intake, by Enter, never an empty one", async () => {
    const { wrapper, host } = await mounted(DuePanel, { items: dueItems, error: null, modelValue: false });
    await wrapper.setProps({ modelValue: true });
    await flushPromises();
    const box = document.querySelector<HTMLTextAreaElement>('[data-testid="late-reason"]')!;
    press(box, "Enter");
    await flushPromises();
    expect(host.calls.some((call) => call.command === "explain_late"), "nothing is said with nothing").toBe(false);
    box.value = "连续在乡镇检查";
    box.dispatchEvent(new Event("input", { bubbles: true }));
    await flushPromises();
    press(box, "Enter", { keyCode: 229 });
    press(box, "Enter");
    await flushPromises();
    const said = host.calls.filter((call) => call.command === "explain_late").map((call) => call.request);
    expect(said, "once, for the three").toEqual([{ clips: dueItems.slice(0, 3).map((one) => one.subject), reason: "连续在乡镇检查" }]);
    wrapper.unmount();
  });
});

describe("a clip's keeping", () => {
  it("asks a late clip for its reason, with the others of its intake or without them", async () => {
    const { wrapper, host } = await mounted(ClipKeeping, { detail: lateDetail });
    await type(wrapper, "late-reason", "记录仪送修");
    expect(wrapper.get('[data-testid="late-others"]').text(), "two more of the same intake").toContain("2");
    await wrapper.get('[data-testid="late-others"] input').setValue(false);
    await wrapper.get("form").trigger("submit");
    await flushPromises();
    expect(host.calls.at(-1)).toEqual({ command: "explain_late", request: { clips: [lateDetail.row.id], reason: "记录仪送修" } });
    wrapper.unmount();
  });

  it("keeps and shows the reason, and lets it be said anew", async () => {
    const late_reason = { reason: "记录仪送修", at: "2026-11-21T08:00:00.000Z", by: "李娜（53030036012）" };
    const { wrapper } = await mounted(ClipKeeping, { detail: { ...lateDetail, late_reason } });
    expect(wrapper.get('[data-testid="clip-late-reason"]').text()).toBe("记录仪送修");
    expect(wrapper.find('[data-testid="late-reason"]').exists()).toBe(false);
    await wrapper.get('[data-testid="late-again"]').trigger("click");
    await flushPromises();
    expect(wrapper.find('[data-testid="late-reason"]').exists(), "a further reason takes its place").toBe(true);
    wrapper.unmount();
  });

  it("says until when a clip is kept, by the rule that won and over which", async () => {
    const rule = (when: string, term: string, until: "open" | "permanent" | { day: string }) => ({ when, term, until, article: "制度 第十八条" });
    const rows = [
      [{ until: { day: "2031-11-22" }, won: rule("一般", "不少于5年", { day: "2031-11-22" }), lost: [] }, "至少保存到 2031-11-22 前", 0],
      [{ until: "open", won: rule("作为证据", "与卷宗相同", "open"), lost: [rule("一般", "不少于5年", { day: "2031-11-22" })] }, "与卷宗相同", 1],
      [{ until: "permanent", won: rule("当事人有异议", "长期", "permanent"), lost: [] }, "长期", 0],
    ] as const;
    for (const [retention, shown, lost] of rows) {
      const { wrapper } = await mounted(ClipKeeping, { detail: { ...clipDetail(clip(1)), retention } });
      expect(wrapper.get('[data-testid="clip-kept"]').text(), shown).toBe(shown);
      expect(wrapper.get('[data-testid="clip-retention"]').text().split("另有").length - 1, "the rules that lost are named").toBe(lost);
      expect(wrapper.find('[data-testid="clip-late"]').exists(), "a clip stored in time is asked nothing").toBe(false);
      wrapper.unmount();
    }
  });
});

describe("a case's end", () => {
  it("is entered by the keyboard in the station's zone, refused in another shape, and taken back by an empty field", async () => {
    const conclusion = { inspected_at: "2026-11-10T09:00:00.000Z", closed_at: null, archive_clock: { due: "2026-12-22T15:59:59.000Z", stricter: "2026-12-22T09:30:00.000Z", kept: true, provisional: false, within: "30个工作日", article: "制度 第十六条" }, packaged: false };
    const { wrapper, host } = await mounted(CaseEnd, { caseId: "K1", conclusion }, sampleHost());
    expect(wrapper.get('[data-testid="case-archive-by"]').text()).toContain("2026-12-22 23:59:59 前（30个工作日，制度 第十六条）");
    expect(wrapper.get('[data-testid="case-archive-by"]').text(), "the stricter end is told as well").toContain("2026-12-22 17:30:00");
    await wrapper.get('[data-testid="case-conclude"]').trigger("click");
    await flushPromises();
    const set = async (testid: string, value: string) => {
      const marked = inBody(testid)[0]!;
      const input = (marked.matches("input") ? marked : marked.querySelector("input")) as HTMLInputElement;
      input.value = value;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      await flushPromises();
    };
    const submit = async () => {
      document.querySelector("#case-end-form")!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
      await flushPromises();
    };
    for (const closed of ["11月20日", "2026-11-01 09:00"]) {
      await set("end-closed", closed);
      await submit();
      expect(host.calls.some((call) => call.command === "conclude_case"), closed).toBe(false);
    }
    await set("end-inspected", "");
    await set("end-closed", "2026-11-20 17:00");
    await submit();
    expect(host.calls.at(-1)).toEqual({ command: "conclude_case", request: { case_id: "K1", inspected_at: null, closed_at: "2026-11-20T09:00:00.000Z" } });
    wrapper.unmount();
  });
});

