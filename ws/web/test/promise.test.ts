import assert from "node:assert/strict";
import { test } from "node:test";
import { moved, read, REMINDERS, type Typed } from "../src/console/promise";
import { reminder } from "../src/console/words/callbacks";

const NONE: Typed = { until: "", zone: "", owner: "", order: "", remind: "" };
const AT = new Date("2027-03-01T10:00").getTime();

test("nothing is wished where every field is empty", () => {
  assert.deepEqual(read(NONE, AT), { wish: null });
  assert.deepEqual(read({ ...NONE, zone: "  " }, AT), { wish: null });
});

test("each field is wished by itself, and all at once", () => {
  const plain = { until: null, zone: null, owner: null, order: null, remind: null, keep_place: false };
  const until = new Date("2027-03-01T12:00").getTime();
  const each = [
    [{ until: "2027-03-01T12:00" }, { until }],
    [{ zone: " Europe/Berlin " }, { zone: "Europe/Berlin" }],
    [{ owner: "anna" }, { owner: "anna" }],
    [{ order: "agent_first" }, { order: "agent_first" }],
    [{ remind: "0" }, { remind: 0 }],
    [{ remind: "600" }, { remind: 600 }],
  ] as const;
  for (const [typed, wish] of each) assert.deepEqual(read({ ...NONE, ...typed }, AT), { wish: { ...plain, ...wish } });

  const whole = Object.assign({}, ...each.map(([typed]) => typed)) as Typed;
  assert.deepEqual(read(whole, AT), { wish: { until, zone: "Europe/Berlin", owner: "anna", order: "agent_first", remind: 600, keep_place: false } });
});

test("a window that ends before the call, or in part, and a zone nobody knows are told", () => {
  for (const until of ["2027-03-01T10:00", "2027-02-28T12:00"]) assert.deepEqual(read({ ...NONE, until }, AT), { field: "until", is: "early" });
  assert.deepEqual(read({ ...NONE, until: "soon" }, AT), { field: "until", is: "none" });
  assert.deepEqual(read(NONE, AT, true), { field: "until", is: "none" });
  for (const zone of ["Mars/Base", "+02:00", "Berlin?"]) assert.deepEqual(read({ ...NONE, zone }, AT), { field: "zone", is: "unknown" });
});

test("a promise that is moved keeps the length of its window, and gets none where it has none", () => {
  assert.deepEqual(moved({ due: 1_000, until: 5_000 }, 20_000), { at: 20_000, until: 24_000 });
  assert.deepEqual(moved({ due: 1_000, until: null }, 20_000), { at: 20_000 });
  assert.deepEqual(moved({ due: 5_000, until: 5_000 }, 20_000), { at: 20_000 });
});

test("reminders are told in minutes and hours", () => {
  assert.deepEqual(REMINDERS.map(reminder), ["None", "10 minutes before", "30 minutes before", "2 hours before", "24 hours before"]);
  assert.equal(reminder(3_600), "60 minutes before");
});
