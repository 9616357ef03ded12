import assert from "node:assert/strict";
import { test } from "node:test";
import { Covered } from "../src/cobrowse/viewer/covered";

/** An input as far as it is drawn: what its kind does not take empties it. */
class Field {
  nodeName = "INPUT";
  min = "";
  offsetWidth = 125;
  offsetHeight = 21;
  style = { boxSizing: "", width: "", height: "" };
  covered = false;
  #value = "";

  constructor(public type: string) {}

  get value(): string {
    return this.#value;
  }

  set value(value: string) {
    const numbers = this.type === "text" || /^[\d.:-]*$/.test(value);
    this.#value = this.type === "range" && !numbers ? "50" : numbers ? value : "";
  }

  toggleAttribute(_: string, covered: boolean): void {
    this.covered = covered;
  }
}

const says = (text: string) => ({ type: 3, data: { source: 5, id: 1, text } });

test("a field whose kind cannot hold the dots is drawn as one that can, as large as it was, until it is empty or shown", () => {
  const field = new Field("date");
  const covered = new Covered();
  const draw = (event: { type: number; data: object }) => covered.draw(event, () => field as unknown as Node);

  draw({ type: 2, data: { node: { id: 9, childNodes: [{ id: 1, tagName: "input", attributes: { value: "•••••" } }] } } });

  assert.deepEqual([field.type, field.value, field.style], ["text", "•••••", { boxSizing: "border-box", width: "125px", height: "21px" }]);
  assert.equal(covered.kind(field as unknown as Element), "date");
  draw(says(""));
  assert.deepEqual([field.type, field.value, field.style], ["date", "", { boxSizing: "", width: "", height: "" }]);
  draw(says("•••••"));
  draw(says("2026-05-01"));
  assert.deepEqual([field.type, field.value], ["date", "2026-05-01"]);
});

test("a field that the page makes another of is drawn as that one", () => {
  const field = new Field("number");
  const covered = new Covered();
  const draw = (event: { type: number; data: object }) => covered.draw(event, () => field as unknown as Node);
  draw(says("•••••"));

  field.type = "text";
  draw({ type: 3, data: { source: 0, adds: [], attributes: [{ id: 1, attributes: { type: "text" } }] } });

  assert.deepEqual([field.type, field.style.width, covered.kind(field as unknown as Element)], ["text", "", "text"]);
});

test("a slider that is not shown has no mark, and one that is shown has", () => {
  const field = Object.assign(new Field("range"), { min: "10" });
  const covered = new Covered();

  covered.draw(says("•••••"), () => field as unknown as Node);
  assert.deepEqual([field.covered, field.value], [true, "10"]);
  covered.draw(says("90"), () => field as unknown as Node);
  assert.equal(field.covered, false);
});
