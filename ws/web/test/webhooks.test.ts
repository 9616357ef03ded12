import assert from "node:assert/strict";
import { test } from "node:test";
import { command, stuck, type Webhook } from "../src/board/webhooks";

const WELL: Webhook = { webhook: "crm", state: "well", dead: 0, waiting: 0, error: null };

test("only what was given up, or a receiver that wants nothing, is shown", () => {
  const resting: Webhook = { ...WELL, state: "resting", waiting: 4 };
  const dead: Webhook = { ...WELL, webhook: "bi", dead: 2 };
  const gone: Webhook = { ...WELL, webhook: "old", state: "gone" };

  assert.deepEqual(stuck([WELL, resting, dead, gone]), [dead, gone]);
  assert.equal(command(dead), "tandem webhook dead bi");
  assert.equal(command({ ...dead, mails: true }), "tandem mail dead");
  assert.equal(command(gone), "tandem webhook resume old");
});
