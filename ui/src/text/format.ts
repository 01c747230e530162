/** Numbers and times as people read them. */
import { text } from "./zh-CN";

const SIZES = ["B", "KB", "MB", "GB", "TB"] as const;

/** Splits a size into a number people say and its decimal unit. */
export function sizeParts(bytes: number, like: number = bytes): { value: string; unit: string } {
  let step = 0;
  while (like >= 999.5 * 1000 ** step && step < SIZES.length - 1) step += 1;
  const value = bytes / 1000 ** step;
  const digits = step === 0 || value >= 100 || (step < 3 && value >= 10) ? 0 : 1;
  return { value: value.toFixed(digits), unit: SIZES[step] ?? "B" };
}

/** Returns a size such as `18.4 GB`. */
export function size(bytes: number): string {
  const { value, unit } = sizeParts(bytes);
  return `${value} ${unit}`;
}

/** Returns two sizes in the unit of the second: `18.4 / 29.1 GB`. */
export function sizePair(done: number, total: number): string {
  const whole = sizeParts(total);
  return `${sizeParts(done, total).value} / ${whole.value} ${whole.unit}`;
}

/** Returns a whole number with its thousands set apart. */
export function count(n: number): string {
  return String(Math.trunc(n)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Returns a length of time such as `45 分 10 秒`, its two largest parts. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  const s = whole % 60;
  if (h > 0) return m > 0 ? `${text.units.hours(h)} ${text.units.minutes(m)}` : text.units.hours(h);
  if (m > 0) return s > 0 ? `${text.units.minutes(m)} ${text.units.seconds(s)}` : text.units.minutes(m);
  return text.units.seconds(s);
}

const DAY_S = 86_400;

/** Returns how far a clock is off, without its sign: like a duration, in days from two days on. */
export function clockOff(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  return seconds >= 2 * DAY_S ? text.units.days(Math.floor(seconds / DAY_S)) : duration(seconds);
}

/** Returns how much of a file could be read: `98.7%`, and 100 % only when all of it. */
export function readableShare(readable: number, whole: number): string {
  if (whole <= 0 || readable >= whole) return "100%";
  return `${Math.min(99.9, Math.floor((readable / whole) * 1000) / 10)}%`;
}

/** Returns a position in footage: `09:05` or `1:02:03`. */
export function position(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const h = Math.floor(whole / 3600);
  const rest = `${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  return h > 0 ? `${h}:${rest}` : rest;
}

/** Returns a share in whole percent; 100 only when all is done. */
export function percent(done: number, total: number): number {
  if (total <= 0) return 0;
  return done >= total ? 100 : Math.min(99, Math.floor((done / total) * 100));
}

/** Returns `2026-11-21 09:02:05` in the station's zone, or empty text. */
export function showTime(at: string | null, zoneMinutes: number): string {
  const wall = wallClock(at, zoneMinutes);
  return wall ? `${wall.slice(0, 10)} ${wall.slice(11, 19)}` : "";
}

/** Returns `今天 09:02`, `昨天 16:40`, `11-18 09:02`, or with the year where it is another. */
export function nearTime(at: string | null, zoneMinutes: number, now: number = Date.now()): string {
  const wall = wallClock(at, zoneMinutes);
  if (!wall) return "";
  const time = wall.slice(11, 16);
  const dayOf = (ms: number) => (wallClock(new Date(ms).toISOString(), zoneMinutes) ?? "").slice(0, 10);
  const day = wall.slice(0, 10);
  if (day === dayOf(now)) return text.units.today(time);
  if (day === dayOf(now - 86_400_000)) return text.units.yesterday(time);
  return day.slice(0, 4) === dayOf(now).slice(0, 4) ? `${day.slice(5)} ${time}` : `${day} ${time}`;
}

/** Returns `09:02:05`. */
export function clockTime(at: string | null, zoneMinutes: number): string {
  return wallClock(at, zoneMinutes)?.slice(11, 19) ?? "";
}

/** Returns `11-21 09:02–09:47`, as much of the end as differs. */
export function spanTime(from: string | null, to: string | null, zoneMinutes: number): string {
  const begin = wallClock(from, zoneMinutes);
  if (!begin) return "";
  const head = `${begin.slice(5, 10)} ${begin.slice(11, 16)}`;
  const end = wallClock(to, zoneMinutes);
  if (!end) return head;
  return end.slice(0, 10) === begin.slice(0, 10)
    ? `${head}–${end.slice(11, 16)}`
    : `${head} – ${end.slice(5, 10)} ${end.slice(11, 16)}`;
}

const WALL = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2}))?)?$/;

/** Returns the instant of a wall-clock time in the station's zone as RFC 3339, or `null` when it is none. */
export function parseTime(typed: string, zoneMinutes: number): string | null {
  const found = WALL.exec(typed.trim());
  if (!found || found[4] === undefined) return null;
  return instantOf(found, zoneMinutes);
}

/** Returns the begin of a day in the station's zone, `days` later, or `null`. */
export function parseDay(typed: string, zoneMinutes: number, days = 0): string | null {
  const found = WALL.exec(typed.trim());
  if (!found || found[4] !== undefined) return null;
  const begin = instantOf(found, zoneMinutes);
  return begin && new Date(Date.parse(begin) + days * 86_400_000).toISOString();
}

function instantOf(found: RegExpExecArray, zoneMinutes: number): string | null {
  const [year, month, day, hour, minute, second] = found.slice(1).map((part) => Number(part ?? 0)) as [
    number, number, number, number, number, number,
  ];
  const wall = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const same =
    wall.getUTCFullYear() === year && wall.getUTCMonth() === month - 1 && wall.getUTCDate() === day &&
    wall.getUTCHours() === hour && wall.getUTCMinutes() === minute && wall.getUTCSeconds() === second;
  return same ? new Date(wall.getTime() - zoneMinutes * 60_000).toISOString() : null;
}

function wallClock(at: string | null, zoneMinutes: number): string | null {
  if (!at) return null;
  const ms = Date.parse(at);
  return Number.isNaN(ms) ? null : new Date(ms + zoneMinutes * 60_000).toISOString();
}

/** Returns a digest with its middle left out: `8…8`. */
export function shortDigest(digest: string): string {
  return digest.length > 17 ? `${digest.slice(0, 8)}…${digest.slice(-8)}` : digest;
}
