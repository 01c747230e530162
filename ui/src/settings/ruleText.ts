/** The head of a rule file: what everyone changes who copies one. The rest of the text is left as it is. */
export interface RuleHead {
  version: string;
  author: string;
  valid_from: string;
}

const KEYS = ["version", "author", "valid_from"] as const;

/** The lines before the first table. */
function split(text: string): { head: string[]; rest: string[] } {
  const lines = text.split("\n");
  const table = lines.findIndex((line) => line.trimStart().startsWith("["));
  const end = table < 0 ? lines.length : table;
  return { head: lines.slice(0, end), rest: lines.slice(end) };
}

const key = (line: string): string => /^\s*(\w+)\s*=/.exec(line)?.[1] ?? "";

export function readHead(text: string): RuleHead {
  const { head } = split(text);
  const value = (name: string) => {
    const line = head.find((one) => key(one) === name) ?? "";
    return (/=\s*"([^"]*)"/.exec(line) ?? /=\s*(\d+)/.exec(line))?.[1] ?? "";
  };
  return { version: value("version"), author: value("author"), valid_from: value("valid_from") };
}

/** Returns the text with this head; an empty first day is left out. */
export function writeHead(text: string, wanted: RuleHead): string {
  const { head, rest } = split(text);
  const line = (name: (typeof KEYS)[number]) => (name === "version" ? `version = ${wanted.version || 0}` : `${name} = ${JSON.stringify(wanted[name].trim())}`);
  for (const name of KEYS) {
    const at = head.findIndex((one) => key(one) === name);
    const gone = name === "valid_from" && !wanted.valid_from.trim();
    if (at >= 0) head.splice(at, 1, ...(gone ? [] : [line(name)]));
    else if (!gone) head.splice(head.findIndex((one) => key(one) === "author") + 1 || 0, 0, line(name));
  }
  return [...head, ...rest].join("\n");
}

/** A number of a table: `[store.within]` with `hours = 24` or `working_days = 7`, `[continuity.pause_seconds]` with `value = 5`. */
export interface RuleNumber {
  key: string;
  count: string;
}

function place(lines: string[], table: string): number {
  const begin = lines.findIndex((line) => line.trim() === `[${table}]`);
  if (begin < 0) return -1;
  const end = lines.findIndex((line, at) => at > begin && line.trimStart().startsWith("["));
  return lines.findIndex((line, at) => at > begin && (end < 0 || at < end) && ["hours", "working_days", "value"].includes(key(line)));
}

/** Returns the number of a table, or `null` where the file writes it in another way or has none. */
export function readNumber(text: string, table: string): RuleNumber | null {
  const lines = text.split("\n");
  const line = lines[place(lines, table)] ?? "";
  const count = /=\s*(\d+)\s*$/.exec(line)?.[1];
  return count === undefined ? null : { key: key(line), count };
}

/** Returns the text with this number; without digits it is left as it is. */
export function writeNumber(text: string, table: string, wanted: RuleNumber): string {
  const lines = text.split("\n");
  const at = place(lines, table);
  if (at < 0 || !/^\d+$/.test(wanted.count)) return text;
  lines[at] = `${wanted.key} = ${wanted.count}`;
  return lines.join("\n");
}

/** Returns where a line begins and ends, counted from 1. */
export function lineSpan(text: string, line: number): [number, number] {
  const lines = text.split("\n");
  const from = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return [from, from + (lines[line - 1]?.length ?? 0)];
}
