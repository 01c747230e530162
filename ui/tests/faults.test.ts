/** What the window says when something goes wrong, and what it lets a person do about it. */
import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, describe, expect, it } from "vitest";
import { clockWords } from "../src/docking/clock";
import DockingPage from "../src/docking/DockingPage.vue";
import DriveOutcome from "../src/docking/DriveOutcome.vue";
import DriveProgress from "../src/docking/DriveProgress.vue";
import { leftBehind, missingFiles, pulledJobs } from "../src/docking/phase";
import App from "../src/frame/App.vue";
import { hostKey, type wire } from "../src/host/host";
import StationForm from "../src/settings/StationForm.vue";
import { clockOff, readableShare } from "../src/text/format";
import { reachedWords } from "../src/text/wording";
import { blankRouter, mounted, press, type as typeInto } from "./mounted";
import { drive, job, settings } from "./sample-data";
import { faultDrives, faultJobs, pulledJob } from "./sample-faults";
import { sampleHost, type Scene } from "./sample-host";

async function open(scene: Scene) {
  const router = blankRouter();
  await router.push("/docking");
  const host = sampleHost(scene);
  const wrapper = mount(App, { attachTo: document.body, global: { plugins: [router], provide: { [hostKey as symbol]: host } } });
  await flushPromises();
  return { wrapper, host, router };
}
const there = (testid: string) => document.querySelector<HTMLElement>(`[data-testid="${testid}"]`);
/** Dialogs stand in the body, outside the wrapper. */
async function click(testid: string): Promise<void> {
  const element = there(testid)!;
  (element.matches("button") ? element : (element.querySelector<HTMLElement>("button") ?? element)).click();
  await flushPromises();
}
async function write(testid: string, value: string): Promise<void> {
  const marked = there(testid)!;
  const input = (marked.matches("input, textarea") ? marked : marked.querySelector("input, textarea")) as HTMLTextAreaElement;
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  await flushPromises();
}
const asked = (host: { calls: { command: string; request: unknown }[] }, command: string) => host.calls.filter((call) => call.command === command).map((call) => call.request);
afterEach(() => {
  document.body.innerHTML = "";
});

describe("an alarm", () => {
  it("stands above every page until a person has said what was done", async () => {
    const { wrapper, host } = await open("faults");
    expect(there("alarm-bar")?.dataset.count, "all that stand are counted").toBe("3");
    press(document.body, "!");
    await flushPromises();
    expect(document.querySelectorAll('[data-testid="alarm"]').length, "a key opens the panel").toBe(3);
    expect(there("alarm")?.textContent, "what, effect, action").toMatch(/原件变了.*影响什么.*怎么办.*第二份恢复/s);
    await click("alarm-acknowledge");
    expect(asked(host, "acknowledge_alarm"), "not without a note").toEqual([]);
    expect(there("alarm")?.textContent).toContain("写明已采取的措施");
    await write("alarm-note", "已从第二份恢复");
    await click("alarm-acknowledge");
    await new Promise((over) => setTimeout(over, 250));
    await flushPromises();
    expect(asked(host, "acknowledge_alarm")).toMatchObject([{ note: "已从第二份恢复" }]);
    expect(there("alarm-bar")?.dataset.count, "the others stand on").toBe("2");
    wrapper.unmount();
  });
  it("sends a note by Enter, but not by the Enter of an input method", async () => {
    const { wrapper, host } = await open("faults");
    press(document.body, "\uff01");
    await flushPromises();
    await write("alarm-note", "已换读卡器");
    const area = there("alarm-note")!.matches("textarea") ? there("alarm-note")! : there("alarm-note")!.querySelector("textarea")!;
    press(area, "Enter", { keyCode: 229 });
    await flushPromises();
    expect(asked(host, "acknowledge_alarm"), "Enter took the candidate").toEqual([]);
    press(area, "Enter");
    await flushPromises();
    expect(asked(host, "acknowledge_alarm"), "Enter sends").toHaveLength(1);
    wrapper.unmount();
  });
  it("of a bad original offers the second copy, as a plan first", async () => {
    const { wrapper, host } = await open("faults");
    await click("alarm-open");
    expect(document.querySelectorAll('[data-testid="alarm-restore"]').length, "only where there is something to restore").toBe(1);
    await click("alarm-restore");
    expect(there("restore-from")?.textContent, "where from").toMatch(/^\/media\/second/);
    expect(there("restore-into")?.textContent, "where to").toMatch(/^originals\//);
    expect(asked(host, "restore_clip"), "nothing was done by looking").toEqual([]);
    await click("restore-start");
    expect(asked(host, "restore_clip"), "now it is").toHaveLength(1);
    expect(there("restore-task")?.dataset.state).toBe("running");
    wrapper.unmount();
  });
});

describe("a full disk", () => {
  it("stands before everything, and neither Esc nor a key takes it away", async () => {
    const { wrapper, host, router } = await open("disk");
    expect(there("disk-stopped")?.textContent, "what, and what to do").toMatch(/存储空间不足.*怎么办.*自动继续/s);
    expect(there("disk-devices")?.textContent, "who waits").toContain("DSJ-A8 01号");
    press(document.body, "Escape");
    press(document.body, "3");
    await flushPromises();
    expect([!!there("disk-stopped"), router.currentRoute.value.name], "it stays").toEqual([true, "docking"]);
    await click("disk-acknowledge");
    expect(asked(host, "acknowledge_alarm"), "not without a note").toEqual([]);
    await write("disk-note", "正在清理空间");
    await click("disk-acknowledge");
    expect(asked(host, "acknowledge_alarm")).toMatchObject([{ note: "正在清理空间" }]);
    wrapper.unmount();
  });
});

describe("a pulled drive", () => {
  const rows: [string, wire.JobView[], wire.DriveView[], number][] = [
    ["is told while it is away", [pulledJob], [], 1],
    ["is not told once it is back", [pulledJob], [drive(1, { label: pulledJob.drive_label, recorder: { ...drive(1).recorder!, name: pulledJob.recorder } })], 0],
    ["is not told when a later job went through", [pulledJob, { ...pulledJob, id: "later", state: "done", opened_at: "2027-01-01T00:00:00Z" }], [], 0],
    ["is told beside other drives", faultJobs, faultDrives, 1],
    ["is not what was stopped by hand", [{ ...pulledJob, state: "cancelled" }], [], 0],
  ];
  it.each(rows)("%s", (_, jobs, drives, told) => {
    expect(pulledJobs(jobs, drives), "cards of drives that are away").toHaveLength(told);
  });
  it("says what is safe and what is missing, and is put away only by hand", async () => {
    const host = sampleHost("faults");
    const { wrapper } = await mounted(DockingPage, {}, host);
    expect(wrapper.get('[data-testid="pulled-safe"]').text(), "what is in the vault").toBe("7 个");
    expect(wrapper.get('[data-testid="pulled-missing"]').text(), "what is only on the card").toMatch(/^5 个 · 10\.7 GB$/);
    expect(wrapper.get('[data-testid="pulled-action"]').text(), "what to do, and that it then goes on by itself").toMatch(/插回同一台设备.*自动开始/);
    await wrapper.get('[data-testid="pulled-fold"]').trigger("click");
    expect(wrapper.find('[data-testid="pulled-card"]').exists()).toBe(false);
    wrapper.unmount();
  });
  it("is recognised when it is back and not begun", () => {
    const back = drive(1, { label: pulledJob.drive_label, recorder: { ...drive(1).recorder!, name: pulledJob.recorder } });
    expect(leftBehind(back, [pulledJob])?.id, "the card offers to go on").toBe(pulledJob.id);
    expect(leftBehind(drive(1), [pulledJob]), "another card does not").toBeNull();
    expect(missingFiles(job(1, { files_total: 12, stored: 7, already_held: 1, refused: 1 })), "neither held nor refused").toBe(3);
  });
});

describe("an intake", () => {
  it("shows the second reading by itself, measured from where it began", async () => {
    const { wrapper } = await mounted(DriveProgress, { job: job(1, { bytes_done: 10_000, bytes_total: 10_000 }) });
    expect(wrapper.find('[data-testid="drive-reread"]').exists(), "not while copying").toBe(false);
    await wrapper.setProps({ job: job(1, { stage: "second_read", bytes_done: 12_000, bytes_total: 18_000 }) });
    expect(wrapper.get('[data-testid="drive-reread"]').text(), "its own bytes of its own total").toBe("复读 2.0 / 8.0 KB");
    wrapper.unmount();
  });
  it("tells a drive that does not answer from one that is slow", async () => {
    const since = new Date(Date.now() - 12_000).toISOString();
    const { wrapper } = await mounted(DriveProgress, { job: job(1, { stalled_since: since }) });
    expect(wrapper.get('[data-testid="drive-stalled"]').text(), "how long it is waited for, and that others go on").toMatch(/其他设备照常采集.*再等 4[78] 秒.*立即生效/s);
    wrapper.unmount();
  });
  it("names level, damaged files and copies when it has ended", async () => {
    const host = sampleHost("faults");
    const damagedJob = faultDrives[3]!.job!;
    const { wrapper } = await mounted(DriveOutcome, { job: damagedJob, name: "DSJ-A8 04号", counts: true }, host);
    expect(wrapper.get('[data-testid="drive-level"]').text()).toMatch(/已校验 · V2.*10 个.*第二份 12 \/ 12/s);
    expect(wrapper.get('[data-testid="drive-damaged"]').text(), "which, how much, where, what to do").toMatch(/094502_0007.*可读 99\.9%.*2 处.*书面说明/s);
    expect(wrapper.get('[data-testid="drive-suspect"]').text()).toContain("存疑 1 个");
    wrapper.unmount();
  });
});

describe("words of soundness", () => {
  it("say of a clock only what is known", () => {
    const clock = (error_ms: number, bound_ms: number | null): wire.ClockView => ({ method: "entered", error_ms, bound_ms, newest_path: "", station_at: "" });
    const rows: [number, number | null, string][] = [
      [12_400, 2000, "快 12 秒"], [-75_000, 2000, "慢 1 分 15 秒"], [300, 2000, "与本站一致"], [93_600_000, null, "至少快 26 小时"], [-5000, null, "最多慢 5 秒"],
      [-1_451_000_000_000, 2000, "慢 16793 天"],
    ];
    for (const [error, bound, word] of rows) expect(clockWords(clock(error, bound)).word, `${error} ms within ${bound}`).toBe(word);
    expect(clockOff(-1499), "to the second").toBe("1 秒");
  });
  it("never round a damaged file to whole", () => {
    for (const [readable, whole, said] of [[999_999, 1_000_000, "99.9%"], [1, 3, "33.3%"], [0, 3, "0%"], [3, 3, "100%"]] as const) expect(readableShare(readable, whole), `${readable} of ${whole}`).toBe(said);
  });
  it("never call a clip verified that is not", () => {
    for (const state of ["damaged", "mismatch", "suspect"]) expect(reachedWords(state, "V2").word, state).not.toContain("已校验");
    expect(reachedWords("verified", "V3").word).toBe("已复读 · V3");
  });
});

describe("the place for second copies", () => {
  it("is refused at its field, in words", async () => {
    const { wrapper, host } = await mounted(StationForm, { section: "store", settings });
    await typeInto(wrapper, "set-copy", "/srv/second");
    await wrapper.get("form").trigger("submit");
    await flushPromises();
    expect(asked(host, "save_settings"), "the station judges").toHaveLength(1);
    expect(wrapper.get('[data-testid="set-copy-wrong"]').text(), "why").toContain("同一块磁盘");
    expect(wrapper.find('[data-testid="error-note"]').exists(), "and not a second time").toBe(false);
    await typeInto(wrapper, "set-days", "400");
    await wrapper.get("form").trigger("submit");
    expect(asked(host, "save_settings"), "a number out of range goes nowhere").toHaveLength(1);
    wrapper.unmount();
  });
});
