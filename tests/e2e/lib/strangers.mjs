/** Tools that are not ours: what they say about our files counts, not what we say. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { ROOT } from "./bench.mjs";

const CHUNK = 64 * 1024 * 1024;

/** Runs a tool and returns its standard output; a status other than 0 is an error with all it said. */
export function run(program, words, options = {}) {
  try {
    return execFileSync(program, words, { encoding: "utf8", maxBuffer: CHUNK, stdio: "pipe", ...options });
  } catch (error) {
    throw new Error(`${program} ${words.join(" ")}：${error.status ?? error.code}\n${error.stdout ?? ""}${error.stderr ?? ""}`);
  }
}

/** Returns all files below a folder, as paths from it, in order. */
export function filesBelow(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
}

/** Returns digest by path, from `sha256sum` or `b3sum`. */
export function digests(tool, folder, files) {
  const lines = run(tool, ["--", ...files], { cwd: folder }).trimEnd().split("\n");
  return new Map(lines.map((line) => [line.slice(line.indexOf("  ") + 2), line.slice(0, 64)]));
}

/** Fails unless the reference implementation of BagIt and both checksum tools accept the folder. */
export function checkBag(folder) {
  run(join(ROOT, "target/venv/bin/python"), [join(ROOT, "target/venv/bin/bagit.py"), "--validate", folder]);
  checkManifests(folder);
}

/** Fails unless every line of the manifests holds and no payload file lacks a line. */
export function checkManifests(folder) {
  run("sha256sum", ["--check", "--strict", "--quiet", "manifest-sha256.txt"], { cwd: folder });
  run("sha256sum", ["--check", "--strict", "--quiet", "tagmanifest-sha256.txt"], { cwd: folder });
  run("b3sum", ["--check", "--quiet", "manifest-blake3.txt"], { cwd: folder });
  run("b3sum", ["--check", "--quiet", "tagmanifest-blake3.txt"], { cwd: folder });
}

/** Takes the files out of an image by `xorriso` into an empty folder. */
export function extract(image, folder) {
  mkdirSync(folder, { recursive: true });
  run("xorriso", ["-osirrox", "on:auto_chmod_on", "-indev", image, "-extract", "/", folder]);
}

/** Returns the words of a PDF that qpdf finds sound, without white space: lines break where they like. */
export function pdfWords(file) {
  if (!existsSync(file)) throw new Error(`there is no PDF at ${file}`);
  run("qpdf", ["--check", file]);
  return run("pdftotext", ["-raw", file, "-"]).replace(/\s+/g, "");
}
