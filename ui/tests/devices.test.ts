/** 设备: handing out and taking back, what the rules ask for, and trips. */
import { flushPromises } from "@vue/test-utils";
import { afterEach, describe, expect, it } from "vitest";
import DevicesPage from "../src/devices/DevicesPage.vue";
import { toMegabytes, toPercent } from "../src/devices/numbers";
import { checkedWords, holds, keeperOf, mainAct } from "../src/devices/words";
import RowGrid from "../src/grid/RowGrid.vue";
import { mounted } from "./mounted";
import { people, recorders } from "./sample-data";
import { checkout, recorderRow, rows, trips } from "./sample-devices";
import { sampleHost } from "./sample-host";

const there = (testid: string) => document.querySelector<HTMLElement>(`[data-testid="${testid}"]`);
/** Dialogs stand in the body, outside the wrapper. */
async function click(testid: string): Promise<void> {
  there(testid)!.click();
  await flushPromises();
}
async function write(testid: string, value: string): Promise<void> {
  const marked = there(testid)!;
  const input = (marked.matches("input") ? marked : marked.querySelector("input")) as HTMLInputElement;
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  await flushPromises();
}
async function submit(testid: string): Promise<void> {
  document.getElementById(`${testid}-form`)!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  await flushPromises();
}
async function open(props: { tab?: string; recorder?: string }, scene: "rich" | "empty" = "rich") {
  const host = sampleHost(scene);
  const shown = await mounted(DevicesPage, props, host);
  const asked = (command: string) => host.calls.filter((call) => call.command === command).map((call) => call.request);
  const select = async (testid: string, value: unknown) => {
    const found = shown.wrapper.findAllComponents({ name: "ElSelect" }).find((one) => one.attributes("data-testid") === testid || one.props("id") === testid);
    found!.vm.$emit("update:modelValue", value);
    await flushPromises();
  };
  return { ...shown, asked, select };
}
afterEach(() => {
  document.body.innerHTML = "";
});

describe("a recorder", () => {
  it.each([["", null], ["0", 0], [" 92 ", 92], ["101", undefined], ["九十", undefined], ["-1", undefined]])("%j is %j percent", (typed, told) => expect(toPercent(typed)).toBe(told));
  it.each([["", null], ["58", 58_000], ["58.4", 58_400], ["0", 0], ["1e3", undefined], ["58GB", undefined]])("%j is %j MB", (typed, told) => expect(toMegabytes(typed)).toBe(told));

  it("has one act that is due", () => {
    expect(rows.map(mainAct), "in store, out, faulty").toEqual(["out", "back", null]);
    expect(mainAct(recorderRow(0, { keeper_wanted: "第六条" })), "nobody keeps it, so nobody takes it").toBeNull();
  });
  it("tells its keeper, and one who has left", () => {
    expect(keeperOf(rows[0]!)).toBe("李娜");
    expect(keeperOf(recorderRow(0, { keeper_left: true }))).toBe("李娜（已离岗）");
    expect(keeperOf(rows[2]!), "nobody").toBe("—");
  });
  it("is found by who has it", () => {
    expect(rows.filter((row) => holds(row, "王强")).map((row) => row.id), "keeper or holder").toEqual([recorders[1]!.id]);
    expect(rows.filter((row) => holds(row, "a8c03")).map((row) => row.id), "its serial, in any case").toEqual([recorders[0]!.id]);
  });
  it("says what was checked and what was not", () => {
    expect(checkedWords(checkout(1))).toBe("电量 92% · 剩余 58.4 GB · 性能正常 · 时间正常 · 镜头正常");
    const poor = checkout(1, { battery_percent: null, free_mb: null, clock_right: false, performance_ok: null, also_checked: [], unchecked: ["电量", "储存空间"], unfit: ["clock"] });
    expect(checkedWords(poor)).toBe("未检查：电量、储存空间 · 不合格：时间");
  });
});

describe("the ledger of recorders", () => {
  it("hands out on Enter, asks for the check, and goes on only when told to", async () => {
    const { wrapper, asked } = await open({ tab: "ledger", recorder: rows[0]!.id });
    wrapper.getComponent(RowGrid).vm.$emit("open", rows[0]);
    await flushPromises();
    expect(there("check-out")?.textContent, "what the rules ask for is marked, with the article").toMatch(/第十二条.*电量（%） \*/s);
    await write("out-battery", "92");
    await submit("check-out");
    const order = { recorder: rows[0]!.id, person: people[0]!.id, at: null, battery_percent: 92, free_mb: null, clock_right: null, performance_ok: null, also_checked: [], remark: "", despite: false };
    expect(asked("check_out"), "the operator is proposed").toEqual([order]);
    expect(there("check-out")?.textContent, "it is refused, with why").toContain("使用前检查没有做完");
    await click("out-despite");
    expect(asked("check_out").at(-1), "and logged").toEqual({ ...order, despite: true });
    await new Promise((over) => setTimeout(over, 250));
    await flushPromises();
    expect(wrapper.get('[data-testid="recorder-state"]').text()).toBe("领用中");
    wrapper.unmount();
  });

  it("does not send what is no number", async () => {
    const { wrapper, asked } = await open({ tab: "ledger", recorder: rows[0]!.id });
    await click("act-out");
    await write("out-battery", "满");
    await submit("check-out");
    expect([asked("check_out"), there("check-out")?.textContent?.includes("填写 0 到 100 的整数")]).toEqual([[], true]);
    wrapper.unmount();
  });

  it("takes back with the fault that was found", async () => {
    const { wrapper, asked } = await open({ tab: "ledger", recorder: rows[1]!.id });
    wrapper.getComponent(RowGrid).vm.$emit("open", rows[1]);
    await flushPromises();
    there("back-sound")!.querySelectorAll<HTMLInputElement>("input")[1]!.click();
    await flushPromises();
    await submit("give-back");
    expect(asked("return_recorder"), "a fault is put into words").toEqual([]);
    await write("back-fault", "不能开机");
    await submit("give-back");
    expect(asked("return_recorder")).toEqual([{ recorder: rows[1]!.id, person: people[2]!.id, at: null, fault: "不能开机", remark: "" }]);
    wrapper.unmount();
  });

  it("says why a recorder without a keeper cannot go out", async () => {
    const { wrapper } = await open({ tab: "ledger", recorder: rows[2]!.id });
    expect(wrapper.get('[data-testid="keeper-wanted"]').text()).toContain("第六条第一款");
    expect(wrapper.get('[data-testid="act-out"]').attributes("disabled"), "and the button is shut").toBeDefined();
    expect(wrapper.get('[data-testid="care-row"]').text(), "its fault stands").toMatch(/镜头松动.*未修复/s);
    wrapper.unmount();
  });

  it("shows who had it when", async () => {
    const { wrapper } = await open({ tab: "ledger", recorder: rows[1]!.id });
    const told = wrapper.findAll('[data-testid="checkout-row"]').map((row) => row.text());
    expect(told[0], "now").toMatch(/王强.*2026-11-21 08:30:00 – 未归还/s);
    expect(told[1], "before").toMatch(/2026-11-20 08:10:00 – 2026-11-20 17:30:00.*未检查：电量/s);
    wrapper.unmount();
  });

  it("adds one with its keeper", async () => {
    const { wrapper, asked, select } = await open({ tab: "ledger" });
    await click("devices-add");
    await submit("recorder");
    expect(asked("save_recorder"), "not without a name").toEqual([]);
    await write("recorder-name", "佳能照相机 01号");
    await select("recorder-kind", "照相机");
    await select("recorder-keeper", people[3]!.id);
    await write("recorder-acquired", "2024-3-1");
    await submit("recorder");
    expect([asked("save_recorder"), there("recorder")?.textContent?.includes("写成 2024-03-01")], "nor with half a day").toEqual([[], true]);
    await write("recorder-acquired", "2024-03-01");
    await submit("recorder");
    expect(asked("save_recorder")).toEqual([{ id: null, name: "佳能照相机 01号", serial: "", kind: "照相机", maker: "", model: "", acquired_on: "2024-03-01", cost: "", place: "", status: "in_use", keeper_id: people[3]!.id, keeper: "" }]);
    wrapper.unmount();
  });

  it.each([["ledger", "还没有设备"], ["trips", "没有外出登记"]])("says what to do while %s is empty", async (tab, said) => {
    const { wrapper } = await open({ tab }, "empty");
    expect(wrapper.text()).toContain(said);
    wrapper.unmount();
  });
});

describe("trips", () => {
  it("end with the return", async () => {
    const { wrapper, asked } = await open({ tab: "trips" });
    expect(wrapper.get('[data-testid="trips-rule"]').text(), "what a trip does to the clock").toMatch(/7个工作日.*第十九条/);
    wrapper.getComponent(RowGrid).vm.$emit("open", trips[0]);
    await flushPromises();
    await write("close-at", "2026-11-21 25:00");
    await submit("close-trip");
    expect(asked("close_trip"), "no such time").toEqual([]);
    await write("close-at", "2026-11-21 12:00");
    await write("close-proof", "返程车票");
    await submit("close-trip");
    expect(asked("close_trip")).toEqual([{ trip: trips[0]!.id, returned_at: "2026-11-21T04:00:00.000Z", proof: "返程车票" }]);
    wrapper.getComponent(RowGrid).vm.$emit("open", trips[1]);
    await flushPromises();
    expect(asked("close_trip").length, "one that is over does not end again").toBe(1);
    wrapper.unmount();
  });

  it("are opened whole", async () => {
    const { wrapper, asked, select } = await open({ tab: "trips" });
    await click("devices-add");
    await submit("trip");
    expect([asked("open_trip"), there("trip")?.textContent?.includes("填写派遣单号等凭证")]).toEqual([[], true]);
    await select("trip-people", [people[1]!.id, people[2]!.id]);
    await select("trip-recorders", [recorders[0]!.id]);
    await select("trip-reason", "remote");
    await write("trip-place", "东山镇");
    await write("trip-from", "2026-11-20 08:00");
    await write("trip-proof", "派遣单〔2026〕8号");
    await submit("trip");
    expect(asked("open_trip")).toEqual([{ people: [people[1]!.id, people[2]!.id], recorders: [recorders[0]!.id], reason: "remote", place: "东山镇", from: "2026-11-20T00:00:00.000Z", proof: "派遣单〔2026〕8号", returned_at: null, return_proof: "" }]);
    wrapper.unmount();
  });
});
