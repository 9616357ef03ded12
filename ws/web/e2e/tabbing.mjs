// By keyboard alone, what no other check does so: callbacks, consent, customers, history; and a call that is held and recorded.
import assert from "node:assert/strict";
import { offeredCall } from "./guiding.mjs";
import { until } from "./house.mjs";
import { at, chooses, finishes, focused, onlyKeys, press, tabsThrough, tabTo, takes } from "./keyboard.mjs";
import { ONLY, PHONES, phoneHears, phoneSilent } from "./voice.mjs";

const run = Date.now().toString(36).slice(-4);
const named = (name) => `${name} ${run}`;
const NUMBER = process.env.TANDEM_CALL_NUMBER ?? "+49301234567";
const [ANNA, CUSTOMER] = [440, 660];

export const TABBING = [
  ["by keyboard alone a callback is promised, found, moved, taken, given and taken back", callbacks],
  ["by keyboard alone a statement is recorded, and two records are merged and separated", customers],
  ["by keyboard alone history is searched, a record is opened and left", history],
];
export const TABBING_CALLS = [["by ear: by keyboard alone a call is held and resumed, and its recording is started, paused, gone on with and stopped", held]];

const isAt = (page, id) => focused(page, "data-testid", id);
const withText = (id, text) => `(element) => element?.dataset.testid === "${id}" && element.textContent.includes("${text}")`;

/** A visitor who waits, served by anna, whose keyboard is all there is from now on. */
async function kept(house, name, text) {
  const { anna } = house.cast;
  const guest = await house.visitor();
  await anna.presence("ready");
  const release = await onlyKeys(anna.page);
  await guest.begin(text, named(name));
  await anna.offer(named(name)).waitFor();
  await takes(anna, named(name));
  await isAt(anna.page, "composer");
  return { guest, release };
}

const gone = (side) => side.get("dialog").waitFor({ state: "detached" });

/** Escape leaves a dialog, and the keyboard is where it was opened. */
async function escapes(side, id) {
  await side.page.keyboard.press("Escape");
  await gone(side);
  await isAt(side.page, id);
}

async function callbacks(house) {
  const { anna } = house.cast;
  const { page } = anna;
  const { keyboard } = page;
  const { guest, release } = await kept(house, "Uma", "Call me about the saucer");
  await press(page, "callback");
  await isAt(page, "number");
  await escapes(anna, "callback");
  await keyboard.press("Enter");
  await isAt(page, "number");
  await keyboard.type(NUMBER);
  await tabsThrough(page, "when");
  await chooses(anna.get("when"), "tomorrow");
  await press(page, "confirm");
  await gone(anna);
  await isAt(page, "callback");
  await anna.get("callbacks").locator('li[data-state="promised"]').waitFor();

  await keyboard.press("Alt+2");
  await anna.get("callbacks-page").waitFor();
  await isAt(page, "callbacks-page");
  await tabsThrough(page, "filter-whose");
  await chooses(anna.get("filter-whose"), "all");
  await tabsThrough(page, "filter-queue");
  await chooses(anna.get("filter-queue"), "support");
  const row = anna.get("callback-row").filter({ hasText: named("Uma") });
  await row.waitFor();
  await tabsThrough(page, "filter-state", "callback-row");
  await tabTo(page, withText("callback-row", named("Uma")));
  await keyboard.press("Enter");
  // What was opened has the keyboard, however many rows are between; Escape gives it back.
  await isAt(page, "callback-detail");
  await tabsThrough(page, "callback-move", "callback-take", "callback-give", "callback-take-back", "callback-record");
  await keyboard.press("Escape");
  await focused(page, "aria-pressed", "true");
  assert.equal(await row.evaluate((each) => each === document.activeElement), true, "the row that was opened");
  await keyboard.press("Enter");
  await isAt(page, "callback-detail");
  await house.shot(page, "66-keys-callback");
  await changes(house, row);

  await press(page, "callback-record");
  await anna.get("record").getByText("Call me about the saucer").waitFor();
  await isAt(page, "record");
  await keyboard.press("Alt+2");
  await tabTo(page, at("filter-whose"));
  await chooses(anna.get("filter-whose"), "all");
  await keyboard.press("Home");
  await tabsThrough(page, "filter-queue");
  await keyboard.press("Home");
  await keyboard.press("Alt+1");
  await finishes(anna);
  await release();
  await guest.window.close();
}

async function changes(house, row) {
  const { anna } = house.cast;
  const { page } = anna;
  const { keyboard } = page;
  await tabsThrough(page, "callback-move");
  await keyboard.press("Enter");
  await isAt(page, "move-time");
  await escapes(anna, "callback-move");
  await keyboard.press("Enter");
  await isAt(page, "move-time");
  const day = new Date(Date.now() + 3 * 86_400_000);
  const two = (n) => String(n).padStart(2, "0");
  const parts = [two(day.getDate()), two(day.getMonth() + 1)];
  await keyboard.type(`${((await beginsWithMonth(anna.get("move-time"))) ? parts.reverse() : parts).join("")}${day.getFullYear()}`);
  await keyboard.press("ArrowRight");
  await keyboard.type("1130");
  assert.equal(await anna.get("move-time").inputValue(), `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}T11:30`);
  await press(page, "confirm");
  await gone(anna);
  await isAt(page, "callback-move");
  await anna.get("callback-detail").getByText(/11:30/).waitFor();
  // What was done goes; the next thing that can be done has the keyboard.
  await tabsThrough(page, "callback-take");
  await keyboard.press("Enter");
  await anna.get("callback-owner").filter({ hasText: /^Anna$/ }).waitFor();
  await isAt(page, "callback-give");
  await keyboard.press("Enter");
  await isAt(page, "give-to");
  await chooses(anna.get("give-to"), "ben");
  await press(page, "confirm");
  await gone(anna);
  await anna.get("callback-owner").filter({ hasText: /^Ben$/ }).waitFor();
  await isAt(page, "callback-give");
  await tabsThrough(page, "callback-take-back");
  await keyboard.press("Enter");
  await anna.get("dialog").waitFor();
  await escapes(anna, "callback-take-back");
  await keyboard.press("Enter");
  await press(page, "confirm");
  await gone(anna);
  await page.locator('[data-testid="callback-detail"][data-state="ended"]').waitFor();
  await row.waitFor({ state: "detached" });
  await isAt(page, "callback-detail");
}

/** Whether a field for a time, whose first part has the focus, has the month there: browsers follow the machine. */
async function beginsWithMonth(field) {
  const { keyboard } = field.page();
  const before = await field.inputValue();
  await keyboard.press("ArrowUp");
  const after = await field.inputValue();
  await keyboard.press("ArrowDown");
  assert.equal(await field.inputValue(), before);
  return after.slice(5, 7) !== before.slice(5, 7);
}

async function customers(house) {
  const { anna } = house.cast;
  const { page } = anna;
  const { keyboard } = page;
  const vera = await kept(house, "Vera", "No mails to me, please");
  await anna.get("consents").locator('[data-channel="mail"]').waitFor();
  await press(page, "consent-record");
  await isAt(page, "consent-channel");
  await escapes(anna, "consent-record");
  await keyboard.press("Enter");
  await isAt(page, "consent-channel");
  await chooses(anna.get("consent-channel"), "mail");
  await tabsThrough(page, "consent-change");
  await chooses(anna.get("consent-change"), "withdrawn");
  await tabsThrough(page, "consent-reason");
  await keyboard.type("said so in the chat");
  await press(page, "confirm");
  await gone(anna);
  await page.locator('[data-channel="mail"][data-allowed="false"]').filter({ hasText: "said so in the chat" }).waitFor();
  await isAt(page, "consent-record");
  await tabsThrough(page, "consent-history");
  await keyboard.press("Enter");
  await anna.get("said").getByText("said so in the chat").waitFor();
  await escapes(anna, "consent-history");
  await finishes(anna);
  await vera.release();
  await vera.guest.window.close();

  const wilma = await kept(house, "Wilma", "It is me again");
  await press(page, "card-merge");
  await isAt(page, "merge-clue");
  await escapes(anna, "card-merge");
  await chosen(anna, "Vera");
  await escapes(anna, "card-merge");
  await chosen(anna, "Vera");
  await keyboard.type("same order number");
  await keyboard.press("Enter");
  await anna.get("customer-page").getByText(/^Merged .* by Anna: same order number$/).waitFor();
  await isAt(page, "customer-page");
  await press(page, "unmerge");
  await isAt(page, "unmerge-reason");
  await escapes(anna, "unmerge");
  await keyboard.press("Enter");
  await keyboard.type("it was her sister");
  await keyboard.press("Enter");
  await anna.get("unmerged").getByText(/^Separated again .* by Anna: it was her sister$/).waitFor();
  await isAt(page, "merge");
  await tabTo(page, at("customer-note"));
  await keyboard.type("Likes the blue glaze");
  await tabsThrough(page, "customer-note-add");
  await keyboard.press("Enter");
  await anna.get("customer-notes").locator("li", { hasText: "Likes the blue glaze" }).waitFor();
  await isAt(page, "customer-note-add");
  await press(page, "to-desk");
  await anna.get("conversation").waitFor();
  await isAt(page, "to-desk");
  await finishes(anna);
  await wilma.release();
  await wilma.guest.window.close();
}

/** Opens the question of who else a customer is, and answers it. */
async function chosen(side, name) {
  const { page } = side;
  await page.keyboard.press("Enter");
  await isAt(page, "merge-clue");
  await page.keyboard.type(named(name));
  await page.keyboard.press("Enter");
  await side.get("merge-found").getByText(named(name)).waitFor();
  await tabTo(page, (element) => element?.closest('[data-testid="merge-found"]'));
  await page.keyboard.press("Enter");
  await isAt(page, "merge-reason");
}

async function history(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const { page } = anna;
  const { keyboard } = page;
  const { guest, release } = await kept(house, "Xaver", "Where is the gravy boat?");
  await finishes(anna);
  await guest.window.close();
  await keyboard.press("Alt+3");
  await anna.get("results").waitFor();
  await isAt(page, "history-page");
  await tabsThrough(page, "search-text", "search-name");
  await keyboard.type(named("Xaver"));
  await keyboard.press("Enter");
  await until("one is found", async () => (await anna.get("result").count()) === 1);
  await isAt(page, "search-name");
  await press(page, "result");
  await anna.get("record").getByText("Where is the gravy boat?").waitFor();
  await isAt(page, "record");
  await tabsThrough(page, "record-customer", "transcript");
  await keyboard.press("Escape");
  await isAt(page, "result");
  await keyboard.press("Enter");
  await isAt(page, "record");
  await house.shot(page, "67-keys-record");
  await press(page, "record-customer");
  await anna.get("customer-page").waitFor();
  await isAt(page, "customer-page");
  await keyboard.press("Alt+3");
  await until("what was found is there again", async () => (await anna.get("result").count()) === 1);
  await tabTo(page, (element) => element?.type === "reset");
  await keyboard.press("Enter");
  assert.equal(await anna.get("search-name").inputValue(), "");
  assert.equal(await page.evaluate(() => document.activeElement.type), "reset");
  await keyboard.press("Alt+1");
  await anna.get("history-page").waitFor({ state: "detached" });
  assert.notEqual(await page.evaluate(() => document.activeElement.tagName), "BODY", "the keyboard is somewhere");
  await release();
}

async function held(house) {
  if (!PHONES) return ONLY;
  const { anna } = house.cast;
  const { page } = anna;
  const { keyboard } = page;
  await anna.presence("ready");
  const release = await onlyKeys(page);
  const { interaction } = await offeredCall(house);
  await keyboard.press("Alt+y");
  await page.locator(`[data-testid="contact"][data-interaction="${interaction}"]`).waitFor();
  await until("the call is shown", async () => {
    if ((await page.locator(`[data-testid="conversation"][data-interaction="${interaction}"]`).count()) === 1) return true;
    await keyboard.press("Alt+j");
    return false;
  });
  await page.locator('[data-testid="call"][data-call="connected"]').waitFor();
  await phoneHears("anna", CUSTOMER);
  await phoneHears(NUMBER, ANNA);
  const isHeld = (on) => until(`it is ${on ? "held" : "resumed"}`, async () => (await anna.get("hold").textContent()) === (on ? "Resume" : "Hold"));
  await press(page, "hold");
  await isHeld(true);
  await isAt(page, "hold");
  await phoneSilent(NUMBER, ANNA);
  await phoneSilent("anna", CUSTOMER);
  await house.shot(page, "68-keys-held");
  await keyboard.press("Space");
  await isHeld(false);
  await isAt(page, "hold");
  await phoneHears(NUMBER, ANNA);
  await phoneHears("anna", CUSTOMER);
  await tabsThrough(page, "mute", "keypad", "transfer", "hang-up", "record-start");
  // One button starts, pauses and goes on, and keeps the keyboard.
  for (const next of ["record-pause", "record-resume", "record-pause"]) {
    await keyboard.press("Enter");
    await isAt(page, next);
  }
  await house.shot(page, "68-keys-recorded");
  await tabsThrough(page, "record-stop", "record-refuse");
  await keyboard.press("Shift+Tab");
  await keyboard.press("Enter");
  await anna.get("record-stop").waitFor({ state: "detached" });
  await isAt(page, "call");
  await press(page, "hang-up");
  await anna.get("wrap-up").waitFor();
  await finishes(anna);
  await release();
  await anna.presence("away:Short break");
}
