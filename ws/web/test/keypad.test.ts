import assert from "node:assert/strict";
import { test } from "node:test";
import { Keypad } from "../src/voice/keypad";
import { wordsOf } from "../src/voice/words";
import { draw, FakeElement } from "./dom";

test("Escape shuts the keys and not the window around them, which the next one does", () => {
  draw();
  const keypad = new Keypad(wordsOf("en"), () => true);
  const [element, focused] = [keypad.element as unknown as FakeElement, [] as string[]];
  const toggle = element.get("voice-keypad");
  toggle.focus = () => focused.push("toggle");
  const press = (key: string) => {
    const event = Object.assign(new Event("keydown", { cancelable: true }), { key });
    let passed = true;
    event.stopPropagation = () => (passed = false);
    element.dispatchEvent(event);
    return passed;
  };
  toggle.click();
  assert.equal(element.get("voice-keys").seen, true);

  assert.deepEqual([press("5"), press("Escape"), element.get("voice-keys").seen, focused], [true, false, false, ["toggle"]]);
  assert.deepEqual([press("Escape"), focused], [true, ["toggle"]]);
});
