/** A vault with people and footage, prepared through the page's own command before a test looks at the page. */
import assert from "node:assert/strict";
import { until } from "./webdriver.mjs";

export const PEOPLE = [
  { name: "李娜", certificate_no: "GZ36012", duty: "执法队员", department: "执法一中队" },
  { name: "王强", certificate_no: "GZ36015", duty: "中队长", department: "执法一中队" },
];
const INTAKE_MS = 60_000;

/** Calls one command of the station, as the page does. */
export function call(page, command, request = {}) {
  const send = `(command, request) => window.__TAURI_INTERNALS__.invoke("call", { command, request })
    .catch((error) => { throw JSON.stringify(error); })`;
  return page.run(send, command, request);
}

/** Makes the vault and its people; the first one is at work. */
export async function makeVault(page) {
  await call(page, "create_vault", { unit: "示例文化和旅游局", rule_pack: "gx-liulin" });
  const save = (person) => call(page, "save_person", { id: null, active: true, ...person });
  const [first, ...others] = PEOPLE;
  // From the first person on, somebody has to be at work.
  await call(page, "choose_operator", { person: (await save(first)).id });
  for (const person of others) await save(person);
}

/** Takes in a drive that stands in the dock and returns its clips. */
export async function takeIn(page, label) {
  const standing = async () => (await call(page, "drives")).find((drive) => drive.label === label);
  const drive = await until(`${label} is docked`, standing);
  await call(page, "admit_drive_once", { drive: drive.id });
  const { id } = await call(page, "start_intake", { drive: drive.id, declared_unclassified: true });
  const ended = async () => (await standing())?.job?.state !== "running" && (await standing()).job;
  const job = await until(`${label} is taken in`, ended, INTAKE_MS);
  assert.deepEqual([job.id, job.state, job.refused], [id, "done", 0], `${label} is taken in whole`);
  const page1 = await call(page, "clips", { text: "", recorder: null, case: null, session: null, state: null, from: null, to: null, after: null, limit: 500 });
  return page1.rows;
}

/** Shows the page anew, with all that was prepared. */
export async function reload(page, hash) {
  await page.run("(hash) => { location.hash = hash; setTimeout(() => location.reload(), 0); }", hash);
}
