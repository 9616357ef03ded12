// Ratings by visitors, and the board that supervisors see.
import assert from "node:assert/strict";
import { inZone } from "./forms.mjs";
import { until } from "./house.mjs";
import { at, tabTo } from "./keyboard.mjs";
import { cut, parted } from "./languages.mjs";
import { tablets, telephone } from "./tablet.mjs";
import { board as wideBoard, wide } from "./wide.mjs";

const run = Date.now().toString(36).slice(-4);
const named = (name) => `${name} ${run}`;
const SUPERVISOR = process.env.TANDEM_SUPERVISOR ?? "sam";

export const SATISFACTION = [
  ["a visitor rates the chat once it is over, after a reload too, and may change it", rating],
  ["a visitor who does not want to rate is not asked again", declined],
  ["the board is for supervisors", stranger],
  ["the board shows who waits and why, and agents' states can be set on it", board],
  ["a row of the decisions opens its own choice, while the contact waits again and after it was taken", choices],
  ["the board shows ratings, repeats and the day", satisfaction],
  ["the board's network is lost and comes back", boardOffline],
  ["the board on a tablet, in the dark, and in German", boardElsewhere],
];

async function served(house, name, text) {
  const { anna } = house.cast;
  const guest = await house.visitor();
  await anna.presence("ready");
  await guest.begin(text, named(name));
  await anna.offer(named(name)).waitFor();
  await anna.accept(named(name));
  await anna.show(named(name));
  await guest.shows(text);
  await anna.get("end").click();
  await anna.get("confirm").click();
  await anna.get("wrap-up").waitFor();
  return guest;
}

async function rating(house) {
  const { anna } = house.cast;
  const nia = await served(house, "Nia", "Is the glaze lead-free?");
  await nia.get("rating").waitFor();
  await nia.page.getByText("Anna ended the chat").waitFor();
  await until("the end of the chat is in view", () => nia.get("log").evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight < 2));
  await house.axe(nia.page, "widget, rating");
  await house.shot(nia.page, "30-widget-rating");
  await telephone(house, nia.page, "30-widget-rating");
  await nia.reload();
  const panel = nia.get("panel");
  if (!(await panel.isVisible())) await nia.page.getByRole("button", { name: /Open chat/ }).click();
  await nia.get("rating").waitFor();
  await nia.get("rate").click();
  await nia.page.getByText("Please choose a number from 1 to 5.").waitFor();
  await tabTo(nia.page, at("score"));
  await nia.page.keyboard.press("Space");
  await nia.page.keyboard.press("ArrowRight");
  await nia.page.keyboard.press("ArrowRight");
  await nia.page.keyboard.press("ArrowRight");
  await nia.get("rating-comment").fill("Quick and kind.");
  await house.axe(nia.page, "widget, rating chosen");
  await house.shot(nia.page, "31-widget-rating-chosen");
  await nia.get("rate").click();
  await nia.get("rated").filter({ hasText: "4 of 5" }).waitFor();
  await anna.page.getByText("The customer rated this contact: 4 of 5").waitFor();
  await nia.get("rate-change").click();
  await nia.page.keyboard.press("ArrowRight");
  await nia.get("rate").click();
  await nia.get("rated").filter({ hasText: "5 of 5" }).waitFor();
  await house.axe(nia.page, "widget, rated");
  await house.shot(nia.page, "32-widget-rated");
  await nia.reload();
  await nia.page.getByRole("button", { name: /Open chat/ }).click();
  await nia.get("rated").filter({ hasText: "5 of 5" }).waitFor();
  await anna.get("solved").check();
  await house.axe(anna.page, "desk, solved");
  await house.shot(anna.page, "33-wrap-up-solved");
  await anna.end();
  await nia.window.close();
}

async function declined(house) {
  const { anna } = house.cast;
  const oto = await served(house, "Oto", "Do you ship to Graz?");
  await oto.get("rate-skip").click();
  await oto.get("rating").waitFor({ state: "hidden" });
  await oto.reload();
  await oto.page.getByRole("button", { name: /Open chat/ }).click();
  await oto.get("start-over").waitFor();
  assert.equal(await oto.get("rating").isVisible(), false);
  await anna.end();
  await oto.window.close();
}

async function stranger(house) {
  const ben = await house.board();
  await house.axe(ben.page, "board, sign-in");
  await house.shot(ben.page, "34-board-sign-in");
  await ben.signIn("ben");
  await ben.get("refused").waitFor();
  await house.axe(ben.page, "board, refused");
  await ben.window.close();
}

async function board(house) {
  const { anna } = house.cast;
  await anna.presence("away:Short break");
  const sam = (house.cast.sam = await house.board());
  await sam.signIn(SUPERVISOR);
  await sam.get("tiles").waitFor();
  const pia = (house.cast.pia = await house.visitor());
  await pia.begin("Where is my bowl?", named("Pia"));
  const row = sam.get("waiting").getByRole("row").filter({ hasText: named("Pia") });
  await row.waitFor();
  await until("one waits", async () => Number(await sam.get("tile-waiting").textContent()) >= 1);
  await house.axe(sam.page, "board, waiting");
  await house.shot(sam.page, "35-board-now");
  // A server without an answer of its own for this is asked for the record.
  sam.window.expected.push(/status of 404/);
  await row.getByTestId("why").click();
  await sam.get("why-dialog").waitFor();
  await until("an answer", async () => !(await sam.get("why-dialog").textContent()).includes("Asking…"));
  await house.axe(sam.page, "board, why");
  await house.shot(sam.page, "36-board-why");
  await sam.page.keyboard.press("Escape");
  await sam.get("why-dialog").waitFor({ state: "detached" });
  const agent = sam.page.locator('[data-agent="anna"]');
  await agent.getByTestId("set-presence").selectOption({ label: "Away: Lunch" });
  await agent.getByText("Away: Lunch").first().waitFor();
  await until("the agent sees it", async () => (await anna.get("presence").inputValue()) === "away:Lunch");
  await agent.getByTestId("set-presence").selectOption({ label: "Ready" });
  await anna.offer(named("Pia")).waitFor();
  await agent.getByText(/offered/).waitFor();
  await anna.accept(named("Pia"));
  await agent.getByText(new RegExp(`chat: ${named("Pia")}`)).waitFor();
  await row.waitFor({ state: "detached" });
  await house.shot(sam.page, "37-board-serving");
  await tabTo(sam.page, at("tab-now"));
  await sam.page.keyboard.press("ArrowRight");
  await sam.get("callbacks").waitFor();
  await house.axe(sam.page, "board, callbacks");
  await house.shot(sam.page, "38-board-callbacks");
  await sam.page.keyboard.press("ArrowRight");
  await sam.get("decisions").getByText("it was taken").first().waitFor();
  await house.axe(sam.page, "board, decisions");
  await house.shot(sam.page, "39-board-decisions");
}

// Anna declines and Ben takes it: each row tells of whom it names.
async function choices(house) {
  if (house.mock) return "only with the real server";
  const { anna, sam } = house.cast;
  const ben = await house.console();
  await ben.signIn("ben");
  await ben.onDesk();
  await ben.presence("away:Lunch");
  await anna.presence("ready");
  const quinn = await house.visitor();
  await quinn.begin("Who has time for me?", named("Quinn"));
  const interaction = await anna.offer(named("Quinn")).getAttribute("data-interaction");
  await anna.offer(named("Quinn")).getByTestId("decline").click();
  const row = (whom) => sam.page.locator(`[data-testid="decisions"] tr[data-interaction="${interaction}"]`).filter({ hasText: whom });
  await row("Anna").getByText("it was turned down").waitFor();
  await chosen(house, row("Anna"), "Anna", "is away");
  await house.shot(sam.page, "39-board-choice-declined");
  await sam.page.keyboard.press("Escape");
  await ben.presence("ready");
  await ben.accept(named("Quinn"));
  await row("Ben").getByText("it was taken").waitFor();
  await chosen(house, row("Ben"), "Ben", "said no a moment ago");
  await sam.page.keyboard.press("Escape");
  await chosen(house, row("Anna"), "Anna", "is away");
  await house.axe(sam.page, "board, an older choice");
  await sam.page.emulateMedia({ colorScheme: "dark" });
  await tablets(house, sam.page, "39-board-choice");
  await sam.page.emulateMedia({ colorScheme: "light" });
  await sam.page.keyboard.press("Escape");
  await ben.show(named("Quinn"));
  await ben.end();
  await ben.presence("away:Lunch");
  await ben.window.close();
  await quinn.window.close();
}

// Opens a row's choice: whom it names, and how the other stood then.
async function chosen(house, row, whom, other) {
  const { sam } = house.cast;
  await row.getByRole("button").click();
  const dialog = sam.get("why-dialog");
  await dialog.getByRole("heading", { name: "Why this choice?" }).waitFor();
  await dialog.locator("p strong").getByText(whom, { exact: true }).waitFor();
  await dialog.getByRole("listitem").filter({ hasText: whom === "Anna" ? "Ben" : "Anna" }).getByText(other).waitFor();
}

async function satisfaction(house) {
  const { sam } = house.cast;
  await sam.get("tab-satisfaction").click();
  await sam.get("ratings").getByText("Quick and kind.").first().waitFor();
  await sam.get("satisfaction").getByText(/of 5/).first().waitFor();
  await counts(house);
  await until("the curve of what was answered is drawn", () => sam.get("curve").locator("canvas").evaluate((canvas) => {
    const accent = getComputedStyle(document.documentElement).getPropertyValue("--accent").trim();
    const [, ...wanted] = /^#(..)(..)(..)$/.exec(accent).map((part) => Number.parseInt(part, 16));
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 200 && wanted.every((part, n) => Math.abs(data[at + n] - part) < 8)) return true;
    return false;
  }));
  await house.axe(sam.page, "board, satisfaction");
  await house.shot(sam.page, "40-board-satisfaction");
}

// A customer who comes again with a matter was not helped the first time; both contacts are of this day.
async function counts(house) {
  const { anna, sam } = house.cast;
  const queue = process.env.TANDEM_LEDGER_ZONE;
  if (!queue) return;
  const shown = async () => {
    const [, , , , share] = await sam.page.locator(`[data-testid="satisfaction"] tr[data-queue="${queue}"]`).locator("th, td").allTextContents();
    const [, , of = "0", again = "0"] = /^(\d+)% of (\d+); (\d+) came again$/.exec(share) ?? [];
    const day = /24 hours (\d+) came, (\d+) were answered, (\d+) left/.exec(await sam.get("curve").textContent());
    return [of, again, ...day.slice(1)].map(Number);
  };
  const before = await shown();
  await anna.presence("ready");
  const rhea = await inZone(house, queue);
  const serve = async () => {
    await anna.accept(named("Rhea"));
    await anna.show(named("Rhea"));
    const interaction = await anna.get("conversation").getAttribute("data-interaction");
    await anna.end();
    return interaction;
  };
  await rhea.begin("It is broken", named("Rhea"));
  const first = await serve();
  await rhea.get("start-over").click();
  await rhea.get("first-message").fill("It is still broken");
  await rhea.get("start-chat").click();
  const second = await serve();
  const [of, again, came, answered, left] = before;
  const wanted = [of + 2, again + 1, came + 2, answered + 2, left];
  await until(`the board counts ${wanted}`, async () => (await shown()).join() === wanted.join()).catch(async (error) => {
    throw new Error(`${error.message}; it has ${await shown()}`);
  });
  // The record of the second leads to the first.
  await anna.page.goto(`${house.url}/console/#history/${second}`);
  await anna.get("record-repeats").getByRole("button").click();
  await anna.get("record").getByText("It is broken").waitFor();
  await oneMatter(house, first, second);
  await anna.get("to-desk").first().click();
  await rhea.window.close();
}

// Two contacts that are one matter are read as one, in order, and the part leads to the whole.
async function oneMatter(house, first, second) {
  const { anna } = house.cast;
  const { page } = anna;
  const status = await page.evaluate(async ([of, interaction]) => {
    const { token } = JSON.parse(sessionStorage.getItem("tandem.session"));
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return (await fetch(`/api/v1/interactions/${of}/merge`, { method: "POST", headers, body: JSON.stringify({ interaction, reason: "the same bowl" }) })).status;
  }, [first, second]);
  assert.equal(status, 204);
  await anna.reload();
  const lines = anna.get("record").locator(".order > li");
  await lines.filter({ hasText: "Anna made another contact part of this one: the same bowl" }).waitFor();
  const all = await lines.evaluateAll((each) => each.map((line) => `${line.className}:${line.lastElementChild.textContent}`));
  const [before, part, after] = [":Customer: It is broken", "part:Another contact of this matter began: chat, ", "part:Customer: It is still broken"].map((text) => all.findIndex((line) => line.startsWith(text)));
  assert.ok(before >= 0 && before < part && part < after, all.join(" | "));
  await house.axe(page, "history, two contacts that are one matter");
  await lines.nth(part).scrollIntoViewIfNeeded();
  await house.shot(page, "40-one-matter");
  await page.emulateMedia({ colorScheme: "dark" });
  await tablets(house, page, "40-one-matter");
  await page.emulateMedia({ colorScheme: "light" });
  await lines.nth(part).getByRole("button").click();
  await anna.get("record-part-of").getByRole("button").click();
  await lines.filter({ hasText: "the same bowl" }).waitFor();
  assert.match(page.url(), new RegExp(`${first}$`));
}

async function boardOffline(house) {
  const { sam, pia } = house.cast;
  house.cut(sam.window);
  await sam.get("banner").waitFor();
  await house.axe(sam.page, "board, offline");
  await house.shot(sam.page, "41-board-offline");
  await pia.end();
  sam.window.cable.mend();
  await sam.page.evaluate(() => dispatchEvent(new Event("online")));
  await sam.get("banner").waitFor({ state: "detached" });
  await sam.get("tab-now").click();
  await sam.page.locator('[data-agent="anna"]').locator("li.wrap_up").waitFor();
  await house.cast.anna.clear();
  await sam.page.reload();
  await sam.get("tiles").waitFor();
}

// On a small tablet no word is cut in two, nothing of the choice of queues is cut off, and no figure stands alone in its row.
async function whole({ page }) {
  const tiles = await page.getByTestId("tiles").evaluate((all) => [...all.children].map((each) => Math.round(each.getBoundingClientRect().top)));
  assert.ok(tiles.every((top) => tiles.filter((each) => each === top).length > 1), `tiles stand at ${tiles}`);
  assert.deepEqual(await page.getByTestId("queues").evaluate(parted), []);
  assert.deepEqual(await page.getByTestId("queue").evaluate(cut), []);
}

// Headings of one word in more than one line.
function broken(root) {
  const lines = (heading) => {
    const range = document.createRange();
    range.selectNodeContents(heading);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
  };
  return [...root.querySelectorAll("thead th")].map((heading) => (/\s/.test(heading.textContent) || lines(heading) === 1 ? "" : heading.textContent)).filter(Boolean);
}

// On a tablet that stands, every column of the queues is in sight.
async function stands({ page }) {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 820, height: 1100 });
  const [whole, seen] = await page.getByTestId("queues").locator(".scroll").evaluate((table) => [table.scrollWidth, table.clientWidth]);
  assert.ok(whole <= seen, `the queues are ${whole} wide in ${seen}`);
  await page.setViewportSize(before);
}

async function boardElsewhere(house) {
  const { sam } = house.cast;
  await sam.page.setViewportSize({ width: 834, height: 1112 });
  await sam.page.emulateMedia({ colorScheme: "dark" });
  await house.axe(sam.page, "board, tablet, dark");
  await house.shot(sam.page, "42-board-tablet-dark");
  await tablets(house, sam.page, "42-board");
  await sam.page.setViewportSize({ width: 768, height: 1024 });
  assert.deepEqual(await sam.page.evaluate(touching), [], "cells that touch read as one");
  await house.shot(sam.page, "42-board-768");
  await whole(sam);
  await stands(sam);
  await wide(house, sam.page, "42-board", wideBoard);
  await sam.get("tab-satisfaction").click();
  await sam.page.locator(".curve canvas").waitFor();
  await wide(house, sam.page, "42-board-satisfaction", wideBoard);
  await sam.get("tab-now").click();
  const sticks = await sam.page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  assert.equal(sticks, false, "nothing sticks out of the page");
  const german = await house.board({ locale: "de-DE" });
  await german.signIn(SUPERVISOR);
  await german.get("tiles").getByText("Es warten").waitFor();
  await house.shot(german.page, "43-board-german");
  const wider = await german.page.locator(".scroll").evaluateAll((all) => all.filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.textContent));
  assert.deepEqual(wider, [], "a table is wider than its card");
  await stands(german);
  assert.deepEqual(await german.get("queues").evaluate(broken), [], "words are parted where there is room");
  await german.page.setViewportSize({ width: 768, height: 1024 });
  await house.shot(german.page, "43-board-german-768");
  await whole(german);
  const sideways = await german.page.locator(".scroll").evaluateAll((all) => all.filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => `${each.ariaLabel}: ${each.scrollWidth} in ${each.clientWidth}`));
  assert.deepEqual(sideways, [], "a table scrolls sideways on a small tablet");
  assert.deepEqual(await german.page.evaluate(touching), [], "cells that touch read as one, in German");
  const [title, out] = await Promise.all([german.page.locator(".top h1").boundingBox(), german.get("sign-out").boundingBox()]);
  assert.ok(out.y < title.y + title.height, "the bar of the board has one line");
  await german.page.setViewportSize({ width: 1280, height: 800 });
  await german.get("tab-decisions").click();
  const decisions = german.get("decisions");
  await until("what came of a choice, in German", async () => /es wurde angenommen/.test(await decisions.textContent()));
  assert.doesNotMatch(await decisions.textContent(), /it was|least busy|next in line/);
  await german.page.setViewportSize({ width: 820, height: 1100 });
  await house.shot(german.page, "43-board-german-decisions-820");
  const lines = await decisions.locator("tbody .link").evaluateAll((links) => {
    const range = document.createRange();
    return links.map((link) => (range.selectNodeContents(link), new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size));
  });
  assert.deepEqual([...new Set(lines)], [1], "how many were passed over stands in one line");
  await german.page.setViewportSize({ width: 1280, height: 800 });
  await decisions.getByRole("button").first().click();
  const why = german.get("why-dialog");
  await why.getByRole("listitem").first().waitFor();
  await why.getByRole("heading", { name: "Warum diese Wahl?" }).waitFor();
  assert.doesNotMatch(await why.textContent(), /free|is |has |was /);
  await house.axe(german.page, "board in German, why somebody was chosen");
  await house.shot(german.page, "43-board-german-why");
  await german.window.close();
  await sam.window.close();
  await house.cast.pia.window.close();
  delete house.cast.sam;
  delete house.cast.pia;
}

// The texts of cells beside each other that have no blank between them.
function touching() {
  const ends = (cell) => {
    const text = document.createRange();
    text.selectNodeContents(cell);
    return text.getBoundingClientRect();
  };
  const close = (row, at) => {
    const [one, next] = [ends(row.cells[at]), ends(row.cells[at + 1])];
    return one.width > 0 && next.width > 0 && next.left - one.right < 3.5;
  };
  return [...document.querySelectorAll("table tr")].flatMap((row) => [...row.cells].slice(1).filter((_, at) => close(row, at)).map((cell) => `${row.textContent}: ${cell.textContent}`));
}
