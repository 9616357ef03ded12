import assert from "node:assert/strict";
import { test } from "node:test";
import { clean, place } from "../src/text/secret";

const at = (address: string) => place(new URL(address));

test("an address says where a page is, and not whose", () => {
  assert.equal(at("https://shop.example/cart/pay?token=1#me"), "https://shop.example/cart/pay");
  for (const secret of ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "ada@example.org", "ada%40example.org", "4111111111111111", "9f86d081884c7d659a2feaa0c55ad015"]) {
    const told = at(`https://shop.example/reset/${secret}/now`);
    assert.match(told, /^https:\/\/shop\.example\/reset\/[^/]*•+[^/]*\/now$/, told);
    assert.equal(told.includes(secret), false, told);
  }
  assert.equal(at("https://shop.example/%E0%A4%A"), "https://shop.example/%E0%A4%A");
});

test("a title says what page it is, and no mail address, however short", () => {
  assert.equal(clean("Inbox (3) - ada@example.org"), "Inbox (3) - •••••••••••••••");
  assert.equal(clean("a@b.de"), "••••••");
  assert.equal(clean("Cart"), "Cart");
});
