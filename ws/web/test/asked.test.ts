import assert from "node:assert/strict";
import { test } from "node:test";
import { Asked } from "../src/cobrowse/asked";
import { Popovers } from "../src/cobrowse/popovers";
import { style } from "../src/cobrowse/text";

const no = () => false;
const yes = () => true;

test("attributes by which a style sheet tells how something looks are shown: words that say nothing of anybody, and numbers for others", () => {
  const asked = new Asked();
  const css = `[data-state=closed] {} html[data-theme='midnight'] {} [data-tags~="sale"] {} [aria-hidden="true" i] {} :host([variant=primary]) {} [x-cloak] {}`;
  asked.learn(css);

  const cleaned = style(css, "https://shop.example/", (name, how, value) => asked.selector(name, how, value));

  assert.equal(cleaned, `[data-state="closed"] {} html[data-theme="v1"] {} [data-tags~="v2"] {} [aria-hidden="true" i] {} :host([variant="primary"]) {} [x-cloak] {}`);
  const shown = (name: string, value: string, own = false) => asked.attribute(name, value, own, no);
  assert.deepEqual([shown("data-state", "closed"), shown("data-theme", "midnight"), shown("data-tags", "new sale"), shown("aria-hidden", "true"), shown("x-cloak", "")], ["closed", "v1", "• v2", "true", ""]);
  assert.deepEqual([shown("variant", "primary", true), shown("variant", "primary")], ["primary", undefined], "of its own making are those of elements that a page made");
});

test("what no style sheet asks for, a text, an address and what would run is not shown, nor is what a style sheet begins to ask for", () => {
  const asked = new Asked();
  const css = `[title^=CANARY] {} [value=CANARY] {} [href="https://x.example/CANARY"] {} [onclick] {} [data-mirror] {} [data-mirror^="CANARY"] {} [data-user="jane"] {} /* [data-note=yes] */ .a::after { content: "[data-said=x]" }`;
  asked.learn(css);

  const cleaned = style(css, "https://shop.example/", (name, how, value) => asked.selector(name, how, value));

  assert.doesNotMatch(cleaned, /CANARY|jane|data-note/);
  for (const [name, value] of [["title", "CANARY"], ["value", "CANARY"], ["href", "/CANARY"], ["onclick", "CANARY()"], ["srcset", "CANARY"], ["data-secret", "true"], ["data-note", "yes"], ["data-said", "x"]] as const) assert.equal(asked.attribute(name, value, true, yes), undefined, name);
  assert.equal(asked.attribute("data-mirror", "CANARY typed open", false, yes), "•", "words that nothing asks for there may be typed");
  assert.equal(asked.attribute("data-user", "jane", false, yes), "v1");
});

test("what somebody chose is shown where the page's content is, and nowhere else", () => {
  const asked = new Asked();
  asked.learn("[aria-checked=true] {} [data-state=checked] {} [data-state=on] {} [data-rating='4'] {} [data-choice] {}");

  const both = (name: string, value: string) => [asked.attribute(name, value, false, no), asked.attribute(name, value, false, yes)];

  assert.deepEqual(both("aria-checked", "true"), [undefined, "true"]);
  assert.deepEqual(both("aria-selected", "true"), [undefined, "true"]);
  assert.deepEqual(both("aria-pressed", "true"), [undefined, "true"]);
  assert.deepEqual(both("data-state", "checked"), ["•", "v1"]);
  assert.deepEqual(both("data-state", "on"), ["•", "v2"]);
  assert.deepEqual(both("data-rating", "4"), [undefined, "v3"]);
  assert.deepEqual(both("data-state", "open"), ["open", "open"]);
});

test("a style sheet that asks for nothing new is told so, and names that are none are not asked for", () => {
  const asked = new Asked();

  assert.deepEqual(asked.learn("[data-late=now] {} a { grid-template: [1st] 1px }"), [{ name: "data-late", value: "now" }]);
  assert.deepEqual(asked.learn("[data-late=now] {} [data-late] {} [data-late^=n] {}"), [{ name: "data-late" }], "those of another value were not told of");
  assert.deepEqual(asked.learn("[data-late=then] {}"), [{ name: "data-late", value: "then" }]);
  assert.deepEqual(asked.learn("[data-late=then] {} [data-late=''] {}"), []);
});

test("a style sheet changes nothing of what is told in any case", () => {
  const asked = new Asked();

  const css = "[class~=card] [hidden] [type=text]:not([disabled]) [id=main] [slot=title] [dir=rtl] [width='100'] [min] [rel=stylesheet] [aria-hidden=true] [data-state=open] [data-theme] [inert] [title] [value=x] {}";

  assert.deepEqual(asked.learn(css), []);
  assert.deepEqual(asked.learn("[data-theme=midnight] {}"), [{ name: "data-theme", value: "midnight" }]);
});

test("popovers are told of when they are shown and when they are hidden, and those that are gone are not", () => {
  Object.assign(globalThis, { CSS: { supports: () => true } });
  const popover = { isConnected: true, open: false, matches: () => popover.open };
  const popovers = new Popovers();
  const found = popovers.found(7, popover as unknown as Element);
  const told = () => popovers.changed()?.attributes;

  assert.equal(found, false);
  assert.equal(told(), undefined);
  popover.open = true;
  assert.deepEqual([told(), told()], [[{ id: 7, attributes: { "tandem-popover": "" } }], undefined]);
  popover.open = false;
  assert.deepEqual(told(), [{ id: 7, attributes: { "tandem-popover": null } }]);
  Object.assign(popover, { isConnected: false, open: true });
  assert.equal(told(), undefined);
});
