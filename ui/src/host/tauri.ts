/** The host inside the window: one Tauri command and one Tauri event. */
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Notice } from "./generated/wire";
import { asWireError, type Host } from "./host";

export function tauriHost(): Host {
  return {
    async call(command, request) {
      try {
        return await invoke("call", { command, request });
      } catch (reason) {
        throw asWireError(reason);
      }
    },
    listen(handler) {
      const stop = listen<Notice>("notice", (event) => handler(event.payload));
      return () => {
        void stop.then((unlisten) => unlisten());
      };
    },
  };
}
