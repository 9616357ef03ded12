import assert from "node:assert/strict";
import { test } from "node:test";
import { Choices } from "../src/cobrowse/choices";
import { install } from "./browser";

test("what was chosen stands for the agent who asks, for a while, and until it is answered", (t) => {
  t.mock.timers.enable({ apis: ["Date"] });
  install();
  const asked = (by: string) => new Choices("shop.chosen", by);
  const said = (by: string) => ["view", "point", "push"].map((grant) => asked(by).of(grant));

  assert.deepEqual(said("Anna"), [undefined, undefined, undefined]);
  asked("Anna").keep([{ name: "view", checked: false }, { name: "point", checked: true }]);
  assert.deepEqual([said("Anna"), said("Ben")], [[false, true, undefined], [undefined, undefined, undefined]]);
  t.mock.timers.tick(11 * 60_000);
  assert.deepEqual(said("Anna"), [undefined, undefined, undefined]);
  asked("Anna").keep([{ name: "point", checked: true }]);
  asked("Anna").keep([]);

  assert.deepEqual(said("Anna"), [undefined, undefined, undefined]);
});
