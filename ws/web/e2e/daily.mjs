// What happens every day: links and signs in messages, waits that are told, chats that go to another queue, what is found again.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { served } from "./console.mjs";
import { inZone } from "./forms.mjs";
import { until } from "./house.mjs";
import { boss } from "./watch.mjs";

const run = Date.now().toString(36).slice(-4);
const named = (name) => `${name} ${run}`;
/** A zone whose queue has the same name, and nothing happened in yet. */
const LEDGER = process.env.TANDEM_LEDGER_ZONE;
const ONLY = "only with TANDEM_LEDGER_ZONE";
const MAIL = `lou.${run}@mail.example`;

export const DAILY = [
  ["signs of every script arrive as they were written, and links open beside the chat and know nothing of it", signs],
  ["who waits is told how long that takes, and a supervisor reads along before anybody took it", expected],
  ["the board's figures of a queue are those of what happened in it", figures],
  ["history finds by words, number, mail, queue and day, and nothing where there is nothing", found],
  ["a chat is handed to another queue with a note", toQueue],
  ["the page behind the link of a mail tells in one's language what can be done, and does it", behindLink],
];

async function signs(house) {
  const { anna } = house.cast;
  const text = "Grüße 👩🏽‍🚒🇫🇷 שלום こんにちは";
  const guest = await served(house, "Émile", text);
  await anna.shows(text);
  const reply = `🎉 see ${house.url}/demo/workshop.html?a=1, or not`;
  await anna.write(reply);
  await guest.shows(reply);
  assert.ok((await guest.texts()).includes(reply));
  await guest.write(`I looked at ${house.url}/demo/.`);
  await anna.shows("I looked at");
  for (const [side, address] of [[guest, `${house.url}/demo/workshop.html?a=1`], [anna, `${house.url}/demo/`]]) {
    const opened = side.window.context.waitForEvent("page");
    await side.page.locator(`.bubble a[href="${address}"]`).click();
    const page = await opened;
    await page.waitForLoadState();
    assert.equal(page.url(), address);
    assert.deepEqual(await page.evaluate(() => [window.opener, document.referrer]), [null, ""]);
    await page.close();
  }
  await house.axe(guest.page, "widget, signs and links");
  await house.shot(guest.page, "119-signs");
  await anna.end();
  await guest.window.close();
}

async function expected(house) {
  const { anna } = house.cast;
  const sam = await boss(house);
  await anna.presence("ready");
  const guest = await house.visitor();
  await guest.begin("How long will it take?", named("Ewa"));
  await anna.offer(named("Ewa")).waitFor();
  await sam.get("waiting").getByRole("row").filter({ hasText: named("Ewa") }).getByRole("cell", { name: "Anna", exact: true }).waitFor();
  await anna.offer(named("Ewa")).getByTestId("decline").click();
  await until("the wait is told", async () => /about (a minute|\d+ minutes)/.test(await guest.get("position").textContent()));
  await house.shot(guest.page, "120-expected-wait");
  const waiting = sam.get("waiting").getByRole("row").filter({ hasText: named("Ewa") }).getByTestId("watch-waiting");
  await waiting.click();
  await sam.get("watch").getByText("How long will it take?").waitFor();
  await guest.write("I have time");
  await sam.get("watch").getByText("I have time").waitFor();
  await house.axe(sam.page, "board, reading what waits");
  await house.shot(sam.page, "120-board-reads-waiting");
  await sam.get("watch-close").click();
  await guest.end();
  await guest.window.close();
}

async function figures(house) {
  if (!LEDGER) return ONLY;
  const { anna } = house.cast;
  const sam = await boss(house);
  const cells = () => sam.page.locator(`tr[data-queue="${LEDGER}"]`).getByRole("cell").allTextContents();
  const [waiting, oldest, , off, ready] = await cells();
  // Nobody was served yet whose wait was told.
  assert.deepEqual([waiting, oldest, off], ["0", "–", "–"], `${await cells()}`);
  assert.match(ready, /\d of \d/);
  // One is answered in time, one leaves before that.
  await anna.presence("away:Short break");
  const gone = await inZone(house, LEDGER);
  await gone.begin("I cannot wait", named("Gil"));
  await until("one waits", async () => (await cells())[0] === "1");
  assert.match((await cells())[1], /^0:\d\d$/);
  await gone.end();
  await anna.presence("ready");
  const lou = await inZone(house, LEDGER);
  await lou.open();
  await lou.get("mail").fill(MAIL);
  await lou.get("close").click();
  await lou.begin("Do you sell marzipan spoons?", named("Lou"));
  await anna.accept(named("Lou"));
  await anna.show(named("Lou"));
  await anna.end();
  await until("both are counted", async () => (await cells())[9] !== "–" && (await cells())[10] !== "–");
  const [, , wait, error, , level, offered, hour, abandoned, speed, handle] = await cells();
  assert.deepEqual([level, offered, hour, abandoned], ["50%", "100%", "50%", "50%"]);
  for (const time of [wait, speed, handle]) assert.match(time, /^\d+ (s|min)$/, `${await cells()}`);
  // Whoever was offered at once was told no wait; of one who was, it is known how wrong that was.
  assert.equal(error, "–");
  const kay = await inZone(house, LEDGER);
  await kay.begin("And sugar forks?", named("Kay"));
  await anna.offer(named("Kay")).getByTestId("decline").click();
  await until("a wait is told", async () => /about (a minute|\d+ minutes)/.test(await kay.get("position").textContent()));
  await anna.presence("away:Short break");
  const ben = await house.console();
  await ben.signIn("ben");
  await ben.onDesk();
  await ben.presence("ready");
  await ben.accept(named("Kay"));
  await ben.show(named("Kay"));
  await until("how wrong the wait was that was told is known", async () => /^\d+ (s|min)$/.test((await cells())[3]));
  await ben.end();
  await ben.presence("away:Lunch");
  for (const { window } of [gone, lou, kay, ben]) await window.close();
}

async function behindLink(house) {
  const folder = process.env.TANDEM_MAILS;
  if (!folder) return "only with TANDEM_MAILS";
  const { anna } = house.cast;
  const to = `max.${run}@mail.example`;
  const guest = await served(house, "Max", "Please send me this");
  await anna.end();
  await guest.get("keep").click();
  await guest.get("keep-mail").fill(to);
  await guest.get("keep-send").click();
  const mine = async () => {
    const names = (await readdir(folder)).filter((name) => name.endsWith(".json"));
    const mails = await Promise.all(names.map(async (name) => JSON.parse(await readFile(path.join(folder, name), "utf8"))));
    return mails.find((mail) => mail.to === to);
  };
  const { text } = await until("the mail came", mine);
  const [link] = /https?:\/\/\S+\/link\/\S+/.exec(text);
  const german = await house.window({ locale: "de-DE", colorScheme: "dark", viewport: { width: 390, height: 780 } });
  for (const [context, heading, button, done] of [
    [guest.window.context, "Calls and mails from us", "Do not write mails to me any more", "We will not write mails to you any more."],
    [german.context, "Anrufe und Mails von uns", "Schreiben Sie mir keine Mails mehr", "Wir schreiben Ihnen keine Mails mehr."],
  ]) {
    const page = await context.newPage();
    await page.goto(link);
    await page.getByRole("heading", { name: heading, exact: true }).waitFor();
    assert.equal(await page.title(), heading);
    const light = (await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)) === "rgb(255, 255, 255)";
    assert.equal(light, context !== german.context, "the page is as light or dark as its reader likes it");
    await house.axe(page, `behind a mail's link, ${heading}`);
    await house.shot(page, `144-mail-link-${context !== german.context ? "en" : "de-phone-dark"}`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it scrolls sideways");
    await page.getByRole("button", { name: button, exact: true }).click();
    await page.getByRole("status").getByText(done, { exact: true }).waitFor();
    await house.axe(page, `behind a mail's link, done, ${heading}`);
    await page.close();
  }
  guest.window.expected.push(/status of 404/);
  const page = await guest.window.context.newPage();
  await page.goto(`${link}x`);
  await page.getByText("This link is not one of ours.").waitFor();
  await house.axe(page, "behind a forged link");
  for (const { close } of [guest.window, german]) await close();
}

async function found(house) {
  if (!LEDGER) return ONLY;
  const { anna } = house.cast;
  await anna.get("to-history").click();
  const all = ["text", "name", "number", "mail", "queue", "from", "to"];
  const find = async (fields) => {
    for (const name of all) {
      const field = anna.get("search").locator(`[name="${name}"]`);
      if (name === "queue") await field.selectOption(fields.queue ?? "");
      else await field.fill(fields[name] ?? "");
    }
    await Promise.all([anna.page.waitForResponse(/\/api\/v1\/interactions\?/), anna.get("search-go").click()]);
    await anna.get("history-page").locator(".list").getByTestId("loading").waitFor({ state: "detached" });
    return anna.get("result").count();
  };
  const count = (what, fields, wanted) => until(what, async () => (await find(fields)) === wanted);
  const today = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  await count("by words", { text: "marzipan spoons" }, 1);
  await anna.get("result").click();
  await anna.get("record").getByText("Do you sell marzipan spoons?").waitFor();
  await count("by mail", { mail: MAIL }, 1);
  await count("by queue", { queue: LEDGER }, 3);
  await count("by queue and day", { queue: LEDGER, from: today, to: today }, 3);
  await count("by another day", { queue: LEDGER, to: "2020-01-01" }, 0);
  await anna.get("nothing").waitFor();
  const number = process.env.TANDEM_CALL_NUMBER;
  const guest = await house.visitor();
  await guest.open();
  await guest.askCall(number, "Tomorrow at ten");
  await guest.get("callback").getByTestId("cancel-callback").click();
  await guest.get("callback").waitFor({ state: "detached" });
  await guest.get("start-over").waitFor();
  await guest.window.close();
  await until("by number", async () => (await find({ number })) > 0);
  await count("by a number that nobody has", { number: "+4999999999" }, 0);
  await anna.get("search").locator('button[type="reset"]').click();
  await anna.get("to-desk").first().click();
}

async function toQueue(house) {
  if (!LEDGER) return ONLY;
  const { anna } = house.cast;
  const guest = await served(house, "Quin", "I have a question about a bill");
  await anna.get("hand-over").click();
  await anna.get("hand-over-to").selectOption(`queue:${LEDGER}`);
  await anna.get("hand-over-note").fill("Bill of May, paid twice");
  await anna.get("confirm").click();
  await anna.tab("Quin").waitFor({ state: "detached" });
  await anna.presence("away:Short break");
  await guest.get("position").waitFor();
  const ben = await house.console();
  await ben.signIn("ben");
  await ben.onDesk();
  await ben.presence("ready");
  await ben.offer("Quin").getByText("Bill of May, paid twice").waitFor();
  await ben.accept("Quin");
  await ben.show("Quin");
  await ben.shows("I have a question about a bill");
  await ben.page.getByText(`Queue ${LEDGER}`).first().waitFor();
  await ben.write("I see it");
  await guest.shows("I see it");
  await ben.end();
  await ben.presence("away:Lunch");
  await ben.window.close();
  await guest.window.close();
}
