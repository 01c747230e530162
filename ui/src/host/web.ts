/** The host in a browser: the station's loopback server, addressed relative to the page. */
import type { Notice, Topic, WireError } from "./generated/wire";
import { asWireError, HOST_UNREACHABLE, type Host } from "./host";

const TOPICS: readonly Topic[] = [
  "dock", "jobs", "clips", "sessions", "cases", "packages", "people", "settings", "tasks",
];

export function webHost(base: string = document.baseURI): Host {
  return {
    async call(command, request) {
      let response: Response;
      try {
        response = await fetch(new URL(`api/call/${command}`, base), {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(request),
        });
      } catch (reason) {
        throw unreachable(reason);
      }
      const text = await response.text();
      if (response.ok) return JSON.parse(text);
      throw refusal(response.status, text);
    },
    listen(handler) {
      const events = new EventSource(new URL("api/events", base));
      let lost = false;
      events.onmessage = (event: MessageEvent<string>) => handler(JSON.parse(event.data) as Notice);
      events.onerror = () => {
        lost = true;
      };
      // What happened while the stream was down is unknown: everything is asked again.
      events.onopen = () => {
        if (lost) TOPICS.forEach((topic) => handler({ topic }));
        lost = false;
      };
      return () => events.close();
    },
  };
}

function unreachable(reason: unknown): WireError {
  return { code: HOST_UNREACHABLE, params: {}, detail: reason instanceof Error ? reason.message : String(reason) };
}

function refusal(status: number, text: string): WireError {
  try {
    return asWireError(JSON.parse(text));
  } catch {
    return { code: HOST_UNREACHABLE, params: {}, detail: `HTTP ${status} ${text}`.trim() };
  }
}
