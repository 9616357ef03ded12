import assert from "node:assert/strict";
import { test } from "node:test";
import { install } from "./browser";

install();
Object.defineProperty(globalThis, "location", { value: new URL("https://desk.example/"), configurable: true });
Object.assign(globalThis, { document: { addEventListener: () => {}, hidden: false, documentElement: {} } });
globalThis.setInterval = (() => 0) as never;
const { clearSent, drafts } = await import("../src/board/model");

test("what a supervisor sent goes from its field, and what was typed meanwhile stays there", () => {
  drafts.value = { "whisper i": "Offer ten", "barge i": "Hello, and" };

  clearSent("whisper i", "Offer ten");
  clearSent("barge i", "Hello");

  assert.deepEqual(drafts.value, { "whisper i": "", "barge i": "Hello, and" });
});
