import assert from "node:assert/strict";
import { test } from "node:test";
import { Echo } from "../src/cobrowse/echo";
import { namesSecret } from "../src/cobrowse/rules";
import { clean, mayBecomeCard } from "../src/cobrowse/secret";
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

/** A text among others: what stands before and after it. */
const among = (parts: string[], at: number) => ({ before: parts.slice(0, at).join(""), after: parts.slice(at + 1).join("") });

test("of a number that is typed and written out beside the field no four digits are shown, however far it is typed", () => {
  const number = "4111222233334444";
  const grouped = (typed: string) => typed.replace(/(.{4})(?=.)/g, "$1 ");
  for (let length = 4; length <= number.length; length++) {
    const echo = new Echo();
    const typed = number.slice(0, length);
    echo.hold(grouped(typed));

    for (const text of [`You typed ${typed}`, `No. ${grouped(typed)}!`, typed.replace(/./g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))]) assert.equal(/\p{Nd}/u.test(echo.cover(text)), false, text);
    // Its groups, and its digits, in elements of their own.
    const groups = grouped(typed).split(/(?= )/);
    groups.forEach((group, at) => assert.equal(/\d/.test(echo.cover(group, among(groups, at))), group.trim().length < 4 && groups.length === 1, group));
    [...typed].forEach((digit, at) => assert.equal(echo.cover(digit, among([...typed], at)), "•"));
  }
});

test("groups that are a card's number together are covered when no field holds it any more, and other numbers are shown", () => {
  const echo = new Echo();
  echo.hold("4111");

  // However long what they stand in is; and where another number stands beside it.
  for (const parts of [["We charge ", "5555", " ", "5555", " ", "5555", "-", "4444", ` on the first day${" of the month".repeat(40)}`], ["12 ", "5555 5555", "-5555", "/4444", " | 2026"], ["3782", " | ", "822463", " | ", "10005", ", 04/28"], ["5555 5555 ", "5555 4444"]]) {
    parts.forEach((part, at) => {
      const shown = echo.cover(part, among(parts, at));
      assert.equal(/\d{4}/.test(shown.replace("2026", "")), false, shown);
      assert.equal(/[a-z]/i.test(part), /[a-z]/i.test(shown), shown);
    });
  }
  for (const text of ["2026", "12,50 €", "0411", "4 pots, 11 cups", "29.11.2026 | 30.11.2026 | 1.12.2026", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"]) assert.equal(echo.cover(text, { before: `${text} and `, after: ` and ${text}` }), text);
});

test("what was typed for a password is covered wherever it is written, whole or sign by sign, and nothing else is", () => {
  const echo = new Echo();
  for (let length = 1; length <= 9; length++) echo.keep("Tr0ub4dor".slice(0, length));

  assert.equal(echo.cover("It is Tr0ub4dor, and was Tr0ub"), "It is •••••••••, and was •••••");
  assert.equal(echo.coverKept("z-Tr0ub4dor wide"), "z-••••••••• wide");
  const signs = [..."Tr0ub4dor"];
  signs.forEach((sign, at) => assert.equal(echo.cover(sign, among(["Yours: ", ...signs, "."], at + 1)), "•"));
  assert.deepEqual(["dor", "Tr0", "Tr0ub4dor!", "tree", " "].map((text) => echo.goesOn(text)), [true, true, false, false, false]);
  for (const text of ["Troubador", "A tree", "T-shirts", "0ub4dor"]) assert.equal(echo.cover(text), text);
});

test("a short number of a secret field is covered where it stands by itself", () => {
  const echo = new Echo();
  echo.holdShort("737");
  echo.holdShort("20");

  for (const [text, shown] of [["CVC 737.", "CVC •••."], ["7-37", "••••"], ["20 € for 7370 m", "•• € for 7370 m"], ["2024", "2024"], ["1737", "1737"]] as const) assert.equal(echo.cover(text), shown);
});

test("what is typed may become a card's number from its seventh digit on, unless no card's begins so", () => {
  const grows = (text: string) => mayBecomeCard(text, 6);
  for (const text of ["4929012", "4929 0123 4567 901", "49-29-01-2", "Card: 5105105", "7 4929012", "3782822", "٤٩٢٩٠١٢", "4929012345679015 12/27 737", "2221000"]) assert.equal(grows(text), true, text);
  for (const text of ["492901", "0170 1234567", "+49 170 1234567", "9780306406157", "1234567890123456", "12 pots, 4929 cups", "31122026", "49".repeat(15)]) assert.equal(grows(text), false, text);
});

test("fields are known by what they are called, in whatever way it is written", () => {
  for (const name of ["password", "pwd", "user_pwd", "pw", "Kennwort", "user_pin", "pinCode", "PIN", "Your PIN", "card[number]", "security_code", "Security code", "securityCode", "verification_value", "Prüfziffer", "TAN", "sms_tan", "smsTan", "kontonummer", "account_number", "accountNo", "sortCode", "api-key", "otp", "PUK", "csc"]) assert.equal(namesSecret(name), true, name);
  for (const name of ["colour", "first_name", "email", "shipping", "spinner", "standard", "Tangent", "opinion", "power", "quantity", "street", "accountName", "pinned"]) assert.equal(namesSecret(name), false, name);
});

test("what is no text of the page keeps what a field of so few signs has by chance, and a class is covered from three digits on", () => {
  const echo = new Echo();
  echo.keep("1");
  echo.keep("t");
  echo.holdShort("12");
  echo.holdShort("738");

  for (const value of ["16", "ltr", "text"]) assert.equal(echo.coverKept(value), value);
  for (const name of ["col-12", "lt", "t1"]) assert.equal(echo.coverName(name), name);
  assert.equal(echo.coverName("is-738"), "is-•••");
  // A text is covered as before.
  assert.deepEqual(["12", "1", "t"].map((text) => echo.cover(text)), ["••", "•", "•"]);
  for (const sign of ["Tr", "Tr0", "Tr0u", "Tr0ub"]) echo.keep(sign);
  assert.equal(echo.coverName("is-Tr0ub"), "is-•••••");
});

test("of a secret its beginnings are covered, and each of its signs once, however long it is", (t) => {
  const secret = Array.from({ length: 1_000 }, (_, at) => String.fromCodePoint(0x4e00 + at)).join("");
  const echo = new Echo();
  for (let length = 1; length <= secret.length; length++) echo.keep(secret.slice(0, length));
  const add = t.mock.method(Set.prototype, "add");

  assert.equal(echo.cover(`It is ${secret}`), `It is ${"•".repeat(secret.length)}`);
  assert.equal(add.mock.callCount(), secret.length);
  add.mock.restore();

  const filled = new Echo();
  filled.keep("correct horse");
  filled.keep("correct stable");
  assert.equal(filled.cover("correct, correct ho, correct sta and corner"), "•••••••, ••••••• ••, ••••••• ••• and corner");
});
