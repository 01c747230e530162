/** From what is missing to where it is entered. */
import type { Ref } from "vue";
import type { wire } from "../host/host";

export type Place = "statement" | "questions";

/** What is entered in the statement's form, and in which field. */
const FIELDS: Record<string, string> = { officers: "officers", place: "place", statement: "review" };

function rowOf(want: string, subject: string): HTMLElement | null {
  const rows = document.querySelectorAll<HTMLElement>(`[data-question="${want}"]`);
  return [...rows].find((row) => row.dataset.subject === subject) ?? null;
}

function focusAnswer(want: string, subject: string): void {
  const row = want === "late_reason" ? document.querySelector<HTMLElement>("[data-testid=inquiry-late]") : rowOf(want, subject);
  row?.querySelector<HTMLElement>("[role=radio][tabindex='0'], input, textarea")?.focus();
  row?.scrollIntoView({ block: "center" });
}

/**
 * Returns how to go to a missing thing, and to the next one. `show` brings a place up and then calls back;
 * `field` puts the cursor into a field of the statement, `review` being its last step.
 */
export function useMissing(
  inquiry: Ref<wire.InquiryView | null>,
  show: (place: Place, focus: () => void) => Promise<void>,
  field: (code: string) => void,
) {
  let last = "";
  const keyOf = (one: wire.MissingView) => `${one.want} ${one.subject}`;
  function go(one: wire.MissingView): void {
    last = keyOf(one);
    const code = FIELDS[one.want];
    void show(code ? "statement" : "questions", () => (code ? field(code) : focusAnswer(one.want, one.subject)));
  }
  /** Goes on from the last one that was gone to; one that was answered meanwhile is left out. */
  function next(): void {
    const list = inquiry.value?.missing ?? [];
    const at = list.findIndex((one) => keyOf(one) === last);
    const one = list[(at + 1) % list.length];
    if (one) go(one);
  }
  return { go, next };
}
