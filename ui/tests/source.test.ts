/** Rules of the source that no compiler holds. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { text } from "../src/text/zh-CN";
import { path } from "./paths";

const src = path("../src");
const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(vue|ts)$/.test(name) && !name.startsWith(join("host", "generated")))
  .map((name) => ({ name: relative(src, join(src, name)), code: readFileSync(join(src, name), "utf8") }));
const withoutComments = (code: string) => code.replace(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->|(^|\s)\/\/.*$/gm, "");
const offenders = (rule: RegExp, except: (name: string) => boolean = () => false) =>
  files.filter(({ name, code }) => !except(name) && rule.test(withoutComments(code))).map(({ name }) => name);

describe("source", () => {
  it("is read", () => expect(files.length, "the walk found the source").toBeGreaterThan(40));
  it("never acts on keyup of Enter or Esc", () => {
    expect(offenders(/@keyup\.(enter|esc)|keyup["']/), "an input method's Enter reaches the page as a plain keyup").toEqual([]);
  });
  it("speaks to Tauri in one folder only", () => {
    expect(offenders(/@tauri-apps\//, (name) => name.startsWith("host")), "all else goes through Host").toEqual([]);
  });
  it("keeps words for people in one place", () => {
    expect(offenders(/[\u4e00-\u9fff]/, (name) => name.startsWith("text")), "Chinese stands in ui/src/text and assets/wording").toEqual([]);
  });
  it("opens no native dialogs and evaluates no text", () => {
    expect(offenders(/\b(window\.)?(confirm|alert|prompt)\(|\beval\(|new Function\(|v-html/), "the policy forbids it").toEqual([]);
  });
  it("reaches no remote origin", () => {
    expect(offenders(/https?:\/\/(?!127\.0\.0\.1)/), "nothing leaves the machine").toEqual([]);
  });
  it("writes the wire's value by model, not by hand", () => {
    expect(offenders(/<(el-)?input[^>]*:value=[^>]*@input/i), "raw composition text would be read").toEqual([]);
  });
  it("stays in files that can be read at a sitting", () => {
    expect(files.filter(({ code }) => code.split("\n").length > 500).map(({ name }) => name), "at most 500 lines").toEqual([]);
  });
  it("uses every word it has", () => {
    const all = files.map(({ code }) => code).join("\n");
    const unused: string[] = [];
    const walk = (node: unknown, trail: string): void => {
      if (all.includes(`${trail}[`) || new RegExp(`(?:\\bin|=|\\.\\.\\.) ?${trail.replaceAll(".", "\\.")}\\b(?!\\.)`).test(all)) return;
      if (typeof node === "object" && node !== null && !Array.isArray(node)) {
        for (const [key, value] of Object.entries(node)) walk(value, `${trail}.${key}`);
      } else if (!new RegExp(`${trail.replaceAll(".", "\\.")}\\b`).test(all)) unused.push(trail);
    };
    walk(text, "text");
    expect(unused, "a word nobody reads is removed").toEqual([]);
  });
});
