/** How far a session is on its way to a statement, in words. */
import type { wire } from "../host/host";
import type { StateWords } from "../text/wording";
import { text } from "../text/zh-CN";

export function sessionWords(row: wire.SessionRow): StateWords {
  if (row.statement_number) return { tone: "good", word: row.statement_number };
  if (row.missing.length === 0) return { tone: "busy", word: text.statements.complete };
  return { tone: row.drafted ? "care" : "idle", word: text.statements.missingCount(row.missing.length) };
}
