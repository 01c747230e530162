/** Child processes, each with a process group of its own, so that none is left behind. */
import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

const GRACE_MS = 3000;
const living = new Set();

/** Starts a program whose output goes to a log file; `stdout: "pipe"` hands the standard output over instead. */
export function start(program, words, { env = process.env, log, stdout = "log" }) {
  const file = openSync(log, "a");
  const child = spawn(program, words, {
    env,
    detached: true,
    stdio: ["ignore", stdout === "pipe" ? "pipe" : file, file],
  });
  living.add(child);
  child.on("exit", () => {
    if (!groupLives(child)) living.delete(child);
  });
  child.on("error", (error) => {
    console.error(`${program} 无法启动：${error.message}`);
    living.delete(child);
  });
  return child;
}

/** Ends a child with its whole group; resolves when all of it is gone. */
export async function end(child) {
  signal(child, "SIGTERM");
  for (let waited = 0; waited < GRACE_MS && groupLives(child); waited += 50) await wait(50);
  signal(child, "SIGKILL");
  living.delete(child);
}

function signal(child, name) {
  try {
    if (child.pid) process.kill(-child.pid, name);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

function groupLives(child) {
  try {
    return child.pid !== undefined && process.kill(-child.pid, 0);
  } catch {
    return false;
  }
}

process.on("exit", () => living.forEach((child) => signal(child, "SIGKILL")));
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => process.exit(1));
