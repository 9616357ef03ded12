import assert from "node:assert/strict";
import { test } from "node:test";
import { titleOf } from "../src/console/title";
import type { Desk } from "../src/generated/protocol";

const asked = (joined: boolean) => ({ ...DESK, consulted: { joined } }) as Desk;
const DESK = { offers: [], contacts: [] } as unknown as Desk;

test("the tab counts what is unread, but says first what waits for an answer", () => {
  const offered = { ...DESK, offers: [{}] } as Desk;

  assert.deepEqual([titleOf(undefined, 0), titleOf(DESK, 0), titleOf(DESK, 2), titleOf(offered, 2)], ["Tandem console", "Tandem console", "(2) Tandem", "(1) Offer · Tandem"]);
  assert.deepEqual([titleOf(asked(false), 2), titleOf(asked(true), 2)], ["(1) Question · Tandem", "(2) Tandem"]);
});
