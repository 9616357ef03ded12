// What an agent does deep in a page: within shadows, in parts that scroll by themselves, and in fields that do not take everything.
import assert from "node:assert/strict";
import { mirror, shared } from "./faithful.mjs";
import { until } from "./house.mjs";
import { over } from "./seeing.mjs";

export const DEEP = [
  ["fields and buttons within shadows are filled in, pressed and marked, with the same guards", shadowed],
  ["a part that scrolls by itself scrolls on both sides, and the window where it cannot go on", scrolled],
  ["a field of several lines is filled in with several lines", lines],
  ["what a field does not take is refused in a word and is in no record, and what is disabled is not filled in", refused],
];

const line = (house, text) => house.cast.anna.page.locator('[data-what="cobrowse"]', { hasText: text });

async function tool(house, name) {
  const { anna } = house.cast;
  await anna.get(`cobrowse-tool-${name}`).click();
  await anna.page.frameLocator('[data-testid="cobrowse-frame"]').locator(`#glass[data-tool="${name}"]`).waitFor();
}

/** Presses something in the picture where it is seen. */
async function click(house, id) {
  const place = mirror(house).locator(`#${id}`);
  await place.waitFor();
  const { x, y, width, height } = await place.boundingBox();
  await house.cast.anna.page.mouse.click(x + width / 2, y + height / 2);
}

async function fill(house, id, value) {
  const { anna } = house.cast;
  await click(house, id);
  await anna.get("cobrowse-fill-value").fill(value);
  await anna.get("cobrowse-fill-value").press("Enter");
}

const SHADOWED = `<div id="d-host"></div><form id="d-form"><div id="d-submit"><b id="d-slotted">Send it</b></div></form>`;

async function shadowed(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const guest = await shared(house, "Shay", SHADOWED, "", ["point", "control"], () => {
    const root = document.getElementById("d-host").attachShadow({ mode: "open" });
    root.innerHTML = '<p><label for="d-field">Glaze</label> <input id="d-field"> <input id="d-pass" type="password"></p><div id="d-inner"></div>';
    const inner = root.getElementById("d-inner").attachShadow({ mode: "open" });
    inner.innerHTML = '<button id="d-button" type="button">Count</button>';
    inner.firstChild.addEventListener("click", () => (globalThis.counted = (globalThis.counted ?? 0) + 1));
    document.getElementById("d-submit").attachShadow({ mode: "open" }).innerHTML = "<button><slot></slot></button>";
    document.getElementById("d-form").addEventListener("click", () => (globalThis.counted = 100));
  });
  const value = (id) => guest.page.locator(`#${id}`).inputValue();
  await tool(house, "fill");
  await fill(house, "d-field", "celadon");
  await until("the field holds it", async () => (await value("d-field")) === "celadon");
  await line(house, "Anna filled in Glaze").waitFor();
  await click(house, "d-button");
  await until("the button was pressed once", () => guest.page.evaluate(() => globalThis.counted === 1));
  await line(house, "Anna pressed Count").waitFor();
  await fill(house, "d-pass", "hunter2");
  await line(house, "The page did not do that").first().waitFor();
  assert.equal(await value("d-pass"), "");
  await click(house, "d-slotted");
  await line(house, "The page did not do that: Send it").waitFor();
  assert.equal(await guest.page.evaluate(() => globalThis.counted), 1, "what submits is the visitor's own to press");

  await tool(house, "point");
  await click(house, "d-button");
  await line(house, "Anna marked Count").waitFor();
  const [mark, button] = [await guest.get("cobrowse-mark").last().boundingBox(), await guest.page.locator("#d-button").boundingBox()];
  assert.ok(mark.width < button.width + 20, `a mark ${mark.width} wide is around a button ${button.width} wide`);
  await house.shot(guest.page, "134-marked-in-shadow");
  await over(house, guest);
}

const SCROLLS = "#d-part { block-size: 120px; overflow: auto } #d-long { block-size: 600px }";

async function scrolled(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const guest = await shared(house, "Skip", '<div id="d-part"><p id="d-long">long</p></div>', SCROLLS);
  const tops = (element) => [element.scrollTop, element.ownerDocument.defaultView.scrollY];
  const there = () => guest.page.locator("#d-part").evaluate(tops);
  const here = () => mirror(house).locator("#d-part").evaluate(tops);
  const wheel = async (by, [part, view]) => {
    await anna.page.mouse.wheel(0, by);
    await until(`the page is at ${part} of the part`, async () => {
      const [top, scrollY] = await there();
      return top === part && scrollY > 0 === view;
    });
    await until("the picture follows it", async () => String(await here()) === String(await there()));
  };
  await tool(house, "point");
  await mirror(house).locator("#d-part").waitFor();
  const { x, y } = await mirror(house).locator("#d-part").boundingBox();
  await anna.page.mouse.move(x + 20, y + 20);
  await wheel(200, [200, false]);
  await wheel(-50, [150, false]);
  const most = await guest.page.locator("#d-part").evaluate((part) => part.scrollHeight - part.clientHeight);
  await wheel(2_000, [most, false]);
  await wheel(100, [most, true]);
  // Where the visitor scrolls it is followed as ever.
  await guest.page.locator("#d-part").evaluate((part) => part.scrollTo(0, 40));
  await until("the picture follows the visitor", async () => (await here())[0] === 40);
  await house.shot(anna.page, "135-part-scrolled");
  await over(house, guest);
}

async function lines(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const guest = await shared(house, "Lin", '<label>Address <textarea id="d-lines" rows="3"></textarea></label>', "", ["point", "control"]);
  const { keyboard } = anna.page;
  await tool(house, "fill");
  await click(house, "d-lines");
  const field = anna.get("cobrowse-fill-value");
  await until("the keyboard is in the field", () => field.evaluate((one) => one === document.activeElement));
  assert.equal(await field.evaluate((one) => one.tagName), "TEXTAREA");
  await keyboard.type("Juniper & Rye");
  await keyboard.press("Shift+Enter");
  await keyboard.insertText("Harbour Road 3\nOban");
  await house.axe(anna.page, "desk, several lines are filled in");
  await house.shot(anna.page, "136-lines");
  await keyboard.press("Enter");
  await until("the field holds the lines", async () => (await guest.page.locator("#d-lines").inputValue()) === "Juniper & Rye\nHarbour Road 3\nOban");
  await over(house, guest);
}

const REFUSES = `<form><label>Pieces <input id="d-number" type="number" value="17"></label> <label>Initials <input id="d-short" maxlength="3"></label>
  <label>Ready by <input id="d-date" type="date"></label><fieldset disabled><label>Later <input id="d-later"></label></fieldset></form>`;

async function refused(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const guest = await shared(house, "Rex", REFUSES, "", ["point", "control"]);
  const value = (id) => guest.page.locator(`#${id}`).inputValue();
  await tool(house, "fill");
  for (const [id, text, word, then] of [["d-number", "abc", "This field takes a number.", "42"], ["d-short", "abcd", "This field takes 3 characters at most.", "abc"]]) {
    const before = await value(id);
    await fill(house, id, text);
    await anna.get("cobrowse-fill-wrong").getByText(word).waitFor();
    await house.shot(anna.page, `136-refused-${id}`);
    assert.equal(await value(id), before);
    await anna.get("cobrowse-fill-value").fill(then);
    await anna.get("cobrowse-fill-value").press("Enter");
    await until(`${id} holds what it takes`, async () => (await value(id)) === then);
  }
  assert.equal(await line(house, "filled in Pieces").count(), 1, "what was refused is in the record");
  await fill(house, "d-date", "2026-12-24");
  await until("a date is chosen", async () => (await value("d-date")) === "2026-12-24");
  await fill(house, "d-later", "x");
  await line(house, "The page did not do that: Later").waitFor();
  assert.equal(await value("d-later"), "");
  await house.axe(anna.page, "desk, a field is filled in");
  await over(house, guest);
}
