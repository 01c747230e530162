/**
 * Which footage plays in the window and which does not: every codec plays, or its fallback is offered.
 * H.264 in MP4, what recorders write, has to play.
 */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { basename, join } from "node:path";
import { step, test } from "./lib/bench.mjs";
import { plugIn } from "./lib/drive.mjs";
import { part } from "./lib/keyboard.mjs";
import { run } from "./lib/strangers.mjs";
import { makeVault, reload, takeIn } from "./lib/vault.mjs";

const H264 = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"];
const CLIPS = [
  { kind: "H.264 + AAC，MP4", file: "H264_0001.MP4", codec: [...H264, "-c:a", "aac"], must: true },
  { kind: "H.264 + AAC，MOV", file: "H264_0002.MOV", codec: [...H264, "-c:a", "aac"] },
  { kind: "H.264 + PCM，AVI", file: "H264_0003.AVI", codec: [...H264, "-c:a", "pcm_s16le"] },
  { kind: "H.264 + AAC，MPEG-TS", file: "H264_0004.TS", codec: [...H264, "-c:a", "aac", "-f", "mpegts"] },
  { kind: "HEVC + AAC，MP4", file: "HEVC_0005.MP4", codec: ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-tag:v", "hvc1", "-pix_fmt", "yuv420p", "-c:a", "aac"] },
  { kind: "MJPEG + PCM，AVI", file: "MJPG_0006.AVI", codec: ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le"] },
  { kind: "MPEG-4 + PCM，AVI", file: "MPG4_0007.AVI", codec: ["-c:v", "mpeg4", "-c:a", "pcm_s16le"] },
  { kind: "不是录像的 .MP4", file: "NOISE_0008.MP4", codec: null },
];
const SECONDS = 4;

await test("media", async (bench) => {
  const folder = bench.path("undocked", "DCIM", "100MEDIA");
  mkdirSync(folder, { recursive: true });
  await step("生成各种编码的片段", () => CLIPS.forEach((clip, seed) => make(join(folder, clip.file), clip.codec, seed)));
  await bench.openScreen("1366x768");
  const page = await bench.openWindow();
  await page.find(part("first-use"));
  const clips = await step("采集", async () => {
    await makeVault(page);
    plugIn(bench, bench.path("undocked"), "CODECS");
    return takeIn(page, "CODECS");
  });
  await reload(page, "#/evidence");
  await page.find(part("page-evidence"));
  const rows = [];
  for (const { kind, file, must } of CLIPS) {
    const clip = clips.find((held) => basename(held.original_name) === file);
    assert.ok(clip, `${file} was taken in`);
    rows.push({ kind, must, ...(await play(page, clip.id)) });
  }
  console.table(Object.fromEntries(rows.map(({ kind, plays, reached, fallback }) => [kind, {
    窗口内播放: plays ? `是，到 ${reached.toFixed(2)} 秒` : "否",
    改用: fallback ? "系统播放器" : "",
  }])));
  for (const { kind, must, plays, fallback, why } of rows) {
    assert.ok(plays || fallback, `${kind} plays or its fallback is offered (${why})`);
    if (must) assert.ok(plays, `${kind} plays in the window (${why})`);
  }
});

function make(file, codec, seed) {
  if (!codec) return writeFileSync(file, randomBytes(200_000));
  const picture = `testsrc2=size=640x360:rate=25:duration=${SECONDS},hue=h=${seed * 40}`;
  const tone = `sine=frequency=${440 + seed * 40}:duration=${SECONDS}`;
  return run("ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, ...codec, file]);
}

/** Shows a clip and plays it until a second of it has passed, or the fallback stands. */
async function play(page, clip) {
  await page.run("(clip) => { location.hash = `#/evidence/${clip}`; }", clip);
  await page.find(part("player"));
  const seen = await page.run(`async (seconds) => {
    const until = (holds) => new Promise((done) => {
      const end = performance.now() + seconds * 1000;
      const look = () => { const value = holds(); if (value || performance.now() > end) done(value); else setTimeout(look, 50); };
      look();
    });
    const player = () => document.querySelector('[data-testid="player"]');
    const failed = () => player()?.dataset.failed === "true";
    const video = () => player()?.querySelector("video");
    await until(() => failed() || video()?.readyState >= 1);
    if (!failed() && video()) {
      video().muted = true;
      await video().play().catch(() => undefined);
      await until(() => failed() || video()?.currentTime >= 1);
    }
    return { reached: video()?.currentTime ?? 0, width: video()?.videoWidth ?? 0, why: video()?.error?.message ?? "" };
  }`, 12);
  const shown = await page.all(part("player-fallback"));
  const outside = await page.all(part("open-clip"));
  return { ...seen, plays: seen.reached >= 1 && seen.width > 0, fallback: shown.length > 0 && outside.length > 0 };
}
