/**
 * What a custodian sees when something breaks: a drive that is pulled, a file that cannot be read whole, a disk that
 * fills up, an original that has changed behind the station's back. All of it really happens, on real mounts; the
 * pictures go to `target/shots` in both sizes.
 */
import assert from "node:assert/strict";
import { closeSync, mkdirSync, openSync, readFileSync, readSync, readdirSync, rmdirSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ROOT, built, step, test } from "./lib/bench.mjs";
import { end, start } from "./lib/children.mjs";
import { buildDrive, footage, swell } from "./lib/drive.mjs";
import { part, reach } from "./lib/keyboard.mjs";
import { filesBelow, run } from "./lib/strangers.mjs";
import { call, makeVault, reload } from "./lib/vault.mjs";
import { KEY, until } from "./lib/webdriver.mjs";

const MIB = 1024 * 1024;
const SIZES = [[1366, 768], [1920, 1080]];
const OUT = join(ROOT, "target/shots");
/** Transitions are through by then. */
const SETTLE_MS = 500;
/** Room for the register and three small drives; below 256 MiB the station calls a disk full. */
const DISK = "520m";
const ENDED = ["done", "partly", "flawed", "failed", "nothingNew", "cancelled"];
/** One card at a time is docked; a FUSE mount has no label to tell it by. */
const card = () => part("drive-card");

await test("faults", async (bench) => {
  if (process.getuid() !== 0) throw new Error("需要 root：要挂载一块会写满的小磁盘");
  mkdirSync(OUT, { recursive: true });
  const disk = bench.path("disk");
  mkdirSync(disk);
  run("mount", ["-t", "tmpfs", "-o", `size=${DISK}`, "tmpfs", disk]);
  try {
    bench.vault = join(disk, "vault");
    await journey(bench, disk);
  } catch (error) {
    await bench.keepFailure();
    throw error;
  } finally {
    // First the window lets go of the vault. A card whose process was killed leaves its mount behind, and the next run
    // could not clear the folder.
    await bench.closeWindow();
    for (const place of [...mounted(bench.folder)].reverse()) run("umount", ["-l", place]);
  }
});

async function journey(bench, disk) {
  await bench.openScreen("1920x1080");
  const page = await bench.openWindow();
  await page.find(part("first-use"));
  await makeVault(page);
  const second = bench.path("second");
  mkdirSync(second);
  mkdirSync(bench.path("media"));
  const settings = await call(page, "settings");
  await call(page, "save_settings", { ...settings, mount_roots: [bench.path("media")] });
  await reload(page, "#/docking");
  await page.find(part("page-docking"));
  await step("设备中途拔出：说清哪些安全、哪些还缺，插回续采", () => pulled(bench, page));
  await step("文件有坏块：标为残损，发出警报，处理后才消失", () => damaged(bench, page));
  await step("原件被改动：巡检发现，从第二份恢复", () => failedScrub(bench, page, second));
  await step("磁盘写满：全部暂停，有空间后自动继续", () => fullDisk(bench, page, disk));
}

/** Returns what is mounted below a folder, in the order of mounting. */
function mounted(folder) {
  const points = readFileSync("/proc/self/mounts", "utf8").split("\n").map((line) => line.split(" ")[1] ?? "");
  return points.filter((point) => point.startsWith(`${folder}/`));
}

/** Mounts a folder as a card in the dock; `pull` takes it away as a hand does. */
async function insert(bench, source, label, { throttle, script } = {}) {
  const at = bench.path("media", label);
  mkdirSync(at, { recursive: true });
  const words = ["--source", source, "--mount", at];
  if (throttle) words.push("--throttle", String(throttle));
  if (script) {
    const file = bench.path(`${label}.json`);
    writeFileSync(file, JSON.stringify(script));
    words.push("--script", file);
  }
  const mount = start(built("faultfs"), words, { env: bench.env, log: bench.log });
  await until(`${label} is mounted`, () => readdirSync(at).length > 0);
  return {
    async pull() {
      await end(mount);
      await until(`${label} is gone`, () => readdirSync(at).length === 0);
      rmdirSync(at);
    },
  };
}

async function begin(page, label) {
  const drive = await until(`${label} is docked`, async () => (await call(page, "drives"))[0]);
  await call(page, "admit_drive_once", { drive: drive.id });
  await call(page, "start_intake", { drive: drive.id, declared_unclassified: true });
}

function phase(page, label) {
  return page.attribute(card(label), "data-phase");
}

async function untilEnded(page, label, wanted) {
  await page.find(card(label));
  await until(`the intake of ${label} ends`, async () => ENDED.includes(await phase(page, label)), 30_000);
  assert.equal(await phase(page, label), wanted, `how the intake of ${label} ends`);
}

async function shoot(page, name) {
  for (const [width, height] of SIZES) {
    await page.rect({ x: 0, y: 0, width, height });
    await wait(SETTLE_MS);
    writeFileSync(join(OUT, `faults-${name}-${width}x${height}.png`), await page.screenshot());
  }
}

async function go(page, name) {
  await page.click(part(`rail-${name}`));
  await page.find(part(`page-${name}`));
}

/** Writes what was done under an alarm and sends it, by keyboard alone. */
async function answer(page, note) {
  await page.find(part("alarm-panel"));
  await reach(page, part("alarm-note"));
  await page.type(await page.focused(), note);
  await page.chord(KEY.enter);
}

async function pulled(bench, page) {
  const label = "DSJ-A8-03";
  const source = buildDrive(bench, label);
  const files = footage(source);
  swell(join(source, files.at(-1)), 24 * MIB);
  const slow = await insert(bench, source, label, { throttle: 4 });
  await begin(page, label);
  const safe = await until("a file is verified", async () => (await call(page, "jobs", { limit: 1 }))[0].stored, 20_000);
  assert.ok(safe < files.length, "the drive is pulled in the middle");
  await slow.pull();
  await page.find(part("pulled-card"), 15_000);
  assert.ok(parseInt(await page.text(part("pulled-safe"))) >= safe, "what was verified is called safe");
  await page.says(part("pulled-missing"), /^[1-9]\d* 个/);
  await page.says(part("pulled-action"), "插回同一台设备，从断开处续采");
  await shoot(page, "pulled");
  const back = await insert(bench, source, label);
  await page.gone(part("pulled-card"));
  await page.says(`${card(label)} ${part("drive-left")}`, "上次没有采完", 15_000);
  await shoot(page, "pulled-back");
  await begin(page, label);
  await untilEnded(page, label, "done");
  const [job] = await call(page, "jobs", { limit: 1 });
  const clips = await call(page, "clips", everyClip());
  assert.deepEqual([job.state, job.refused, clips.total], ["done", 0, filesBelow(source).length], "everything is there once, by the same job");
  await back.pull();
}

function everyClip(state = null) {
  return { text: "", recorder: null, case: null, session: null, state, from: null, to: null, after: null, limit: 200 };
}

async function damaged(bench, page) {
  const label = "YZX-V7-11";
  const source = buildDrive(bench, label, "yzx-v");
  const victim = footage(source)[0];
  swell(join(source, victim), 6 * MIB);
  const bad = { path: victim, trouble: { bad: { from: 3 * MIB, to: 3 * MIB + 200 * 1024 } } };
  const drive = await insert(bench, source, label, { script: { faults: [bad] } });
  await begin(page, label);
  await untilEnded(page, label, "flawed");
  const told = `${card(label)} ${part("drive-damaged")}`;
  await page.says(told, /可读 9\d(\.\d)?%/);
  await page.says(told, "书面说明");
  await page.says(part("alarm-bar"), "1 条警报");
  await shoot(page, "damaged");
  const { rows } = await call(page, "clips", everyClip("damaged"));
  assert.equal(rows.length, 1, "one clip is damaged");
  assert.equal((await call(page, "clips", everyClip("verified"))).rows.some((row) => row.id === rows[0].id), false, "and is not called verified");
  await page.run("() => document.activeElement?.blur()");
  await page.chord("!");
  await page.says(part("alarm"), "柳林镇行政执法全过程记录制度 第十六条");
  await shoot(page, "damaged-alarm");
  await page.click(part("alarm-clip"));
  await page.says(part("clip-state"), "残损");
  await page.find(part("clip-unreadable"));
  await shoot(page, "damaged-clip");
  await page.click(part("alarm-open"));
  await answer(page, "已换读卡器重采，已报告负责人");
  await page.gone(part("alarm-bar"));
  await page.click(part("alarm-close"));
  await drive.pull();
}

async function failedScrub(bench, page, second) {
  const settings = await call(page, "settings");
  await call(page, "save_settings", { ...settings, second_copy: second });
  const status = () => call(page, "copy_status");
  await until("every clip has its second copy", async () => { const s = await status(); return s.missing === 0 && s.copied > 0; }, 30_000);
  const { rows } = await call(page, "clips", everyClip("verified"));
  const { stored_path } = await call(page, "clip", { clip: rows[0].id });
  flip(join(bench.vault, stored_path));
  await page.click(part("rail-settings"));
  await page.click(part("settings-store"));
  await page.says(part("copy-word"), "全部有第二份");
  await page.click(part("scrub-now"));
  await page.says(part("alarm-bar"), "1 条警报", 30_000);
  await page.says(part("scrub-findings"), "发现 1 处");
  await page.run("(css) => document.querySelector(css).scrollIntoView({ block: 'center' })", part("scrub-panel"));
  await shoot(page, "scrub-failed");
  await page.click(part("alarm-open"));
  await page.says(part("alarm"), /原件变了.*怎么办.*第二份恢复/s);
  await shoot(page, "scrub-alarm");
  await page.click(part("alarm-restore"));
  await page.says(part("restore-from"), second);
  await shoot(page, "restore-plan");
  await page.click(part("restore-start"));
  await page.says(part("restore-done"), "已恢复", 20_000);
  await shoot(page, "restore-done");
  await page.click(part("restore-close"));
  await answer(page, "已从第二份恢复，磁盘送检");
  await page.gone(part("alarm-bar"));
  await page.click(part("alarm-close"));
  assert.equal((await call(page, "clip", { clip: rows[0].id })).row.state, "verified", "the clip is whole again");
}

/** Changes one byte in the middle of a file, as a dying disk does. */
function flip(file) {
  const handle = openSync(file, "r+");
  const at = statSync(file).size >> 1;
  const byte = Buffer.alloc(1);
  readSync(handle, byte, 0, 1, at);
  byte[0] ^= 1;
  writeSync(handle, byte, 0, 1, at);
  closeSync(handle);
}

async function fullDisk(bench, page, disk) {
  await go(page, "docking");
  const label = "HB-CAM-07";
  const source = buildDrive(bench, label, "hb-cam");
  const files = footage(source);
  for (const file of files) swell(join(source, file), 10 * MIB);
  const drive = await insert(bench, source, label, { throttle: 5 });
  await begin(page, label);
  await until("it is copying", async () => (await call(page, "jobs", { limit: 1 }))[0].bytes_done > MIB, 20_000);
  const ballast = join(disk, "ballast");
  fill(ballast);
  await page.find(part("disk-stopped"), 30_000);
  await page.says(part("disk-stopped"), /采集已暂停.*怎么办/s);
  await page.chord(KEY.escape);
  await page.find(part("disk-stopped"));
  await shoot(page, "disk-full");
  rmSync(ballast);
  await until("the intake goes on by itself", async () => ["running", "done"].includes((await call(page, "jobs", { limit: 1 }))[0].state), 20_000);
  await page.find(part("disk-note"), 15_000);
  await shoot(page, "disk-back");
  await page.find(part("disk-stopped"));
  await reach(page, part("disk-note"));
  await page.type(await page.focused(), "已清理空间");
  await page.chord(KEY.enter);
  await page.gone(part("disk-stopped"));
  await untilEnded(page, label, "done");
  const report = await call(page, "jobs", { limit: 1 });
  assert.equal(report[0].refused, 0, "nothing is missing");
  await drive.pull();
  await bench.closeWindow();
  const checked = JSON.parse(run(built("evidock"), ["--vault", bench.vault, "fsck", "--json"], { env: bench.env }));
  assert.equal(checked.clean, true, `the store is sound after all of it: ${readFileSync(bench.log, "utf8").slice(-400)}`);
}

/** Writes until nothing more goes. */
function fill(file) {
  const handle = openSync(file, "w");
  const block = Buffer.alloc(MIB);
  try {
    for (;;) writeSync(handle, block);
  } catch (error) {
    assert.equal(error.code, "ENOSPC", "the small disk is full now");
  } finally {
    closeSync(handle);
  }
}
