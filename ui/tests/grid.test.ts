import { flushPromises, mount } from "@vue/test-utils";
import type { Component } from "vue";
import { describe, expect, it } from "vitest";
import { walk } from "../src/grid/walk";
import RowGrid from "../src/grid/RowGrid.vue";
import { press } from "./mounted";

describe("walking", () => {
  it.each([
    ["ArrowDown", 3, 4], ["ArrowDown", 99, 99], ["ArrowDown", -1, 0], ["ArrowUp", 3, 2], ["ArrowUp", 0, 0],
    ["PageDown", 3, 13], ["PageDown", 95, 99], ["PageUp", 13, 3], ["Home", 50, 0], ["End", 50, 99], ["a", 3, null],
  ])("%s from row %i leads to %s", (key, at, to) => expect(walk(key, at, 100, 10), "within the rows").toBe(to));
  it("goes nowhere among no rows", () => expect(walk("Home", -1, 0, 10)).toBeNull());
});

describe("the grid", () => {
  const rows = Array.from({ length: 100 }, (_, i) => ({ id: `r${i}` }));
  const grid = (chosen: string | null = "r3") =>
    mount(RowGrid as unknown as Component, {
      props: { rows, total: 250, columns: [{ key: "id", label: "编号", width: "1fr" }], chosen, label: "列表", testid: "grid" },
      attachTo: document.body,
    });

  it("tells assistive tools its whole size", () => {
    const wrapper = grid();
    expect(wrapper.get('[role="grid"]').attributes("aria-rowcount"), "all rows that match, and the head").toBe("251");
    expect(wrapper.get('[role="grid"]').attributes("aria-activedescendant"), "the chosen row").toBe("row-r3");
    wrapper.unmount();
  });
  it.each([["ArrowDown", "choose", "r4"], ["End", "choose", "r99"], ["Enter", "open", "r3"], [" ", "peek", "r3"]])("%j emits %s of %s", async (key, event, id) => {
    const wrapper = grid();
    const pressed = press(wrapper.element, key);
    await flushPromises();
    expect(wrapper.emitted(event), "one intent, with its row").toEqual([[{ id }]]);
    expect(pressed.defaultPrevented, "the page does not scroll as well").toBe(true);
    wrapper.unmount();
  });
  it.each([["a key of the input method", "Enter", { keyCode: 229 }], ["a chord", "ArrowDown", { ctrlKey: true }]])("leaves %s alone", (_, key, init) => {
    const wrapper = grid();
    const pressed = press(wrapper.element, key, init);
    expect([wrapper.emitted("choose"), wrapper.emitted("open"), pressed.defaultPrevented], "nothing happened").toEqual([undefined, undefined, false]);
    wrapper.unmount();
  });
});
