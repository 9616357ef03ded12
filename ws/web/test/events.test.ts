import assert from "node:assert/strict";
import { test } from "node:test";
import { Typed } from "../src/cobrowse/echo";
import { Cleaner } from "../src/cobrowse/events";
import type { Rules } from "../src/cobrowse/rules";

type Json = Record<string, any>;

/** As much of a page as cleaning asks for. */
class PageNode {
  parentNode = null;
  parentElement: PageElement | null = null;
  ownerDocument: unknown = null;
  assignedSlot: PageElement | null = null;
}
class PageElement extends PageNode {
  tagName = "P";
  shadowRoot: unknown = null;
  veil = "none";
}
class PageDocument extends PageNode {}
const page = Object.assign(new PageDocument(), { querySelectorAll: () => [] });
class Nothing {}
Object.assign(globalThis, { Node: PageNode, Element: PageElement, Document: PageDocument, HTMLElement: Nothing, HTMLInputElement: Nothing, HTMLTextAreaElement: Nothing, HTMLSelectElement: Nothing, document: page, getComputedStyle: ({ veil = "" }) => ({ getPropertyValue: () => veil }) });

/** Without masks; what is left out has the number 66. */
function cleaner(nodes: Record<number, PageNode> = {}, typed = new Typed()): Cleaner {
  const unpainted = (node: PageNode | null) => node instanceof PageElement && node.tagName === "DESC";
  const rules = { masked: () => false, blocked: (node: PageNode) => node === nodes[66], marks: () => false, unpainted, reveals: () => false, remember: () => {}, value: () => "" };
  return new Cleaner(rules as unknown as Rules, { node: (id) => (nodes[id] ?? null) as unknown as Node | null, id: () => -1, href: "https://shop.example/", dark: false, late: () => {} }, (css) => css, typed);
}

let numbered = 100;
const text = (textContent: string): Json => ({ type: 3, id: numbered++, textContent });
const element = (tagName: string, ...childNodes: Json[]): Json => ({ type: 2, id: numbered++, tagName, attributes: {}, childNodes });

test("a text that no page paints is blank, however deep it stands, and what is painted is not", () => {
  const unpainted = ["title", "desc", "metadata", "annotation", "annotation-xml", "datalist", "meter", "progress", "rp", "script", "noscript", "noframes", "noembed", "textarea", "template"];
  const parts = unpainted.flatMap((tag) => [element(tag, text("CANARY-direct")), element(tag, element("p", element("b", text("CANARY-deep"))))]);
  const node = element("svg", ...parts, element("text", text("painted")), element("option", text("chosen")));

  const sent = JSON.stringify(cleaner().event({ type: 2, data: { node, initialOffset: {} }, timestamp: 1 }));

  assert.equal(sent.match(/CANARY[-\w]*/g), null);
  assert.ok(sent.includes("painted") && sent.includes("chosen"));
});

test("a text that changes within what no page paints, or comes into it, is blank", () => {
  const inside = (id: number, parent: PageElement) => Object.assign(new PageNode(), { id, parentElement: parent, ownerDocument: page });
  const desc = Object.assign(new PageElement(), { tagName: "DESC", ownerDocument: page });
  const shown = Object.assign(new PageElement(), { ownerDocument: page });
  const nodes = { 1: desc, 2: inside(2, desc), 3: shown, 4: inside(4, shown) };
  const texts = [{ id: 2, value: "CANARY-changed" }, { id: 4, value: "painted" }];
  const adds = [{ parentId: 1, nextId: null, node: element("p", text("CANARY-come")) }, { parentId: 3, nextId: null, node: text("come") }];

  const { data } = cleaner(nodes).event({ type: 3, data: { source: 0, texts, adds, attributes: [], removes: [] }, timestamp: 1 })!;

  assert.deepEqual(data["texts"], [{ id: 2, value: "" }, { id: 4, value: "painted" }]);
  assert.equal(JSON.stringify(data).match(/CANARY[-\w]*/g), null);
  assert.equal(data["adds"][1].node.textContent, "come");
});

test("a style sheet of what is left out stays in the page, until something that is shown has it too", () => {
  const made = { cssRules: [{ cssText: ".shared { order: 1 }" }] };
  const host = (sheets: unknown[]) => Object.assign(new PageElement(), { ownerDocument: page, shadowRoot: { adoptedStyleSheets: sheets } });
  const clean = cleaner({ 66: host([made]), 5: host([made]), 7: Object.assign(new PageElement(), { ownerDocument: page }) });
  const change = (data: Json) => clean.event({ type: 3, data, timestamp: 1 })?.data;
  const rule = { adds: [{ rule: ".late { order: 2 }", index: 1 }] };

  assert.equal(change({ source: 15, id: 66, styleIds: [1], styles: [{ styleId: 1, rules: [{ rule: ".shared { order: 1 }", index: 0 }] }] }), undefined);
  assert.equal(change({ source: 8, styleId: 1, ...rule }), undefined);
  assert.equal(change({ source: 13, styleId: 1, index: [0], set: { property: "order", value: "3" } }), undefined);
  for (const source of [8, 13]) assert.equal(change({ source, id: 66, index: [0], ...rule }), undefined);

  assert.equal(change({ source: 8, id: 7, ...rule })!["adds"][0].rule, ".late { order: 2 }");
  assert.deepEqual(change({ source: 15, id: 5, styleIds: [1] }), { source: 15, id: 5, styleIds: [1], styles: [{ styleId: 1, rules: [{ rule: ".shared { order: 1 }", index: 0 }] }] });
  assert.deepEqual(change({ source: 15, id: 7, styleIds: [1] }), { source: 15, id: 7, styleIds: [1] });
  assert.equal(change({ source: 8, styleId: 1, ...rule })!["adds"][0].rule, ".late { order: 2 }");
});

test("what stands in a slot that is left out is, and text that is drawn as dots is covered", () => {
  const left = Object.assign(new PageElement(), { ownerDocument: page });
  const shown = Object.assign(new PageElement(), { ownerDocument: page });
  const dots = Object.assign(new PageElement(), { ownerDocument: page, veil: "disc" });
  const within = (parent: PageElement, slot: PageElement | null = null) => Object.assign(new PageNode(), { parentElement: parent, ownerDocument: page, assignedSlot: slot });
  const slotted = Object.assign(new PageElement(), { ownerDocument: page, assignedSlot: left });
  const nodes = { 66: left, 1: shown, 2: slotted, 3: within(slotted), 4: within(shown, left), 5: within(dots), 6: dots };
  const node = { type: 2, id: 1, tagName: "p", attributes: {}, childNodes: [{ type: 2, id: 2, tagName: "b", attributes: { class: "CANARY-class" }, childNodes: [{ type: 3, id: 3, textContent: "CANARY-deep" }] }, { type: 3, id: 4, textContent: "CANARY-text" }, { type: 2, id: 6, tagName: "i", attributes: {}, childNodes: [{ type: 3, id: 5, textContent: "CANARY-dots" }] }, text("painted")] };

  const sent = JSON.stringify(cleaner(nodes).event({ type: 2, data: { node, initialOffset: {} }, timestamp: 1 }));

  assert.equal(sent.match(/CANARY[-\w]*/g), null);
  assert.ok(sent.includes("painted") && sent.includes("•••••••••••"));
});

test("how a part looks stays as it is when a field has a single sign, or two digits", () => {
  const typed = new Typed();
  for (const sign of ["1", "t"]) typed.echo.keep(sign);
  typed.echo.holdShort("12");
  const shown = Object.assign(new PageElement(), { ownerDocument: page });
  const attributes = { width: "16", dir: "ltr", class: "col-12", id: "t1" };

  const { data } = cleaner({ 1: shown }, typed).event({ type: 3, data: { source: 0, texts: [], adds: [], attributes: [{ id: 1, attributes }], removes: [] }, timestamp: 1 })!;

  assert.deepEqual(data["attributes"], [{ id: 1, attributes }]);
});

test("of what is written into a page as much is looked at as of a field", () => {
  const around = Object.assign(new PageElement(), { ownerDocument: page, isContentEditable: true });
  const written = (textContent: string) => Object.assign(new PageNode(), { parentElement: around, ownerDocument: page, textContent });
  const clean = cleaner({ 1: around, 2: written(`30291847 ${"-".repeat(20_000)} 55667788`) });

  clean.event({ type: 3, data: { source: 0, texts: [{ id: 2, value: "" }], adds: [], attributes: [], removes: [] }, timestamp: 1 });

  assert.equal(clean.other("30291847 or 55667788"), "•••••••• or 55667788");
});

/** Elements of a page with attributes, by their numbers; and how often all of it was to be told anew. */
function dressing(...attributes: Record<string, string>[]) {
  const elements = attributes.map((all) => Object.assign(new PageElement(), { ownerDocument: page, getAttribute: (name: string) => all[name] ?? null }));
  page.querySelectorAll = ((selector: string) => elements.filter((_, at) => selector.slice(1, -1) in attributes[at]!)) as never;
  const rules = { masked: () => false, blocked: (node: PageNode) => (node as Json)["out"] === true, marks: () => false, unpainted: () => false, reveals: () => false, remember: () => {}, value: () => "" };
  const world = { elements, late: 0, clean: undefined as unknown as Cleaner, sheet: (css: string) => world.clean.event({ type: 3, data: { source: 0, texts: [], adds: [{ parentId: 1, nextId: null, node: style(css) }], attributes: [], removes: [] }, timestamp: 1 }) };
  world.clean = new Cleaner(rules as unknown as Rules, { node: (id) => (elements[id - 1] ?? null) as unknown as Node | null, id: (node) => elements.indexOf(node as unknown as (typeof elements)[0]) + 1, href: "https://shop.example/", dark: false, late: () => (world.late += 1) }, (css) => css, new Typed());
  const style = (css: string): Json => ({ ...element("style"), attributes: { _cssText: css } });
  const told = (all: Json, at: number) => ({ ...element("p", text("A pot of clay, thrown by hand and fired twice")), id: at + 1, attributes: all });
  const whole = () => world.clean.event({ type: 2, data: { node: { type: 0, id: 9_999, childNodes: [...attributes.map(told), style("[data-theme=midnight] { color: red }")] }, initialOffset: {} }, timestamp: 1 })!;
  return { ...world, world, whole };
}

test("an attribute that a style sheet asks for is told although it stands before it, and when one comes later no more than that is told", (t) => {
  t.after(() => (page.querySelectorAll = () => []));
  const { clean, sheet, whole, world, elements } = dressing({ "data-theme": "midnight", "data-late": "now" }, { "data-late": "then" }, { "data-late": "now" }, { "data-late": "now" });
  Object.assign(elements[3]!, { out: true });

  const { data } = whole();

  assert.deepEqual(data["node"].childNodes[0].attributes, { "data-theme": "v1" });
  sheet("[data-theme=midnight] { color: blue } [class~=card] [data-state=open] [hidden] { color: blue }");
  assert.deepEqual(clean.changed(), []);
  sheet("[data-late=now] { color: blue }");
  const changed = (...attributes: [number, string][]) => [{ source: 0, texts: [], removes: [], adds: [], attributes: attributes.map(([id, value]) => ({ id, attributes: { "data-late": value } })) }];
  assert.deepEqual(clean.changed(), changed([1, "v2"], [3, "v2"]), "what is left out is not told of");
  assert.deepEqual(clean.changed(), []);
  sheet("[data-late] { color: green }");
  assert.deepEqual(clean.changed(), changed([1, "v2"], [2, "•"], [3, "v2"]));
  assert.equal(world.late, 0);
});

test("a style sheet that comes later to a large page takes few bytes, and the whole page only where it asks for much of it", (t) => {
  t.after(() => (page.querySelectorAll = () => []));
  const { clean, sheet, whole, world } = dressing(...Array.from({ length: 3_000 }, (_, n) => ({ "data-row": "", ...(n % 100 === 0 && { "data-late": "now" }) })));
  const before = JSON.stringify(whole()).length;

  const change = JSON.stringify(sheet("[data-late=now] { color: blue }")).length + JSON.stringify(clean.changed()).length;

  assert.ok(before > 300_000 && change < 3_000, `${change} bytes, and ${before} the whole`);
  assert.equal(world.late, 0);
  sheet("[data-row] { color: blue }");
  assert.deepEqual([world.late, clean.changed()], [1, []]);
});

test("of a dialog it is told whether it is modal", () => {
  const shown = Object.assign(new PageElement(), { ownerDocument: page });
  const attributes = { open: "", rr_open_mode: "modal" };

  const { data } = cleaner({ 1: shown }).event({ type: 3, data: { source: 0, texts: [], adds: [], attributes: [{ id: 1, attributes }], removes: [] }, timestamp: 1 })!;

  assert.deepEqual(data["attributes"], [{ id: 1, attributes }]);
});

test("what was typed is covered in the page's address, in pictures' and in what an element is drawn with, as in texts", () => {
  const typed = new Typed();
  typed.echo.hold("4983720165049137");
  typed.echo.keep("hunter2horse");
  typed.chosen.hold("60718293");
  const clean = cleaner({}, typed);
  const img = (src: string) => ({ type: 2, id: numbered++, tagName: "img", attributes: { src }, childNodes: [] });
  const drawn = { type: 2, id: numbered++, tagName: "p", attributes: { style: "background: url(/code/4983-7201.png); --mine: 3; color: red" }, childNodes: [] };
  const node = { type: 2, id: numbered++, tagName: "div", attributes: {}, childNodes: [img("/qr/49%383/7201/6504.png"), img("https://img.example:8080/1200x800/pot.png"), img("/of/hunter2horse.svg"), img("/account/60718293/"), drawn] };

  const sent = JSON.stringify(clean.event({ type: 2, data: { node, initialOffset: {} }, timestamp: 1 }));

  assert.equal(sent.match(/4983|49%383|7201|6504|hunter2|60718293/g), null);
  assert.ok(sent.includes("https://img.example:8080/1200x800/pot.png") && sent.includes("https://shop.example/of/••••••••••••.svg") && sent.includes("color: red"));
  assert.equal(clean.where("https://shop.example/pay/4983/7201"), "https://shop.example/pay/•••••••••");
  assert.equal(clean.where("https://shop.example/pots/12"), "https://shop.example/pots/12");
});

test("a code of two digits, or a single sign, changes no size that a page sets", () => {
  const typed = new Typed();
  typed.echo.holdShort("12");
  typed.echo.keep("4");
  typed.echo.holdShort("738");
  const attributes = { style: { "--size": "12px", "--share": "0.4", "--code": "738" } };
  const own = Object.assign(new PageElement(), { ownerDocument: page });

  const { data } = cleaner({ 5: own }, typed).event({ type: 3, data: { source: 0, texts: [], adds: [], attributes: [{ id: 5, attributes }], removes: [] }, timestamp: 1 })!;

  assert.deepEqual(data["attributes"][0].attributes.style, { "--size": "12px", "--share": "0.4", "--code": "•••" });
});

test("slots, drawings that are used, tables and lists are told as they look, and of references those within the page", () => {
  const typed = new Typed();
  typed.echo.hold("12345678");
  const attributed = (tagName: string, attributes: Json): Json => ({ ...element(tagName), attributes });
  const kept: [string, Json][] = [
    ["slot", { name: "head" }],
    ["p", { slot: "head" }],
    ["use", { "xlink:href": "#icon" }],
    ["use", { href: "#icon" }],
    ["lineargradient", { "xlink:href": "#shades" }],
    ["table", { border: "1", cellpadding: "20", cellspacing: "3", bgcolor: "#ffeedd", width: "300", height: "80", align: "center" }],
    ["td", { valign: "top", nowrap: "" }],
    ["li", { value: "7" }],
    ["ol", { start: "-3", type: "a", reversed: "" }],
    ["input", { type: "range", min: "-2.5", max: "200", step: "any" }],
    ["input", { type: "date", min: "2026-01-31", maxlength: "5" }],
  ];
  const left: [string, Json][] = [
    ["input", { name: "CANARY" }],
    ["use", { "xlink:href": "https://x.example/CANARY#icon" }],
    ["use", { href: "/sprite.svg?CANARY" }],
    ["image", { "xlink:href": "#CANARY" }],
    ["li", { value: "CANARY" }],
    ["li", { value: "12345678" }],
    ["ol", { start: "45678" }],
    ["input", { min: "CANARY", max: "45678", step: "1e9 CANARY" }],
  ];
  const node = element("div", ...[...kept, ...left].map(([tag, attributes]) => attributed(tag, attributes)));

  const { data } = cleaner({}, typed).event({ type: 2, data: { node, initialOffset: {} }, timestamp: 1 })!;

  assert.deepEqual(data["node"].childNodes.map((child: Json) => child["attributes"]), [...kept.map(([, attributes]) => attributes), ...left.map(() => ({}))]);
});
