/** A paper's keys as the parts of its form, and where a missing key is entered. */
import type { wire } from "../host/host";

/** One part of the form: a key, and the columns of a list. */
export interface Part {
  key: wire.PaperKey;
  columns: wire.PaperKey[];
}

/** Returns the parts of a form in the order of the paper. */
export function parts(keys: wire.PaperKey[]): Part[] {
  const whole = keys.filter((key) => !key.key.includes("."));
  return whole.map((key) => ({
    key,
    columns: keys.filter((other) => other.place === key.place && other.key.startsWith(`${key.key}.`)),
  }));
}

/** Returns the name of a column without its list. */
export const columnOf = (key: wire.PaperKey): string => key.key.slice(key.key.indexOf(".") + 1);

/** Tells whether a field has to be filled as things stand. */
export function isNeeded(key: wire.PaperKey, fields: Partial<Record<string, string>>): boolean {
  const when = key.needed_when;
  return key.required || (when !== null && when.is.includes((fields[when.field] ?? "").trim()));
}

const INDEXED = /^(\w+)\[(\d+)\](?:\.(\w+))?$/;

/** Returns what a missing key is called: `中止时段 2 · 客观原因`. */
export function missingName(keys: wire.PaperKey[], missing: string): string {
  const found = INDEXED.exec(missing);
  const label = (key: string) => keys.find((one) => one.key === key)?.label ?? key;
  if (!found) return label(missing);
  const row = `${label(found[1]!)} ${found[2]}`;
  return found[3] ? `${row} · ${label(`${found[1]}.${found[3]}`)}` : row;
}

/** Returns the id of the field in which a key is entered: `paper-gaps-2-reason`. */
export function fieldId(place: wire.PaperPlace, key: string, row?: number, column?: string): string {
  // A role has the name of a field at times.
  const head = place === "signers" ? "signer" : "paper";
  return [head, key, ...(row === undefined ? [] : [row]), ...(column ? [column] : [])].join("-");
}

/** Returns the id of the field in which a missing key is entered. */
export function missingId(keys: wire.PaperKey[], missing: string): string {
  const found = INDEXED.exec(missing);
  if (!found) return fieldId(keys.find((key) => key.key === missing)?.place ?? "fields", missing);
  const place = keys.find((key) => key.key === found[1])?.place ?? "lists";
  return fieldId(place, found[1]!, Number(found[2]), found[3]);
}

/** Returns the article of a citation, which is the regulation's title, a space, and the article. */
export const articleOf = (cited: string): string => cited.slice(cited.lastIndexOf(" ") + 1);

/** Returns the route that makes a paper about something that is shown elsewhere. */
export function paperRoute(kind: string, subject: wire.PaperSubject) {
  return { name: "paper-new", query: { kind, [subject.kind]: subject.id } };
}

const SUBJECT_KINDS: wire.SubjectKind[] = ["session", "case", "clip", "recorder", "job", "trip", "unit"];

/** Returns the subject that an address names: `?kind=interruption&session=…`. */
export function subjectIn(query: Record<string, unknown>): wire.PaperSubject | null {
  const kind = SUBJECT_KINDS.find((one) => typeof query[one] === "string");
  return kind ? { kind, id: query[kind] as string } : null;
}
