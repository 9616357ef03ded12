import assert from "node:assert/strict";
import { test } from "node:test";
import { Escapes } from "../src/cobrowse/escapes";

/** A window of a page or of a frame, whose times count from `began`. */
function opened(began: number, ...frames: unknown[]) {
  const view = Object.assign(new EventTarget(), { performance: { timeOrigin: began }, document: new EventTarget(), length: frames.length }, frames);
  const press = (type: string, at: number, key = "Escape") => view.dispatchEvent(Object.defineProperty(Object.assign(new Event(type), { key, view }), "timeStamp", { value: at - began }));
  return { view, press };
}

/** Another website's: it tells nothing. */
const abroad = new Proxy({}, { get: () => assert.fail("SecurityError") });

function heard() {
  const frame = opened(5_000);
  const page = opened(0, abroad, frame.view);
  Object.assign(globalThis, { window: page.view, addEventListener: () => {} });
  const told = { times: 0 };
  return { told, page, frame, escapes: new Escapes(() => (told.times += 1)) };
}

test("Escape twice is heard across the page and its frames, each of which counts time from its own beginning", () => {
  const { told, page, frame } = heard();

  page.press("keydown", 6_000);
  page.press("keyup", 6_050);
  frame.press("keydown", 6_400);

  assert.equal(told.times, 1);
});

test("two presses that are not close together, or of other keys, are not Escape twice", () => {
  const { told, page, frame } = heard();

  page.press("keydown", 6_000);
  page.press("keyup", 6_050);
  page.press("keydown", 6_200, "a");
  frame.press("keydown", 6_701);
  page.press("keydown", 8_000, "Enter");

  assert.equal(told.times, 0);
});

test("where the page keeps the beginning of a press its end is heard, and each press counts once", () => {
  const { told, page } = heard();

  page.press("keyup", 6_000);
  assert.equal(told.times, 0);
  page.press("keyup", 6_300);
  assert.equal(told.times, 1);
  for (const at of [7_000, 7_200]) {
    page.press("keydown", at);
    page.press("keyup", at + 50);
  }

  assert.equal(told.times, 2);
});

test("a press that is told twice counts once, and a frame that came later is heard", () => {
  const { told, page, escapes } = heard();
  const press = Object.assign(new Event("keydown"), { key: "Escape", view: page.view }) as never;
  escapes.hear(press);
  escapes.hear(press);
  assert.equal(told.times, 0);

  const late = opened(9_000);
  Object.assign(page.view, { length: 3, 2: late.view });
  escapes.listen();
  late.press("keydown", 9_100);
  late.press("keydown", 9_200);

  assert.equal(told.times, 1);
});
