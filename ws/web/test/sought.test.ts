import assert from "node:assert/strict";
import { test } from "node:test";
import { install } from "./browser";

const { tab } = install();
tab.setItem("tandem.sought", JSON.stringify({ history: { name: "Ada" }, callbacks: { whose: "all" } }));
const { atCallbacks, forgetSought, seek, sought } = await import("../src/console/sought");

test("what was looked for in this tab is looked for again, and not by whoever comes next", () => {
  assert.equal(sought.value.history.name, "Ada");
  assert.equal(sought.value.history.number, "");
  assert.deepEqual(sought.value.callbacks, { whose: "all", queue: "", state: "open" });

  seek({ callbacks: { whose: "all", queue: "support", state: "ended" } });
  assert.equal(sought.value.history.name, "Ada");
  assert.deepEqual(JSON.parse(tab.getItem("tandem.sought") ?? "").callbacks, { whose: "all", queue: "support", state: "ended" });

  seek({ callback: "i.c1" });
  assert.deepEqual(atCallbacks(), { is: "callbacks", callback: "i.c1" });
  assert.match(tab.getItem("tandem.sought") ?? "", /i\.c1/);

  forgetSought();
  assert.deepEqual(atCallbacks(), { is: "callbacks" });
  assert.equal(sought.value.history.name, "");
  assert.equal(sought.value.callbacks.whose, "mine");
  assert.doesNotMatch(tab.getItem("tandem.sought") ?? "", /Ada|support|i\.c1/);
});
