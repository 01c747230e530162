/** What can be done to a checklist's table. Every act gives a new table; the old one stays for undoing. */
import type { wire } from "../host/host";

export type Table = wire.ChecklistTable;
export type Column = wire.ChecklistColumn;
export type Kind = "text" | "choice" | "auto";
export const KINDS: readonly Kind[] = ["text", "choice", "auto"];

/** Most suggestions shown at once. */
const CHOICES_MAX = 30;

/** Returns what stands in a cell, as people read it: an automatic column counts the rows. */
export function cellText(table: Table, row: number, column: number): string {
  return table.columns[column]?.kind === "auto" ? String(row + 1) : (table.rows[row]?.[column] ?? "");
}

export function withCell(table: Table, row: number, column: number, value: string): Table {
  if (table.columns[column]?.kind === "auto" || table.rows[row]?.[column] === value) return table;
  const rows = [...table.rows];
  rows[row] = table.rows[row]!.map((cell, at) => (at === column ? value : cell));
  return { ...table, rows };
}

/** Puts an empty row at a place. */
export function withRow(table: Table, at: number): Table {
  const empty = table.columns.map(() => "");
  return { ...table, rows: [...table.rows.slice(0, at), empty, ...table.rows.slice(at)] };
}

export function withoutRow(table: Table, at: number): Table {
  return { ...table, rows: table.rows.filter((_, place) => place !== at) };
}

/** Moves a row; where it cannot go, the table stays the same. */
export function withRowMoved(table: Table, from: number, to: number): Table {
  const rows = moved(table.rows, from, to);
  return rows ? { ...table, rows } : table;
}

function moved<T>(list: readonly T[], from: number, to: number): T[] | null {
  if (from === to || from < 0 || to < 0 || from >= list.length || to >= list.length) return null;
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

/** Returns an id that no column has. */
export function freshId(columns: readonly Column[]): string {
  for (let n = 1; ; n += 1) if (!columns.some((column) => column.id === `c${n}`)) return `c${n}`;
}

/** Returns the table with other columns: cells go with their column's id, those of a new one are empty. */
export function withColumns(table: Table, columns: Column[]): Table {
  const places = columns.map((column) => table.columns.findIndex((known) => known.id === column.id));
  const rows = table.rows.map((row) => columns.map((column, at) => (column.kind === "auto" ? "" : (row[places[at]!] ?? ""))));
  return { columns, rows };
}

export function movedColumns(columns: Column[], from: number, to: number): Column[] {
  return moved(columns, from, to) ?? columns;
}

/** Says what is wrong with columns; `null` when they can be kept. */
export function columnFault(columns: readonly Column[]): "none" | "unnamed" | "twice" | null {
  const titles = columns.map((column) => column.title.trim());
  if (!titles.length) return "none";
  if (titles.some((title) => !title)) return "unnamed";
  return new Set(titles).size < titles.length ? "twice" : null;
}

/** Returns the texts that a column holds and that contain what is typed, each once. */
export function choicesOf(table: Table, column: number, typed: string): string[] {
  const wanted = typed.trim();
  const held = new Set(table.rows.map((row) => row[column] ?? "").filter((cell) => cell && cell !== typed && cell.includes(wanted)));
  return [...held].slice(0, CHOICES_MAX);
}

export const sameTable = (a: Table, b: Table): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Returns a file as base64, as it crosses the wire. */
export function asBase64(bytes: Uint8Array): string {
  let text = "";
  const CHUNK = 0x8000;
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}
