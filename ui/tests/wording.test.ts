import { existsSync, readFileSync } from "node:fs";
import alarms from "@wording/alarms.json";
import errors from "@wording/errors.json";
import events from "@wording/events.json";
import fields from "@wording/fields.json";
import problems from "@wording/problems.json";
import states from "@wording/states.json";
import { describe, expect, it } from "vitest";
import { path } from "./paths";
import { explainError, fill } from "../src/text/wording";

const rust = readFileSync(path("../../src-tauri/crates/model/src/code.rs"), "utf8");
const statement = readFileSync(path("../../src-tauri/crates/model/src/statement.rs"), "utf8");
const codesOf = (name: string) => {
  const body = rust.split(new RegExp(`^    ${name} \\{`, "m"))[1]?.split(/^ {4}\}/m)[0] ?? "";
  return [...body.matchAll(/= "([a-z0-9_]+)"/g)].map((found) => found[1]!);
};
const fieldCodes = [...statement.matchAll(/Self::\w+ => "([a-z_]+)"/g)].map((found) => found[1]!);
const sorted = (codes: Iterable<string>) => [...codes].sort();

describe("wording", () => {
  const rows: [string, object, string[]][] = [
    ["errors.json", errors, codesOf("ErrorCode")],
    ["problems.json", problems, codesOf("ProblemCode")],
    ["alarms.json", alarms, codesOf("AlarmKind")],
    ["fields.json", fields, fieldCodes],
  ];
  it.each(rows)("%s has one entry per code of the model, and no other", (_, words, codes) => {
    expect(codes.length, "the codes were found in the Rust source").toBeGreaterThan(5);
    expect(sorted(Object.keys(words)), "a code without words would be shown bare").toEqual(sorted(codes));
  });

  const generated = path("../src/host/generated/codes.ts");
  it.skipIf(!existsSync(generated))("agrees with the generated code lists", async () => {
    const lists = (await import(/* @vite-ignore */ generated)) as Record<string, readonly string[]>;
    const pairs: [string, object][] = [
      ["ERROR_CODES", errors], ["PROBLEM_CODES", problems], ["FIELD_CODES", fields], ["EVENT_KINDS", events], ["ALARM_KINDS", alarms],
    ];
    for (const [name, words] of pairs) expect(sorted(Object.keys(words)), `${name} and its wording`).toEqual(sorted(lists[name] ?? []));
  });

  it("answers what happened, what it affects and what to do", () => {
    for (const [file, table] of [["errors", errors], ["problems", problems], ["alarms", alarms]] as const) {
      for (const [code, words] of Object.entries(table)) {
        for (const part of ["what", "effect", "action"] as const) expect(words[part], `${file} ${code}.${part}`).toMatch(/\S.*[。）]$|：apt-get install/);
        expect(JSON.stringify(words), `${code} neither flatters nor blames`).not.toMatch(/您|错误操作|非法操作/);
      }
    }
  });

  it("puts every placeholder where an empty one can vanish", () => {
    for (const [code, words] of Object.entries(errors)) {
      for (const line of Object.values(words)) {
        const bare = line.replace(/（\{\w+\}）/g, "").replace(/：apt-get install \{tool\}$/, "");
        expect(bare, `${code}: a placeholder stands in full-width parentheses`).not.toContain("{");
      }
    }
  });

  it("fills placeholders and names fields", () => {
    expect(fill("没有找到（{what}）。", { what: "片段" }), "a given parameter is shown").toBe("没有找到（片段）。");
    expect(fill("没有找到（{what}）。", {}), "an absent one leaves no hole").toBe("没有找到。");
    const error = { code: "statement_incomplete", params: { missing: "officers,place" }, detail: "" };
    expect(explainError(error).what, "field codes arrive as words").toContain("取证人员、取证地点");
    expect(explainError({ code: "invalid_input", params: { field: "number" }, detail: "" }).what, "so does an entered field").toContain("案号");
    expect(explainError({ code: "no_such", params: {}, detail: "" }).what, "an unknown code reads as internal").toBe(errors.internal.what);
  });

  it("has only the tones the window can draw", () => {
    for (const [group, table] of Object.entries(states)) {
      if (group === "medium") continue;
      for (const [code, words] of Object.entries(table)) expect(["good", "busy", "care", "bad", "idle"], `${group}.${code}`).toContain((words as { tone: string }).tone);
    }
  });
});
