import assert from "node:assert/strict";
import { test } from "node:test";
import { CallSheet } from "../src/widget/callsheet";
import type { Wish } from "../src/widget/wishes";
import { wordsOf } from "../src/widget/words";

/** As much of an element as a form asks for. */
class FormElement extends EventTarget {
  hidden = false;
  checked = false;
  value = "";
  textContent = "";
  readonly children: FormElement[] = [];

  constructor(readonly tag: string) {
    super();
  }

  setAttribute(name: string, value: string): void {
    Object.assign(this, name === "checked" ? { checked: true } : name === "value" ? { value } : name === "hidden" ? { hidden: true } : {});
  }

  append(...children: (FormElement | string)[]): void {
    this.children.push(...children.filter((child) => child instanceof FormElement));
  }

  querySelector(tag: string): FormElement | undefined {
    return this.children.find((child) => child.tag === tag);
  }

  focus(): void {}
}

Object.assign(globalThis, { Node: FormElement, CSSStyleSheet: class { replaceSync(): void {} }, document: { createElement: (tag: string) => new FormElement(tag) } });

function asked(zone: string, when: string, openings: string[] = []): Wish[] {
  const wishes: Wish[] = [];
  const sheet = new CallSheet({ root: { adoptedStyleSheets: [] } as unknown as ShadowRoot, lang: "en", texts: {} }, wordsOf("en"), (wish, opening) => (wishes.push(wish), openings.push(opening)), () => {});
  const form = sheet.element as unknown as FormElement;
  const radios = (each: FormElement): FormElement[] => [...(each.tag === "input" && each.value ? [each] : []), ...each.children.flatMap(radios)];
  for (const radio of radios(form)) radio.checked = radio.value === when;
  sheet.number.value = "+12125550100";
  const own = Intl.DateTimeFormat;
  Object.assign(Intl, { DateTimeFormat: () => ({ resolvedOptions: () => ({ timeZone: zone }) }) });
  form.dispatchEvent(new Event("submit", { cancelable: true }));
  Object.assign(Intl, { DateTimeFormat: own });
  return wishes;
}

test("who asks to be called later tells their browser's time zone, and who asks for now needs none", () => {
  const [later] = asked("America/New_York", "tomorrow");
  assert.ok(later?.op === "callback");
  assert.deepEqual([later.number, later.wish?.zone, later.wish?.keep_place], ["+12125550100", "America/New_York", false]);

  assert.deepEqual(asked("America/New_York", "now"), [{ op: "call", number: "+12125550100" }]);
  const [nowhere] = asked("UTC", "hour");
  assert.ok(nowhere?.op === "callback" && !("wish" in nowhere));
});

test("what begins a contact says for when the call is wanted", () => {
  const openings: string[] = [];

  for (const when of ["now", "hour"]) asked("UTC", when, openings);

  assert.deepEqual(openings, ["Please call me now: +12125550100", "Please call me back: +12125550100"]);
});
