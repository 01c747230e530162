/** How the kinds of papers are grouped on the page; a kind that stands nowhere comes last. */
import type { wire } from "../host/host";

export const GROUPS = {
  footage: ["interruption", "unrecorded", "damage", "handover", "trip", "destruction"],
  access: ["access_request", "access_register"],
  devices: ["device_ledger", "device_checkout", "device_maintenance"],
  review: ["checklist", "incident_report", "case_review", "statistics"],
} as const;
export type GroupName = keyof typeof GROUPS;

/** Returns the kinds group by group, in the groups' order. */
export function grouped(kinds: wire.PaperKind[]): { name: GroupName; kinds: wire.PaperKind[] }[] {
  const names = Object.keys(GROUPS) as GroupName[];
  const group = (kind: wire.PaperKind) => names.find((name) => (GROUPS[name] as readonly string[]).includes(kind.code)) ?? "review";
  const order = (name: GroupName, kind: wire.PaperKind) => {
    const at = (GROUPS[name] as readonly string[]).indexOf(kind.code);
    return at < 0 ? GROUPS[name].length : at;
  };
  return names.map((name) => ({
    name,
    kinds: kinds.filter((kind) => group(kind) === name).sort((a, b) => order(name, a) - order(name, b)),
  }));
}
