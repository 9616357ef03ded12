import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { PairingDialog } from "../src/cobrowse/pairing";
import { wordsOf } from "../src/cobrowse/words";
import type { VisitorAct } from "../src/generated/protocol";
import { draw, FakeElement } from "./dom";

draw();
Object.assign(FakeElement.prototype, { getRootNode: () => ({ activeElement: null }) });
Object.assign(globalThis, { HTMLElement: class {} });
Object.assign(document, { activeElement: null });

type Answer = (error: string | undefined, code?: string, left?: string) => void;

function opened(lang = "en") {
  const asked: { act: VisitorAct; told: Answer }[] = [];
  const dialog = new PairingDialog(wordsOf(lang), (act, told) => void asked.push({ act, told: told! }));
  const element = dialog.element as unknown as FakeElement;
  dialog.open();
  const type = (text: string) => {
    element.get("pairing-field").value = text;
    element.get("pairing-connect").parent!.parent!.dispatchEvent(new Event("submit"));
  };
  return { dialog, element, asked, type, answer: (error: string | undefined, code?: string, left = "300000") => asked.pop()!.told(error, code, left) };
}

for (const [lang, words] of [["en", "This page belongs to your call now."], ["de", "Diese Seite gehört jetzt zu Ihrem Anruf."]] as const) {
  test(`digits that were used are shown no more, and it is said what they did: ${lang}`, () => {
    const { dialog, element, answer } = opened(lang);
    answer(undefined, "042517");
    assert.equal(element.get("pairing-code").seen, true);

    dialog.paired();

    assert.deepEqual([element.hidden, element.get("pairing-code").seen, element.get("pairing-field").seen, element.get("pairing-told").seen], [false, false, false, true]);
    assert.equal(element.get("pairing-told").textContent, words);
    assert.equal(element.attributes.get("aria-label"), words);

    dialog.close();
    dialog.open();

    assert.equal(element.get("pairing-code").seen, true);
    assert.notEqual(element.get("pairing-told").textContent, words);
  });
}

test("that an earlier call was joined closes no dialog that waits for its digits, and opens none", () => {
  const { dialog, element } = opened();

  dialog.paired();
  assert.equal(element.get("pairing-code").seen, true);

  dialog.close();
  dialog.paired();
  assert.equal(element.hidden, true);
});

test("digits that are typed apart are the code, and what is no code is asked of nobody: a wrong one counts", () => {
  const { element, asked, type } = opened();
  asked.pop();

  for (const typed of ["123 456", "123-456", " 1 2 3 4 5 6 "]) {
    type(typed);
    assert.deepEqual(asked.pop()?.act, { do: "pair", code: "123456" }, typed);
  }
  assert.equal(element.get("pairing-field").attributes.get("maxlength"), undefined, "a field that takes six signs has no room for a space");

  for (const typed of ["", "12345", "1234567"]) {
    type(typed);
    assert.deepEqual(asked, [], typed);
    assert.equal(element.get("pairing-told").textContent, "Six digits");
  }
});

for (const [lang, words] of [["en", "This code is not good any more."], ["de", "Dieser Code gilt nicht mehr."]] as const) {
  test(`digits that are good no more are shown no more, and others can be had: ${lang}`, () => {
    mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
    const { element, asked, answer } = opened(lang);
    const [code, told, anew] = ["pairing-code", "pairing-told", "pairing-new"].map((id) => element.get(id)) as [FakeElement, FakeElement, FakeElement];
    answer(undefined, "042517", "300000");

    mock.timers.tick(299_000);
    assert.deepEqual([code.textContent, code.seen, anew.seen, told.textContent], ["042517", true, false, ""]);
    mock.timers.tick(1_000);
    assert.deepEqual([code.seen, anew.seen, told.textContent], [false, true, words]);

    anew.click();
    assert.deepEqual(asked.map(({ act }) => act), [{ do: "code" }]);
    answer(undefined, "174250", "300000");
    assert.deepEqual([code.textContent, code.seen, anew.seen, told.textContent], ["174250", true, false, ""]);
    mock.timers.reset();
  });
}

test("that digits are good no more is said of those that are shown, not once they were used or put away", () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  const { dialog, element, answer } = opened();
  answer(undefined, "042517");
  dialog.paired();
  const used = element.get("pairing-told").textContent;
  mock.timers.tick(400_000);
  assert.equal(element.get("pairing-told").textContent, used);

  dialog.close();
  dialog.open();
  mock.timers.tick(200_000);
  answer(undefined, "174250");
  mock.timers.tick(200_000);
  assert.deepEqual([element.get("pairing-code").seen, element.get("pairing-new").seen], [true, false]);
  mock.timers.reset();
});

test("who was away while another page had a code made shows the one that is good, or that none is", () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  const { dialog, element, answer } = opened();
  const shows = () => [element.get("pairing-code").textContent, element.get("pairing-code").seen, element.get("pairing-new").seen];
  answer(undefined, "042517", "300000");

  dialog.back();
  dialog.good("174250", 200_000);
  mock.timers.tick(199_000);
  assert.deepEqual(shows(), ["174250", true, false]);
  mock.timers.tick(1_000);
  assert.deepEqual(shows(), ["174250", false, true]);

  dialog.good("391725", 300_000);
  assert.deepEqual([...shows(), element.get("pairing-told").textContent], ["391725", true, false, ""]);
  dialog.back();
  mock.timers.tick(2_999);
  assert.equal(element.get("pairing-code").seen, true);
  mock.timers.tick(1);
  assert.deepEqual([...shows(), element.get("pairing-told").textContent], ["391725", false, true, "This code is not good any more."]);
  mock.timers.reset();
});

test("who has asked for a code is shown that one, and none that the pages had before", () => {
  const { dialog, element, answer } = opened();

  dialog.good("174250", 300_000);
  assert.doesNotMatch(element.get("pairing-code").textContent, /\d/);

  answer(undefined, "042517", "300000");
  assert.equal(element.get("pairing-code").textContent, "042517");
  dialog.close();
});

test("a code of another page is not shown by one that was used, or was put away", () => {
  const { dialog, element, answer } = opened();
  answer(undefined, "042517", "300000");
  dialog.paired();
  const used = element.get("pairing-told").textContent;

  dialog.good("174250", 300_000);
  assert.deepEqual([element.get("pairing-code").seen, element.get("pairing-told").textContent], [false, used]);
  dialog.close();
  dialog.good("174250", 300_000);
  assert.equal(element.get("pairing-code").seen, false);
});
