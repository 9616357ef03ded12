import assert from "node:assert/strict";
import { test } from "node:test";
import { Rules } from "../src/cobrowse/rules";

const page = new EventTarget();
const watching = new Set<unknown>();
class PageElement {
  localName = "div";
  isConnected = true;
  parentElement = null;
  parentNode = null;
  assignedSlot = null;
  matches = () => false;
  closest = () => null;
  getAttribute = () => null;
  getRootNode = () => ({ activeElement: null });
}
class Field extends PageElement {
  override localName = "input";
  type = "text";
  maxLength = -1;
  value = "";
}
class Other extends PageElement {}
class Observer {
  observe = () => void watching.add(this);
  disconnect = () => void watching.delete(this);
}
// More of it than is recorded.
const document = { title: "Shop", documentElement: {}, getElementsByTagName: () => ({ length: 50_000 }), createDocumentFragment: () => ({ querySelector: () => null }) };
const globals = { document, matchMedia: () => Object.assign(new EventTarget(), { matches: false }), innerWidth: 800, innerHeight: 600, location: new URL("https://shop.example/"), Element: PageElement, HTMLElement: PageElement, HTMLInputElement: Field, HTMLTextAreaElement: Other, HTMLSelectElement: Other, ShadowRoot: Other, MutationObserver: Observer, getComputedStyle: () => ({ getPropertyValue: () => "none" }), addEventListener: page.addEventListener.bind(page), removeEventListener: page.removeEventListener.bind(page) };
for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
const { Recorder } = await import("../src/cobrowse/recorder");
const begin = () => new Recorder({ rules: new Rules({ mask: [], block: [], reveal: [] }), send: () => {}, moved: () => {} });

test("what was typed is covered in the next recording of the page too", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  const first = begin();
  const field = Object.assign(new Field(), { value: "573914" });
  page.dispatchEvent(Object.assign(new Event("input"), { composedPath: () => [field] }));
  assert.equal(first.clean("Code 573914"), "Code ••••••");
  first.stop();

  const next = begin();

  assert.equal(next.clean("Code 573914"), "Code ••••••");
  next.stop();
});

test("of a page that is too heavy to be recorded nothing is kept of what comes into it", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  const recorder = begin();

  assert.deepEqual([recorder.heavy, watching.size], [true, 0]);
  recorder.stop();
});
