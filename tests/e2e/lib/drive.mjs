/** Generated recorder drives that are docked by appearing in the dock folder. */
import { closeSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import { randomFillSync } from "node:crypto";
import { join } from "node:path";
import { built } from "./bench.mjs";
import { filesBelow, run } from "./strangers.mjs";

/** Builds a drive of a maker's layout beside the dock, so that plugging it in is one rename. */
export function buildDrive(bench, label, layout = "dsj-a") {
  const folder = bench.path("undocked", label);
  run(built("fixtures"), ["drive", "--layout", layout, folder], { env: bench.env });
  return folder;
}

/** Docks a drive: it stands in the dock folder from one moment to the next. */
export function plugIn(bench, folder, label) {
  const docked = join(bench.dock, label);
  renameSync(folder, docked);
  return docked;
}

/** Makes an MP4 larger by a `free` box behind its end, which players skip: progress takes time to watch. */
export function swell(file, bytes) {
  const kept = statSync(file);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(bytes, 0);
  head.write("free", 4, "latin1");
  const handle = openSync(file, "a");
  writeSync(handle, head);
  const chunk = Buffer.alloc(1024 * 1024);
  for (let left = bytes - head.length; left > 0; left -= chunk.length) {
    writeSync(handle, randomFillSync(chunk), 0, Math.min(left, chunk.length));
  }
  closeSync(handle);
  run("touch", ["-d", kept.mtime.toISOString(), file]);
}

export function footage(folder) {
  return filesBelow(folder).filter((file) => /\.(mp4|avi|mov)$/i.test(file));
}
