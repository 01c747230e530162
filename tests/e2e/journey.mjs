/**
 * The whole journey in the real window: a drive appears → progress → 已校验 → statement by keyboard → PDF → package
 * and image. What the window claims is checked on disk with tools that are not ours.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { built, step, test } from "./lib/bench.mjs";
import { buildDrive, footage, plugIn, swell } from "./lib/drive.mjs";
import { fill, part, push, reach } from "./lib/keyboard.mjs";
import { checkBag, checkManifests, digests, extract, filesBelow, pdfWords, run } from "./lib/strangers.mjs";
import { KEY, until } from "./lib/webdriver.mjs";

const UNIT = "示例文化和旅游局";
const RULES = "gx-liulin";
const OFFICERS = [["李娜", "GZ36012"], ["王强", "GZ36015"]];
const PLACE = "麒麟区文化路18号星光网吧一楼";
const CASE = { number: "曲文综罚立〔2026〕12号", cause: "未核对登记上网人员身份证件案", party: "星光网吧" };
const LABEL = "DSJ-A8-03";
/** Our drive's card: other volumes of this machine may stand beside it. */
const CARD = `[data-testid="drive-card"][data-drive-label="${LABEL}"]`;
/** Enough for the progress to be seen moving at 5 Hz. */
const SWOLLEN = 256 * 1024 * 1024;
const INTAKE_MS = 120_000;
const PACKAGE_MS = 180_000;

/** Notes what the card shows while the intake runs; asking from outside would be too slow to see it. */
const WATCH = `(css) => {
  window.seen = [];
  const note = () => {
    const card = document.querySelector(css);
    const at = (name) => card?.querySelector('[data-testid="' + name + '"]');
    const entry = [card?.dataset.phase, at("drive-percent")?.textContent ?? "", at("drive-files")?.textContent ?? ""].join("|");
    if (window.seen.at(-1) !== entry) window.seen.push(entry);
  };
  new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
}`;

await test("journey", async (bench) => {
  const folder = buildDrive(bench, LABEL);
  swell(join(folder, footage(folder)[0]), SWOLLEN);
  const files = filesBelow(folder);
  const source = { files, sha256: digests("sha256sum", folder, files), blake3: digests("b3sum", folder, files) };

  await bench.openScreen("1366x768");
  const page = await bench.openWindow();
  await step("首次使用：新建证据库", () => firstUse(page));
  await step("登记两名人员，选定操作人", () => addPeople(page));
  const docked = await step("设备接入后自己出现，未经允许不读取", () => dock(bench, page, folder));
  await step("采集有进度，结束时可以拔出", () => takeIn(page, source));
  await step("库中原件与设备逐字节一致", () => checkOriginals(bench, source));
  assert.deepEqual(digests("sha256sum", docked, filesBelow(docked)), source.sha256, "the drive itself is untouched");
  await step("证据库显示已校验", () => showsVerified(page, source));
  const told = await step("只用键盘填写文字说明并签发", () => signStatement(page));
  await step("PDF 中有取证人员、时间、地点", () => checkPaper(bench, told));
  await step("归档包与光盘映像", () => makePackage(page));
  const bag = await step("归档包经 bagit、sha256sum、b3sum 核对", () => checkPackage(bench, source));
  await step("光盘映像经 xorriso 取出后核对", () => checkImage(bench, bag, source));
  await bench.closeWindow();
  await step("库、登记簿、账本相符", () => {
    const report = JSON.parse(run(built("evidock"), ["--vault", bench.vault, "fsck", "--json"], { env: bench.env }));
    assert.deepEqual([report.clean, report.metadata_only, report.clips], [true, false, files.length], "the whole store was read");
  });
});

async function firstUse(page) {
  await page.find(part("first-use"));
  await fill(page, part("first-unit"), UNIT);
  await page.click(part(`first-pack-${RULES}`));
  await push(page, part("first-create"));
  await page.find(part("page-docking"));
}

async function addPeople(page) {
  for (const [name, certificate] of OFFICERS) {
    await page.click(part("operator"));
    await page.click(part("operator-add"));
    await page.find(part("person-dialog"));
    await fill(page, part("person-name"), name);
    await fill(page, part("person-certificate"), certificate);
    await page.chord(KEY.enter);
    await page.gone(part("person-dialog"));
    await page.says(part("operator"), name);
  }
  await page.click(part("operator"));
  await page.click(part(`operator-${OFFICERS[0][0]}`));
  await page.says(part("operator"), OFFICERS[0][0]);
}

async function dock(bench, page, folder) {
  await page.find(part("page-docking"));
  assert.equal((await page.all(CARD)).length, 0, "there is no card before there is a drive");
  const docked = plugIn(bench, folder, LABEL);
  await page.find(CARD);
  assert.equal(await page.attribute(CARD, "data-phase"), "unread", "an unknown volume is not read by itself");
  assert.equal(originals(bench).length, 0, "nothing is taken in before the custodian allows it");
  await push(page, `${CARD} ${part("drive-register")}`);
  await page.find(part("register-dialog"));
  await push(page, part("register-confirm"));
  await page.gone(part("register-dialog"));
  return docked;
}

async function takeIn(page, source) {
  await page.run(WATCH, CARD);
  await push(page, `${CARD} ${part("drive-start")}`);
  await page.find(part("declare-dialog"));
  await push(page, part("declare-confirm"));
  const phase = () => page.attribute(CARD, "data-phase");
  await until("the intake ends", async () => ["done", "partly", "failed", "nothingNew"].includes(await phase()), INTAKE_MS);
  assert.equal(await phase(), "done", "everything on the drive is taken in");
  const stored = Number(await page.text(`${CARD} ${part("drive-stored")}`));
  assert.equal(stored, source.files.length, "every file of the drive is stored");
  await page.says(`${CARD} ${part("drive-status")}`, "可以拔出");
  const seen = await page.run("() => window.seen");
  const shares = new Set(seen.filter((entry) => entry.startsWith("copying|")).map((entry) => entry.split("|")[1]));
  assert.ok(shares.size >= 2, `the share of what is copied was seen to move: ${JSON.stringify(seen)}`);
}

/** Returns the files below `originals/` that are not sidecars. */
function originals(bench) {
  return filesBelow(bench.vault).filter((file) => file.startsWith("originals/") && !file.endsWith(".json"));
}

function checkOriginals(bench, source) {
  const held = originals(bench);
  assert.equal(held.length, source.files.length, "as many originals as files on the drive");
  for (const tool of ["sha256sum", "b3sum"]) {
    const there = tool === "b3sum" ? source.blake3 : source.sha256;
    const here = digests(tool, bench.vault, held);
    const byName = (map) => [...map].map(([file, digest]) => `${basename(file)} ${digest}`).sort();
    assert.deepEqual(byName(here), byName(there), `${tool} says the same of drive and vault`);
  }
  const sidecars = filesBelow(bench.vault).filter((file) => file.startsWith("originals/") && file.endsWith(".json"));
  const words = sidecars.map((file) => readFileSync(join(bench.vault, file), "utf8")).join("\n");
  for (const digest of [...source.sha256.values(), ...source.blake3.values()]) {
    assert.ok(words.includes(digest), `a sidecar beside the originals holds ${digest}`);
  }
}

async function showsVerified(page, source) {
  await page.click(part("rail-evidence"));
  await page.find(part("clip-grid-row"));
  const shown = await page.run(`(css) => [...document.querySelectorAll(css)].map((row) => row.innerText)`, part("clip-grid-row"));
  assert.equal(shown.length, source.files.length, "one row for each file");
  for (const file of source.files) {
    const row = shown.find((words) => words.includes(basename(file)));
    assert.match(row ?? "", /已校验/, `${file} is shown as verified`);
  }
}

async function signStatement(page) {
  await page.click(part("rail-statements"));
  await page.find(part("session-card"));
  await reach(page, part("session-list"));
  await page.chord(KEY.enter);
  for (const [i, [name, certificate]] of OFFICERS.entries()) {
    await fill(page, part(`officer-name-${i}`), name);
    await fill(page, part(`officer-certificate-${i}`), certificate);
  }
  const times = { from: await page.value(part("field-taken_from")), to: await page.value(part("field-taken_to")) };
  assert.match(times.from, /^2026-11-21 09:02:05$/, "the time is proposed from the clips");
  await fill(page, part("field-place"), PLACE);
  await push(page, part("field-case-new"));
  await page.find(part("case-dialog"));
  for (const [field, words] of Object.entries(CASE)) await fill(page, part(`case-${field}`), words);
  await page.chord(KEY.enter);
  await page.gone(part("case-dialog"));
  await until("the case fills its fields", async () => (await page.value(part("field-cause"))) === CASE.cause);
  await fill(page, part("field-method"), "执法记录仪现场摄录，未作剪辑");
  await fill(page, part("field-maker"), OFFICERS[0][0]);
  await push(page, part("made-now"));
  await fill(page, part("field-purpose"), "证明检查时该场所未核对上网人员身份证件");
  await fill(page, part("field-carrier"), "执法记录仪存储卡，由本单位保管");
  await page.says(part("ready-word"), "已填齐");
  await page.chord(KEY.control, KEY.enter);
  await page.find(part("review-dialog"));
  await push(page, part("review-confirm"));
  await page.find(part("signed"), 30_000);
  return { ...times, number: await page.text(part("signed-number")) };
}

function checkPaper(bench, told) {
  const papers = filesBelow(bench.vault).filter((file) => file.endsWith(".pdf"));
  assert.equal(papers.length, 1, `one statement, one paper: ${papers}`);
  const words = pdfWords(join(bench.vault, papers[0]));
  const tight = (text) => text.replace(/\s+/g, "");
  for (const value of [told.number, ...OFFICERS.flat(), told.from, told.to, PLACE, CASE.number, CASE.cause, CASE.party, UNIT]) {
    assert.ok(words.includes(tight(value)), `the paper says ${value}; it says ${words}`);
  }
}

async function makePackage(page) {
  await page.click(part("rail-archive"));
  await page.find(part("package-plan"));
  assert.equal((await page.all(part("blocker"))).length, 0, "nothing stands in the way: the session has its statement");
  await push(page, part("package-make"));
  await page.says(part("package-verified"), "一致", PACKAGE_MS);
}

function checkPackage(bench, source) {
  const marks = filesBelow(join(bench.vault, "packages")).filter((file) => basename(file) === "bagit.txt");
  assert.equal(marks.length, 1, "one package was made");
  const bag = join(bench.vault, "packages", dirname(marks[0]));
  checkBag(bag);
  checkPayload(bag, source, "package");
  return bag;
}

function checkImage(bench, bag, source) {
  const images = filesBelow(join(bench.vault, "packages")).filter((file) => file.endsWith(".iso"));
  assert.equal(images.length, 1, "one image was made");
  const disc = bench.path("disc");
  extract(join(bench.vault, "packages", images[0]), disc);
  const root = dirname(join(disc, filesBelow(disc).find((file) => basename(file) === "bagit.txt")));
  assert.deepEqual(filesBelow(root), filesBelow(bag), "the image holds the package, no more and no less");
  checkManifests(root);
  checkPayload(root, source, "image");
  const victim = join(root, filesBelow(root).find((file) => file.endsWith(".MP4")));
  const bytes = readFileSync(victim);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(victim, bytes);
  assert.throws(() => checkManifests(root), /manifest/, "the tools that passed the image would have found one flipped bit");
}

/** Originals, statement and list are in the payload. */
function checkPayload(root, source, where) {
  const files = filesBelow(root);
  const held = new Set(digests("sha256sum", root, files).values());
  for (const [file, digest] of source.sha256) assert.ok(held.has(digest), `the ${where} holds ${file} untouched`);
  const papers = files.filter((file) => file.endsWith(".pdf")).map((file) => pdfWords(join(root, file)));
  assert.ok(papers.some((words) => words.includes(PLACE)), `the ${where} holds the statement`);
  assert.ok(files.some((file) => basename(file) === "index.html"), `the ${where} can be browsed`);
  const lists = files.filter((file) => file.endsWith(".csv")).map((file) => readFileSync(join(root, file), "utf8"));
  for (const digest of source.sha256.values()) {
    assert.ok(lists.some((list) => list.includes(digest)), `the list in the ${where} names ${digest}`);
  }
}
