import assert from "node:assert/strict";
import { test } from "node:test";
import { first, fitting, type Group } from "../src/console/options";

const GROUPS: Group[] = [
  { label: "Colleagues", options: [{ value: "agent:joerg", text: "Jörg Müller (Lunch)", disabled: true }, { value: "agent:jo", text: "Jo Mull" }, { value: "agent:ada", text: "Ada" }] },
  { label: "Queues", options: [{ value: "queue:ledger", text: "ledger: 3 waiting" }] },
];
const values = (groups: Group[]) => groups.flatMap(({ options }) => options.map(({ value }) => value));

test("colleagues and queues are found by any of their words, without accents and in any case", () => {
  assert.deepEqual(values(fitting(GROUPS, "JO mul", "")), ["agent:joerg", "agent:jo"]);
  assert.deepEqual(values(fitting(GROUPS, "lunch", "")), ["agent:joerg"]);
  assert.deepEqual(fitting(GROUPS, "led", "").map(({ label }) => label), ["Queues"]);
  assert.deepEqual(values(fitting(GROUPS, " ", "")).length, 4);
  assert.deepEqual(fitting(GROUPS, "nobody", ""), []);
});

test("what is chosen stays in the list, whatever is typed", () => {
  assert.deepEqual(values(fitting(GROUPS, "led", "agent:ada")), ["agent:ada", "queue:ledger"]);
});

test("typing chooses the first that can be chosen", () => {
  assert.equal(first(GROUPS, "jo"), "agent:jo");
  assert.equal(first(GROUPS, "lunch"), undefined);
});
