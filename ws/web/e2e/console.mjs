// What agents have beside the conversation: callbacks, history, customers, consent, parked chats.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { until } from "./house.mjs";
import { focused, press, tabTo } from "./keyboard.mjs";
import { tablets } from "./tablet.mjs";
import { opensBelow, record, wide } from "./wide.mjs";

const run = Date.now().toString(36).slice(-4);
const named = (name) => `${name} ${run}`;
const NUMBER = process.env.TANDEM_CALL_NUMBER ?? "+49301234567";
// Nobody has it.
const NOBODY = "+4930900999";

export const CONSOLE = [
  ["a chat is parked, and brought back; the wrap-up is longer when asked", parking],
  ["the callbacks page: filtered, taken, given, moved, taken back", callbacksPage],
  ["an attempt that failed is shown with its result, and the page follows by itself", attempts],
  ["consent is shown on the card, recorded with its reason, and has a history", consents],
  ["two records of a customer are merged and separated again", merging],
  ["history finds interactions and opens the record in order, with the reasons of routing", history],
  ["a reply is found by a slash and filled in; a note stays among colleagues", replies],
  ["a chat is handed to a colleague with a note, declined, and comes back", handing],
  ["places survive a reload and the back button", places],
  ["a sign-in that ends at the server is shown as the login, and what was typed comes back with it; signing out ends it there", signing],
  ["the end of a sign-in is told before it, and the password keeps the desk", staying],
  ["a board tells before a sign-in ends, asks for the password again, and comes back to where one was", stayingAtBoard],
  ["a console whose clock is ten minutes wrong counts by the server's, and sees what another console takes", clocks],
];

/** Has a visitor served by anna; the contact is shown. */
export async function served(house, name, text) {
  const { anna } = house.cast;
  const guest = await house.visitor();
  await anna.presence("ready");
  await guest.begin(text, named(name));
  await anna.offer(named(name)).waitFor();
  await anna.accept(named(name));
  await anna.show(named(name));
  await guest.shows(text);
  return guest;
}

// The same agent at a second console, on a machine whose clock is fast or slow.
async function clocks(house) {
  const { anna } = house.cast;
  for (const [name, wrong] of [["Fay", 600_000], ["Sue", -600_000]]) {
    const second = await house.console();
    await second.page.addInitScript((by) => {
      const now = Date.now.bind(Date);
      Date.now = () => now() + by;
    }, wrong);
    await second.reload();
    await second.signIn("anna");
    await second.onDesk();
    await anna.presence("ready");
    const guest = await house.visitor();
    await guest.begin("What time is it?", named(name));
    await second.offer(named(name)).waitFor();
    const left = Number(/\d+/.exec(await second.offer(named(name)).locator(".countdown").textContent())?.[0]);
    assert.ok(left > 0 && left <= 120, `${left} seconds are left of an offer`);
    await anna.accept(named(name));
    await second.tab(named(name)).waitFor();
    assert.equal(await second.page.locator('[data-testid="notices"] [role="alert"], [data-testid="notice"]').count(), 0, "what the agent took elsewhere is told as a failure");
    await anna.show(named(name));
    await anna.end();
    await guest.window.close();
    await second.window.close();
  }
}

async function signing(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const guest = await served(house, "Sid", "Are you there?");
  const credential = (side) => side.page.evaluate(() => JSON.parse(sessionStorage.getItem("tandem.session")).token);
  const ask = async (method, path, token) => (await fetch(`${house.url}${path}`, { method, headers: { authorization: `Bearer ${token}` } })).status;
  await anna.get("composer").fill("half a sentence");
  await anna.get("memos").click();
  await anna.get("memo-text").fill("half a memo");
  await anna.page.keyboard.press("Escape");
  await anna.get("memo-pane").waitFor({ state: "detached" });
  await anna.get("hand-over").click();
  await anna.get("hand-over-note").fill("half a note");

  const token = await credential(anna);
  assert.equal(await ask("DELETE", "/api/v1/login", token), 204);

  await anna.get("login-error").filter({ hasText: "sign in again" }).waitFor();
  await house.shot(anna.page, "57-signed-out");
  assert.equal(await ask("GET", "/api/v1/me", token), 401);
  await anna.signIn("anna");
  await anna.onDesk();
  await anna.show(named("Sid"));
  assert.equal(await anna.get("composer").inputValue(), "half a sentence");
  await anna.get("hand-over").click();
  assert.equal(await anna.get("hand-over-note").inputValue(), "half a note");
  await anna.page.keyboard.press("Escape");
  await anna.get("memos").click();
  assert.equal(await anna.get("memo-text").inputValue(), "half a memo");
  await anna.get("memo-text").fill("");
  await anna.get("memo-close").click();
  await anna.end();
  // What went with its contact stands by itself.
  await anna.get("left-unsent").getByText("half a note").waitFor();
  for (const text of ["half a note", "half a sentence"]) await anna.get("left-unsent").locator("li", { hasText: text }).getByTestId("dismiss-left").click();
  await anna.get("left-unsent").waitFor({ state: "detached" });
  await guest.window.close();

  const second = await house.console();
  await second.signIn("anna");
  await second.onDesk();
  const own = await credential(second);
  assert.equal(await ask("GET", "/api/v1/me", own), 200);
  await second.get("sign-out").click();
  // Where contacts stand it is asked first.
  const asked = second.get("confirm");
  await asked.or(second.get("agent")).first().waitFor();
  if (await asked.isVisible()) await asked.click();
  await second.get("agent").waitFor();
  await until("the server has ended the sign-in", async () => (await ask("GET", "/api/v1/me", own)) === 401);
  assert.equal(await ask("GET", "/api/v1/me", await credential(anna)), 200);
  await second.window.close();
}

async function staying(house) {
  if (!house.mock) return "only with the stand-in, whose sign-ins are short";
  const lasts = house.mock.hub.signIn;
  house.mock.hub.signIn = 300_000;
  const ben = await house.console();
  await ben.signIn("ben");
  await ben.onDesk();
  await ben.get("sign-in-ends").filter({ hasText: /ends at \d/ }).waitFor();
  await house.axe(ben.page, "desk, a sign-in that ends");
  await house.shot(ben.page, "58-sign-in-ends");
  house.mock.hub.signIn = lasts;
  await ben.get("sign-in-again").click();
  await focused(ben.page, "name", "password");
  ben.window.expected.push(/401/);
  await ben.page.keyboard.type("wrong");
  await ben.page.keyboard.press("Enter");
  await ben.get("dialog").getByText("do not belong together").waitFor();
  await house.axe(ben.page, "desk, signing in again");
  await house.shot(ben.page, "58-sign-in-again");
  await ben.get("password-again").fill(house.password);
  await ben.page.keyboard.press("Enter");
  await ben.get("sign-in-ends").waitFor({ state: "detached" });
  await ben.onDesk();
  await ben.window.close();
}

async function stayingAtBoard(house) {
  if (!house.mock) return "only with the stand-in, whose sign-ins are short";
  const { hub } = house.mock;
  const lasts = hub.signIn;
  hub.signIn = 300_000;
  const sam = await house.board();
  await sam.signIn("sam");
  await sam.get("tab-decisions").click();
  await sam.get("sign-in-ends").filter({ hasText: /ends at \d/ }).waitFor();
  await house.axe(sam.page, "board, a sign-in that ends");
  await house.shot(sam.page, "58-board-sign-in-ends");
  hub.signIn = lasts;
  await tabTo(sam.page, (element) => element?.dataset.testid === "sign-in-again");
  await sam.page.keyboard.press("Enter");
  await focused(sam.page, "name", "password");
  sam.window.expected.push(/401/);
  await sam.page.keyboard.type("wrong");
  await sam.page.keyboard.press("Enter");
  await sam.get("dialog").getByText("do not belong together").waitFor();
  await house.axe(sam.page, "board, signing in again");
  await house.shot(sam.page, "58-board-sign-in-again");
  await sam.page.keyboard.press("Escape");
  await sam.get("dialog").waitFor({ state: "detached" });
  await focused(sam.page, "data-testid", "sign-in-again");
  await sam.page.keyboard.press("Enter");
  await sam.get("password-again").fill(house.password);
  await sam.page.keyboard.press("Enter");
  await sam.get("sign-in-ends").waitFor({ state: "detached" });
  assert.equal(await sam.get("tab-decisions").getAttribute("aria-selected"), "true");
  // Who is let in no more comes back to where they were.
  await sam.get("queue").selectOption("support");
  for (const socket of hub.agents.get("sam").sockets) socket.close(4003);
  await sam.get("login-error").filter({ hasText: /signed out/ }).waitFor();
  await focused(sam.page, "name", "agent");
  await house.axe(sam.page, "board, signed out");
  await house.shot(sam.page, "58-board-signed-out");
  await sam.signIn("sam");
  await sam.get("tab-decisions").waitFor();
  assert.deepEqual([await sam.get("tab-decisions").getAttribute("aria-selected"), await sam.get("queue").inputValue()], ["true", "support"]);
  await sam.get("sign-out").click();
  await sam.get("agent").waitFor();
  await sam.signIn("sam");
  await sam.get("tab-now").waitFor();
  assert.deepEqual([await sam.get("tab-now").getAttribute("aria-selected"), await sam.get("queue").inputValue()], ["true", ""]);
  await sam.window.close();
}

async function parking(house) {
  const { anna } = house.cast;
  const pia = await served(house, "Pia", "I must look for the receipt");
  await anna.page.locator('[data-testid="card-why"]').filter({ hasText: /free|line|chat/ }).waitFor();
  await anna.write("Take your time");
  await pia.shows("Take your time");
  await anna.get("park").click();
  await anna.get("parked").waitFor();
  await house.axe(anna.page, "desk, parked");
  await house.shot(anna.page, "50-parked");
  await anna.get("unpark").click();
  await anna.get("parked").waitFor({ state: "detached" });
  const [file] = await Promise.all([anna.page.waitForEvent("download"), anna.get("transcript").click()]);
  const kept = await readFile(await file.path(), "utf8");
  assert.match(kept, /I must look for the receipt[\s\S]*Take your time/);
  await anna.get("composer").fill("Half a sentence");
  await anna.get("end").click();
  await anna.get("confirm").click();
  await anna.get("wrap-up").waitFor();
  // What was typed stands until it is dismissed; what is typed in the wrap-up over a reload; signing out asks.
  await anna.get("left-unsent").getByText("Half a sentence").waitFor();
  const choice = await anna.get("disposition").locator("option").nth(1).textContent();
  await anna.get("disposition").selectOption(choice);
  await anna.get("note").fill("Receipt is at home");
  await anna.reload();
  await until("the wrap-up is kept", async () => (await anna.get("note").inputValue()) === "Receipt is at home");
  assert.equal(await anna.get("disposition").inputValue(), choice, "the disposition is kept");
  await house.axe(anna.page, "desk, left unsent");
  await house.shot(anna.page, "51-left-unsent");
  await press(anna.page, "sign-out");
  await anna.get("still-unsent").waitFor();
  await anna.get("still-held").waitFor();
  await house.axe(anna.page, "desk, signing out");
  await anna.page.keyboard.press("Escape");
  await anna.get("dialog").waitFor({ state: "detached" });
  await anna.get("dismiss-left").click();
  await anna.get("left-unsent").waitFor({ state: "detached" });
  const left = async () => {
    const [, minutes, seconds] = /(\d+):(\d+)/.exec(await anna.get("wrap-up").locator(".left").textContent());
    return Number(minutes) * 60 + Number(seconds);
  };
  const before = await left();
  await anna.get("longer").click();
  await until("the wrap-up is longer", async () => (await left()) > before + 20);
  await anna.end();
  await pia.window.close();
}

// What a promise may say beside number and time, by keyboard.
async function wishes(house, anna) {
  const { page } = anna;
  const more = anna.get("promise-more");
  await tabTo(page, (element) => element?.localName === "summary");
  await page.keyboard.press("Enter");
  const day = new Date(Date.now() + 86_400_000);
  const at = (time) => `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}T${time}`;
  await anna.get("promise-until").fill(at("09:00"));
  await anna.get("confirm").click();
  await more.getByText("This is before the call is due.").waitFor();
  await anna.get("promise-until").fill(at("12:00"));
  assert.equal(await more.getByRole("alert").count(), 0, "what was wrong is not so any more");
  await anna.get("promise-zone").fill("Europe/Atlantis");
  await anna.get("confirm").click();
  await more.getByText("There is no such time zone.").waitFor();
  await more.locator("summary").click();
  await anna.get("promise-zone").waitFor({ state: "hidden" });
  await anna.get("confirm").click();
  await more.getByText("There is no such time zone.").waitFor();
  await anna.get("promise-zone").fill("Europe/Berlin");
  await anna.get("promise-order").selectOption("agent_first");
  await anna.get("promise-remind").selectOption("7200");
  await anna.get("promise-owner").locator("option", { hasText: "Ben" }).waitFor({ state: "attached" });
  await house.axe(page, "promise a callback");
  await house.shot(page, "50-promise-more");
}

async function callbacksPage(house) {
  const { anna } = house.cast;
  const { page } = anna;
  const rae = await served(house, "Rae", "Call me about the kiln");
  await anna.get("conversation").getByTestId("callback").click();
  await anna.get("number").fill(NUMBER);
  await anna.get("when").selectOption("tomorrow");
  await wishes(house, anna);
  await anna.get("confirm").click();
  await anna.get("callbacks").locator('li[data-state="promised"]').waitFor();

  await anna.get("to-callbacks").click();
  await anna.get("callbacks-page").waitFor();
  await anna.get("filter-whose").selectOption("all");
  await anna.get("filter-queue").selectOption("support");
  const row = anna.get("callback-row").filter({ hasText: NUMBER }).last();
  await row.click();
  const detail = anna.get("callback-detail");
  await detail.waitFor();
  if (!house.mock) {
    await anna.get("callback-order").filter({ hasText: /^The agent$/ }).waitFor();
    await anna.get("callback-remind").filter({ hasText: /^2 hours before$/ }).waitFor();
    await detail.getByText("Europe/Berlin").waitFor();
    await detail.getByText(/12:00/).waitFor();
    // A colleague is faster.
    await page.evaluate(async () => {
      const { token } = JSON.parse(sessionStorage.getItem("tandem.session") ?? localStorage.getItem("tandem.session"));
      const { callback } = document.querySelector('[data-testid="callback-row"][aria-pressed="true"]').dataset;
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      await fetch(`/api/v1/callbacks/${callback}`, { method: "PATCH", headers, body: JSON.stringify({ owner: "ben" }) });
    });
    anna.window.expected.push(/status of 409/);
    await anna.get("callback-take").click();
    await detail.getByText("Ben is to make this call meanwhile").waitFor();
    await anna.get("callback-owner").filter({ hasText: /^Ben$/ }).waitFor();
  }
  await anna.get("callback-take").click();
  await anna.get("callback-owner").filter({ hasText: /^Anna$/ }).waitFor();
  await row.locator(".last").filter({ hasText: /· Anna$/ }).waitFor();
  await anna.get("filter-whose").selectOption("mine");
  await row.waitFor();
  await house.axe(page, "callbacks");
  assert.equal(await row.locator(".last").evaluate((text) => text.scrollWidth > text.clientWidth), false, "who is called, and by whom, is not cut");
  await house.shot(page, "51-callbacks");
  await tablets(house, page, "51-callbacks");
  await anna.get("callback-move").click();
  await anna.get("move-time").fill("2020-01-01T10:00");
  await anna.get("confirm").click();
  await page.getByText("This time has passed.").waitFor();
  await page.keyboard.press("Escape");
  await anna.get("move-time").waitFor({ state: "detached" });
  assert.equal(await detail.getByRole("alert").count(), 0, "what was refused is over with its dialog");
  await anna.get("callback-move").click();
  const later = new Date(Date.now() + 3 * 86_400_000);
  later.setHours(11, 30, 0, 0);
  await anna.get("move-time").fill(`${later.getFullYear()}-${String(later.getMonth() + 1).padStart(2, "0")}-${String(later.getDate()).padStart(2, "0")}T11:30`);
  if (!house.mock) await anna.get("move-until").getByText(/not after .*13:30/).waitFor();
  await house.axe(page, "move a callback");
  await house.shot(page, "52-callback-move");
  await anna.get("confirm").click();
  await detail.getByText(/11:30/).waitFor();
  if (!house.mock) await detail.getByText(/13:30/).waitFor();
  await anna.get("callback-give").click();
  await focused(page, "data-testid", "give-to");
  await until("colleagues can be chosen", async () => (await anna.get("give-to").locator('option[value="ben"]').count()) === 1);
  await anna.get("give-to").selectOption("ben");
  await anna.get("confirm").click();
  await anna.get("callback-owner").filter({ hasText: /^Ben$/ }).waitFor();
  await anna.get("nothing").waitFor();
  await house.axe(page, "no callbacks");
  await house.shot(page, "53-callbacks-none");
  await anna.get("filter-whose").selectOption("all");
  await anna.get("callback-take-back").click();
  await anna.get("confirm").click();
  await page.locator('[data-testid="callback-detail"][data-state="ended"]').waitFor();
  await anna.get("filter-state").selectOption("ended");
  await row.filter({ hasText: "Over" }).waitFor();
  // The list is the same after a reload, and for whoever was at the desk meanwhile; so is what is shown beside it.
  const { hash } = new URL(page.url());
  for (const again of [() => anna.reload(), () => anna.get("to-desk").click().then(() => anna.get("to-callbacks").click())]) {
    await again();
    await row.filter({ hasText: "Over" }).waitFor();
    assert.deepEqual(await Promise.all(["whose", "queue", "state"].map((of) => anna.get(`filter-${of}`).inputValue())), ["all", "support", "ended"]);
    await page.locator('[data-testid="callback-detail"][data-state="ended"]').waitFor();
    assert.deepEqual(await page.locator('[data-testid="callback-row"][aria-pressed="true"]').evaluateAll((rows) => rows.map(({ dataset }) => `#callbacks/${dataset.callback}`)), [hash]);
  }
  await anna.get("callback-row").filter({ hasText: named("Rae") }).filter({ hasText: "Over" }).click();
  await anna.get("callback-record").click();
  await anna.get("record").getByText("Call me about the kiln").waitFor();
  await anna.get("to-callbacks").click();
  for (const [of, first] of [["whose", "mine"], ["queue", ""], ["state", "open"]]) await anna.get(`filter-${of}`).selectOption(first);
  await anna.get("to-desk").click();
  await anna.end();
  await rae.window.close();
}

async function attempts(house) {
  if (house.mock) return "only with a server";
  const { anna } = house.cast;
  const { page } = anna;
  const udo = await served(house, "Udo", "Call me when you can");
  await anna.get("conversation").getByTestId("callback").click();
  await anna.get("number").fill(NOBODY);
  await anna.get("when").selectOption("now");
  await anna.get("confirm").click();
  await anna.offer(named("Udo")).getByTestId("accept").click();
  await anna.get("callbacks").locator('li[data-state="retrying"]').waitFor();

  await anna.get("to-callbacks").click();
  await anna.get("filter-whose").selectOption("all");
  const row = anna.get("callback-row").filter({ hasText: NOBODY });
  await row.filter({ hasText: named("Udo") }).filter({ hasText: "To be tried again" }).click();
  await anna.get("attempts").getByText("not reachable").waitFor();
  await anna.get("attempts").getByText(/ · Anna/).first().waitFor();
  await house.axe(page, "callbacks, attempts");
  await house.shot(page, "54-callbacks-attempts");
  await udo.get("callback").getByTestId("cancel-callback").click();
  await anna.get("callback-end").getByText("It was taken back").waitFor();
  await row.waitFor({ state: "detached" });
  await house.shot(page, "55-callbacks-over");
  await anna.get("to-desk").click();
  await anna.end();
  await udo.window.close();
}

async function consents(house) {
  const { anna } = house.cast;
  const tom = await served(house, "Tom", "Please do not write to me by mail");
  const mail = anna.get("consents").locator('[data-channel="mail"]');
  await mail.waitFor();
  await anna.get("consent-record").click();
  await anna.get("consent-channel").selectOption("mail");
  await anna.get("consent-change").selectOption("withdrawn");
  // What is typed is there again after Escape and a reload.
  await anna.get("consent-reason").fill("said so in the chat");
  await anna.page.keyboard.press("Escape");
  await anna.get("dialog").waitFor({ state: "detached" });
  await anna.reload();
  await anna.get("consent-record").click();
  assert.equal(await anna.get("consent-reason").inputValue(), "said so in the chat");
  await anna.get("consent-channel").selectOption("mail");
  await anna.get("consent-change").selectOption("withdrawn");
  await house.axe(anna.page, "record a statement");
  await house.shot(anna.page, "54-consent-record");
  await anna.get("confirm").click();
  await anna.page.locator('[data-channel="mail"][data-allowed="false"]').filter({ hasText: "said so in the chat" }).waitFor();
  if (!house.mock) {
    // By the customer's own word, which no console asked for.
    for (const [word, allowed] of [["STOP", false], ["START", true]]) {
      await tom.write(word);
      await anna.page.locator(`[data-channel="voice"][data-allowed="${allowed}"]`).waitFor();
    }
  }
  await anna.get("consent-record").click();
  assert.equal(await anna.get("consent-reason").inputValue(), "");
  await anna.get("consent-channel").selectOption("voice");
  await anna.get("consent-change").selectOption("suppressed");
  await anna.get("consent-reason").fill("moved away");
  await anna.get("confirm").click();
  await anna.page.locator('[data-channel="voice"][data-allowed="false"]').filter({ hasText: "moved away" }).waitFor();
  await house.axe(anna.page, "desk, consent");
  await house.shot(anna.page, "55-consent");
  await anna.get("consent-history").click();
  await anna.get("said").getByText("said so in the chat").waitFor();
  await until("who said so, by name", async () => (await anna.get("said").locator("li", { hasText: /\(agent, Anna\)/ }).count()) === 2);
  const [when, said] = await anna.get("said").locator("li").first().evaluate((line) => [...line.children].map((part) => part.getBoundingClientRect().x));
  assert.ok(said - when < 160, "what was said stands beside when");
  await house.axe(anna.page, "consent history");
  await house.shot(anna.page, "56-consent-history");
  await anna.page.keyboard.press("Escape");
  await anna.end();
  await tom.window.close();
}

async function merging(house) {
  const { anna } = house.cast;
  const { page } = anna;
  const una = await served(house, "Una", "My first browser");
  await anna.end();
  await una.window.close();
  const two = await served(house, "Ulla", "My second browser");
  await anna.get("card-merge").click();
  await anna.get("merge-clue").fill("nobody-of-this-name");
  await anna.get("merge-find").click();
  await page.getByText("No other customer is known by this.").waitFor();
  await anna.get("merge-clue").fill(named("Una"));
  await anna.get("merge-find").click();
  await anna.get("merge-found").getByText(named("Una")).click();
  const both = anna.get("merge-both");
  await both.getByText(named("Ulla")).first().waitFor();
  await both.getByText(named("Una")).first().waitFor();
  await house.axe(page, "merge, sure");
  await house.shot(page, "57-merge");
  await anna.get("confirm").click();
  await page.getByText("Please say why").waitFor();
  await anna.get("merge-reason").fill("same order number");
  await page.keyboard.press("Escape");
  await anna.get("dialog").waitFor({ state: "detached" });
  await anna.get("card-merge").click();
  await anna.get("merge-clue").fill(named("Una"));
  await anna.get("merge-find").click();
  await anna.get("merge-found").getByText(named("Una")).click();
  assert.equal(await anna.get("merge-reason").inputValue(), "same order number");
  await anna.get("confirm").click();
  const customer = anna.get("customer-page");
  await customer.getByText(/^Merged .* by Anna: same order number$/).waitFor();
  await anna.get("customer-note").fill("Likes the blue glaze");
  // Pages of one interaction instead of fifty.
  if (!house.mock) await page.route(/\/api\/v1\/interactions\?customer=/, (route) => route.continue({ url: route.request().url().replace("limit=50", "limit=1") }));
  await anna.reload();
  await older(house);
  assert.equal(await anna.get("customer-note").inputValue(), "Likes the blue glaze");
  await anna.get("customer-note-add").click();
  await anna.get("customer-notes").locator("li", { hasText: "Likes the blue glaze" }).locator(".told", { hasText: /^Anna · / }).waitFor();
  await until("the field is empty", async () => (await anna.get("customer-note").inputValue()) === "");
  await house.axe(page, "customer");
  await house.shot(page, "58-customer");
  await anna.get("unmerge").click();
  await anna.get("unmerge-reason").fill("it was her sister");
  await anna.get("confirm").click();
  await anna.get("unmerged").getByText(/^Separated again .* by Anna: it was her sister$/).waitFor();
  await house.axe(page, "customer, separated");
  await house.shot(page, "59-customer-separated");
  await page.emulateMedia({ colorScheme: "dark" });
  await tablets(house, page, "59-customer-separated");
  await page.emulateMedia({ colorScheme: "light" });
  await anna.get("to-desk").first().click();
  await anna.end();
  await two.window.close();
}

// What does not come with the first page comes by the button, which goes with the last.
async function older(house) {
  const { anna } = house.cast;
  const rows = anna.get("customer-interactions").getByRole("listitem");
  if (!house.mock) {
    await until("the newest is shown", async () => (await rows.count()) === 1);
    await house.axe(anna.page, "customer, with older interactions");
    await anna.get("more").scrollIntoViewIfNeeded();
    await house.shot(anna.page, "58-customer-older");
    await anna.page.emulateMedia({ colorScheme: "dark" });
    await tablets(house, anna.page, "58-customer-older");
    await anna.page.emulateMedia({ colorScheme: "light" });
    await anna.get("more").click();
  }
  await until("all are shown", async () => (await rows.count()) === 2);
  assert.equal(await anna.get("more").count(), 0);
}

async function history(house) {
  const { anna } = house.cast;
  const { page } = anna;
  const zoe = await served(house, "Zoe", "Where is the marmalade teapot?");
  await anna.write("On the third shelf");
  await zoe.shows("On the third shelf");
  await anna.end();
  await zoe.window.close();
  await anna.get("to-history").click();
  await anna.get("results").waitFor();
  await anna.get("search-text").fill("marmalade");
  await anna.get("search-name").fill(named("Zoe"));
  await anna.get("search-agent").selectOption("anna");
  // What was said is found in sealed records, and the rating's window keeps this one open for a while.
  await anna.get("search-text").fill("");
  await anna.get("search-go").click();
  await until("one is found", async () => (await anna.get("result").count()) === 1);
  await anna.get("result").getByText(named("Zoe")).waitFor();
  // What was looked for, and what was found, is there after a reload, and for whoever was at the desk meanwhile; the address has no name.
  for (const again of [() => anna.reload(), () => anna.get("to-desk").first().click().then(() => anna.get("to-history").click())]) {
    await again();
    await until("one is found again", async () => (await anna.get("result").count()) === 1);
    assert.deepEqual([await anna.get("search-name").inputValue(), await anna.get("search-agent").inputValue()], [named("Zoe"), "anna"]);
    assert.doesNotMatch(page.url(), /Zoe/);
  }
  await anna.get("result").click();
  await anna.get("record").getByText("Where is the marmalade teapot?").waitFor();
  if (!house.mock) await anna.get("record").getByText(/^Waited \d+:\d\d in support: answered, in time/).waitFor();
  const kinds = await anna.get("record").locator(".order > li").evaluateAll((lines) => lines.map((each) => each.dataset.is));
  assert.ok(kinds.indexOf("offer") > 0 && kinds.indexOf("offer") < kinds.lastIndexOf("entry"), `the offer stands between what was before and after it: ${kinds}`);
  await anna.get("route").first().locator("summary").click();
  await anna.get("route").first().getByText("Ben", { exact: true }).waitFor();
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  assert.deepEqual(await page.evaluate(opensBelow), [], "history, reasons");
  await house.axe(page, "history");
  await house.shot(page, "60-history");
  await tablets(house, page, "60-history", undefined, opensBelow);
  await wide(house, page, "60-history", record, opensBelow);
  await anna.get("search-name").fill("Nobody Ofthisname");
  await anna.get("search-go").click();
  await anna.get("nothing").waitFor();
  await house.axe(page, "history, nothing");
  await house.shot(page, "61-history-nothing");
  await anna.get("search").locator('button[type="reset"]').click();
  await anna.get("results").waitFor();
  assert.deepEqual([await anna.get("search-name").inputValue(), await anna.get("search-agent").inputValue()], ["", ""]);
  await anna.get("record-customer").click();
  await anna.get("customer-page").waitFor();
  await anna.get("to-desk").first().click();
}

async function replies(house) {
  const { anna } = house.cast;
  const { page } = anna;
  const wes = await served(house, "Wes", "Hello?");
  await anna.get("composer").fill("/");
  await anna.get("replies").locator('[role="option"]').nth(1).waitFor();
  await house.axe(page, "desk, replies");
  await house.shot(page, "62-replies");
  await anna.get("composer").pressSequentially("hel");
  // Escape closes the list and keeps what was typed.
  await page.keyboard.press("Escape");
  await anna.get("replies").waitFor({ state: "detached" });
  assert.equal(await anna.get("composer").inputValue(), "/hel");
  await anna.get("composer").fill("/");
  await anna.get("composer").pressSequentially("hel");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await until("the reply is filled in", async () => (await anna.get("composer").inputValue()).includes(`Hello ${named("Wes")}, I am Anna`));
  await page.keyboard.press("Enter");
  await wes.shows(`Hello ${named("Wes")}, I am Anna`);

  await anna.get("mode-note").click();
  await anna.get("composer").fill("Second complaint this week");
  await house.axe(page, "desk, noting");
  await house.shot(page, "63-noting");
  // A note is one still after another page, after a reload, and for files that are dropped.
  await anna.get("to-history").click();
  await anna.get("to-desk").first().click();
  assert.equal(await anna.get("mode-note").getAttribute("aria-pressed"), "true", "the note became a message on another page");
  await anna.reload();
  await until("the note is kept", async () => (await anna.get("composer").inputValue()) === "Second complaint this week");
  assert.equal(await anna.get("mode-note").getAttribute("aria-pressed"), "true", "the note became a message by a reload");
  await anna.get("conversation").evaluate((place) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["complaint"], "complaint.txt", { type: "text/plain" }));
    place.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  });
  await anna.get("mode-reply").click();
  assert.equal(await anna.get("composer").inputValue(), "", "a note is no draft of a message");
  await anna.get("mode-note").click();
  await page.keyboard.press("Enter");
  await anna.get("notes").getByText("Second complaint this week").waitFor();
  await anna.write("One moment please");
  await wes.shows("One moment please");
  assert.deepEqual((await wes.texts()).filter((text) => text.includes("complaint")), [], "the customer never sees a note");
  await anna.get("composer").fill("not sent yet");
  await anna.reload();
  await until("the draft is kept", async () => (await anna.get("composer").inputValue()) === "not sent yet");
  await anna.get("composer").fill("");
  await house.axe(page, "desk, notes");
  await house.shot(page, "64-notes");
  await anna.end();
  await wes.window.close();
}

async function handing(house) {
  const { anna } = house.cast;
  const { page } = anna;
  const ben = await house.console();
  await ben.signIn("ben");
  await ben.onDesk();
  await ben.presence("away:Lunch");
  const xia = await served(house, "Xia", "My bowl is broken");
  await page.keyboard.press("Alt+t");
  await until("ben is away", async () => (await anna.get("hand-over-to").locator('option[value="agent:ben"]').textContent()).includes("Lunch"));
  await house.axe(page, "hand over");
  // Typing finds a queue with how many wait, and the arrow goes on into the list.
  await anna.get("hand-over-to-find").fill("supp");
  await until("the queue is chosen", async () => (await anna.get("hand-over-to").inputValue()).startsWith("queue:supp"));
  await page.keyboard.press("ArrowDown");
  await focused(page, "data-testid", "hand-over-to");
  await page.keyboard.press("Escape");
  await ben.presence("ready");
  await anna.get("hand-over").click();
  await anna.get("confirm").click();
  await page.getByText("Please choose a colleague or a queue.").waitFor();
  await anna.get("hand-over-to").selectOption("agent:ben");
  await anna.get("hand-over-note").fill("Wants a refund, has the receipt");
  await house.shot(page, "65-hand-over");
  await anna.get("confirm").click();
  await anna.tab(named("Xia")).waitFor({ state: "detached" });
  const offer = ben.offer(named("Xia"));
  await offer.getByText("Wants a refund, has the receipt").waitFor();
  await house.axe(ben.page, "desk, handed over");
  await house.shot(ben.page, "66-handed-over");
  await offer.getByTestId("decline").click();
  await anna.accept(named("Xia"));
  await anna.show(named("Xia"));
  await anna.get("hand-over").click();
  await anna.get("hand-over-to").selectOption("agent:ben");
  await anna.get("confirm").click();
  await ben.accept(named("Xia"));
  await ben.show(named("Xia"));
  await ben.shows("My bowl is broken");
  await ben.get("notes").getByText("Wants a refund, has the receipt").waitFor();
  await ben.write("I take care of it");
  await xia.shows("I take care of it");
  await ben.end();
  await ben.presence("away:Lunch");
  await ben.window.close();
  await xia.window.close();
}

async function places(house) {
  const { anna } = house.cast;
  const { page } = anna;
  await page.keyboard.press("Alt+2");
  await anna.get("callbacks-page").waitFor();
  await anna.reload();
  await anna.get("callbacks-page").waitFor();
  await page.keyboard.press("Alt+3");
  await anna.get("history-page").waitFor();
  await page.goBack();
  await anna.get("callbacks-page").waitFor();
  const vic = await house.visitor();
  await anna.presence("ready");
  await vic.begin("While you read", named("Vic"));
  await anna.offer(named("Vic")).getByTestId("accept").click();
  await anna.get("conversation").getByRole("heading", { name: named("Vic") }).waitFor();
  await anna.end();
  await vic.window.close();
  await anna.get("sound").click();
  assert.equal(await anna.get("sound").getAttribute("aria-pressed"), "false");
  await anna.reload();
  await anna.onDesk();
  assert.equal(await anna.get("sound").getAttribute("aria-pressed"), "false");
}
