/** A test's own world: folder, screen, driver, window. Everything it started is gone when it ends. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { end, start } from "./children.mjs";
import { openScreen } from "./screen.mjs";
import { Driver } from "./webdriver.mjs";

export const ROOT = resolve(import.meta.dirname, "../../..");
export const built = (name) => join(ROOT, "target/debug", name);

export class Bench {
  /** Makes an empty folder `target/e2e/NAME` and an environment that knows nothing of this user. */
  constructor(name) {
    this.name = name;
    this.folder = join(ROOT, "target/e2e", name);
    rmSync(this.folder, { recursive: true, force: true });
    this.vault = this.path("vault");
    this.dock = this.path("dock");
    this.log = this.path("log.txt");
    for (const made of ["dock", "home", "runtime"]) mkdirSync(this.path(made), { recursive: true, mode: 0o700 });
    const { PATH, LANG = "C.UTF-8", DBUS_SESSION_BUS_ADDRESS = "disabled:", CI = "" } = process.env;
    this.env = {
      PATH, LANG, CI,
      HOME: this.path("home"),
      XDG_RUNTIME_DIR: this.path("runtime"),
      // Outside a bus of our own, a second window would raise the first one of this user instead of opening.
      DBUS_SESSION_BUS_ADDRESS: process.env.EVIDOCK_TEST_BUS ? DBUS_SESSION_BUS_ADDRESS : "disabled:",
      NO_AT_BRIDGE: "1",
    };
  }

  path(...parts) {
    return join(this.folder, ...parts);
  }

  async openScreen(size) {
    this.screen = await openScreen({ size, env: this.env, log: this.log });
    this.env.DISPLAY = this.screen.display;
  }

  /** Starts the workstation's window on this test's vault and dock and returns the driver of its page. */
  async openWindow({ args = ["--vault", this.vault, "--dock", this.dock], env = {}, binary = built("evidock-desktop") } = {}) {
    const port = await freePort();
    this.driverProcess = start("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], {
      env: { ...this.env, ...env, TAURI_WEBVIEW_AUTOMATION: "true" },
      log: this.log,
    });
    this.page = await Driver.reach(port);
    await this.page.open(binary, args);
    return this.page;
  }

  async closeWindow() {
    await this.page?.close();
    if (this.driverProcess) await end(this.driverProcess);
    this.page = this.driverProcess = undefined;
  }

  async close() {
    await this.closeWindow();
    await this.screen?.close();
  }

  /** Keeps what the page showed when a step failed. */
  async keepFailure() {
    if (!this.page) return;
    try {
      writeFileSync(this.path("failed.png"), await this.page.screenshot());
      writeFileSync(this.path("failed.html"), await this.page.source());
    } catch (error) {
      console.error(`没有留下失败时的画面：${error.message}`);
    }
  }
}

/** Runs a test on a bench of its own and ends the process with its result. */
export async function test(name, body) {
  const bench = new Bench(name);
  const begun = Date.now();
  let failure;
  try {
    await body(bench);
  } catch (error) {
    failure = error;
    await bench.keepFailure();
  }
  try {
    await bench.close();
  } catch (error) {
    failure ??= error;
  }
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  if (failure) {
    console.error(`✘ ${name}（${seconds} 秒）：${failure.stack}\n  画面和记录在 ${bench.folder}`);
    process.exit(1);
  }
  console.log(`✔ ${name}（${seconds} 秒）`);
  process.exit(0);
}

/** Names a step and how long it took. */
export async function step(name, body) {
  const begun = Date.now();
  try {
    const answer = await body();
    console.log(`  ✔ ${name}（${((Date.now() - begun) / 1000).toFixed(1)} 秒）`);
    return answer;
  } catch (error) {
    throw new Error(`${name}：${error.message}`, { cause: error });
  }
}

function freePort() {
  return new Promise((answer, refuse) => {
    const server = createServer();
    server.on("error", refuse);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => answer(port));
    });
  });
}
