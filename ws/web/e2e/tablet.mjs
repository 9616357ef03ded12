// The same state on a tablet, lying and standing: nothing scrolls sideways, nothing that is to be pressed is out of sight.
import assert from "node:assert/strict";

const SIZES = [
  { width: 1024, height: 768 },
  { width: 820, height: 1100 },
];

/** Looks at a page in both sizes, and puts it back as it was; `look` returns what else is wrong there. */
export async function tablets(house, page, name, sizes = SIZES, look = () => []) {
  const before = page.viewportSize();
  for (const size of sizes) {
    await page.setViewportSize(size);
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    await house.shot(page, `${name}-${size.width}`);
    assert.deepEqual(await page.evaluate(outside), [], `${name} at ${size.width}`);
    assert.deepEqual(await page.evaluate(look), [], `${name} at ${size.width}`);
    await house.axe(page, `${name} at ${size.width}`);
  }
  await page.setViewportSize(before);
}

/** Looks at the widget on a telephone, and puts the page back as it was: the panel is as wide as the window, and nothing in it is wider. */
export async function telephone(house, page, name) {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 780 });
  await house.axe(page, `${name}, telephone`);
  await house.shot(page, `${name}-phone`);
  const panel = page.getByTestId("panel");
  const { width } = await panel.boundingBox();
  const wider = await panel.evaluate((all) => [...all.querySelectorAll("*")].filter((each) => each.checkVisibility() && !each.matches(".hush") && each.clientWidth > 1 && each.scrollWidth > each.clientWidth + 1).map((each) => `${each.className || each.tagName}: ${each.scrollWidth}`));
  assert.deepEqual([width, wider], [390, []], name);
  await page.setViewportSize(before);
}

// What is wider than the window, and what somebody may press and cannot see: neither as it is nor by scrolling.
function outside() {
  const said = (element) => `${element.tagName.toLowerCase()}.${element.className} ${element.dataset?.testid ?? ""} ${(element.textContent ?? "").slice(0, 30)}`;
  const wide = [document.documentElement, document.body].filter((root) => root.scrollWidth > innerWidth + 1).map((root) => `${root.tagName} is ${root.scrollWidth} wide`);
  const scrolls = (element) => {
    for (let at = element.parentElement; at; at = at.parentElement) if (["auto", "scroll"].includes(getComputedStyle(at).overflowX) && at.scrollWidth > at.clientWidth) return true;
    return false;
  };
  const open = document.querySelector("dialog[open]") ?? document;
  const pressed = [...open.querySelectorAll("button, a[href], input, select, textarea, summary")].filter((element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }));
  const hidden = pressed.filter((element) => {
    const { left, right, width, height } = element.getBoundingClientRect();
    return width > 1 && height > 1 && (left < -1 || right > innerWidth + 1) && !scrolls(element) && !element.closest(".hush, .skip");
  });
  return [...wide, ...hidden.map((element) => `out of sight: ${said(element)}`)];
}
