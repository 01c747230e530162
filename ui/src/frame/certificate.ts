/** Certificate numbers, and serials written like them. The same pattern as `model::is_certificate_no`. */
import { text } from "../text/zh-CN";

const CERTIFICATE = /^[A-Za-z0-9-]{4,32}$/;
const BEYOND_ASCII = /[^\u0000-\u007f]/;

/** Returns what is wrong with a certificate number, or empty text. An empty number is judged by the caller. */
export function certificateWrong(typed: string): string {
  if (typed === "" || CERTIFICATE.test(typed)) return "";
  // An input method in Chinese mode turns a scanned jd0123456 into 决定23456; nothing is corrected silently.
  return BEYOND_ASCII.test(typed) ? text.person.certificateCjk : text.person.certificateShape;
}

export function isCertificate(typed: string): boolean {
  return CERTIFICATE.test(typed);
}

/** Returns what is wrong with a maker's serial number, or empty text. */
export function serialWrong(typed: string): string {
  return BEYOND_ASCII.test(typed) ? text.person.certificateCjk : "";
}
