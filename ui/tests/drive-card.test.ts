import { describe, expect, it } from "vitest";
import DriveCard from "../src/docking/DriveCard.vue";
import { headline, phaseOf, pullSentence, type Phase } from "../src/docking/phase";
import type { wire } from "../src/host/host";
import { drive, job } from "./sample-data";
import { mounted } from "./mounted";

const running = (stage: wire.JobStage, change: Partial<wire.JobView> = {}) => drive(1, { job: job(1, { stage, ...change }) });
const ended = (state: wire.JobState, change: Partial<wire.JobView> = {}) => drive(1, { job: job(1, { state, stage: "ended", ...change }) });

const rows: [string, wire.DriveView, Phase, string, RegExp][] = [
  ["never seen", drive(1, { standing: "unknown", recorder: null }), "unread", "care", /^可以，没有读取过任何内容/],
  ["not begun", drive(1), "unstarted", "good", /^可以，还没有开始/],
  ["being listed", running("listing", { stored: 0 }), "listing", "busy", /还没有文件入库/],
  ["copying the first file", running("copying", { stored: 0, already_held: 0 }), "copying", "busy", /还没有文件入库/],
  ["copying", running("copying", { stored: 5, already_held: 2 }), "copying", "busy", /^已校验的 7 个安全，其余下次续采/],
  ["listed again", running("finishing"), "finishing", "busy", /最后一次清点/],
  ["probed", running("probing"), "probing", "busy", /^可以。.*不再读取设备/],
  ["done", ended("done", { stored: 3 }), "done", "good", /^可以，全部已校验入库/],
  ["done with nothing new", ended("done", { stored: 0, already_held: 9 }), "nothingNew", "good", /^可以，没有新文件/],
  ["done but for two", ended("done", { refused: 2 }), "partly", "care", /有文件没有完整入库/],
  ["interrupted", ended("interrupted"), "interrupted", "care", /重新插入即继续/],
  ["cancelled", ended("cancelled"), "cancelled", "idle", /从断点继续/],
  ["failed", ended("failed"), "failed", "bad", /^可以，已校验的 7 个保留/],
  ["that does not answer", running("copying", { stalled_since: new Date().toISOString() }), "stalled", "bad", /^已校验的 7 个安全，其余下次续采/],
  ["read a second time", running("second_read"), "second_read", "busy", /^可以，已校验的 7 个安全。没复读完的停在 V2/],
  ["done with a damaged file", ended("done", { problems: [{ code: "file_damaged", path: "a", detail: "" }] }), "flawed", "bad", /先留着卡/],
  ["done with a file that reads differently", ended("done", { problems: [{ code: "second_read_differs", path: "a", detail: "" }] }), "flawed", "bad", /先留着卡/],
  ["waiting for the vault's disk", ended("interrupted", { awaits_target: true }), "waiting", "bad", /磁盘恢复后自动续采/],
];

describe("a drive's card", () => {
  it.each(rows)("tells the truth about pulling a drive %s", (_, view, phase, tone, sentence) => {
    expect(phaseOf(view), "where it stands").toBe(phase);
    expect(headline(view).tone, "how it is to be taken").toBe(tone);
    expect(pullSentence(view), "the one sentence").toMatch(sentence);
  });

  it("offers only to register or to allow, before anything was read", async () => {
    const { wrapper } = await mounted(DriveCard, { drive: drive(1, { standing: "unknown", recorder: null }), busy: false, error: null });
    expect(wrapper.find('[data-testid="drive-start"]').exists(), "no start without leave to read").toBe(false);
    await wrapper.get('[data-testid="drive-admit"]').trigger("click");
    await wrapper.get('[data-testid="drive-register"]').trigger("click");
    expect(wrapper.emitted(), "both intents leave the card").toMatchObject({ admit: [[]], register: [[]] });
    wrapper.unmount();
  });
  it("shows progress in numbers and can be stopped", async () => {
    const { wrapper } = await mounted(DriveCard, { drive: running("copying"), busy: false, error: null });
    expect(wrapper.get('[data-testid="drive-percent"]').text(), "whole percent of bytes").toBe("63%");
    expect(wrapper.get('[data-testid="drive-files"]').text()).toBe("7 / 12 个文件");
    expect(wrapper.find('[data-testid="drive-start"]').exists(), "no second job").toBe(false);
    await wrapper.get('[data-testid="drive-cancel"]').trigger("click");
    expect(wrapper.emitted("cancel"), "the page asks before it stops").toHaveLength(1);
    wrapper.unmount();
  });
  it("explains each problem and each error in three parts", async () => {
    const problems = [{ code: "symlink_refused", path: "DCIM/a", detail: "" }];
    const failed = ended("failed", { problems, error: { code: "target_full", params: {}, detail: "os error 28" } });
    const { wrapper } = await mounted(DriveCard, { drive: failed, busy: false, error: null });
    expect(wrapper.get('[data-testid="error-note"]').text(), "what, effect, action").toMatch(/空间不足.*影响什么.*怎么办/s);
    expect(wrapper.get('[data-testid="problem-list"]').text()).toMatch(/链接.*没有跟随.*怎么办.*DCIM\/a/s);
    wrapper.unmount();
  });
});
