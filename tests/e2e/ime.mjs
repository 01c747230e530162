/**
 * Chinese through a real input method (ibus, libpinyin) into the real window: it arrives, Enter while composing
 * submits nothing, nothing moves to another field, and a number that the input method bent is refused.
 * Needs a session bus: `dbus-run-session -- node tests/e2e/ime.mjs`.
 */
import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { start } from "./lib/children.mjs";
import { step, test } from "./lib/bench.mjs";
import { buildDrive, plugIn } from "./lib/drive.mjs";
import { part } from "./lib/keyboard.mjs";
import { run } from "./lib/strangers.mjs";
import { until } from "./lib/webdriver.mjs";
import { makeVault, reload, takeIn } from "./lib/vault.mjs";

/** libpinyin shows its candidates within this time, also on a busy machine. */
const CANDIDATES_MS = 600;
const COMMIT_MS = 600;

await test("ime", async (bench) => {
  const bus = process.env.DBUS_SESSION_BUS_ADDRESS;
  assert.ok(bus, "run below dbus-run-session");
  Object.assign(bench.env, { DBUS_SESSION_BUS_ADDRESS: bus, GTK_IM_MODULE: "ibus", XMODIFIERS: "@im=ibus" });
  await bench.openScreen("1366x768");
  await step("启动 ibus 与拼音", () => startInputMethod(bench));
  const page = await bench.openWindow();
  await step("备好一个待补录的场次", () => prepare(bench, page));
  await step("“你好”到达取证地点", () => arrives(bench, page));
  await step("输入法合成事件完整（预编辑已启用）", () => composesInline(bench, page));
  await step("合成中按回车不提交、不跳格", () => enterSubmitsNothing(bench, page));
  await step("合成中点到别处，文字不会跟过去", () => nothingFollows(bench, page));
  await step("执法证号被输入法改成汉字时拒收", () => refusesBentNumber(page));
});

async function prepare(bench, page) {
  await page.find(part("first-use"));
  await makeVault(page);
  plugIn(bench, buildDrive(bench, "DSJ-A8-03"), "DSJ-A8-03");
  await takeIn(page, "DSJ-A8-03");
  await reload(page, "#/statements");
  await page.find(part("statement-form"));
}

async function startInputMethod(bench) {
  start("ibus-daemon", ["-x", "-r", "--panel=/usr/libexec/ibus-ui-gtk3"], { env: bench.env, log: bench.log });
  const ibus = (...words) => run("ibus", words, { env: bench.env });
  await until("libpinyin is the engine", async () => {
    // The command reports failure although it took effect; only the question afterwards counts.
    try {
      ibus("engine", "libpinyin");
    } catch {
      await wait(200);
    }
    return ibus("engine").trim() === "libpinyin";
  }, 30_000);
}

function keys(bench, ...names) {
  for (const name of names) run("xdotool", ["key", "--clearmodifiers", name], { env: bench.env });
}

/** Types pinyin letter by letter and waits for the candidates. */
async function compose(bench, letters) {
  keys(bench, ...letters);
  await wait(CANDIDATES_MS);
}

async function commit(bench) {
  keys(bench, "space");
  await wait(COMMIT_MS);
}

async function empty(page, css) {
  await page.click(css);
  await page.chord("\uE009", "a");
  await page.chord("\uE003");
  await until(`${css} is empty`, async () => (await page.value(css)) === "");
}

async function arrives(bench, page) {
  const place = part("field-place");
  await empty(page, place);
  await compose(bench, "nihao");
  await commit(bench);
  assert.equal(await page.value(place), "你好", "what was typed by pinyin stands in the field");
}

async function composesInline(bench, page) {
  const place = part("field-place");
  await page.run(`(css) => {
    window.heard = [];
    for (const kind of ["compositionstart", "compositionend"]) {
      document.querySelector(css).addEventListener(kind, () => window.heard.push(kind));
    }
  }`, place);
  await empty(page, place);
  await compose(bench, "nihao");
  await commit(bench);
  assert.deepEqual(await page.run("() => window.heard"), ["compositionstart", "compositionend"], "preedit is on");
}

async function enterSubmitsNothing(bench, page) {
  const place = part("field-place");
  await empty(page, place);
  await compose(bench, "nihao");
  keys(bench, "Return");
  await wait(COMMIT_MS);
  const stands = await page.run(`() => document.activeElement?.dataset.testid`);
  assert.equal(stands, "field-place", "Enter belonged to the input method: the focus stays");
  assert.equal((await page.all(part("review-dialog"))).length, 0, "nothing is offered for signing");
  assert.equal((await page.all(part("signed"))).length, 0, "nothing is signed");
  assert.match((await page.value(place)).replace(/\s/g, ""), /^(nihao|你好)$/, "the text is what was being composed");
}

async function nothingFollows(bench, page) {
  const [from, to] = [part("field-place"), part("field-maker")];
  await empty(page, to);
  await empty(page, from);
  await compose(bench, "nihao");
  await page.click(to);
  await wait(COMMIT_MS);
  assert.equal(await page.value(to), "", "text composed in one field is not committed in another");
  keys(bench, "Escape");
}

async function refusesBentNumber(page) {
  const number = part("officer-certificate-0");
  // The field before it was further down: half of this one may lie above the edge.
  await page.run("(css) => document.querySelector(css).scrollIntoView({ block: 'center' })", number);
  await empty(page, number);
  await page.type(await page.find(number), "决定23456");
  await page.says(part("officer-certificate-wrong-0"), "英文");
  await page.find(part("missing-officer_certificate"));
  assert.equal(await page.value(number), "决定23456", "nothing is corrected silently");
}
