import assert from "node:assert/strict";
import { test } from "node:test";
import type { VisitorRequest } from "../src/generated/protocol";
import { arrive } from "../src/widget/arrival";
import { watch } from "../src/widget/crossing";
import type { Launcher } from "../src/widget/loader";
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
  await watch({ here: true, ended: false, seen: 1 } as unknown as Visitor, "shop", async () => ({ origins: [location.origin, OTHER] }), (request) => void asked.push(request), {} as ShadowRoot);

  for (const kept of ["i.1 muted", "i.1", "i.1 muted away", ""]) {
    browser.tab.setItem("shop.leg", kept);
    const click = Object.assign(new Event("click"), { button: 0, composedPath: () => [new Anchor()] });
    browser.page.dispatchEvent(click);
    await settle();
  }

  const carried = asked.map((request) => request.op === "cross" && request.carried);
  assert.deepEqual(carried.map((it) => it && it.leg), ["i.1", "i.1", null, null]);
  assert.deepEqual(carried.slice(0, 2).map((it) => it && it.muted), [true, false], "whoever is muted stays so on the other website");
});

test("whoever arrives muted in a call is so in the call that the page takes up", async () => {
  const { tab, browser: drawer } = browser;
  for (const [muted, keeps] of [[true, "i.1 left muted"], [false, "i.1 left"]] as const) {
    const came = { zone: "garden", token: "t", interaction: "i", carried: { read: 1, open: true, leg: "i.1", muted }, from: "shop.example", until: Date.now() + 60_000 };
    drawer.setItem("tandem.~", JSON.stringify(came));
    drawer.setItem("tandem.garden", JSON.stringify({ interaction: "i" }));

    await arrive({ zone: "default" } as unknown as Launcher, undefined, undefined);

    assert.equal(tab.getItem("tandem.garden.leg"), keeps);
  }
});
