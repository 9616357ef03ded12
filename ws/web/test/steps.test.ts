import assert from "node:assert/strict";
import { test } from "node:test";

/** An element as far as it is filled in and pressed. */
class PageElement extends EventTarget {
  assignedSlot: PageElement | null = null;
  parentElement: PageElement | null = null;
  parentNode: { host?: PageElement } | null = null;
  attributes: Record<string, string> = {};
  disabled = false;
  clicked = 0;
  form: unknown = null;
  type = "";

  constructor(readonly tag: string, what: Record<string, unknown> = {}) {
    super();
    Object.assign(this, what);
  }

  matches(selector: string): boolean {
    if (selector === ":disabled") return this.disabled || this.parentElement?.disabled === true;
    return selector.split(", ").includes(this.tag);
  }

  getAttribute(name: string): string | null {
    return this.attributes[name] ?? null;
  }

  getRootNode(): unknown {
    return {};
  }

  focus(): void {}

  click(): void {
    this.clicked += 1;
  }
}
/** What its kind does not take empties it. */
class PageInput extends PageElement {
  readOnly = false;
  maxLength = -1;
  labels = [];
  held = "";

  get value(): string {
    return this.held;
  }

  set value(value: string) {
    this.held = this.type === "number" && !/^-?[\d.]+$/.test(value) ? "" : this.type === "color" ? value.toLowerCase() : value;
  }
}
class PageButton extends PageElement {}
class Nothing {}
const globals = {
  Element: PageElement,
  HTMLElement: PageElement,
  HTMLInputElement: PageInput,
  HTMLButtonElement: PageButton,
  HTMLTextAreaElement: Nothing,
  HTMLSelectElement: Nothing,
  HTMLAnchorElement: Nothing,
  ShadowRoot: Nothing,
  InputEvent: Event,
  getComputedStyle: () => ({ getPropertyValue: () => "" }),
  document: { createElement: () => input() },
};
Object.assign(globalThis, globals);
const input = (what: Record<string, unknown> = {}) => Object.assign(new PageInput("input"), { type: "text", ...what });
const { fill, press } = await import("../src/cobrowse/steps");
const { misfit } = await import("../src/cobrowse/fits");

const fills = (field: PageElement, value: string) => fill(field as unknown as Node, value);
const presses = (target: PageElement) => press(target as unknown as Node);

test("a field that is disabled, by itself or by what it stands in, is not filled, nor is such a button pressed", () => {
  const set = new PageElement("fieldset", { disabled: true });

  assert.equal(fills(input({ disabled: true }), "x"), false);
  assert.equal(fills(input({ parentElement: set }), "x"), false);
  assert.equal(fills(input({ readOnly: true }), "x"), false);
  assert.equal(fills(input({ type: "password" }), "x"), false);
  assert.equal(presses(new PageButton("button", { type: "button", parentElement: set })), false);
});

test("what a field does not take is not filled in, and what it holds stays", () => {
  const short = input({ maxLength: 3, held: "abc" });
  const number = input({ type: "number", held: "17" });

  assert.deepEqual([fills(short, "abcd"), fills(number, "abc")], [false, false]);
  assert.deepEqual([short.value, number.value], ["abc", "17"]);
  assert.deepEqual([fills(short, "xyz"), fills(number, "42")], [true, true]);
  assert.deepEqual([short.value, number.value], ["xyz", "42"]);
});

test("why a field does not take a content is said: it is too long, no number, or of another kind", () => {
  assert.deepEqual([misfit("text", 3, "abcd"), misfit("text", 3, "abc"), misfit("text", -1, "abcd")], ["long", undefined, undefined]);
  assert.deepEqual([misfit("number", -1, "abc"), misfit("number", 1, "42"), misfit("range", -1, "abc"), misfit("number", -1, "")], ["number", undefined, "number", undefined]);
  assert.deepEqual([misfit("color", -1, "#FF0000"), misfit("date", -1, "")], [undefined, undefined]);
});

test("what is painted within a button presses it, wherever it stands, and one that submits is the visitor's own", () => {
  const host = new PageElement("my-button", { parentElement: new PageElement("p") });
  const within = (button: PageElement, above = host) => new PageElement("b", { parentElement: above, assignedSlot: new PageElement("slot", { parentElement: Object.assign(button, { parentNode: { host: above } }) }) });
  const plain = new PageButton("button", { type: "submit" });
  const submits = new PageButton("button", { type: "submit" });
  const inForm = new PageElement("my-button", { parentElement: new PageElement("form") });

  assert.equal(presses(within(plain)), true);
  assert.equal(plain.clicked, 1);
  assert.equal(presses(within(submits, inForm)), false);
  assert.equal(presses(new PageButton("button", { type: "submit", form: {} })), false);
  assert.equal(presses(new PageElement("p")), false);
  assert.equal(submits.clicked, 0);
});
