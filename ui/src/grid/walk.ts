/** Keys of a grid: where the chosen row goes. */

/** Returns the row a key leads to, or `null` when the key does not walk. */
export function walk(key: string, at: number, rows: number, pageRows: number): number | null {
  if (rows === 0) return null;
  const to: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at < 0 ? rows - 1 : at - 1,
    PageDown: at + pageRows,
    PageUp: at - pageRows,
    Home: 0,
    End: rows - 1,
  };
  const goal = to[key];
  return goal === undefined ? null : Math.max(0, Math.min(rows - 1, goal));
}
