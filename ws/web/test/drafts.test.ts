import assert from "node:assert/strict";
import { test } from "node:test";
import { Line } from "../src/console/line";

const I = "0af7651916cd43dd8448eb211c80319c";

/** The line as it is after a reload. */
const reloaded = (line: Line) => new Line(I, "e1", JSON.parse(JSON.stringify(line.kept())));

test("a note is a note still after a reload, and what is for the customer is beside it", () => {
  const line = new Line(I, "e1");
  line.drafts.write("Your bowl is on its way");
  line.drafts.turn("note");
  assert.equal(line.drafts.text, "");
  line.drafts.write("suspect of fraud");

  const { drafts } = reloaded(line);

  assert.deepEqual([drafts.mode, drafts.text], ["note", "suspect of fraud"]);
  drafts.turn("reply");
  assert.deepEqual([drafts.mode, drafts.text], ["reply", "Your bowl is on its way"]);
  drafts.turn("note");
  assert.equal(drafts.text, "suspect of fraud");
});

test("a note that was not kept stands before what was written since", () => {
  const { drafts } = new Line(I, "e1");
  drafts.turn("note");
  drafts.write("second");

  drafts.giveBack("first");

  assert.equal(drafts.text, "first\nsecond");
});

test("a message that is written anew is that one still after a reload, and leaves the draft alone", () => {
  const line = new Line(I, "e1");
  line.drafts.write("half a");
  line.drafts.edit("m1", "teh way");
  line.drafts.write("the way");

  const { drafts } = reloaded(line);

  assert.deepEqual([drafts.mode, drafts.edited, drafts.text], ["edit", "m1", "the way"]);
  drafts.turn("reply");
  assert.deepEqual([drafts.edited, drafts.text], [undefined, "half a"]);
});
