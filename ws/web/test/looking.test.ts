import assert from "node:assert/strict";
import { test } from "node:test";
import { Looking, STILL_LOOKS } from "../src/console/cobrowse/looking";

test("who turns to another chat and back has looked on, and who stays away is told once to look no more", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const left: string[] = [];
  const looking = new Looking((interaction) => left.push(interaction));

  for (let turn = 0; turn < 5; turn++) {
    looking.turnTo("a");
    looking.turnFrom("a");
    looking.turnTo("b");
    t.mock.timers.tick(STILL_LOOKS - 1);
    looking.turnFrom("b");
    looking.turnTo("a");
  }
  assert.deepEqual(left, []);
  t.mock.timers.tick(STILL_LOOKS);
  assert.deepEqual(left, ["b"]);
  looking.turnFrom("a");
  looking.turnFrom("a");
  t.mock.timers.tick(STILL_LOOKS * 2);
  assert.deepEqual(left, ["b", "a"]);
});
