import { flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { wire } from "../src/host/host";
import { SAVE_PAUSE_MS } from "../src/statements/draft";
import { missingFields } from "../src/statements/form";
import SessionCard from "../src/statements/SessionCard.vue";
import { text } from "../src/text/zh-CN";
import { field, mounted, press, type } from "./mounted";
import { fields, sessionDetail, sessions, signed } from "./sample-data";
import { sampleHost } from "./sample-host";

const open = (id: string, host = sampleHost()) => mounted(SessionCard, { detail: sessionDetail(id), hasNext: true }, host);
const incomplete = sessions[0]!.id;
const complete = sessions[1]!.id;
const saves = (host: ReturnType<typeof sampleHost>) => host.calls.filter((call) => call.command === "save_draft").map((call) => call.request as wire.SaveDraft);
const dialog = () => document.querySelector('[data-testid="review-dialog"]');

describe("what is missing", () => {
  const whole = signed("").fields;
  const officer = whole.officers[0]!;
  const rows: [string, Partial<wire.StatementFields>, string[]][] = [
    ["nothing", {}, []],
    ["a second officer", { officers: [officer] }, ["officers"]],
    ["a straight certificate", { officers: [{ ...officer, certificate_no: "决定23456" }, whole.officers[1]!] }, ["officer_certificate"]],
    ["a certificate of one's own", { officers: [officer, { ...whole.officers[1]!, certificate_no: officer.certificate_no }] }, ["officer_certificate"]],
    ["a place", { place: "  " }, ["place"]],
    ["the right order", { taken_from: whole.taken_to, taken_to: whole.taken_from }, ["taken_order"]],
    ["the times", { taken_from: "", made_at: "" }, ["taken_from", "made_at"]],
  ];
  it.each(rows)("is told as the model tells it: %s", (_, change, missing) => {
    expect(missingFields({ ...whole, ...change }), "codes in the order of the form").toEqual(missing);
  });
});

describe("the statement form", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => {
    vi.useRealTimers();
    document.body.innerHTML = "";
  });

  it("lists what is missing, and each item leads to its field", async () => {
    const { wrapper } = await open(incomplete);
    const listed = wrapper.findAll('[data-testid^="missing-"]').map((one) => one.attributes("data-testid"));
    expect(listed, "in the order of the law").toEqual(["missing-officers", "missing-cause", "missing-party", "missing-purpose"]);
    expect(wrapper.get('[data-testid="sign"]').attributes("disabled"), "an incomplete one cannot be signed").toBeDefined();
    await wrapper.get('[data-testid="missing-party"]').trigger("click");
    expect(document.activeElement, "the cursor stands in the field").toBe(field(wrapper, "field-party"));
    await type(wrapper, "field-party", "某某网吧");
    expect(wrapper.find('[data-testid="missing-party"]').exists(), "and the item is gone once filled").toBe(false);
    wrapper.unmount();
  });

  it("refuses a bent certificate number and does not correct it", async () => {
    const { wrapper } = await open(incomplete);
    await type(wrapper, "officer-name-1", "王强");
    await type(wrapper, "officer-certificate-1", "决定23456");
    expect(wrapper.get('[data-testid="officer-certificate-wrong-1"]').text(), "says how to scan again").toBe(text.person.certificateCjk);
    expect(field(wrapper, "officer-certificate-1").value, "what was typed stays").toBe("决定23456");
    expect(wrapper.find('[data-testid="missing-officer_certificate"]').exists()).toBe(true);
    wrapper.unmount();
  });

  it("fills the name of a scanned badge", async () => {
    const { wrapper } = await open(incomplete);
    await type(wrapper, "officer-certificate-1", "53030036015");
    expect(field(wrapper, "officer-name-1").value, "the register of people knows the number").toBe("王强");
    wrapper.unmount();
  });

  it("submits nothing while an input method composes", async () => {
    const { wrapper, host } = await open(complete);
    const place = field(wrapper, "field-place");
    place.focus();
    press(place, "Enter", { keyCode: 229 });
    press(place, "Enter", { keyCode: 229, ctrlKey: true });
    press(place, "Enter", { isComposing: true, ctrlKey: true });
    await flushPromises();
    expect(document.activeElement, "nor does the cursor leave").toBe(place);
    expect(dialog(), "no review opens").toBeNull();
    press(place, "Enter");
    expect(document.activeElement, "a plain Enter goes on to the next field").not.toBe(place);
    press(field(wrapper, "officer-name-0"), "Enter");
    expect(document.activeElement, "from a name without a picked suggestion as well").toBe(field(wrapper, "officer-certificate-0"));
    press(place, "Enter", { ctrlKey: true });
    await flushPromises();
    expect(dialog(), "Ctrl+Enter opens the review").not.toBeNull();
    expect(host.calls.some((call) => call.command === "sign_statement"), "and still nothing is signed").toBe(false);
    wrapper.unmount();
  });

  it("saves after a pause, on leaving a field and on leaving the page", async () => {
    const { wrapper, host } = await open(incomplete);
    await type(wrapper, "field-cause", "未核对");
    expect(saves(host), "not on every key").toHaveLength(0);
    await vi.advanceTimersByTimeAsync(SAVE_PAUSE_MS);
    expect(saves(host)[0], "after the pause").toMatchObject({ revision: 1, fields: { cause: "未核对" } });
    await type(wrapper, "field-purpose", "证明");
    field(wrapper, "field-purpose").dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
    await flushPromises();
    expect(saves(host)[1], "with the revision of the last save").toMatchObject({ revision: 2, fields: { purpose: "证明" } });
    await type(wrapper, "field-place", "新址");
    wrapper.unmount();
    await flushPromises();
    expect(saves(host)[2], "flushed on unmount; a touched guess is none").toMatchObject({ revision: 3, fields: { place: "新址" } });
    expect(saves(host)[2]?.guessed, "place was touched").not.toContain("place");
  });

  it("keeps what could not be saved until it can", async () => {
    const host = sampleHost();
    const working = host.answers.save_draft;
    host.answers.save_draft = () => {
      throw { code: "register_failed", params: {}, detail: "" };
    };
    const { wrapper } = await open(sessions[2]!.id, host);
    await type(wrapper, "field-cause", "没存上");
    await vi.advanceTimersByTimeAsync(SAVE_PAUSE_MS);
    await flushPromises();
    expect(wrapper.get('[data-testid="error-note"]').attributes("data-code"), "the officer is told").toBe("register_failed");
    wrapper.unmount();
    await flushPromises();
    host.answers.save_draft = working;
    const again = await open(sessions[2]!.id, host);
    expect(field(again.wrapper, "field-cause").value, "it stands there again").toBe("没存上");
    await vi.advanceTimersByTimeAsync(SAVE_PAUSE_MS);
    expect(saves(host).at(-1), "and is saved by itself").toMatchObject({ fields: { cause: "没存上" } });
    again.wrapper.unmount();
  });

  it("holds a half-typed time back and keeps its text", async () => {
    const { wrapper, host } = await open(complete);
    await type(wrapper, "field-taken_to", "2026-11-21 9点");
    await vi.advanceTimersByTimeAsync(SAVE_PAUSE_MS);
    await flushPromises();
    expect(saves(host)[0]?.fields.taken_to, "no invented time is saved").toBe("");
    expect(field(wrapper, "field-taken_to").value, "the text stays").toBe("2026-11-21 9点");
    expect(wrapper.get('[data-testid="sign"]').attributes("disabled"), "and nothing is signed").toBeDefined();
    await type(wrapper, "field-taken_to", "2026-11-21 11:00:00");
    wrapper.unmount();
    await flushPromises();
    expect(saves(host).at(-1)?.fields.taken_to, "in UTC, from the station's zone").toBe("2026-11-21T03:00:00.000Z");
  });

  it("shows both sides of a stale draft and overwrites neither unasked", async () => {
    const host = sampleHost();
    const { wrapper } = await open(incomplete, host);
    const elsewhere = { ...fields, cause: "别处填的" };
    host.answers.save_draft({ session: incomplete, revision: 1, fields: elsewhere, guessed: [] });
    await type(wrapper, "field-cause", "这里填的");
    await vi.advanceTimersByTimeAsync(SAVE_PAUSE_MS);
    await flushPromises();
    const note = wrapper.get('[data-testid="draft-stale"]').text();
    expect([note.includes("别处填的"), note.includes("这里填的")], "both are shown").toEqual([true, true]);
    await wrapper.get('[data-testid="stale-keep-mine"]').trigger("click");
    await flushPromises();
    expect(saves(host).at(-1), "kept over the newer revision").toMatchObject({ revision: 2, fields: { cause: "这里填的" } });
    wrapper.unmount();
  });

  it("reads back what is stored, then signs exactly that", async () => {
    const { wrapper, host } = await open(complete);
    await wrapper.get('[data-testid="sign"]').trigger("click");
    await flushPromises();
    expect(document.querySelector('[data-testid="review-place"]')?.textContent, "the stored words").toContain(fields.place);
    (document.querySelector('[data-testid="review-confirm"]') as HTMLElement).click();
    await flushPromises();
    const request = host.calls.find((call) => call.command === "sign_statement")?.request as wire.SignStatement;
    expect(request, "what was shown is what is signed").toMatchObject({ session: complete, reason: "", fields: { place: fields.place } });
    const shown = wrapper.findAll('[data-testid="session-clip"]').length;
    expect([shown > 0, request.clips.length], "with the clips on the page").toEqual([true, shown]);
    expect(wrapper.get('[data-testid="signed-number"]').text(), "the number is shown").toMatch(/^音说/);
    wrapper.unmount();
  });

  it("asks a reason before a signed statement is revised", async () => {
    const { wrapper } = await open(sessions[4]!.id);
    expect(wrapper.find('[data-testid="statement-form"]').exists(), "a signed one is no form").toBe(false);
    await wrapper.get('[data-testid="revise"]').trigger("click");
    expect(wrapper.find('[data-testid="missing-reason"]').exists(), "the reason is missing").toBe(true);
    await type(wrapper, "revise-reason", "当事人名称更正");
    expect(wrapper.get('[data-testid="ready-line"]').attributes("data-ready"), "now it can be signed").toBe("true");
    wrapper.unmount();
  });
});
