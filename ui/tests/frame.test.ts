import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import App from "../src/frame/App.vue";
import { hostKey } from "../src/host/host";
import { blankRouter, press } from "./mounted";
import { sampleHost, type Scene } from "./sample-host";

async function start(scene: Scene) {
  const router = blankRouter();
  await router.push("/docking");
  const host = sampleHost(scene);
  const wrapper = mount(App, { attachTo: document.body, global: { plugins: [router], provide: { [hostKey as symbol]: host } } });
  await flushPromises();
  return { wrapper, router, host };
}
afterEach(() => {
  document.body.innerHTML = "";
  vi.useRealTimers();
});

describe("the frame", () => {
  it("walks the pages by digits, but never out of text or an input method", async () => {
    const { wrapper, router } = await start("rich");
    press(document.body, "2");
    await flushPromises();
    expect(router.currentRoute.value.name, "2 is the second page").toBe("statements");
    press(document.body, "3", { keyCode: 229 });
    press(document.querySelector("[data-testid=search-box]")!, "4");
    await flushPromises();
    expect(router.currentRoute.value.name, "digits that pick a candidate or go into text switch nothing").toBe("statements");
    press(document.body, "/");
    expect(document.activeElement?.getAttribute("data-testid"), "/ searches").toBe("search-box");
    wrapper.unmount();
  });
  it("searches on Enter, not on the Enter of an input method", async () => {
    const { wrapper, router } = await start("rich");
    const box = wrapper.get<HTMLInputElement>("[data-testid=search-box]");
    await box.setValue("网吧");
    press(box.element, "Enter", { keyCode: 229 });
    await flushPromises();
    expect(router.currentRoute.value.name).toBe("docking");
    press(box.element, "Enter");
    await flushPromises();
    expect([router.currentRoute.value.name, router.currentRoute.value.query.q], "the words are in the address").toEqual(["evidence", "网吧"]);
    wrapper.unmount();
  });
  it.each([["first", "first-use"], ["locked", "vault-error"], ["rich", "rail-docking"]] as const)("opens scene %s on %s", async (scene, shown) => {
    const { wrapper } = await start(scene);
    expect(wrapper.find(`[data-testid="${shown}"]`).exists(), "the state decides the page").toBe(true);
    wrapper.unmount();
  });
  it("makes the vault with the unit and the rules chosen", async () => {
    const { wrapper, host } = await start("first");
    await wrapper.get("form").trigger("submit");
    expect(host.calls.some((call) => call.command === "create_vault"), "not before both are given").toBe(false);
    const unit = wrapper.get("[data-testid=first-unit]").element;
    const input = (unit.matches("input") ? unit : unit.querySelector("input")) as HTMLInputElement;
    input.value = "某某局";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await wrapper.get("[data-testid='first-pack-liulin-2024'] input").setValue(true);
    await wrapper.get("form").trigger("submit");
    await flushPromises();
    expect(host.calls.find((call) => call.command === "create_vault")?.request).toEqual({ unit: "某某局", rule_pack: "liulin-2024" });
    expect(wrapper.find("[data-testid=rail-docking]").exists(), "and the window opens").toBe(true);
    wrapper.unmount();
  });
});
