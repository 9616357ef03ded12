import assert from "node:assert/strict";
import { test } from "node:test";
import { Hand, type Ground } from "../src/cobrowse/viewer/hand";
import type { Guide } from "../src/generated/protocol";

const drawn = () => ({ setAttribute: () => {}, append: () => {} });

test("what scrolls by itself is scrolled where it stands, gathered for a moment, and the window apart from it", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  Object.assign(globalThis, { document: { createElementNS: drawn } });
  const part = { scrollLeft: 0, scrollTop: 40 } as Element;
  const told: Guide[] = [];
  const picture = { window: { scrollX: 0, scrollY: 7 }, scroller: (around?: Element) => around, node: (found?: Element) => (found ? 51 : undefined) };
  const ground = { picture, tool: () => "point", guide: (guide: Guide) => void told.push(guide), press: () => {} };
  const hand = new Hand({ append: () => {}, addEventListener: () => {} } as unknown as HTMLElement, ground as unknown as Ground);

  hand.scroll(0, 100, part);
  hand.scroll(0, 60, part);
  assert.deepEqual(told, []);
  hand.scroll(0, 20);
  assert.deepEqual(told.splice(0), [{ how: "scroll", node: 51, x: 0, y: 200 }]);
  hand.scroll(0, -100);
  t.mock.timers.tick(120);

  assert.deepEqual(told, [{ how: "scroll", node: null, x: 0, y: 0 }]);
});
