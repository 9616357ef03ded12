import assert from "node:assert/strict";
import { test } from "node:test";
import { newsOf } from "../src/console/news";
import type { Card, Contact, Desk } from "../src/generated/protocol";

const CARD: Card = { customer: null, name: "Ada", number: null, mail: null, verified: false, page: null, earlier: [], screen_pop: null, note: null };
const DESK: Desk = { agent: "anna", name: "Anna", skills: [], presence: { is: "ready" }, phone: true, chat_slots: 6, offers: [], contacts: [], queues: [] };
const contact = (more: Partial<Contact> = {}): Contact => ({ interaction: "i", assignment: "i.a1", queue: "support", since: 1, chat: true, call: null, leg: null, callbacks: [], wrap_up_until: null, card: CARD, ...more });
const desk = (more: Partial<Desk>): Desk => ({ ...DESK, ...more });

test("how the agent stands is said when it changed, whoever changed it", () => {
  const away = desk({ presence: { is: "away", reason: "Lunch" } });
  assert.equal(newsOf(DESK, away, undefined), "You are away: Lunch");
  assert.equal(newsOf(away, DESK, undefined), "You are ready");
  assert.equal(newsOf(away, desk({ presence: { is: "away", reason: "Lunch" } }), undefined), "");
  assert.equal(newsOf(away, desk({ presence: { is: "away", reason: "Training" } }), undefined), "You are away: Training");
});

test("a desk that is opened is no news", () => {
  assert.equal(newsOf(undefined, desk({ contacts: [contact()] }), undefined), "");
});

test("what came by a transfer is said, what was taken here is not", () => {
  const call = contact({ chat: false, call: { is: "connected" } });
  assert.equal(newsOf(DESK, desk({ contacts: [call] }), undefined), "The call with Ada is with you now");
  assert.equal(newsOf(DESK, desk({ contacts: [contact()] }), undefined), "Ada is with you now");
  assert.equal(newsOf(DESK, desk({ contacts: [contact()] }), "i"), "");
});

test("that a chat is parked is said once", () => {
  const parked = desk({ contacts: [contact({ parked: 9 })] });
  assert.equal(newsOf(desk({ contacts: [contact()] }), parked, undefined), "Ada: Parked");
  assert.equal(newsOf(parked, desk({ contacts: [contact({ parked: 9 })] }), undefined), "");
});
