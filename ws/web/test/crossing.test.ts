import assert from "node:assert/strict";
import { test } from "node:test";
import type { VisitorRequest } from "../src/generated/protocol";
import { watch } from "../src/widget/crossing";
import type { Visitor } from "../src/widget/visitor";
import { install, settle } from "./browser";

const browser = install();
const OTHER = "https://garden.example";

/** A link to another website of the zone. */
class Anchor {
  target = "";
  href = `${OTHER}/`;
  hasAttribute = (name: string) => name === "href";
  getAttribute = () => this.href;
  setAttribute = (_: string, href: string) => void (this.href = href);
}
class Nothing {}
Object.assign(globalThis, { HTMLAnchorElement: Anchor, HTMLAreaElement: Nothing, location: { origin: "https://shop.example" }, document: { baseURI: "https://shop.example/" } });

test("a link to another website carries the call of the tab that is in it, and none that another tab has", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const asked: VisitorRequest[] = [];
  await watch({ here: true, ended: false, seen: 1 } as unknown as Visitor, "shop", async () => ({ origins: [location.origin, OTHER] }), (request) => void asked.push(request));

  for (const kept of ["i.1 muted", "i.1 muted away", ""]) {
    browser.tab.setItem("shop.leg", kept);
    const click = Object.assign(new Event("click"), { button: 0, composedPath: () => [new Anchor()] });
    browser.page.dispatchEvent(click);
    await settle();
  }

  assert.deepEqual(asked.map((request) => request.op === "cross" && request.carried.leg), ["i.1", null, null]);
});
