import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, Inviter, type Rule } from "../src/widget/inviter";

const ANY: Rule = { text: "Can we help?", after: 0, scroll: 0, cart: 0, pages: [], segments: [] };

function on(path: string, ...rules: Partial<Rule>[]): Inviter {
  const inviter = new Inviter(rules.map((rule) => ({ ...ANY, ...rule })));
  inviter.at(path, 0);
  return inviter;
}

test("an invitation waits for its time on the page, and begins anew on the next", () => {
  const inviter = on("/", { after: 30 });
  assert.equal(inviter.due(29_999), undefined);
  assert.ok(inviter.due(30_000));

  inviter.at("/cart", 30_000);

  assert.equal(inviter.due(59_999), undefined);
  assert.ok(inviter.due(60_000));
});

test("all conditions of a rule must hold, and the first rule that does is taken", () => {
  const inviter = on("/shop/mugs", { text: "both", scroll: 60, cart: 50 }, { text: "late", after: 90 });
  inviter.scrolled(75);
  assert.equal(inviter.due(1_000), undefined);

  inviter.tell({ cart: 49.99 });
  assert.equal(inviter.due(1_000), undefined);
  inviter.tell({ cart: 50 });

  assert.equal(inviter.due(1_000)?.text, "both");
  assert.equal(on("/", { text: "both", cart: 50 }, { text: "late", after: 90 }).due(90_000)?.text, "late");
});

test("what was scrolled through stays seen until the next page", () => {
  const inviter = on("/", { scroll: 80 });
  inviter.scrolled(90);
  inviter.scrolled(10);
  assert.ok(inviter.due(0));

  inviter.at("/other", 0);

  assert.equal(inviter.due(0), undefined);
});

test("a rule may be for some pages and some visitors", () => {
  const inviter = on("/checkout/pay", { pages: ["/checkout/*"], segments: ["returning", "vip"], after: 1 });
  assert.equal(inviter.due(2_000), undefined);

  inviter.tell({ segments: ["vip"] });
  assert.ok(inviter.due(2_000));
  inviter.at("/", 2_000);

  assert.equal(inviter.due(9_000), undefined);
});

test("what a page tells wrongly is not believed", () => {
  const inviter = on("/", { cart: 10 });

  inviter.tell({ cart: "1000" as unknown as number, segments: "vip" as unknown as string[] });
  inviter.tell({ cart: Number.NaN });

  assert.equal(inviter.due(0), undefined);
});

test("while nobody is free the page asks seldom", () => {
  const inviter = on("/", { cart: 1 });
  inviter.tell({ cart: 2 });
  inviter.rest(0);

  assert.equal(inviter.due(29_999), undefined);
  assert.ok(inviter.due(30_000));
});

test("a star stands for anything, and nothing else does", () => {
  const cases: [string, string, boolean][] = [
    ["/cart", "/cart", true],
    ["/cart", "/cart/", false],
    ["/cart*", "/cart/pay", true],
    ["/cart*", "/shop/cart", false],
    ["/*/pay", "/cart/pay", true],
    ["/*/pay", "/pay", false],
    ["/a*b*c", "/axxbyyc", true],
    ["/a*b*c", "/axxc", false],
    ["/a*a", "/a", false],
    ["/c.rt", "/cart", false],
  ];
  for (const [pattern, path, wanted] of cases) assert.equal(fits(pattern, path), wanted, `${pattern} ${path}`);
});
