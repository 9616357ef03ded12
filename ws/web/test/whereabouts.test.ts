import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { ARRIVES, type Place, Whereabouts } from "../src/cobrowse/whereabouts";

function page() {
  const told: Place[] = [];
  const at = { url: "https://shop.example/", title: "Shop" };
  return { at, told, whereabouts: new Whereabouts(() => ({ ...at }), (place) => told.push(place)) };
}

test("a page whose program goes elsewhere is told of once a second, the last place wins, with the title it has by then", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { at, told, whereabouts } = page();
  whereabouts.begin();
  for (const step of ["a", "b", "c"]) {
    at.url = `https://shop.example/${step}`;
    whereabouts.moved();
    mock.timers.tick(ARRIVES / 5);
  }
  at.title = "Step c";
  mock.timers.tick(ARRIVES);

  assert.deepEqual(told, [{ url: "https://shop.example/", title: "Shop" }, { url: "https://shop.example/c", title: "Step c" }]);
  mock.timers.reset();
});

test("a title that changes alone is told of once a second, with where the page is", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { at, told, whereabouts } = page();
  whereabouts.begin();
  for (let n = 0; n < 20; n++) {
    at.title = `Shop (${n})`;
    whereabouts.moved();
    mock.timers.tick(ARRIVES / 5);
  }
  mock.timers.tick(ARRIVES);
  assert.equal(told.length, 5);
  assert.deepEqual(told.at(-1), { url: "https://shop.example/", title: "Shop (19)" });

  at.title = "Shop (20)";
  whereabouts.moved();
  at.title = "Shop (19)";
  mock.timers.tick(ARRIVES);
  assert.equal(told.length, 5, "it is called as before");
  mock.timers.reset();
});

test("a place that was told is not told again, and nothing is told once it is over, until it begins anew", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { at, told, whereabouts } = page();
  whereabouts.begin();
  whereabouts.moved();
  mock.timers.tick(ARRIVES);
  assert.equal(told.length, 1);

  at.url = "https://shop.example/cart";
  whereabouts.moved();
  whereabouts.stop();
  mock.timers.tick(ARRIVES);
  assert.equal(told.length, 1);

  whereabouts.begin();
  assert.equal(told.at(-1)?.url, "https://shop.example/cart");
  mock.timers.reset();
});
