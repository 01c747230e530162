/** The statement as lines of label and text, as the paper will show it. */
import type { wire } from "../host/host";
import { fieldName } from "../text/wording";
import { text } from "../text/zh-CN";
import { TIME_FIELDS, type TimeField, type Zone } from "./form";

export interface StatementLine {
  key: keyof wire.StatementFields;
  label: string;
  value: string;
}

const ORDER: readonly (keyof wire.StatementFields)[] = [
  "officers", "taken_from", "taken_to", "place", "cause", "party", "method", "maker", "made_at", "purpose", "carrier",
  "emphasis", "transcript",
];

export function lineLabel(key: keyof wire.StatementFields): string {
  return key === "emphasis" || key === "transcript" ? text.statements[key] : fieldName(key);
}

export function lineValue(fields: wire.StatementFields, key: keyof wire.StatementFields, zone: Zone): string {
  if (key === "officers") return fields.officers.map((officer) => `${officer.name}（${officer.certificate_no}）`).join("、");
  return TIME_FIELDS.includes(key as TimeField) ? zone.show(fields[key] as string) : fields[key];
}

export function statementLines(fields: wire.StatementFields, zone: Zone): StatementLine[] {
  return ORDER.map((key) => ({ key, label: lineLabel(key), value: lineValue(fields, key, zone) }));
}
