import assert from "node:assert/strict";
import { test } from "node:test";
import { Line } from "../src/console/line";
import { lastTold } from "../src/console/told";
import type { Author, Entry } from "../src/generated/protocol";

const CUSTOMER: Author = { party: "customer" };
const AGENT: Author = { party: "agent", agent: "anna", name: "Anna" };

const said = (seq: number, from: Author): Entry => ({ seq, at: seq * 1_000, what: "message", from, mid: `m${seq}`, text: "x" });

function line(...from: (Author | undefined)[]): Line {
  const made = new Line("i", "e1");
  from.forEach((author, at) => made.timeline.accept(author ? said(at + 1, author) : { seq: at + 1, at: 0, what: "queued", queue: "support" }));
  return made;
}

test("what is unread and who waits is so after every entry, every look and a journal begun anew", () => {
  const made = line(CUSTOMER, undefined, CUSTOMER);
  assert.deepEqual([made.unread, made.waitingSince], [2, 1_000]);

  made.seen = 1;
  assert.equal(made.unread, 1);
  made.timeline.accept(said(4, AGENT));
  assert.deepEqual([made.unread, made.waitingSince], [1, undefined]);
  made.timeline.accept(said(5, CUSTOMER));
  assert.deepEqual([made.unread, made.waitingSince], [2, 5_000]);
  made.seen = 5;
  assert.deepEqual([made.unread, made.waitingSince], [0, 5_000]);
  made.timeline.restart("e2");
  assert.deepEqual([made.unread, made.waitingSince], [0, undefined]);
  made.seen = 0;
  made.timeline.accept(said(1, CUSTOMER));
  assert.deepEqual([made.unread, made.waitingSince], [1, 1_000]);
});

test("of a long chat each entry is looked at once however often it is asked", () => {
  const made = new Line("i", "e1");
  let looks = 0;
  for (let seq = 1; seq <= 5_000; seq++) {
    const entry = said(seq, CUSTOMER);
    made.timeline.accept(Object.defineProperty(entry, "from", { get: () => ((looks += 1), CUSTOMER) }));
  }

  assert.equal(made.unread, 5_000);
  const once = looks;
  for (let drawing = 0; drawing < 100; drawing++) assert.deepEqual([made.unread, made.waitingSince], [5_000, 1_000]);

  assert.equal(looks, once);
});

test("the contact list has what was said last as it reads now, and nothing that was taken back", () => {
  const made = line(AGENT);
  const writes = (seq: number, text: string): Entry => ({ seq, at: 0, what: "message", from: CUSTOMER, mid: `m${seq}`, text });
  assert.equal(lastTold(new Line("j", "e1").timeline), undefined);

  made.timeline.accept(writes(2, "my password is hunter2"));
  assert.equal(lastTold(made.timeline), "my password is hunter2");
  made.timeline.accept({ seq: 3, at: 0, what: "edited", by: CUSTOMER, of: 2, text: "my password is secret" });
  assert.equal(lastTold(made.timeline), "my password is secret");
  made.timeline.accept({ seq: 4, at: 0, what: "deleted", by: CUSTOMER, of: 2 });
  assert.equal(lastTold(made.timeline), "This message was deleted");

  made.timeline.accept({ seq: 5, at: 0, what: "file", from: CUSTOMER, mid: "m5", file: { file: "f", name: "mine.png", kind: "image/png", bytes: 1 } });
  assert.match(lastTold(made.timeline) ?? "", /mine\.png/);
  made.timeline.accept({ seq: 6, at: 0, what: "deleted", by: CUSTOMER, of: 5 });
  assert.equal(lastTold(made.timeline), "This message was deleted");
});
