// The same state on a wide screen, light and dark: nothing scrolls sideways, lines stay short, what belongs together stands together.
import assert from "node:assert/strict";

const WIDTHS = [1600, 1920];

/** Looks at a page on wide screens in both schemes, and puts it back as it was; each of `looks` returns what is wrong there. */
export async function wide(house, page, name, ...looks) {
  const before = page.viewportSize();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: Math.round((width * 9) / 16) });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      await house.shot(page, `${name}-${width}-${colorScheme}`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} at ${width} scrolls sideways`);
      for (const look of looks) assert.deepEqual(await page.evaluate(look), [], `${name} at ${width}, ${colorScheme}`);
      await house.axe(page, `${name} at ${width}, ${colorScheme}`);
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(before);
}

/** Ids that take two lines, and days that their calendar's sign covers. */
export function record() {
  const id = [...document.querySelectorAll(".record .facts .mono")].filter((each) => each.getClientRects()[0].height > 1.9 * parseFloat(getComputedStyle(each).fontSize));
  const days = [...document.querySelectorAll('.search input[type="date"]')].filter((each) => each.clientWidth < 130);
  return [...id, ...days].map((each) => each.outerHTML.slice(0, 80));
}

/** What was opened and does not stand right below what opens it, or is not in the window. */
export function opensBelow() {
  const opened = [...document.querySelectorAll(".record details[open]")];
  if (opened.length === 0) return ["nothing is open"];
  const wrong = opened.filter((each) => {
    const [button, list] = ["summary", "ul"].map((part) => each.querySelector(part).getBoundingClientRect());
    return Math.abs(list.top - button.bottom) > 12 || list.height < 1 || list.left < button.left - 12 || list.bottom > innerHeight || list.right > innerWidth;
  });
  return wrong.map((each) => `${each.textContent.slice(0, 40)} opens at ${JSON.stringify(each.querySelector("ul").getBoundingClientRect())}`);
}

/** The bar of the board and what is below it begin on one line; the curve stays within its card. */
export function board() {
  const at = (selector) => document.querySelector(selector)?.getBoundingClientRect();
  const [title, tiles, curve, plot] = [".top h1", ".tiles", ".curve", ".curve canvas"].map(at);
  const apart = Math.abs(title.left - tiles.left) > 2 ? [`the bar begins at ${title.left}, what is below it at ${tiles.left}`] : [];
  return plot && plot.right > curve.right - 8 ? [...apart, `the curve ends at ${plot.right} in ${curve.right}`] : apart;
}
