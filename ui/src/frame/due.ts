/** What is due, as lines: the late clips of one intake are one, since one reason may hold for all of them. */
import type { RouteLocationRaw } from "vue-router";
import type { wire } from "../host/host";

export interface DueLine {
  key: string;
  first: wire.DueView;
  items: wire.DueView[];
}

export function dueLines(items: wire.DueView[]): DueLine[] {
  const lines = new Map<string, DueLine>();
  for (const item of items) {
    const key = item.what === "late_reason" ? `late ${item.job}` : `${item.what} ${item.subject}`;
    const line = lines.get(key);
    if (line) line.items.push(item);
    else lines.set(key, { key, first: item, items: [item] });
  }
  return [...lines.values()];
}

/** Returns the page on which it is dealt with. */
export function dueRoute(item: wire.DueView): RouteLocationRaw {
  if (item.what === "store") return { name: "docking" };
  if (item.what === "archive") return { name: "cases", params: { caseId: item.subject } };
  return { name: "evidence", params: { clip: item.subject } };
}
