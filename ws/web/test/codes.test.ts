import assert from "node:assert/strict";
import { test } from "node:test";
import { codes, drop, handle, keep, reset } from "../src/console/cobrowse/store";

const shown = () => [...codes.value].map(([interaction, { code, by }]) => [interaction, code, by]);

test("a console that was away shows the code that is good when it is back, and none where there is none", () => {
  keep("a", "042517", 5_000);
  keep("b", "174250", 5_000);

  // It is welcomed, and told what is there.
  reset();
  handle("a", { is: "code", code: "999111", until: 900_000 }, 600_000);

  assert.deepEqual(shown(), [["a", "999111", 300_000]]);
});

test("a code that was replaced, or whose time is over, is shown no more", () => {
  reset();
  keep("a", "042517", 5_000);
  keep("b", "174250", 5_000);

  handle("a", { is: "lapsed" }, 0);
  assert.deepEqual(shown(), [["b", "174250", 5_000]]);

  drop("b");
  assert.deepEqual(shown(), []);
});
