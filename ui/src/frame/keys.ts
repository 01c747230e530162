/** Keys, with an input method in mind. */

/** Tells whether a key belongs to an input method; `isComposing` alone is false on its first and last key. */
export function composing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** Tells whether the keys now go into text, so that a single letter is no command. */
export function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest(".el-select, [role=combobox]")) return true;
  if (target instanceof HTMLTextAreaElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type);
}

/** Tells whether a dialog stands open above the page. */
export function dialogOpen(): boolean {
  return [...document.querySelectorAll<HTMLElement>(".el-overlay")].some((layer) => layer.style.display !== "none");
}

const FIELDS = "input:not([type=checkbox]):not([type=radio]):not([disabled]), textarea:not([disabled])";

/** Goes from one field of a form to the next; Enter then walks a form as Tab does. */
export function focusNext(form: HTMLElement, from: EventTarget | null): void {
  const fields = [...form.querySelectorAll<HTMLElement>(FIELDS)].filter((field) => field.tabIndex >= 0);
  const at = fields.indexOf(from as HTMLElement);
  fields[at + 1]?.focus();
}
