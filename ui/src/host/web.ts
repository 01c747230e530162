/** The host in a browser: the station's loopback server, addressed relative to the page. */
import type { Notice, Topic, WireError } from "./generated/wire";
import { asWireError, HOST_UNREACHABLE, type Host } from "./host";

const TOPICS: readonly Topic[] = [
  "dock", "jobs", "clips", "sessions", "cases", "packages", "people", "settings", "tasks", "alarms", "scrub", "copies",
];

export function webHost(base: string = document.baseURI): Host {
  // One stream for all who listen: a browser keeps six connections to a server, and commands need some of them.
  const handlers = new Set<(notice: Notice) => void>();
  let events: EventSource | null = null;
  const tell = (notice: Notice) => [...handlers].forEach((handler) => handler(notice));

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
      handlers.add(handler);
      events ??= openStream(new URL("api/events", base), tell);
      return () => {
        handlers.delete(handler);
        if (handlers.size > 0) return;
        events?.close();
        events = null;
      };
    },
  };
}

function openStream(address: URL, tell: (notice: Notice) => void): EventSource {
  const events = new EventSource(address);
  let lost = false;
  events.onmessage = (event: MessageEvent<string>) => tell(JSON.parse(event.data) as Notice);
  events.onerror = () => {
    lost = true;
  };
  // What happened while the stream was down is unknown: everything is asked again.
  events.onopen = () => {
    if (lost) TOPICS.forEach((topic) => tell({ topic }));
    lost = false;
  };
  return events;
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
