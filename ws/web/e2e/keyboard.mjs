// Where the keyboard is in a page.
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

/** Waits until the focus is where keys are meant to go. */
export function focused(page, attribute, value) {
  const found = () => page.evaluate(`${DEEP}?.getAttribute(${JSON.stringify(attribute)})`);
  return until(`the focus is on ${value}`, async () => (await found()) === value);
}
