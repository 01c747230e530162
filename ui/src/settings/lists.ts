/** Lists of paths, one per line, and limits in seconds. */

/** Returns the lines that hold something. */
export function toLines(typed: string): string[] {
  return typed.split("\n").map((line) => line.trim()).filter(Boolean);
}

/** Tells whether every line is a whole path. */
export function pathsWhole(typed: string): boolean {
  return toLines(typed).every((line) => line.startsWith("/"));
}

const SCRUB_DAYS_MAX = 366;

/** Returns whole days up to a year, or `null`. */
export function toDays(typed: string): number | null {
  const value = Number(typed.trim());
  return /^\d+$/.test(typed.trim()) && value <= SCRUB_DAYS_MAX ? value : null;
}

const SECONDS_MAX = 86_400;

/** Returns whole seconds up to a day, or `null`. */
export function toSeconds(typed: string): number | null {
  const value = Number(typed.trim());
  return /^\d+$/.test(typed.trim()) && value <= SECONDS_MAX ? value : null;
}
