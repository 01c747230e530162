/** What every page knows of the station: who is at work, and the zone in which times are read. */
import { computed, inject, provide, type ComputedRef, type InjectionKey, type ShallowRef } from "vue";
import type { wire } from "../host/host";
import { clockTime, nearTime, parseDay, parseTime, showTime, spanTime } from "../text/format";
import { useAsk } from "./ask";

export interface Station {
  overview: ShallowRef<wire.Overview | null>;
  error: ShallowRef<wire.WireError | null>;
  zone: ComputedRef<number>;
  refresh: () => Promise<void>;
}

export const stationKey: InjectionKey<Station> = Symbol("station");

/** Beijing, until the station has said otherwise. */
const ZONE_DEFAULT = 480;

const TOPICS: readonly wire.Topic[] = ["dock", "clips", "sessions", "cases", "packages", "people", "settings", "tasks", "alarms"];

export function provideStation(): Station {
  const { data, error, refresh } = useAsk("overview", () => ({}), TOPICS);
  const zone = computed(() => data.value?.zone_minutes ?? ZONE_DEFAULT);
  const station: Station = { overview: data, error, zone, refresh };
  provide(stationKey, station);
  return station;
}

export function useStation(): Station {
  const station = inject(stationKey);
  if (!station) throw new Error("the page was mounted outside the frame");
  return station;
}

/** Returns the time formats bound to the station's zone. */
export function useTimes() {
  const { zone } = useStation();
  return {
    show: (at: string | null) => showTime(at, zone.value),
    near: (at: string | null) => nearTime(at, zone.value),
    clock: (at: string | null) => clockTime(at, zone.value),
    span: (from: string | null, to: string | null) => spanTime(from, to, zone.value),
    parse: (typed: string) => parseTime(typed, zone.value),
    day: (typed: string, days = 0) => parseDay(typed, zone.value, days),
  };
}
