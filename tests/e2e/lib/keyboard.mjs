/** Walking a page by keyboard alone, as an officer does. */
import { KEY, until } from "./webdriver.mjs";

const STEPS_MAX = 60;

/** Presses Tab until the focus stands in what the selector names; fails when it cannot be reached. */
export async function reach(page, css) {
  for (let step = 0; step < STEPS_MAX; step++) {
    if (await standsIn(page, css)) return;
    await page.chord(KEY.tab);
  }
  throw new Error(`Tab does not reach ${css}`);
}

/** Goes to a field and replaces what it holds. */
export async function fill(page, css, text) {
  await reach(page, css);
  await page.chord(KEY.control, "a");
  await page.type(await page.focused(), text);
  await until(`${css} holds ${text}`, async () => (await page.value(css)) === text);
}

/** Goes to a button and presses it. */
export async function push(page, css) {
  await reach(page, css);
  await page.chord(KEY.enter);
}

export function standsIn(page, css) {
  return page.run(`(css) => document.activeElement?.closest(css) !== null`, css);
}

/** Returns a selector for a part of the page by its test name. */
export const part = (name) => `[data-testid="${name}"]`;
