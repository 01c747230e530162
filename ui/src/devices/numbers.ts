/** Numbers and days as they are typed on 设备. */

/** Returns whole percent up to 100; `null` when nothing is typed, `undefined` when it is no such number. */
export function toPercent(typed: string): number | null | undefined {
  const held = typed.trim();
  if (!held) return null;
  return /^\d{1,3}$/.test(held) && Number(held) <= 100 ? Number(held) : undefined;
}

const MB_PER_GB = 1000;
const GB_MAX = 100_000;

/** Returns gigabytes as whole megabytes; `null` and `undefined` as [`toPercent`]. */
export function toMegabytes(typed: string): number | null | undefined {
  const held = typed.trim();
  if (!held) return null;
  return /^\d{1,6}(\.\d{1,3})?$/.test(held) && Number(held) <= GB_MAX ? Math.round(Number(held) * MB_PER_GB) : undefined;
}
