import assert from "node:assert/strict";
import { test } from "node:test";
import { install } from "./browser";

const { tab } = install();
tab.setItem("tandem.memo", JSON.stringify({ me: "anna", to: "supervisors", text: "Half a", mid: "m1" }));
tab.setItem("tandem.typed", JSON.stringify({ "hand_over i": { name: "Ada", text: "Wants a refund" } }));
const { forgetTyped, recordOf, recordsOf, takeGone, takeOut, textIn, typeIn, typed } = await import("../src/console/typed");
const { keepMemo, kept } = await import("../src/memos/kept");

test("what was typed in a dialog about a contact is there again, and by itself once the contact is gone", () => {
  assert.equal(textIn("hand_over", "i"), "Wants a refund");
  assert.equal(textIn("transfer", "i"), "");

  typeIn("transfer", "j", "Bob", "Call him back");
  assert.deepEqual(takeGone(new Set(["j"])), [{ name: "Ada", text: "Wants a refund" }]);
  assert.deepEqual(JSON.parse(tab.getItem("tandem.typed") ?? ""), { "transfer j": { name: "Bob", text: "Call him back" } });
  assert.deepEqual(takeGone(new Set(["j"])), []);

  // A customer stays.
  typeIn("consent", recordOf("c"), "Cleo", "said so");
  assert.deepEqual(takeGone(new Set(["j"])), []);
  const giveBack = takeOut("consent", recordOf("c"));
  assert.equal(textIn("consent", recordOf("c")), "");
  giveBack();
  assert.deepEqual(typed.value["consent customer:c"], { name: "Cleo", text: "said so" });

  typeIn("consent", recordOf("c"), "Cleo", "");
  typeIn("transfer", "j", "Bob", " ");
  assert.deepEqual(typed.value, {});
  typeIn("invite", "j", "Bob", "Knows him");
  forgetTyped();
  assert.deepEqual(tab.getItem("tandem.typed"), "{}");
});

test("what comes back takes nothing from what was typed meanwhile", () => {
  typeIn("note", recordOf("c"), "Cleo", "likes tea");
  const note = takeOut("note", recordOf("c"), true);
  typeIn("note", recordOf("c"), "Cleo", "and cake");
  typeIn("hand_over", "k", "Dan", "Wants a refnd");
  const reason = takeOut("hand_over", "k");
  // This field goes on showing what was sent.
  typeIn("hand_over", "k", "Dan", "Wants a refund");

  note();
  reason();

  assert.deepEqual([textIn("note", recordOf("c")), textIn("hand_over", "k")], ["likes tea and cake", "Wants a refund"]);
  forgetTyped();
});

test("why two are one is kept for these two", () => {
  typeIn("merge", recordsOf("c", "d"), "Dora", "same telephone");

  assert.deepEqual([textIn("merge", recordsOf("c", "d")), textIn("merge", recordsOf("c", "e"))], ["same telephone", ""]);
  assert.deepEqual(takeGone(new Set()), []);
  forgetTyped();
});

test("a memo that was not sent is there again, by the id under which it may have come", () => {
  assert.deepEqual(kept.value, { me: "anna", to: "supervisors", text: "Half a", mid: "m1" });

  keepMemo(undefined);

  assert.equal(tab.getItem("tandem.memo"), null);
});
