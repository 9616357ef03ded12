import assert from "node:assert/strict";
import { test } from "node:test";
import { Dressed } from "../src/cobrowse/dressed";

/** A root that tells when its style sheets are set, as what records a page is told. */
function root(more: object = {}, ...sheets: string[]) {
  const told: string[][] = [];
  const made = Object.defineProperty({ sheets, told, ...more }, "adoptedStyleSheets", {
    get: () => made.sheets,
    set: (to: string[]) => void told.push([...(made.sheets = to)]),
  });
  return made;
}

test("a style sheet that is put beside the others is told of the page and of its shadow roots, once", () => {
  const page = root({}, "a");
  const host = { isConnected: true };
  const shadow = root({ host });
  Object.assign(globalThis, { document: page });
  const dressed = new Dressed();
  dressed.begin();
  dressed.found(shadow as never);

  dressed.look();
  assert.deepEqual([page.told, shadow.told], [[], []]);
  page.sheets.push("b");
  shadow.sheets.push("c");
  dressed.look();
  dressed.look();

  assert.deepEqual([page.told, shadow.told], [[["a", "b"]], [["c"]]]);
  shadow.sheets.push("d");
  host.isConnected = false;
  dressed.look();
  assert.equal(shadow.told.length, 1, "what is gone is looked at no more");
});
