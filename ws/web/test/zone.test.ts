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

test("what cannot be read is nothing", () => {
  const broken = drawer();
  broken.setItem("tandem.shop", "{");

  assert.deepEqual(recall(broken, "shop"), BLANK);
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
