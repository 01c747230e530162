/** What 设备 says of recorders and trips. */
import type { wire } from "../host/host";
import { size } from "../text/format";
import { text } from "../text/zh-CN";

/** Returns the keeper as a line shows it. */
export function keeperOf(row: wire.RecorderRow): string {
  if (!row.recorder.keeper) return text.none;
  return row.keeper_left ? text.devices.keeperLeft(row.recorder.keeper) : row.recorder.keeper;
}

/** Returns maker and model, or what the profile is called. */
export function modelOf(row: wire.RecorderRow): string {
  return [row.maker, row.model].filter(Boolean).join(" ") || row.recorder.profile || text.none;
}

/** Tells whether a row has some text in what people look for it by. */
export function holds(row: wire.RecorderRow, typed: string): boolean {
  const looked = [row.recorder.name, row.recorder.serial, row.recorder.keeper, row.out?.person.name ?? "", row.place, row.kind];
  return looked.join(" ").toLowerCase().includes(typed.trim().toLowerCase());
}

const MB = 1_000_000;

/** Returns what was seen before use: `电量 90% · 剩余 58 GB · 性能正常 · 未检查：…`. */
export function checkedWords(row: wire.CheckoutRow): string {
  const t = text.devices;
  const ticked = (seen: boolean | null, word: string) => (seen === true ? t.inOrder(word) : "");
  return [
    row.battery_percent === null ? "" : t.percent(row.battery_percent),
    row.free_mb === null ? "" : t.free(size(row.free_mb * MB)),
    ticked(row.performance_ok, t.check.performance),
    ticked(row.clock_right, t.check.clock),
    ...row.also_checked.map((word) => t.inOrder(word)),
    row.unchecked.length ? t.unchecked(row.unchecked.join("、")) : "",
    row.unfit.length ? t.unfit(row.unfit.map((one) => t.unfitOf[one]).join("、")) : "",
  ].filter(Boolean).join(" · ") || text.none;
}

export const names = (people: wire.NamedPerson[]): string => people.map((one) => one.name).join("、");

/** A recorder's main act: give it back when it is out, else hand it out; none when it cannot go out. */
export type Act = "out" | "back" | "fault" | "service" | "edit";

export function mainAct(row: wire.RecorderRow): Act | null {
  if (row.state === "out") return "back";
  return row.state === "in_store" && row.keeper_wanted === null ? "out" : null;
}
