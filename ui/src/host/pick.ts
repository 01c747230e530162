import type { Host } from "./host";

/** Returns the host of this page: Tauri's inside the window, the loopback server's in a browser. */
export async function pickHost(): Promise<Host> {
  if ("__TAURI_INTERNALS__" in window) return (await import("./tauri")).tauriHost();
  return (await import("./web")).webHost();
}
