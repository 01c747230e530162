/**
 * The rules at work in the real window: a session with a pause of 90 s and one officer is red, with the articles that
 * say so; an officer answers everything by keyboard, and it turns green; its papers are printed.
 */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ROOT, built, step, test } from "./lib/bench.mjs";
import { plugIn } from "./lib/drive.mjs";
import { fill, part, push } from "./lib/keyboard.mjs";
import { filesBelow, pdfWords, run } from "./lib/strangers.mjs";
import { PEOPLE, call, makeVault, reload, takeIn } from "./lib/vault.mjs";
import { KEY, until } from "./lib/webdriver.mjs";

const LABEL = "DSJ-A8-03";
const OUT = join(ROOT, "target/shots");
const SIZES = [[1366, 768], [1920, 1080]];
const SETTLE_MS = 500;
/** More than any rule pack asks of one session. */
const ANSWERS_MAX = 80;
const REASON = "记录仪提示电量不足自动停止，更换电池后恢复记录。";
const FIELDS = { place: "麒麟区文化路18号", cause: "未核对登记上网人员身份", party: "某某网吧", maker: PEOPLE[0].name, purpose: "证明现场检查经过" };

await test("rules", async (bench) => {
  mkdirSync(OUT, { recursive: true });
  await bench.openScreen("1920x1080");
  const page = await bench.openWindow();
  await page.find(part("first-use"));
  await makeVault(page);
  const folder = bench.path("undocked", LABEL);
  // An hour ago: whatever the rules ask, it is not late yet.
  run(built("fixtures"), ["interrupted", "--began", local(new Date(Date.now() - 3600_000).toISOString()), folder], { env: bench.env });
  plugIn(bench, folder, LABEL);
  await takeIn(page, LABEL);
  const session = await withGap(page);
  await reload(page, `#/statements/${session.row.id}`);
  await step("一名执法人员、中断 90 秒：红灯，写明条款", () => isRed(page));
  await step("只用键盘逐项回答", () => answerAll(page, session));
  await step("补齐两名执法人员并签发，绿灯", () => turnsGreen(page));
  await step("文字说明印出", () => checkStatement(bench));
  await step("从场次制作中止说明：回答过的已填好，预览、签发", () => issuesPaper(bench, page));
  await bench.closeWindow();
  await step("库、登记簿、账本相符", () => {
    const report = JSON.parse(run(built("evidock"), ["--vault", bench.vault, "fsck", "--json"], { env: bench.env }));
    assert.equal(report.clean, true, JSON.stringify(report));
  });
});

/** Returns the session whose recording stopped for 90 s. */
async function withGap(page) {
  const sessions = await call(page, "sessions", { filter: "all" });
  const held = await Promise.all(sessions.map((row) => call(page, "session", { session: row.id })));
  const found = held.find((detail) => detail.gaps.some((gap) => gap.seconds >= 89 && gap.seconds <= 90));
  assert.ok(found, `one session has a gap of 90 s: ${JSON.stringify(held.map((detail) => detail.gaps))}`);
  return found;
}

function light(page) {
  return page.attribute(part("readiness"), "data-light");
}

async function isRed(page) {
  await page.find(part("readiness"));
  await until("the light is red", async () => (await light(page)) === "red");
  const item = (want) => page.text(`${part("readiness-item")}[data-want="${want}"]`);
  assert.match(await item("officers"), /行政处罚法》第四十二条/, "one officer is too few");
  assert.match(await item("gap_reason"), /中断原因.*第十四条/, "the pause is not explained");
  await shoot(page, "red");
}

/** Returns what is still missing and is answered among the questions. */
function open(page) {
  const elsewhere = ["officers", "place", "statement"];
  const read = `(css, elsewhere) => [...document.querySelectorAll(css)]
    .filter((item) => !elsewhere.includes(item.dataset.want))
    .map((item) => item.dataset.want + " " + item.dataset.subject)`;
  return page.run(read, part("readiness-item"), elsewhere);
}

/** Goes from one missing thing to the next by one key and answers each where the cursor then stands. */
async function answerAll(page, { row }) {
  const words = { arrived: local(row.from), left: local(row.to) };
  const where = `() => {
    const at = document.activeElement;
    const row = at?.closest("[data-question]");
    return row && { question: row.dataset.question, subject: row.dataset.subject, radio: at.getAttribute("role") === "radio" };
  }`;
  for (let n = 0; n < ANSWERS_MAX; n++) {
    if ((await open(page)).length === 0) break;
    await page.chord(KEY.f8);
    const at = await page.run(where);
    if (!at) continue;
    if (at.radio) {
      await page.chord("1");
    } else {
      assert.ok(words[at.question], `${at.question} is a time`);
      await page.type(await page.focused(), words[at.question]);
      await page.chord(KEY.enter);
    }
    await until(`${at.question} is answered`, async () => !(await open(page)).includes(`${at.question} ${at.subject}`));
  }
  assert.deepEqual(await open(page), [], "everything is answered");
  await page.click(part("part-questions"));
  await shoot(page, "answered");
}

/** Returns a time as people write it in Beijing. */
function local(at) {
  return new Date(Date.parse(at) + 8 * 3600_000).toISOString().slice(0, 19).replace("T", " ");
}

async function turnsGreen(page) {
  await page.chord(KEY.f8);
  await until("the cursor stands at the officers", () => page.run(`() => document.activeElement?.id === "field-officers"`));
  for (const [i, { name, certificate_no }] of PEOPLE.entries()) {
    await fill(page, part(`officer-name-${i}`), name);
    await fill(page, part(`officer-certificate-${i}`), certificate_no);
  }
  for (const [field, words] of Object.entries(FIELDS)) await fill(page, part(`field-${field}`), words);
  await page.says(part("ready-word"), "已填齐");
  await page.chord(KEY.control, KEY.enter);
  await page.find(part("review-dialog"));
  await push(page, part("review-confirm"));
  await page.find(part("signed"), 30_000);
  await page.gone(part("review-dialog"));
  await until("the light is green", async () => (await light(page)) === "green");
  await page.says(part("readiness-word"), "可以归档");
  await shoot(page, "green");
}

function checkStatement(bench) {
  const papers = filesBelow(bench.vault).filter((file) => file.endsWith(".pdf"));
  assert.equal(papers.length, 1, `the statement is printed: ${papers}`);
  const words = pdfWords(join(bench.vault, papers[0]));
  for (const word of [...PEOPLE.flatMap((person) => [person.name, person.certificate_no]), FIELDS.place]) {
    assert.ok(words.includes(word), `the paper says ${word}`);
  }
}

/** Makes the explanation of the pause from its session: what was answered is there, the rest is written and issued. */
async function issuesPaper(bench, page) {
  await page.click(part("make-paper"));
  await page.click(part("make-here-interruption"));
  await page.find(part("page-paper-new"));
  await page.find(part("paper-form"));
  await fill(page, part("paper-reason"), REASON);
  await page.chord(KEY.tab);
  await page.says(part("paper-missing"), "已填齐");
  await page.find(part("paper-page"), 20_000);
  await shoot(page, "paper");
  await page.chord(KEY.control, KEY.enter);
  await page.find(part("issue-dialog"));
  await push(page, part("issue-confirm"));
  await page.find(part("page-papers"), 30_000);
  await page.gone(part("issue-dialog"));
  await shoot(page, "papers");
  const [paper] = await call(page, "papers", { kind: "interruption", subject: null, year: null });
  assert.match(paper.number, /^中止〔\d{4}〕1号$/, "the first of its kind and year");
  const held = filesBelow(bench.vault).filter((file) => file.endsWith(".pdf") && file.includes("interruption"));
  const words = pdfWords(join(bench.vault, held[0]));
  for (const word of [paper.number, REASON, FIELDS.place, ...PEOPLE.map((person) => person.name)]) {
    assert.ok(words.includes(word), `the paper says ${word}; it says ${words}`);
  }
}

async function shoot(page, name) {
  for (const [width, height] of SIZES) {
    await page.rect({ x: 0, y: 0, width, height });
    await wait(SETTLE_MS);
    writeFileSync(join(OUT, `rules-${name}-${width}x${height}.png`), await page.screenshot());
  }
}
