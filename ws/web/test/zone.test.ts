import assert from "node:assert/strict";
import { test } from "node:test";
import { BLANK, recall, remember, type Drawer } from "../src/widget/memory";
import { Known } from "../src/widget/zone";

function drawer(): Drawer {
  const kept = new Map<string, string>();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value), removeItem: (key) => void kept.delete(key) };
}

const jwt = (claims: object) => `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.y`;

test("who the visitor is said to be finds nothing of whoever used the browser before", () => {
  const shared = drawer();
  remember(shared, "shop", { ...BLANK, token: "t", interaction: "i", who: "anna" });

  assert.equal(recall(shared, "shop", "anna").token, "t");
  assert.deepEqual(recall(shared, "shop", "ben"), { ...BLANK, who: "ben" });
  assert.deepEqual(recall(shared, "shop"), BLANK, "she signed out, or the page has not said yet who is there");
});

test("what was gone on with from another website goes on where the page names nobody, and with nobody else", () => {
  const here = drawer();
  remember(here, "shop", { ...BLANK, token: "t", interaction: "i", who: "anna", carried: true });

  assert.equal(recall(here, "shop").token, "t");
  assert.equal(recall(here, "shop", "anna").token, "t");
  assert.equal(recall(here, "shop", "ben").token, null);
});

test("who says who they are in a chat that goes on stays in it, and is asked for anew after it", () => {
  const own = drawer();
  remember(own, "shop", { ...BLANK, token: "t", interaction: "i" });
  assert.equal(recall(own, "shop", "anna").interaction, "i");

  remember(own, "shop", { ...BLANK, token: "t", interaction: "i", ended: true });

  assert.deepEqual(recall(own, "shop", "anna"), { ...BLANK, who: "anna" });
});

test("who comes back after somebody else, and after nobody, finds what was theirs", () => {
  const shared = drawer();
  const anna = { ...BLANK, token: "t", interaction: "i", who: "anna" };
  remember(shared, "shop", anna);
  remember(shared, "shop", { ...BLANK, token: "n" }, recall(shared, "shop"));
  remember(shared, "shop", { ...BLANK, token: "b", interaction: "j", who: "ben" }, recall(shared, "shop", "ben"));

  assert.deepEqual(recall(shared, "shop", "anna"), anna);
  assert.deepEqual([recall(shared, "shop").token, recall(shared, "shop", "ben").interaction], ["n", "j"]);

  // In a tab that was hers all the while it goes on.
  remember(shared, "shop", { ...anna, read: 4 }, anna);

  assert.equal(recall(shared, "shop", "anna").read, 4);
  assert.equal(recall(shared, "shop", "ben").interaction, "j");
});

test("a chat of one's own comes before one of nobody's, and that before one's own that is over", () => {
  const shared = drawer();
  remember(shared, "shop", { ...BLANK, token: "t", interaction: "i", who: "anna" });
  remember(shared, "shop", { ...BLANK, token: "n", interaction: "j" });

  assert.equal(recall(shared, "shop", "anna").interaction, "i");

  remember(shared, "shop", { ...BLANK, token: "t", interaction: "i", who: "anna", ended: true });
  remember(shared, "shop", { ...BLANK, token: "n", interaction: "j" });

  assert.equal(recall(shared, "shop", "anna").interaction, "j");
});

test("what was written before it was said by whom goes along, and is written by nobody else", () => {
  const shared = drawer();
  const unsent = [{ mid: "m1", text: "hello", at: 1, state: { is: "queued" } }] as never;
  const before = { ...BLANK, unsent };
  remember(shared, "shop", before);

  remember(shared, "shop", { ...before, who: "anna" }, before);

  assert.equal(recall(shared, "shop", "anna").unsent.length, 1);
  assert.equal(recall(shared, "shop").unsent.length, 0);
});

test("what an earlier version kept is read, and the last eight are kept", () => {
  const old = drawer();
  old.setItem("tandem.shop", JSON.stringify({ ...BLANK, token: "t", interaction: "i", who: "anna" }));
  assert.equal(recall(old, "shop", "anna").interaction, "i");
  for (let n = 1; n < 8; n += 1) remember(old, "shop", { ...BLANK, token: `${n}`, who: `c-${n}` });
  assert.equal(recall(old, "shop", "anna").interaction, "i");

  remember(old, "shop", { ...BLANK, token: "8", who: "c-8" });

  assert.equal(recall(old, "shop", "anna").interaction, null);
  assert.equal(recall(old, "shop", "c-1").token, "1");
});

test("what cannot be read is nothing", () => {
  const broken = drawer();
  broken.setItem("tandem.shop", "{");

  assert.deepEqual(recall(broken, "shop"), BLANK);
  remember(broken, "shop", { ...BLANK, token: "t" }, BLANK);
  assert.equal(recall(broken, "shop").token, "t");
  assert.deepEqual(recall(drawer(), "shop"), BLANK);
});

test("what the page told before and tells later is known, and told on", () => {
  let changed = 0;
  const given = [{ cart: 3 }, { segments: ["returning"] }];
  globalThis.tandem = given;
  const known = new Known(() => (changed += 1));
  assert.deepEqual(known.facts.segments, ["returning"]);
  assert.equal(known.who, undefined);

  (globalThis.tandem as { push(fact: object): void }).push({ identity: jwt({ sub: "c-12", name: "Zoë" }) });

  assert.equal(known.who, "c-12");
  known.changed = () => (changed += 10);
  assert.deepEqual(known.facts.segments, ["returning"]);
  assert.equal(changed, 1);
  assert.equal(given.length, 3);

  (globalThis.tandem as { push(fact: object): void }).push({ identity: null });

  assert.deepEqual([known.who, known.proof, changed], [undefined, undefined, 11]);
  globalThis.tandem = undefined;
});

test("an identity that cannot be read is nobody's", () => {
  globalThis.tandem = [{ identity: "nonsense" }];

  assert.equal(new Known(() => {}).who, undefined);
  globalThis.tandem = undefined;
});
