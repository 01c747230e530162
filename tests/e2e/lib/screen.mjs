/** A virtual screen with a window manager: without one no window ever gets the keyboard. */
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { end, start } from "./children.mjs";

export async function openScreen({ size = "1366x768", env, log }) {
  // The server chooses a free number itself, so several runs never meet.
  const words = ["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", `${size}x24`];
  const server = start("Xvfb", words, { env, log, stdout: "pipe" });
  const [number] = await Promise.race([
    once(server.stdout, "data"),
    once(server, "exit").then(() => Promise.reject(new Error("Xvfb ended at once"))),
  ]);
  const display = `:${String(number).trim()}`;
  const manager = start("openbox", [], { env: { ...env, DISPLAY: display }, log });
  await wait(500);
  return {
    display,
    async close() {
      await end(manager);
      await end(server);
    },
  };
}
