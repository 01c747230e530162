/** Pictures of every page at the two sizes bureaus have, into `target/shots`. */
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ROOT, built, step, test } from "./lib/bench.mjs";
import { plugIn } from "./lib/drive.mjs";
import { part } from "./lib/keyboard.mjs";
import { run } from "./lib/strangers.mjs";
import { PEOPLE, call, makeVault, reload, takeIn } from "./lib/vault.mjs";
import { KEY, until } from "./lib/webdriver.mjs";

const SIZES = ["1366x768", "1920x1080"];
const PAGES = ["docking", "statements", "evidence", "cases", "archive", "papers", "devices", "settings"];
const DRIVES = ["DSJ-A8-03", "YZX-V7-11", "NO-NAME"];
const CASE = { number: "曲文综罚立〔2026〕12号", cause: "未核对登记上网人员身份证件案", party: "星光网吧", department: "执法一中队" };
const STATEMENT = {
  place: "麒麟区文化路18号星光网吧一楼",
  cause: CASE.cause,
  party: CASE.party,
  method: "执法记录仪现场摄录，未作剪辑",
  maker: "李娜",
  made_at: "2026-11-21T09:00:00Z",
  purpose: "证明检查时该场所未核对上网人员身份证件",
  carrier: "执法记录仪存储卡，由本单位保管",
  emphasis: "09:03 现场环境；09:05 出示证件",
};
const OUT = join(ROOT, "target/shots");
/** Lazy pictures and transitions are through by then. */
const SETTLE_MS = 900;

await test("shots", async (bench) => {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  for (const size of SIZES) await step(size, () => shootAll(bench, size));
});

async function shootAll(bench, size) {
  for (const folder of [bench.vault, bench.dock]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(bench.dock);
  await bench.openScreen(size);
  const page = await bench.openWindow();
  const [width, height] = size.split("x").map(Number);
  await page.rect({ x: 0, y: 0, width, height });
  const shoot = async (name) => {
    await wait(SETTLE_MS);
    writeFileSync(join(OUT, `${name}-${size}.png`), await page.screenshot());
  };
  await page.find(part("first-use"));
  await shoot("first-use");
  await makeVault(page);
  await reload(page, "#/docking");
  await allPages(page, shoot, "empty");
  run(built("fixtures"), ["demo", bench.path("demo")], { env: bench.env });
  for (const label of DRIVES) plugIn(bench, bench.path("demo", label), label);
  await fillVault(page);
  await reload(page, "#/docking");
  await allPages(page, shoot, "full");
  await details(page, shoot);
  await bench.closeWindow();
  await bench.screen.close();
}

/** One drive taken in, its first session signed and packaged, the others waiting. */
async function fillVault(page) {
  const clips = await takeIn(page, DRIVES[0]);
  const [session] = await call(page, "sessions", { filter: "awaiting" });
  const held = await call(page, "save_case", { id: null, ...CASE });
  await call(page, "save_case", { id: null, number: "曲文综罚立〔2026〕13号", cause: "擅自从事娱乐场所经营活动案", party: "金色年华歌厅", department: "执法二中队" });
  await call(page, "assign_case", { sessions: [session.id], case_id: held.id });
  const { draft, clips: shown } = await call(page, "session", { session: session.id });
  const fields = { ...draft.fields, ...STATEMENT, officers: PEOPLE.map(({ name, certificate_no }) => ({ name, certificate_no })) };
  const stated = shown.map((clip) => clip.id);
  await call(page, "sign_statement", { session: session.id, revision: draft.revision, clips: stated, fields, reason: "" });
  const { id } = await call(page, "make_package", { case_id: held.id, image: true });
  const packed = async () => (await call(page, "tasks")).some((task) => task.id === id && task.state === "done");
  await until("the package is made", packed, 60_000);
  assert.ok(clips.length > 1, "the demo drive holds several clips");
}

/** What is one click away from the pages. */
async function details(page, shoot) {
  const open = async (rail, click, shown, name) => {
    await page.click(part(`rail-${rail}`));
    await page.click(click);
    await page.find(part(shown));
    await shoot(name);
  };
  const done = `[data-number="${CASE.number}"]`;
  await open("cases", done, "case-card", "cases-packaged");
  await open("archive", done, "package-plan", "archive-packaged");
  await open("evidence", part("clip-grid-row"), "clip-detail", "evidence-clip");
  await open("statements", part("session-filter-all"), "session-card", "statements-all");
  for (const section of ["intake", "ports", "rules", "people", "check"]) {
    await open("settings", part(`settings-${section}`), "page-settings", `settings-${section}`);
  }
  const register = `[data-testid="drive-card"][data-drive-label="${DRIVES[1]}"] ${part("drive-register")}`;
  await open("docking", register, "register-dialog", "docking-register");
  await page.chord(KEY.escape);
}

async function allPages(page, shoot, state) {
  for (const name of PAGES) {
    await page.click(part(`rail-${name}`));
    await page.find(part(`page-${name}`));
    await shoot(`${name}-${state}`);
  }
}

