/** Mounts a part of the window on a sample host, with the station and the routes it stands in. */
import { flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { computed, defineComponent, h, shallowRef, type Component } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";
import { routes } from "../src/frame/routes";
import { stationKey, type Station } from "../src/frame/station";
import { hostKey } from "../src/host/host";
import { overview } from "./sample-data";
import { sampleHost, type SampleHost } from "./sample-host";

/** The window's own routes, with nothing behind them. */
export function blankRouter() {
  const blank = defineComponent({ render: () => h("div") });
  const named = routes.filter((route) => route.name).map(({ path, name }) => ({ path, name, component: blank }));
  return createRouter({ history: createMemoryHistory(), routes: named });
}

export async function mounted(part: Component, props: Record<string, unknown>, host: SampleHost = sampleHost()) {
  const router = blankRouter();
  await router.push("/docking");
  const station: Station = { overview: shallowRef(overview), error: shallowRef(null), zone: computed(() => 480), refresh: async () => {} };
  const wrapper: VueWrapper = mount(part, {
    props,
    attachTo: document.body,
    global: { plugins: [router], provide: { [hostKey as symbol]: host, [stationKey as symbol]: station } },
  });
  await flushPromises();
  return { wrapper, host, router };
}

/** Returns the input of a field, whether the mark sits on it or around it. */
export function field(wrapper: VueWrapper, testid: string): HTMLInputElement | HTMLTextAreaElement {
  const marked = wrapper.get(`[data-testid="${testid}"]`).element;
  const inner = marked.matches("input, textarea") ? marked : marked.querySelector("input, textarea");
  return inner as HTMLInputElement | HTMLTextAreaElement;
}

export async function type(wrapper: VueWrapper, testid: string, value: string): Promise<void> {
  const input = field(wrapper, testid);
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  await flushPromises();
}

/** Presses a key as a browser does; `keyCode` 229 is a key that belongs to the input method. */
export function press(target: EventTarget, key: string, init: KeyboardEventInit & { keyCode?: number } = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
  if (init.keyCode !== undefined) Object.defineProperty(event, "keyCode", { value: init.keyCode });
  target.dispatchEvent(event);
  return event;
}
