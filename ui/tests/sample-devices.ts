/** Recorders, who has them, and trips, as data. */
import type { Commands, wire } from "../src/host/host";
import { at, people, recorders } from "./sample-data";

const id = (prefix: string, n: number) => `${prefix}${String(n).padStart(26 - prefix.length, "0")}`;
const person = (n: number): wire.NamedPerson => ({ id: people[n]!.id, name: people[n]!.name, certificate_no: people[n]!.certificate_no });
const ARTICLE = "行政执法全过程记录制度 第十二条";

export const rules: wire.DeviceRules = {
  kinds: ["照相机", "录音机", "摄像机", "执法记录仪", "视频监控"],
  checks: [{ word: "设备性能", check: "performance" }, { word: "电量", check: "battery" }, { word: "储存空间", check: "storage" }, { word: "镜头", check: null }],
  checks_article: ARTICLE,
};

export const checkout = (n: number, change: Partial<wire.CheckoutRow> = {}): wire.CheckoutRow => ({
  id: id("O", n), recorder: recorders[1]!.id, recorder_name: recorders[1]!.name, person: person(2), at: at("08:30:00"), battery_percent: 92, free_mb: 58_400,
  clock_right: true, performance_ok: true, also_checked: ["镜头"], unchecked: [], unfit: [], article: ARTICLE, remark: "", handed_out_by: "张伟（53030036001）", returned: null, ...change,
});
const fault: wire.FaultRow = { id: id("F", 1), recorder: recorders[2]!.id, recorder_name: recorders[2]!.name, at: at("17:20:00", "2026-11-18"), what: "镜头松动，画面抖动", found_by: person(1), recorded_by: "张伟（53030036001）", ended_by: null };

export const recorderRow = (n: number, change: Partial<wire.RecorderRow> = {}): wire.RecorderRow => ({
  id: recorders[n]!.id, recorder: recorders[n]!, keeper_id: people[n + 1]?.id ?? null, keeper_left: false, kind: "执法记录仪", maker: "海康威视", model: "DSJ-A8",
  acquired_on: "2024-03-01", cost: "1800 元，年度财政预算", place: "器材柜 2 号", status: "in_use", state: "in_store", recorded_at: at("09:00:00", "2024-03-04"),
  out: null, faults: [], keeper_wanted: null, ...change,
});

export const rows: wire.RecorderRow[] = [
  recorderRow(0),
  recorderRow(1, { state: "out", out: checkout(1) }),
  recorderRow(2, { state: "faulty", faults: [fault], keeper_id: null, keeper_wanted: "行政执法音像记录管理制度 第六条第一款", place: "" }),
];

export const trips: wire.TripRow[] = [
  {
    id: id("T", 1), people: [person(1), person(2)], recorders: [{ id: recorders[1]!.id, name: recorders[1]!.name }], reason: "remote", reason_name: "边远或者交通不便地区执法", place: "东山镇",
    from: at("07:40:00", "2026-11-19"), proof: "派遣单〔2026〕7号", opened_at: at("07:38:00", "2026-11-19"), opened_by: "张伟（53030036001）", returned: null, withdrawn: null, moves_clock: true,
  },
  {
    id: id("T", 2), people: [person(1)], recorders: [{ id: recorders[0]!.id, name: recorders[0]!.name }], reason: "elsewhere", reason_name: "异地执法", place: "昆明市",
    from: at("08:00:00", "2026-11-09"), proof: "派遣单〔2026〕5号", opened_at: at("07:50:00", "2026-11-09"), opened_by: "张伟（53030036001）",
    returned: { at: at("18:10:00", "2026-11-12"), proof: "返程车票", closed_by: "张伟（53030036001）" }, withdrawn: null, moves_clock: true,
  },
];
export const tripList = (held: wire.TripRow[]): wire.TripList => ({
  trips: held, article: "执法全过程记录制度 第十九条", within: "7个工作日",
  reasons: [{ id: "continuous", name: "连续工作" }, { id: "elsewhere", name: "异地执法" }, { id: "remote", name: "边远或者交通不便地区执法" }],
});

type DeviceCommand = "devices" | "device" | "save_recorder" | "check_out" | "return_recorder" | "report_fault" | "service_recorder" | "trips" | "open_trip" | "close_trip" | "withdraw_trip";
type Answers = { [K in DeviceCommand]: (request: Commands[K]["request"]) => Commands[K]["response"] };

/** Recorders and trips that can be worked with, as the station keeps them. */
export function equipped(notice: (topic: wire.Topic) => void, refuse: (code: string, params?: Record<string, string>) => never): Answers {
  const state = structuredClone({ rows, trips });
  const row = (wanted: string) => state.rows.find((one) => one.id === wanted) ?? refuse("not_found");
  const trip = (wanted: string) => state.trips.find((one) => one.id === wanted) ?? refuse("not_found");
  const named = (wanted: string) => person(people.findIndex((one) => one.id === wanted));
  const told = <T>(value: T): T => (notice("devices"), value);
  return {
    devices: () => ({ recorders: state.rows, rules }),
    device: ({ recorder }) => ({
      row: row(recorder), checkouts: [row(recorder).out, checkout(9, { recorder, returned: { at: at("17:30:00", "2026-11-20"), person: person(2), taken_back_by: "张伟（53030036001）", sound: true, remark: "" }, at: at("08:10:00", "2026-11-20"), unchecked: ["电量"], battery_percent: null })].filter((one) => one !== null),
      faults: row(recorder).faults, services: [], trips: state.trips.filter((one) => one.recorders.some((held) => held.id === recorder)),
      history: [{ seq: 12, at: at("09:00:00", "2024-03-04"), kind: "recorder.recorded", actor: "张伟（53030036001）", reason: "" }],
    }),
    save_recorder: (asked) => {
      const { id: known, name, serial, keeper, ...rest } = asked;
      const held = { ...(known ? row(known) : recorderRow(0, { id: id("R", 10 + state.rows.length) })), ...rest };
      held.recorder = { ...held.recorder, id: held.id, name, serial, keeper: people.find((one) => one.id === asked.keeper_id)?.name ?? keeper };
      state.rows = known ? state.rows.map((one) => (one.id === known ? held : one)) : [...state.rows, held];
      return told(held);
    },
    check_out: ({ recorder, person: who, despite, ...seen }) => {
      if (!despite && (seen.battery_percent === null || seen.free_mb === null || seen.performance_ok === null)) refuse("use_check_incomplete", { missing: "电量", article: ARTICLE });
      return told(Object.assign(row(recorder), { state: "out", out: checkout(20, { ...seen, recorder, person: named(who), at: new Date().toISOString() }) }));
    },
    return_recorder: ({ recorder, fault: what }) => told(Object.assign(row(recorder), { out: null, state: what ? "faulty" : "in_store", faults: what ? [{ ...fault, what }] : [] })),
    report_fault: ({ recorder, what }) => told(Object.assign(row(recorder), { state: "faulty", faults: [{ ...fault, what }] })),
    service_recorder: ({ recorder, result }) => told(Object.assign(row(recorder), result === "usable" ? { state: "in_store", faults: [] } : {})),
    trips: () => tripList(state.trips),
    open_trip: (asked) => {
      const opened: wire.TripRow = {
        ...trips[0]!, ...asked, id: id("T", 10 + state.trips.length), people: asked.people.map(named), returned: null,
        recorders: asked.recorders.map((one) => ({ id: one, name: row(one).recorder.name })), reason_name: tripList([]).reasons.find((one) => one.id === asked.reason)?.name ?? asked.reason,
      };
      state.trips = [opened, ...state.trips];
      return told(opened);
    },
    close_trip: ({ trip: which, returned_at, proof }) => told(Object.assign(trip(which), { returned: { at: returned_at ?? new Date().toISOString(), proof, closed_by: "张伟（53030036001）" } })),
    withdraw_trip: ({ trip: which, reason }) => told(Object.assign(trip(which), { withdrawn: { at: new Date().toISOString(), by: "张伟（53030036001）", reason } })),
  };
}
