import { flushPromises } from "@vue/test-utils";
import { describe, expect, it } from "vitest";
import RulePanel from "../src/settings/RulePanel.vue";
import { mounted } from "./mounted";
import { packs } from "./sample-data";

describe("the rules of a unit", () => {
  it("stand with their articles, a list named once, our own defaults as such", async () => {
    const { wrapper } = await mounted(RulePanel, { governing: packs[0]!.id });
    expect(wrapper.get('[data-testid="rule-title"]').text()).toBe(packs[0]!.title);
    const rows = wrapper.findAll('[data-testid="rule-line"]').map((row) => row.findAll("td").map((cell) => cell.text()));
    expect(rows).toEqual([
      ["储存期限", "7个工作日", "第十九条"],
      ["应当全程录", "查封、扣押财产", "第十三条"],
      ["", "强制拆除", "第十三条"],
      ["保存期限", "作为证据：与卷宗相同", "第二十条"],
      ["算作不间断的最长停顿（秒）", "5", "本机默认"],
    ]);
    wrapper.unmount();
  });

  it("lie beside another's, what differs first", async () => {
    const { wrapper, host } = await mounted(RulePanel, { governing: packs[0]!.id });
    const beside = wrapper.findAllComponents({ name: "ElSelect" })[1]!;
    beside.vm.$emit("update:modelValue", [packs[1]!.id]);
    await flushPromises();
    expect(host.calls.at(-1)).toEqual({ command: "compare_rules", request: { ids: [packs[0]!.id, packs[1]!.id] } });
    const rows = wrapper.findAll('[data-testid="rule-compared"]').map((row) => row.findAll("td").map((cell) => cell.text()));
    expect(rows).toEqual([["储存期限", "7个工作日（第十九条）", "24小时（第十九条）"]]);
    wrapper.findComponent({ name: "ElCheckbox" }).vm.$emit("update:modelValue", false);
    await flushPromises();
    expect(wrapper.findAll('[data-testid="rule-compared"]')).toHaveLength(5);
    wrapper.unmount();
  });
});
