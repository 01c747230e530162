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

/** Returns where a line begins and ends, counted from 1. */
export function lineSpan(text: string, line: number): [number, number] {
  const lines = text.split("\n");
  const from = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return [from, from + (lines[line - 1]?.length ?? 0)];
}
