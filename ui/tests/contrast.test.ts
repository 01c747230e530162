import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { path } from "./paths";

const css = readFileSync(path("../src/tokens/tokens.css"), "utf8");
const token = (name: string) => new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(css)?.[1] ?? "";
const light = (hex: string) => {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const share = parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a: string, b: string) => {
  const [bright, dark] = [light(token(a)), light(token(b))].sort((x, y) => y - x) as [number, number];
  return (bright + 0.05) / (dark + 0.05);
};

it("every word can be read on every ground it stands on", () => {
  for (const ink of ["ink", "ink-quiet", "accent", "good", "busy", "care", "bad", "idle"]) {
    for (const ground of ["surface", "ground", "sunken", "good-tint", "busy-tint", "care-tint", "bad-tint", "idle-tint", "accent-tint"]) {
      const crossed = ground.endsWith("-tint") && !["ink", "ink-quiet"].includes(ink) && !ground.startsWith(ink) && ground !== "accent-tint";
      if (!crossed) expect(contrast(ink, ground), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  }
});
