/** Case numbers: every bureau writes its own, so only what cannot be meant is refused. */
import { text } from "../text/zh-CN";

const CONTROL = /[\p{Cc}\p{Cf}]/u;
const DIGIT = /\p{Nd}/u;

/** Returns why a case number is refused, or empty text. */
export function caseNumberWrong(typed: string): string {
  if (typed.trim() === "") return text.cases.numberMissing;
  return CONTROL.test(typed) ? text.cases.numberControl : "";
}

/** Returns what to look at twice, or empty text. */
export function caseNumberCare(typed: string): string {
  return typed.trim() !== "" && !DIGIT.test(typed) ? text.cases.numberNoDigit : "";
}
