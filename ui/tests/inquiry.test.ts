/** What a session is asked: the light, the way to what is missing, and answers by keyboard. */
import { flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, it } from "vitest";
import type { wire } from "../src/host/host";
import { groups } from "../src/inquiry/sections";
import SessionCard from "../src/statements/SessionCard.vue";
import { text } from "../src/text/zh-CN";
import { wantWord, questionWord } from "../src/text/wording";
import { mounted, press } from "./mounted";
import { sessionDetail, sessions } from "./sample-data";
import { inquiries } from "./sample-inquiry";
import { refuse, sampleHost, type SampleHost } from "./sample-host";

const open = (host: SampleHost = sampleHost()) => mounted(SessionCard, { detail: sessionDetail(sessions[0]!.id), hasNext: true }, host);
const given = (host: SampleHost) => host.calls.filter((call) => call.command === "answer_session").flatMap((call) => (call.request as wire.AnswerSession).answers);
/** Presses the key that goes to the next missing thing and returns where the cursor then stands. */
async function next(): Promise<HTMLElement> {
  press(document.body, "F8");
  await flushPromises();
  return document.activeElement as HTMLElement;
}
const row = (at: Element) => at.closest<HTMLElement>("[data-question]")?.dataset.question;

describe("the readiness light", () => {
  afterEach(() => (document.body.innerHTML = ""));

  it("names each missing thing with its article, the worst first", async () => {
    const { wrapper } = await open();
    const line = wrapper.get('[data-testid="readiness"]');
    expect(line.attributes("data-light")).toBe("red");
    const items = wrapper.findAll('[data-testid="readiness-item"]');
    expect(items[0]!.text(), "one officer").toContain("第四十二条");
    expect(items[1]!.text(), "the pause, by its time and article").toMatch(/中断原因 09:21:00.*第十六条/);
    expect(items.map((item) => item.classes().includes("red")), "red before amber").toEqual([...items.keys()].map((at) => at < 3));
    wrapper.unmount();
  });

  it("is walked by one key, and each answer goes to the station at once", async () => {
    const { wrapper, host } = await open();
    expect((await next()).id, "the officers are entered in the statement").toBe("field-officers");
    const reason = await next();
    expect(row(reason), "the pause is answered among the questions").toBe("gap_reason");
    press(reason, "3");
    await flushPromises();
    expect(given(host), "a digit chooses").toEqual([{ question: "gap_reason", subject: expect.any(String), value: "item-2", timecode: "", note: "" }]);
    expect(wrapper.findAll('[data-testid="readiness-item"]').some((item) => item.attributes("data-want") === "gap_reason"), "and it is no longer missing").toBe(false);
    const chosen = wrapper.get('[data-question="gap_reason"] [aria-checked="true"]');
    expect(chosen.attributes("data-option")).toBe("item-2");
    press(chosen.element, "Delete");
    await flushPromises();
    expect(given(host).at(-1), "what was chosen can be taken back").toMatchObject({ question: "gap_reason", value: "" });
    wrapper.unmount();
  });

  it("loses no answer that comes while another is on its way", async () => {
    const { wrapper, host } = await open();
    await wrapper.get('[data-testid="part-questions"] input').setValue(true);
    const first = (question: string) => wrapper.get(`[data-question="${question}"] [role="radio"]`).element;
    press(first("gap_reason"), "2");
    press(first("evidence"), "1");
    await flushPromises();
    expect(given(host).map((one) => [one.question, one.value]), "both, in their order").toEqual([["gap_reason", "item-1"], ["evidence", "yes"]]);
    wrapper.unmount();
  });

  it("keeps a refusal in sight until the same question is answered", async () => {
    const host = sampleHost();
    const take = host.answers.answer_session;
    host.answers.answer_session = (asked) => (asked.answers[0]!.value === "item-1" ? refuse("register_failed") : take(asked));
    const { wrapper } = await open(host);
    await wrapper.get('[data-testid="part-questions"] input').setValue(true);
    const first = (question: string) => wrapper.get(`[data-question="${question}"] [role="radio"]`).element;
    const told = () => wrapper.findAll('[data-testid="error-note"]').length;
    press(first("gap_reason"), "2");
    press(first("evidence"), "1");
    await flushPromises();
    expect(told(), "an answer that is taken does not hide the one that is not").toBe(1);
    press(first("gap_reason"), "3");
    await flushPromises();
    expect(told(), "answered, it is gone").toBe(0);
    wrapper.unmount();
  });

  it("takes a time and a place in the footage as they are written, and says so when it cannot", async () => {
    const { wrapper, host } = await open();
    await wrapper.get('[data-testid="readiness-item"][data-want="left"]').trigger("click");
    await flushPromises();
    const left = document.activeElement as HTMLInputElement;
    expect(row(left)).toBe("left");
    const write = async (input: HTMLInputElement, words: string) => {
      input.value = words;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      press(input, "Enter");
      await flushPromises();
    };
    await write(left, "九点半");
    expect(wrapper.get('[data-question="left"]').text()).toContain(text.inquiry.timeWrong);
    expect(given(host), "what cannot be read is not sent").toEqual([]);
    await write(left, "2026-11-21 09:48:00");
    expect(given(host)).toEqual([{ question: "left", subject: "", value: "2026-11-21T01:48:00.000Z", timecode: "", note: "" }]);
    const code = wrapper.get('[data-question="told"] [data-part="timecode"]').element as HTMLInputElement;
    await write(code, "3分");
    expect(wrapper.get('[data-question="told"]').text()).toContain(text.inquiry.timecodeWrong);
    await write(code, "00:03:12");
    expect(given(host).at(-1)).toMatchObject({ question: "told", value: "yes", timecode: "00:03:12" });
    wrapper.unmount();
  });
});

describe("questions", () => {
  it("stand together by gap, in the order of the page", () => {
    const sections = groups(inquiries().of("x").questions).map((group) => [group.section, group.questions.length]);
    expect(sections).toEqual([["session", 5], ["course", 3], ["gaps", 3], ["key", 6]]);
  });

  it("have words for every code", () => {
    for (const one of inquiries().of("x").questions) expect(questionWord(one.question, one.subject), one.question).not.toBe(one.question);
    for (const one of inquiries().of("x").missing) expect(wantWord(one.want), one.want).not.toBe(one.want);
  });
});
