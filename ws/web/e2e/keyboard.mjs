// Where the keyboard is in a page.
import assert from "node:assert/strict";
import { until } from "./house.mjs";

// The focused element, in a shadow root too.
const DEEP = `(() => { let at = document.activeElement; while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement; return at; })()`;

/** Goes on by Tab until the focus is where `wanted` says. */
export async function tabTo(page, wanted) {
  for (let stop = 0; stop < 80; stop++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(`(${wanted})(${DEEP})`)) return;
  }
  throw new Error(`no tab stop is ${wanted}`);
}

/** What has a name for checks. */
export const at = (id) => `(element) => element?.dataset.testid === "${id}"`;

/** Tabs to an element and presses a key on it. */
export async function press(page, id, key = "Enter") {
  await tabTo(page, at(id));
  await page.keyboard.press(key);
}

/** Goes on by Tab: these, and nothing between them, have the focus one after the other. */
export async function tabsThrough(page, ...ids) {
  for (const id of ids) {
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(`${DEEP}?.dataset.testid ?? ${DEEP}?.outerHTML.slice(0, 200)`), id, "the next stop of Tab");
  }
}

/** Goes down a list of choices that has the focus until `value` is chosen. */
export async function chooses(field, value) {
  await until(`${value} can be chosen`, () => field.evaluate((list, wanted) => [...list.options].some((each) => each.value === wanted), value));
  const choices = await field.locator("option").count();
  for (let step = 0; step < choices && (await field.inputValue()) !== value; step++) await field.page().keyboard.press("ArrowDown");
  assert.equal(await field.inputValue(), value);
}

/** From now on whatever points in a page is a fault of the check, until the returned function is called. */
export async function onlyKeys(page) {
  await page.evaluate(() => {
    globalThis.pointed = ({ target }) => console.error(`something pointed at ${target.outerHTML.slice(0, 100)}`);
    addEventListener("pointerdown", globalThis.pointed, true);
  });
  return () => page.evaluate(() => removeEventListener("pointerdown", globalThis.pointed, true));
}

/** Accepts a contact and turns to it. */
export async function takes(side, name) {
  const { page } = side;
  await page.keyboard.press("Alt+y");
  await side.tab(name).waitFor();
  const title = side.get("conversation").getByRole("heading", { name });
  await until(`${name} is shown`, async () => {
    if (await title.count()) return true;
    await page.keyboard.press("Alt+j");
    return false;
  });
}

/** Ends the shown contact, says how it turned out, and is done with it. */
export async function finishes(side) {
  const { page } = side;
  const interaction = await side.get("conversation").getAttribute("data-interaction");
  if ((await side.get("wrap-up").count()) === 0) {
    await press(page, "end");
    await press(page, "confirm");
  }
  await focused(page, "data-testid", "wrap-up");
  await tabTo(page, at("disposition"));
  await page.keyboard.press("ArrowDown");
  await press(page, "finish");
  await page.locator(`[data-testid="contact"][data-interaction="${interaction}"]`).waitFor({ state: "detached" });
}

/** Waits until the focus is where keys are meant to go. */
export function focused(page, attribute, value) {
  const found = () => page.evaluate(`${DEEP}?.getAttribute(${JSON.stringify(attribute)})`);
  return until(`the focus is on ${value}`, async () => (await found()) === value);
}
