/** The statement as it stands in the form: like the wire's, but times as typed. */
import type { wire } from "../host/host";
import { isCertificate } from "../frame/certificate";
import type { FieldCode } from "../text/wording";

export type TimeField = "taken_from" | "taken_to" | "made_at";
export const TIME_FIELDS: readonly TimeField[] = ["taken_from", "taken_to", "made_at"];

/** Wall-clock text stands where the wire has RFC 3339. */
export type StatementForm = wire.StatementFields;

/** Reads and writes times in the station's zone. */
export interface Zone {
  show(at: string | null): string;
  parse(typed: string): string | null;
}

export const OFFICERS_MIN = 2;

export function toForm(fields: wire.StatementFields, zone: Zone): StatementForm {
  const form = { ...fields, officers: fields.officers.map((officer) => ({ ...officer })) };
  for (const field of TIME_FIELDS) form[field] = zone.show(fields[field]);
  while (form.officers.length < OFFICERS_MIN) form.officers.push({ name: "", certificate_no: "" });
  return form;
}

/** Returns what can be saved: a half-typed time is empty, an empty officer row is no officer. */
export function toFields(form: StatementForm, zone: Zone): wire.StatementFields {
  const fields: wire.StatementFields = { ...form, officers: [] };
  for (const field of TIME_FIELDS) fields[field] = zone.parse(form[field]) ?? "";
  fields.officers = form.officers
    .map((officer) => ({ name: officer.name.trim(), certificate_no: officer.certificate_no.trim() }))
    .filter((officer) => officer.name !== "" || officer.certificate_no !== "");
  return fields;
}

/** Returns the time fields whose text is no time, and so is not in what was saved. */
export function heldTimes(form: StatementForm, zone: Zone): TimeField[] {
  return TIME_FIELDS.filter((field) => form[field].trim() !== "" && zone.parse(form[field]) === null);
}

/** Returns what is still missing, as `model::StatementFields::missing` does; the station judges again on signing. */
export function missingFields(fields: wire.StatementFields): FieldCode[] {
  const blank = (typed: string) => typed.trim() === "";
  const named = fields.officers.filter((officer) => !blank(officer.name)).length;
  const distinct = new Set(fields.officers.map((officer) => officer.certificate_no)).size;
  const certified = fields.officers.every((officer) => isCertificate(officer.certificate_no));
  const inOrder = !fields.taken_from || !fields.taken_to || Date.parse(fields.taken_from) <= Date.parse(fields.taken_to);
  const checks: [FieldCode, boolean][] = [
    ["officers", named < OFFICERS_MIN || named < fields.officers.length],
    ["officer_certificate", !certified || distinct < fields.officers.length],
    ["taken_from", !fields.taken_from],
    ["taken_to", !fields.taken_to],
    ["taken_order", !inOrder],
    ["place", blank(fields.place)],
    ["cause", blank(fields.cause)],
    ["party", blank(fields.party)],
    ["method", blank(fields.method)],
    ["maker", blank(fields.maker)],
    ["made_at", !fields.made_at],
    ["purpose", blank(fields.purpose)],
    ["carrier", blank(fields.carrier)],
  ];
  return checks.filter(([, missing]) => missing).map(([code]) => code);
}

/** Returns the fields in which two versions differ. */
export function differing(mine: wire.StatementFields, theirs: wire.StatementFields): (keyof wire.StatementFields)[] {
  const keys = Object.keys(mine) as (keyof wire.StatementFields)[];
  return keys.filter((key) => JSON.stringify(mine[key]) !== JSON.stringify(theirs[key]));
}
