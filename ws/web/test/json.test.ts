import assert from "node:assert/strict";
import { test } from "node:test";
import { json } from "../src/link/json";
import { Visitor } from "../src/widget/visitor";
import { BLANK } from "../src/widget/memory";

const FRAME = { id: 1, op: "cobrowse", act: { do: "answer", grants: ["view", "point"], none: undefined, empty: {} }, text: 'a "quoted"\nline', nothing: null, on: true, parts: [[1, { two: [] }], null] };

/** As older libraries teach it. */
function taught<T>(run: () => T): T {
  const prototypes = [Array.prototype, String.prototype, Number.prototype, Object.prototype];
  for (const prototype of prototypes) Object.defineProperty(prototype, "toJSON", { value: () => "[taught]", configurable: true });
  try {
    return run();
  } finally {
    for (const prototype of prototypes) delete (prototype as { toJSON?: unknown }).toJSON;
  }
}

test("what is sent is JSON as it is meant, whatever the page taught its arrays and texts", () => {
  const wanted = JSON.stringify(FRAME);

  assert.equal(json(FRAME), wanted);
  assert.equal(taught(() => json(FRAME)), wanted);
});

test("a request leaves the link as it is meant", () => {
  const sent = taught(() => {
    const visitor = new Visitor("shop", { ...BLANK, token: "t" }, () => 0);
    visitor.open(0);
    visitor.handleOpen(0);
    const texts: string[] = [];
    for (let output = visitor.pollOutput(); output; output = visitor.pollOutput()) if (output.do === "send") texts.push(output.text);
    return texts;
  });

  assert.deepEqual(sent.map((text) => JSON.parse(text).op), ["hello"]);
});
