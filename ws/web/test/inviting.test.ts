import assert from "node:assert/strict";
import { test } from "node:test";
import { start } from "../src/widget/invite";
import type { Launcher } from "../src/widget/loader";
import { Known } from "../src/widget/zone";
import { install } from "./browser";

install();
const jwt = (claims: object) => `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.y`;

test("who is signed in is known to the widget that begins anew on a page that invites, and what invited before is no more", async () => {
  let look = () => {};
  const stopped: number[] = [];
  const page = { hidden: true, documentElement: { scrollTop: 0, clientHeight: 1, scrollHeight: 1 } };
  Object.assign(globalThis, { document: page, window: { setInterval: (step: () => void) => (look = step, 7) }, clearInterval: (timer: number) => void stopped.push(timer), fetch: async () => ({ ok: true, json: async () => ({ invite: [{ text: "Help?" }] }) }) });
  Object.defineProperty(globalThis, "location", { value: new URL("https://shop.example/"), configurable: true });
  globalThis.tandem = [{ identity: jwt({ sub: "anna" }) }];
  const before = new Known(() => {});
  await start({ zone: "shop", base: location, lang: "en", root: { host: { hasAttribute: () => false } } } as unknown as Launcher, () => {});
  (globalThis.tandem as { push(facts: object): void }).push({ cart: 7 });

  look();
  const goesOn = [...stopped];
  const anew = new Known(() => {});

  look();

  assert.deepEqual([before.facts.cart, anew.who, anew.facts.cart], [7, "anna", 7]);
  assert.deepEqual([goesOn, stopped], [[], [7]], "the invitation of before looks no more");
  globalThis.tandem = undefined;
});
