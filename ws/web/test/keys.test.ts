import assert from "node:assert/strict";
import { test } from "node:test";
import { letterOf } from "../src/console/keys";

const press = (key: string, code: string, more = {}) => ({ key, code, altKey: true, ctrlKey: false, metaKey: false, shiftKey: false, ...more });

test("Alt and a letter ask for what the letter is, wherever they are pressed", () => {
  for (const written of [false, true]) {
    assert.equal(letterOf(press("n", "KeyN"), written, false), "n");
    assert.equal(letterOf(press("2", "Digit2"), written, false), "2");
    assert.equal(letterOf(press("Alt", "AltLeft"), written, false), undefined);
    assert.equal(letterOf(press("n", "KeyN", { altKey: false }), written, false), undefined);
  }
});

test("where Alt types signs, a sign in a field is what was meant", () => {
  assert.equal(letterOf(press("~", "KeyN"), true, true), undefined);
  assert.equal(letterOf(press("”", "Digit2"), true, true), undefined);
  assert.equal(letterOf(press("~", "KeyN"), false, true), "n");
  assert.equal(letterOf(press("~", "KeyN", { ctrlKey: true }), true, true), "n");
});

test("AltGr types signs and asks for nothing", () => {
  assert.equal(letterOf(press("@", "KeyQ", { ctrlKey: true }), false, false), undefined);
  assert.equal(letterOf(press("n", "KeyN", { ctrlKey: true }), true, false), undefined);
});
