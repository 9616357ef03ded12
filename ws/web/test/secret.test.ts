import assert from "node:assert/strict";
import { test } from "node:test";
import { Echo } from "../src/cobrowse/echo";
import { namesSecret } from "../src/cobrowse/rules";
import { clean } from "../src/cobrowse/secret";
import { place } from "../src/text/secret";

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

test("keys of Amazon's cloud are covered, and words that begin so are not", () => {
  for (const key of ["AKIAIOSFODNN7EXAMPLE", "ASIAQWERTYUIOPASDFGH"]) assert.equal(clean(`the key ${key}, keep it`), `the key ${"•".repeat(20)}, keep it`);
  for (const text of ["AKIAIOSFODNN7EXAMPL", "ASIAN FOOD AND DRINKS", "XAKIAIOSFODNN7EXAMPLE"]) assert.equal(clean(text), text);
});

test("a card's number is covered whatever script and separators it is written in, and what follows it", () => {
  for (const text of ["4111  1111  1111  1111", "4111\u20131111\u20131111\u20131111", "٤١١١ ١١١١ ١١١١ ١١١١", "４１１１１１１１１１１１１１１１", "4111 1111 1111 1111 12/28", "de89 3704 0044 0532 0130 00", "de89370400440532013000"]) assert.equal(/\p{Nd}{2}(?!\/|$)/u.test(clean(text)), false, clean(text));
  for (const text of ["in 2026 we had 12 000 visitors", "co12 this that blue vase", "1764364306123 ms", "22 23 24 25 26 27 28"]) assert.equal(clean(text), text);
});

test("a card's number with slashes or commas between its groups is covered, also where other numbers stand beside it", () => {
  for (const text of ["4111/1111/1111/1111", "4111 / 1111 / 1111 / 1111", "4,111,111,111,111,111", "4111,1111,1111,1111", "12 4111/1111/1111/1111 77", "4111.1111.1111.1111 4111/1111/1111/1111 4111,1111,1111,1111", "5555 5555-5555/4444", "7/3782/822463/10005", "٤١١١/١١١١/١١١١/١١١١", "2026 4 1 1 1/1 1 1 1/1 1 1 1/1 1 1 1"]) assert.equal(/\p{Nd}{3}/u.test(clean(text)), false, clean(text));
  for (const text of ["30/11/2024 30/11/2026 30/11/2025", "1,299.00 2,450.00 4,111.11 7,860.11", "4111, 1111, 1111, 1111", "030/1234567, 030/12345-68", "41/11/11/11/11/11/11/11", "12,345,678 visitors in 2026/27"]) assert.equal(clean(text), text);
  assert.equal(at("https://shop.example/pay/4111/1111/1111/1111/now"), "https://shop.example/pay/••••/••••/••••/••••/now");
  for (const path of ["2026/4111/1111/1111/1111/x", "orders/2026/5105/1051/0510/5100", "1234/5678/4111/1111/1111/1111", "pay/4111%2F1111%2F1111%2F1111", "pay/3782/822463/10005", "pay/4111-1111/1111-1111"]) assert.equal(/(4111|1111|5105|0510|3782|822463)/.test(at(`https://shop.example/${path}`)), false, path);
  for (const path of ["2026/11/29/1234", "1234/5678", "a/2026/2027/2028/b"]) assert.equal(at(`https://shop.example/${path}`), `https://shop.example/${path}`);
  assert.equal(at("https://shop.example/2026/1129/1111/2222/3333/a"), "https://shop.example/2026/1129/1111/2222/3333/a");
});

test("two days, and two numbers with a slash each, are shown, whatever digits they have", () => {
  // Each is right by the Luhn formula.
  for (const text of ["17.10.2006 27.05.2025", "30.11.2026 - 25.12.2026", "2006-10-11 2035-01-17", "13.01.2034 6263122", "2415/1214 1315/0193", "5834/3492 - 5542/7306", "39893/56842 27892/46063", "6037/21331 6257/15212", "64254/2017 84334/2039", "66057890/61608737", "0921/6343526 0153/9399175", "0500861982 0622539725", "624328/607956 044503/718615"]) assert.equal(clean(text), text);
  let shown = 0;
  for (let one = 1_000; one < 10_000; one += 97) {
    for (let other = 1_009; other < 10_000; other += 101) {
      const text = `${one}/${other} ${other}/${10_999 - one}`;
      assert.equal(clean(text), text);
      shown += 1;
    }
  }
  assert.ok(shown > 8_000);
  for (const text of ["4111/1111/1111 1111", "3782/822463 10005", "4111 / 1111 / 1111 / 1111", "41 11 11 11 11 11 11 11", "4111-1111 1111-1111", "411 111 111 111 111 1"]) assert.equal(/\d/.test(clean(text)), false, text);
});

test("of a number that is typed and written out beside the field no four digits are shown, however far it is typed", () => {
  const number = "4111222233334444";
  const grouped = (typed: string) => typed.replace(/(.{4})(?=.)/g, "$1 ");
  for (let length = 4; length <= number.length; length++) {
    const echo = new Echo();
    const typed = number.slice(0, length);
    echo.hold(grouped(typed));

    for (const text of [`You typed ${typed}`, `No. ${grouped(typed)}!`, typed.replace(/./g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))]) assert.equal(/\p{Nd}/u.test(echo.cover(text, [])), false, text);
    // Its groups, and its digits, in elements of their own.
    for (const group of grouped(typed).split(" ")) assert.equal(/\d/.test(echo.cover(group, [group, grouped(typed)])), false, group);
    assert.equal(echo.cover(typed.at(-1)!, [typed.at(-1)!, [...typed].join("\n    ")]), "•");
  }
});

test("groups that are a card's number together are covered when no field holds it any more, and other numbers are shown", () => {
  const echo = new Echo();
  echo.hold("4111");

  assert.equal(echo.cover("1222", ["1222", "5555 5555\n  5555 4444"]), "••••");
  // Another number stands beside it, and one after the other.
  for (const whole of ["12 5555 5555-5555/4444 | 2026", "No. 7: 3782 | 822463 | 10005, 04/28", "1 5 5 5 5 5 5 5 5 5 5 5 5 4 4 4 4 2"]) assert.equal(echo.cover("1222", ["1222", whole]), "••••", whole);
  for (const text of ["2026", "12,50 €", "0411", "4 pots, 11 cups", "29.11.2026 | 30.11.2026 | 1.12.2026", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"]) assert.equal(echo.cover(text, [text, `${text} and ${text}`]), text);
});

test("fields are known by what they are called, in whatever way it is written", () => {
  for (const name of ["password", "pwd", "user_pwd", "pw", "Kennwort", "user_pin", "pinCode", "PIN", "Your PIN", "card[number]", "security_code", "Security code", "securityCode", "verification_value", "Prüfziffer", "TAN", "sms_tan", "smsTan", "kontonummer", "account_number", "accountNo", "sortCode", "api-key", "otp", "PUK", "csc"]) assert.equal(namesSecret(name), true, name);
  for (const name of ["colour", "first_name", "email", "shipping", "spinner", "standard", "Tangent", "opinion", "power", "quantity", "street", "accountName", "pinned"]) assert.equal(namesSecret(name), false, name);
});
