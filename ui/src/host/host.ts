/** The one way out of the page: commands to the station and its notices of change. */
import { inject, type InjectionKey } from "vue";
import type { Commands } from "./generated/commands";
import type { Notice, WireError } from "./generated/wire";

export type { Commands } from "./generated/commands";
export type * as wire from "./generated/wire";

export interface Host {
  /** Calls one command; rejects with a `WireError`. */
  call<K extends keyof Commands>(command: K, request: Commands[K]["request"]): Promise<Commands[K]["response"]>;
  /** Hears every notice until the returned function is called. */
  listen(handler: (notice: Notice) => void): () => void;
}

export const hostKey: InjectionKey<Host> = Symbol("host");

/** Returns the host the page was started with. */
export function useHost(): Host {
  const host = inject(hostKey);
  if (!host) throw new Error("the page was mounted without a host");
  return host;
}

/** Codes the page itself gives when no answer of the station can be had. */
export const HOST_UNREACHABLE = "host_unreachable";

/** Returns what a rejected call carried as a `WireError`. */
export function asWireError(reason: unknown): WireError {
  if (typeof reason === "object" && reason !== null && "code" in reason && typeof reason.code === "string") {
    const held = reason as Partial<WireError> & { code: string };
    return { code: held.code, params: held.params ?? {}, detail: held.detail ?? "" };
  }
  return { code: "internal", params: {}, detail: reason instanceof Error ? reason.message : String(reason) };
}
