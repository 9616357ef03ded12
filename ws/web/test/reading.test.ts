import assert from "node:assert/strict";
import { test } from "node:test";
import { Reading } from "../src/console/reading";

const BOX = 400;

function conversation(): Reading {
  const reading = new Reading();
  reading.rows.count = 100;
  reading.handleWidth(600);
  reading.rows.measure(new Map(Array.from({ length: 100 }, (_, row) => [row, 50])));
  return reading;
}

test("who reads at the end stays there, and who scrolled up is where they were", () => {
  const reading = conversation();
  assert.equal(reading.atEnd, true);

  reading.handleScroll(1_020, BOX, reading.rows.total);
  assert.deepEqual([reading.atEnd, reading.top], [false, 1_020]);
  reading.rows.count = 110;
  assert.deepEqual([reading.atEnd, reading.top], [false, 1_020]);

  reading.handleScroll(reading.rows.total - BOX - 40, BOX, reading.rows.total);
  assert.equal(reading.atEnd, true);
});

test("a picture that comes above what is read moves the place as much as it grew", () => {
  const reading = conversation();
  reading.handleScroll(1_020, BOX, reading.rows.total);

  assert.equal(reading.rows.measure(new Map([[3, 194]])), true);

  assert.equal(reading.top, 1_164);
});

test("in the same width the heights are known when the conversation is shown again, in another they are not", () => {
  const reading = conversation();
  reading.handleScroll(1_020, BOX, reading.rows.total);

  reading.handleWidth(600);
  assert.equal(reading.top, 1_020);
  reading.handleWidth(300);

  assert.equal(reading.top, 20 * 64 + 20);
});

test("who scrolled up is there again after a reload, once what they read has come", () => {
  const before = conversation();
  before.handleScroll(1_020, BOX, before.rows.total);
  const place = before.kept(100);
  assert.deepEqual(place, { seq: 21, into: 20, of: 100 });

  const reading = new Reading(place);
  reading.rows.count = 22;
  // The browser moves to the end of a list that is too short still.
  reading.handleScroll(reading.rows.total - BOX, BOX, reading.rows.total);
  assert.deepEqual([reading.isPartial, reading.atEnd, reading.top], [true, false, 20 * 64 + 20]);
  assert.deepEqual(reading.kept(22), place, "it goes again before all is there");
  reading.rows.count = 101;
  assert.equal(reading.isPartial, false);
  reading.handleScroll(640, BOX, reading.rows.total);
  assert.deepEqual(reading.kept(101), { seq: 11, into: 0, of: 101 });
});

test("whose conversation is shorter after a reload may go to its end, and read on from there", () => {
  const reading = new Reading({ seq: 21, into: 20, of: 100 });
  reading.rows.count = 30;

  reading.atEnd = true;

  assert.equal(reading.kept(30), undefined);
  reading.handleScroll(640, BOX, reading.rows.total);
  assert.deepEqual([reading.atEnd, reading.kept(30)], [false, { seq: 11, into: 0, of: 30 }]);
});
