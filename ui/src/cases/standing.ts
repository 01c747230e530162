/** How far a case is on its way to the archive. */
import type { wire } from "../host/host";
import type { StateWords } from "../text/wording";
import { text } from "../text/zh-CN";

export type CaseStanding = "empty" | "awaiting" | "ready" | "packaged";

export function caseStanding(held: wire.CaseView): CaseStanding {
  if (held.sessions === 0) return "empty";
  if (held.awaiting > 0) return "awaiting";
  return held.packages === 0 ? "ready" : "packaged";
}

export function caseWords(held: wire.CaseView): StateWords {
  switch (caseStanding(held)) {
    case "empty": return { tone: "idle", word: text.cases.needSessions };
    case "awaiting": return { tone: "care", word: text.cases.needStatements(held.awaiting) };
    case "ready": return { tone: "busy", word: text.cases.ready };
    case "packaged": return { tone: "good", word: text.cases.packaged(held.packages) };
  }
}

/** Finds cases by words that may stand in number, cause, party or department. */
export function matching(cases: readonly wire.CaseView[], typed: string): wire.CaseView[] {
  const words = typed.trim().split(/\s+/).filter(Boolean);
  return cases.filter((held) =>
    words.every((word) => `${held.number} ${held.cause} ${held.party} ${held.department}`.includes(word)),
  );
}
