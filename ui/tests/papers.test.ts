import { flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { wire } from "../src/host/host";
import { SAVE_PAUSE_MS } from "../src/papers/draft";
import { GROUPS, grouped } from "../src/papers/groups";
import { fieldId, isNeeded, missingId, missingName, parts, subjectIn } from "../src/papers/keys";
import MakePaper from "../src/papers/MakePaper.vue";
import NewPaperPage from "../src/papers/NewPaperPage.vue";
import PaperDesk from "../src/papers/PaperDesk.vue";
import PapersPage from "../src/papers/PapersPage.vue";
import { text } from "../src/text/zh-CN";
import { field, mounted, press, type } from "./mounted";
import { sampleHost } from "./sample-host";
import { content, form, keys, kinds, subject } from "./sample-papers";

const called = (host: ReturnType<typeof sampleHost>, command: string) => host.calls.filter((call) => call.command === command).map((call) => call.request);
const inBody = (testid: string) => document.querySelector<HTMLElement>(`[data-testid="${testid}"]`);
const click = async (testid: string) => {
  inBody(testid)!.click();
  await flushPromises();
};

describe("the keys of a paper", () => {
  it("become parts in the order of the paper, columns with their list", () => {
    const all = parts(keys);
    expect(all.map((part) => `${part.key.place}.${part.key.key}`), "a column is no part of its own").toEqual([
      "fields.act", "fields.officers", "fields.outcome", "fields.reported_to", "basis.basis", "lists.gaps", "checks.heads", "grids.items", "clips.clips", "fields.reason", "signers.officers",
    ]);
    expect(all[5]!.columns.map((column) => column.key)).toEqual(["gaps.from", "gaps.reason"]);
  });
  it.each([
    ["reason", "中止的经过和原因", "paper-reason"],
    ["gaps", "中止时段", "paper-gaps"],
    ["gaps[2].reason", "中止时段 2 · 客观原因", "paper-gaps-2-reason"],
    ["heads[1].item", "对照的情形 1 · heads.item", "paper-heads-1-item"],
    ["basis", "依据", "paper-basis"],
    ["clips[2]", "涉及的片段 2", "paper-clips-2"],
  ])("name what is missing and where it is entered: %s", (missing, name, id) => {
    expect([missingName(keys, missing), missingId(keys, missing)], "by label, and by the field's id").toEqual([name, id]);
  });
  it("are needed by themselves, or by a choice", () => {
    const reported = keys.find((one) => one.key === "reported_to")!;
    expect([isNeeded(reported, { outcome: "resumed" }), isNeeded(reported, { outcome: "abandoned" }), isNeeded(keys[0]!, {})]).toEqual([false, true, true]);
    expect(fieldId("signers", "officers"), "a role is not taken for the field of its name").not.toBe(fieldId("fields", "officers"));
  });
  it.each([
    [{ kind: "interruption", session: "S1" }, { kind: "session", id: "S1" }],
    [{ kind: "statistics", unit: "" }, { kind: "unit", id: "" }],
    [{ kind: "damage" }, null],
  ])("know their subject from the address %o", (query, expected) => expect(subjectIn(query)).toEqual(expected));
  it("stand in groups, each kind once", () => {
    expect(grouped(kinds).flatMap((group) => group.kinds).length, "none is lost").toBe(kinds.length);
    expect(grouped([{ ...kinds[0]!, code: "letter" }]).find((group) => group.kinds.length)?.name, "an unknown kind stands somewhere").toBe("review");
    expect(new Set(Object.values(GROUPS).flat()).size, "no kind twice").toBe(Object.values(GROUPS).flat().length);
  });
});

describe("a paper being made", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => {
    vi.useRealTimers();
    document.body.innerHTML = "";
  });
  const open = (host = sampleHost()) => mounted(PaperDesk, { form: form() }, host);

  it("shows what the register knows, names what it lacks, and leads there", async () => {
    const { wrapper } = await open();
    expect(field(wrapper, "paper-act").value, "filled from the register").toBe("网吧现场检查");
    expect(wrapper.get('[data-testid="paper-missing"]').text()).toBe(text.papers.missing(2));
    expect(wrapper.find('[data-testid="paper-preview"]').exists(), "a paper with holes is not shown").toBe(false);
    await wrapper.get('[data-testid="missing-gaps[1].reason"]').trigger("click");
    expect(document.activeElement?.id, "the cursor stands in the cell").toBe("paper-gaps-1-reason");
    await wrapper.get('[data-testid="missing-reason"]').trigger("click");
    expect(document.activeElement?.id).toBe("paper-reason");
    wrapper.unmount();
  });

  it("saves itself, shows the page once whole, and is issued with what was shown", async () => {
    const { wrapper, host } = await open();
    await wrapper.get('[data-testid="paper-issue"]').trigger("click");
    await flushPromises();
    expect(document.activeElement?.id, "issuing leads to the first thing missing").toBe("paper-reason");
    expect(inBody("issue-confirm"), "and asks nothing yet").toBeNull();

    await type(wrapper, "cell-gaps-0-reason", "电量不足");
    await type(wrapper, "paper-reason", "电量用尽，换电池后恢复。");
    vi.advanceTimersByTime(SAVE_PAUSE_MS);
    await flushPromises();
    const saved = called(host, "save_paper_draft") as wire.SavePaperDraft[];
    expect(saved.at(-1)?.content.lists.gaps?.[0]?.reason, "the cell is in the draft").toBe("电量不足");
    expect(wrapper.get('[data-testid="paper-missing"]').text()).toBe(text.papers.ready);
    expect(wrapper.get('[data-testid="paper-page"]').attributes("src"), "the page stands beside the form").toContain("data:image/png");
    await wrapper.get('[data-testid="page-after"]').trigger("click");
    await flushPromises();
    expect((called(host, "preview_paper").at(-1) as wire.PreviewPaper).page, "further pages are asked for").toBe(2);

    press(document.body, "Enter", { ctrlKey: true });
    await flushPromises();
    await click("issue-confirm");
    const issue = called(host, "issue_paper") as wire.IssuePaper[];
    expect(issue.map((one) => one.revision), "the draft that was shown").toEqual([saved.length]);
    expect(issue[0]!.content.fields.reason).toBe("电量用尽，换电池后恢复。");
    expect(wrapper.emitted("issued")?.length, "once").toBe(1);
    wrapper.unmount();
  });

  it("adds and removes rows, columns, checks, names and grounds", async () => {
    const { wrapper, host } = await open();
    await wrapper.get('[data-testid="list-add-gaps"]').trigger("click");
    await flushPromises();
    expect(document.activeElement?.id, "the cursor stands in the new row").toBe("paper-gaps-2-from");
    await wrapper.get('[data-testid="list-remove-0"]').trigger("click");
    await wrapper.get('[data-testid="grid-add"]').trigger("click");
    await type(wrapper, "grid-cell-1-0", "听证");
    await wrapper.get('[data-testid="check-0-no"] input').setValue(true);
    await wrapper.get('[data-testid="names-add-officers"]').trigger("click");
    await type(wrapper, "name-signers-officers-1", "王强");
    await wrapper.get('[data-testid="basis-add"]').trigger("click");
    await type(wrapper, "basis-title-1", "本单位办法");
    vi.advanceTimersByTime(SAVE_PAUSE_MS);
    await flushPromises();
    const last = (called(host, "save_paper_draft").at(-1) as wire.SavePaperDraft).content;
    expect(last.lists.gaps, "the first row went, an empty one stays").toEqual([{}]);
    expect(last.grids.items?.rows).toEqual([["检查"], ["听证"]]);
    expect(last.checks.heads?.[0]?.answer).toBe("no");
    expect(last.signers.officers).toEqual(["李娜", "王强"]);
    expect(last.basis[1], "a ground of the unit's own").toEqual({ title: "本单位办法", article: "" });
    wrapper.unmount();
  });

  it("says when the draft was changed elsewhere, and keeps what was typed", async () => {
    const host = sampleHost();
    const { wrapper } = await open(host);
    host.answers.save_paper_draft({ kind: "interruption", subject, revision: 0, content });
    await type(wrapper, "paper-reason", "这里填的");
    vi.advanceTimersByTime(SAVE_PAUSE_MS);
    await flushPromises();
    expect(wrapper.find('[data-testid="paper-stale"]').exists(), "both versions are still there").toBe(true);
    await wrapper.findAll('[data-testid="paper-stale"] button')[1]!.trigger("click");
    await flushPromises();
    expect((called(host, "save_paper_draft").at(-1) as wire.SavePaperDraft).content.fields.reason).toBe("这里填的");
    expect(wrapper.find('[data-testid="paper-stale"]').exists(), "saved over the other").toBe(false);
    wrapper.unmount();
  });
});

describe("the page of papers", () => {
  afterEach(() => void (document.body.innerHTML = ""));

  it("lists, prints and voids", async () => {
    const { wrapper, host } = await mounted(PapersPage, { number: "中止〔2026〕1号" });
    expect(wrapper.findAll('[data-testid^="kind-"]').length, "every kind stands on the left").toBe(kinds.length);
    expect(wrapper.get('[data-testid="kind-interruption"]').text(), "with the article, which a long title would push out").toBe("音像记录中止情况书面说明第十六条");
    expect(wrapper.find('[data-testid="paper-detail"]').text()).toContain("中止〔2026〕1号");
    await wrapper.get('[data-testid="paper-print"]').trigger("click");
    await flushPromises();
    expect(called(host, "print_paper"), "on the usual printer").toEqual([{ number: "中止〔2026〕1号", printer: "一楼" }]);
    host.answers.print_paper = () => { throw { code: "printer_missing", params: {}, detail: "" }; };
    await wrapper.get('[data-testid="paper-print"]').trigger("click");
    await flushPromises();
    expect(wrapper.find('[data-code="printer_missing"]').exists(), "a refusal stays on the page").toBe(true);
    await wrapper.get('[data-testid="paper-void"]').trigger("click");
    await flushPromises();
    expect(inBody("void-dialog"), "voiding asks why").not.toBeNull();
    wrapper.unmount();
  });

  it("says so when nothing was issued", async () => {
    const { wrapper } = await mounted(PapersPage, {}, sampleHost("empty"));
    expect(wrapper.get('[data-testid="papers-empty"]').text()).toContain(text.papers.none);
    wrapper.unmount();
  });

  it("keeps drafts in sight until they are issued or given up", async () => {
    const host = sampleHost();
    host.answers.save_paper_draft({ kind: "interruption", subject, revision: 0, content });
    const { wrapper } = await mounted(PapersPage, {}, host);
    expect(wrapper.get('[data-testid="paper-draft"]').text(), "kind, subject and when").toContain(kinds[1]!.title);
    await wrapper.get('[data-testid="draft-drop"]').trigger("click");
    await flushPromises();
    await click("leave-confirm");
    expect(called(host, "drop_paper_draft")).toEqual([{ kind: "interruption", subject }]);
    expect(wrapper.find('[data-testid="paper-drafts"]').exists(), "given up").toBe(false);
    wrapper.unmount();
  });

  it("is reached from what a paper can be about", async () => {
    const { wrapper, router } = await mounted(MakePaper, { subject: { kind: "clip", id: "K1" } });
    await wrapper.get('[data-testid="make-paper"]').trigger("click");
    await flushPromises();
    await vi.waitFor(() => expect(inBody("make-here-access_request"), "the kinds that fit").not.toBeNull());
    expect(inBody("make-here-interruption"), "and no other").toBeNull();
    await click("make-here-access_request");
    await flushPromises();
    expect(router.currentRoute.value.query).toEqual({ kind: "access_request", clip: "K1" });
    wrapper.unmount();
  });

  it("asks what a paper is about unless the address says so", async () => {
    const { wrapper, router, host } = await mounted(NewPaperPage, {});
    await router.push({ name: "paper-new", query: { kind: "statistics" } });
    await flushPromises();
    await type(wrapper, "period-from", "2026-09-30");
    await type(wrapper, "period-to", "2026-07-01");
    expect(wrapper.find('[data-testid="period-wrong"]').exists(), "the end is not before the begin").toBe(true);
    await type(wrapper, "period-from", "2026-07-01");
    await type(wrapper, "period-to", "2026-09-30");
    await wrapper.get('[data-testid="subject-picker"]').trigger("submit");
    await flushPromises();
    expect(router.currentRoute.value.query, "the address names kind and subject").toEqual({ kind: "statistics", unit: "2026-07-01/2026-09-30" });
    await router.push({ name: "paper-new", query: { kind: "interruption", session: "S1" } });
    await flushPromises();
    expect(called(host, "paper_draft").at(-1)).toEqual({ kind: "interruption", subject: { kind: "session", id: "S1" } });
    expect(wrapper.find('[data-testid="paper-desk"]').exists(), "nothing more is asked").toBe(true);
    wrapper.unmount();
  });
});
