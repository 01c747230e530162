import { afterEach, describe, expect, it, vi } from "vitest";
import { HOST_UNREACHABLE } from "../src/host/host";
import { webHost } from "../src/host/web";

const BASE = "http://127.0.0.1:4711/TOKEN/";
class Events {
  static last: Events;
  onmessage: ((event: { data: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  onopen: (() => void) | null = null;
  closed = false;
  constructor(readonly url: URL) {
    Events.last = this;
  }
  close(): void {
    this.closed = true;
  }
}
afterEach(() => vi.unstubAllGlobals());

describe("the host in a browser", () => {
  it("posts below the page's own folder and returns the answer", async () => {
    const fetched = vi.fn(async () => new Response(JSON.stringify([{ id: "d" }])));
    vi.stubGlobal("fetch", fetched);
    expect(await webHost(BASE).call("drives", {}), "the answer's JSON").toEqual([{ id: "d" }]);
    const [address, init] = fetched.mock.calls[0] as unknown as [URL, RequestInit];
    expect(address.href, "the token stays in the address").toBe(`${BASE}api/call/drives`);
    expect([init.method, init.body], "the request as JSON").toEqual(["POST", "{}"]);
  });
  it.each([
    ["a refusal", async () => new Response('{"code":"drive_gone","params":{},"detail":"x"}', { status: 409 }), "drive_gone"],
    ["another server's words", async () => new Response("<html>", { status: 502 }), HOST_UNREACHABLE],
    ["no server", async () => Promise.reject(new TypeError("failed")), HOST_UNREACHABLE],
  ])("rejects with a WireError on %s", async (_, answer, code) => {
    vi.stubGlobal("fetch", vi.fn(answer));
    await expect(webHost(BASE).call("drives", {}), "the code tells the words").rejects.toMatchObject({ code });
  });
  it("hears notices, and asks everything anew after the stream was lost", () => {
    vi.stubGlobal("EventSource", Events);
    const heard: string[] = [];
    const stop = webHost(BASE).listen((notice) => heard.push(notice.topic));
    expect(Events.last.url.href).toBe(`${BASE}api/events`);
    Events.last.onopen?.();
    Events.last.onmessage?.({ data: '{"topic":"dock"}' });
    expect(heard, "one notice, and none for the first opening").toEqual(["dock"]);
    Events.last.onerror?.();
    Events.last.onopen?.();
    expect(new Set(heard).size, "what was missed is unknown").toBe(12);
    stop();
    expect(Events.last.closed, "the stream ends with the listener").toBe(true);
  });
});
