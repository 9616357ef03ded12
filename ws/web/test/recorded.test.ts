import assert from "node:assert/strict";
import { test } from "node:test";
import { nameOf, recorded } from "../src/cobrowse/viewer/picture";

const kinds = { field: "a field", button: "a button", link: "a link", heading: "a heading", picture: "a picture", table: "a table", list: "a list", text: "a paragraph", part: "a part" };

/** An element, found by its tag and what it has, within others. */
class PageElement {
  constructor(
    private readonly tag: string,
    readonly textContent: string,
    readonly parentElement: PageElement | null = null,
    readonly assignedSlot: PageElement | null = null,
  ) {}
  matches(selector: string): boolean {
    return selector.split(", ").some((one) => one.replace(/:not.*|\[href\]/, "") === this.tag);
  }
  getAttribute(): null {
    return null;
  }
  cloneNode(): PageElement {
    return this;
  }
  querySelectorAll(): PageElement[] {
    return [];
  }
}
const element = (tag: string, text: string, parent: PageElement | null = null, slot: PageElement | null = null) => new PageElement(tag, text, parent, slot) as unknown as Element;

test("of what is marked the record has the name where it is a control, and the kind of everything else", () => {
  const text = "Balance 12,345.67 EUR of Jane Private, Elm Street 5";

  for (const [tag, kind] of [["p", "a paragraph"], ["h1", "a heading"], ["td", "a part"], ["li", "a list"], ["div", "a part"], ["img", "a picture"]] as const) assert.equal(recorded(element(tag, text), kinds), kind);
  for (const [tag, name] of [["button", "Pay now"], ["a", "Help"], ["label", "Street"]] as const) assert.equal(recorded(element(tag, name), kinds), name);
  assert.equal(recorded(element("b", "now", new PageElement("button", "Pay  now")), kinds), "Pay now");
  // By what it is painted in: a slot of a button that a page made.
  assert.equal(recorded(element("b", "now", new PageElement("p", text), new PageElement("slot", "", new PageElement("button", "Pay"))), kinds), "Pay");
  // Without a name, or with one that is a text.
  for (const [tag, name, kind] of [["button", "", "a button"], ["a", text, "a link"], ["label", text, "a field"]] as const) assert.equal(recorded(element(tag, name), kinds), kind);
  assert.equal(nameOf(element("button", text)), undefined);
});
