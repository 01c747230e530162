/** The few W3C WebDriver calls that the window tests need, over `fetch`. */
import { setTimeout as wait } from "node:timers/promises";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
/** How long a page may take to show what a step waits for, in ms. */
const PATIENCE = 10_000;
const STEP = 50;

export const KEY = {
  enter: "\uE007",
  tab: "\uE004",
  escape: "\uE00C",
  control: "\uE009",
  shift: "\uE008",
  down: "\uE015",
  up: "\uE013",
  space: "\uE00D",
  backspace: "\uE003",
  f8: "\uE038",
  none: "\uE000",
};

export class Driver {
  #base;
  #session;

  /** Waits until the driver on the port answers. */
  static async reach(port) {
    const driver = new Driver();
    driver.#base = `http://127.0.0.1:${port}`;
    await until("the WebDriver answers", async () => (await fetch(`${driver.#base}/status`)).ok);
    return driver;
  }

  /** Opens the program; the page may still be loading when this returns. */
  async open(binary, args) {
    const alwaysMatch = { "webkitgtk:browserOptions": { binary, args } };
    const { sessionId } = await this.#send("POST", "/session", { capabilities: { alwaysMatch } });
    this.#session = `/session/${sessionId}`;
    await this.#post("/timeouts", { script: 30_000, pageLoad: 30_000, implicit: 0 });
  }

  async close() {
    if (this.#session) await this.#send("DELETE", this.#session);
    this.#session = undefined;
  }

  /** Returns all elements for a CSS selector, at once. */
  async all(css) {
    const found = await this.#post("/elements", { using: "css selector", value: css });
    return found.map((entry) => entry[ELEMENT]);
  }

  /** Returns the first element that is shown; waits for it. */
  async find(css, patience = PATIENCE) {
    return until(`shown: ${css}`, async () => {
      for (const element of await this.all(css)) {
        if (await this.#get(`/element/${element}/displayed`)) return element;
      }
      return undefined;
    }, patience);
  }

  /** Waits until nothing for the selector is shown. */
  async gone(css, patience = PATIENCE) {
    await until(`no longer shown: ${css}`, async () => {
      for (const element of await this.all(css)) {
        if (await this.#get(`/element/${element}/displayed`)) return false;
      }
      return true;
    }, patience);
  }

  /** Clicks what the selector finds, once it can be clicked. */
  async click(css, patience = PATIENCE) {
    let last;
    await until(`clickable: ${css}`, async () => {
      const element = await this.find(css, patience);
      if (!(await this.#get(`/element/${element}/enabled`))) return false;
      try {
        await this.#post(`/element/${element}/click`, {});
        return true;
      } catch (error) {
        last = error;
        return false;
      }
    }, patience).catch((error) => { throw last ? new Error(`${error.message}: ${last.message}`) : error; });
  }

  /** Types into what has the focus. */
  async press(...keys) {
    await this.type(await this.focused(), keys.join(""));
  }

  /** Presses a key while others are held down. */
  async chord(...keys) {
    const down = keys.map((value) => ({ type: "keyDown", value }));
    const up = keys.toReversed().map((value) => ({ type: "keyUp", value }));
    await this.#post("/actions", { actions: [{ type: "key", id: "keyboard", actions: [...down, ...up] }] });
  }

  async type(element, text) {
    await this.#post(`/element/${element}/value`, { text });
  }

  async focused() {
    const active = await this.#get("/element/active");
    return active[ELEMENT];
  }

  /** Returns the text as it is laid out; the driver's own text command leaves out cells of scrolled grids. */
  async text(css) {
    return this.run("(element) => element.innerText", { [ELEMENT]: await this.find(css) });
  }

  async value(css) {
    return this.#get(`/element/${await this.find(css)}/property/value`);
  }

  async attribute(css, name) {
    return this.#get(`/element/${await this.find(css)}/attribute/${name}`);
  }

  /** Waits until the text of what the selector finds holds the words. */
  async says(css, words, patience = PATIENCE) {
    let seen = "";
    const holds = async () => {
      seen = await this.text(css);
      return words instanceof RegExp ? words.test(seen) : seen.includes(words);
    };
    await until(`${css} says ${words}`, holds, patience).catch((error) => {
      throw new Error(`${error.message}; it says: ${JSON.stringify(seen)}`);
    });
    return seen;
  }

  /** Runs a function in the page; a promise it returns is awaited. */
  async run(script, ...args) {
    const body = `const done = arguments[arguments.length - 1];
      Promise.resolve((${script})(...[...arguments].slice(0, -1)))
        .then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const answer = await this.#post("/execute/async", { script: body, args });
    if (answer.error) throw new Error(`in the page: ${answer.error}`);
    return answer.value;
  }

  /** Gives the window a place and a size on the screen. */
  async rect(rect) {
    await this.#post("/window/rect", rect);
  }

  /** Returns a PNG of what the page shows. */
  async screenshot() {
    return Buffer.from(await this.#get("/screenshot"), "base64");
  }

  async source() {
    return this.#get("/source");
  }

  #get(path) {
    return this.#send("GET", this.#session + path);
  }

  #post(path, body) {
    return this.#send("POST", this.#session + path, body);
  }

  async #send(method, path, body) {
    const response = await fetch(this.#base + path, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path.replace(/^\/session\/[^/]+/, "")}: ${value.error} ${value.message}`);
    return value;
  }
}

/** Asks again until the answer is truthy; what failed on the way is told when patience ends. */
export async function until(what, ask, patience = PATIENCE) {
  const begun = Date.now();
  let last;
  do {
    try {
      const answer = await ask();
      if (answer) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await wait(STEP);
  } while (Date.now() - begun < patience);
  throw new Error(`not within ${patience / 1000} s: ${what}${last ? ` (${last.message})` : ""}`);
}
