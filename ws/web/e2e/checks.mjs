// What visitors and agents must be able to do, one check after the other in one house.
import { readFile, readdir } from "node:fs/promises";
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { ABROAD_CHECKS } from "./abroad.mjs";
import { ASKING } from "./asking.mjs";
import { COMPANY } from "./company.mjs";
import { CONSOLE } from "./console.mjs";
import { INVITING } from "./inviting.mjs";
import { FOCUS } from "./focus.mjs";
import { focused, tabTo } from "./keyboard.mjs";
import { KEYS } from "./keys.mjs";
import { HOLDING } from "./holding.mjs";
import { HOSTILE } from "./hostile.mjs";
import { until } from "./house.mjs";
import { COBROWSE } from "./cobrowse.mjs";
import { CROSSING } from "./crossing.mjs";
import { DAILY } from "./daily.mjs";
import { DEVICES } from "./devices.mjs";
import { FORMS } from "./forms.mjs";
import { DEEP } from "./deep.mjs";
import { DIALOGS } from "./dialogs.mjs";
import { FAITHFUL } from "./faithful.mjs";
import { FILES } from "./files.mjs";
import { REACH } from "./reach.mjs";
import { LATER } from "./later.mjs";
import { READING } from "./reading.mjs";
import { REVISING } from "./revising.mjs";
import { LANGUAGES } from "./languages.mjs";
import { MENDING } from "./mending.mjs";
import { MIRRORED } from "./mirrored.mjs";
import { MEMOS } from "./memos.mjs";
import { POPS } from "./pops.mjs";
import { SHEETS } from "./sheets.mjs";
import { SEEING } from "./seeing.mjs";
import { SLOW } from "./slow.mjs";
import { TABBING, TABBING_CALLS } from "./tabbing.mjs";
import { tablets, telephone } from "./tablet.mjs";
import { TOLLS } from "./tolls.mjs";
import { WATCH } from "./watch.mjs";
import { SATISFACTION } from "./satisfaction.mjs";
import { RECORDINGS } from "./recordings.mjs";
import { VOICE } from "./voice.mjs";
import { VOICEMAIL } from "./voicemail.mjs";
import { VOUCHED } from "./vouched.mjs";
import { WEB_PHONES } from "./webphone.mjs";
import { WINDOWS } from "./windows.mjs";
import { ZONES } from "./zones.mjs";

const run = Date.now().toString(36).slice(-4);
/** A name that no earlier run used. */
const named = (name) => `${name} ${run}`;
const NUMBER = process.env.TANDEM_CALL_NUMBER ?? "+49301234567";

const once = (texts, text) => assert.equal(texts.filter((each) => each === text).length, 1, `"${text}" shows once in ${JSON.stringify(texts)}`);

/** Who the others meet: begins each act. */
export const SCENE = [
  ["pages are served under a strict content security policy", strictPages],
  ["a wrong password is refused in one sentence", wrongPassword],
  ["agents sign in and find an empty desk", signIn],
  ["the widget does not connect before it is opened", idleWidget],
];

/** Checks in order, by act; each may use what those before it in its act left in `house.cast`. */
export const ACTS = {
  desk: [
    ["a chat waits with its position, is offered and accepted", firstChat],
    ["both sides write, see typing, delivery and reading", bothWays],
    ["the launcher counts what came while the panel was closed", unread],
    ["a reload on either side keeps everything once", reloads],
    ["the next page and a second tab join the same chat", navigation],
    ["the visitor's network is lost: nothing is lost or doubled", visitorOffline],
    ["the agent's network is lost: nothing is lost or doubled", agentOffline],
    ["a chat becomes a call and goes on after it", escalation],
    ["the visitor asks to be called now", visitorCall],
    ["a callback is asked for and cancelled", callbacks],
    ["six chats on one agent, the seventh waits and comes in when one ends", sevenChats],
    ["the earlier interaction opens from the card", earlier],
    ["pain_38 a history of five thousand messages keeps the desk quick", longHistory],
    ["everything by keyboard alone", keyboard],
    ["pain_35 a page loads the loader alone until the chat is opened, and each is small", light],
    ["what moves rests for whoever wants that", motion],
    ...FOCUS,
    ...CONSOLE,
    ...REACH,
    ...TABBING,
    ["telephone width and dark mode", small],
  ],
  page: [...COBROWSE, ...SEEING, ...FAITHFUL],
  hands: [...HOLDING, ...MENDING, ...DEEP],
  site: [...POPS, ...FILES, ...FORMS, ...LANGUAGES, ...INVITING, ...ZONES, ...READING, ...LATER, ...REVISING],
  strangers: [...HOSTILE, ...MIRRORED, ...SHEETS, ...CROSSING, ...ABROAD_CHECKS, ...SLOW, ...WINDOWS],
  house: [...WATCH, ...COMPANY, ...DAILY, ...TOLLS, ...MEMOS, ...SATISFACTION],
  voice: [...VOICE, ...WEB_PHONES, ...DEVICES],
  calls: [...ASKING, ...TABBING_CALLS, ...DIALOGS, ...KEYS, ...VOICEMAIL, ...VOUCHED, ...RECORDINGS],
};

async function strictPages(house) {
  const visitor = (house.cast.ada = await house.visitor({ referer: "https://search.example/results?q=teapots" }));
  const desk = (house.cast.anna = await house.console());
  for (const [page, side] of [["/demo/", visitor], ["/console/", desk]]) {
    const policy = side.answer.headers()["content-security-policy"] ?? "";
    assert.match(policy, /(default|script)-src/, `${page} sends a policy`);
    assert.doesNotMatch(policy, /unsafe-(inline|eval)/, page);
    assert.equal(await side.page.locator("[style], style").count(), 0, `${page} has no inline style`);
  }
  await house.axe(visitor.page, "shop");
  await house.axe(desk.page, "sign-in");
  await house.shot(visitor.page, "01-shop");
  await house.shot(desk.page, "02-sign-in");
}

async function wrongPassword(house) {
  const { anna } = house.cast;
  anna.window.expected.push(/status of 401/);
  await anna.signIn("anna", "certainly not");
  await until("a sentence", async () => (await anna.get("login-error").textContent()).length > 10);
  await house.axe(anna.page, "sign-in refused");
  await house.shot(anna.page, "03-sign-in-refused");
}

async function signIn(house) {
  const { anna } = house.cast;
  await anna.signIn("anna");
  await anna.onDesk();
  await anna.drain();
  const ben = (house.cast.ben = await house.console());
  await ben.signIn("ben");
  await ben.onDesk();
  await ben.clear();
  await ben.presence("away:Lunch");
  await anna.presence("away:Short break");
  await anna.get("empty").waitFor();
  await house.axe(anna.page, "empty desk");
  await house.shot(anna.page, "04-desk-away");
  await anna.get("go-ready").click();
  await until("ready", async () => (await anna.get("presence").inputValue()) === "ready");
  await anna.presence("away:Short break");
}

async function idleWidget(house) {
  const { ada } = house.cast;
  let sockets = 0;
  ada.page.on("websocket", () => (sockets += 1));
  await ada.reload();
  await ada.page.getByRole("button", { name: /Open chat/ }).waitFor();
  assert.equal(sockets, 0);
  await ada.open();
  await until("a socket", () => sockets > 0);
  await until("the greeting", async () => (await ada.page.locator(".greeting").textContent()) !== "");
  await house.axe(ada.page, "widget, before the chat");
  await house.shot(ada.page, "05-widget-welcome");
  await ada.get("start-chat").click();
  await ada.page.getByText("Please write a few words first.").waitFor();
  await ada.get("close").click();
}

/** Bytes after gzip: of what every visitor's page loads, and of what one loads that writes. */
const LOADER = 3 * 1024;
const CHAT = 25 * 1024;

async function light(house) {
  const visitor = await house.visitor();
  const loaded = [];
  visitor.page.on("response", (response) => {
    const name = new URL(response.url()).pathname;
    // What zones have a language is the house's own, some ten bytes each.
    const code = (body) => String(body).replace(/\{__proto__:null[^}]*\}/, "{}");
    if (name.startsWith("/widget")) loaded.push({ name, bytes: response.body().then((body) => gzipSync(code(body), { level: 9 }).length) });
  });
  await visitor.reload();
  await visitor.page.getByRole("button", { name: /Open chat/ }).waitFor();
  assert.deepEqual(loaded.map(({ name }) => name), ["/widget.js"], "before anybody opens it");
  await visitor.open();
  await visitor.get("first-message").waitFor();
  const chunks = loaded.slice(1).filter(({ name }) => !name.endsWith(".json"));
  assert.deepEqual(chunks.map(({ name }) => name.replace(/-[\w-]+\.js$/, "")), ["/widget/chat"]);
  const [loader, chat] = await Promise.all([loaded[0].bytes, chunks[0].bytes]);
  assert.ok(loader <= LOADER && chat <= CHAT, `${loader} and ${chat} bytes`);
  await visitor.window.close();
}

async function firstChat(house) {
  const { ada, anna } = house.cast;
  await ada.begin("Does the teapot drip?", named("Ada"));
  await ada.get("position").waitFor();
  assert.equal(await ada.get("position").getAttribute("data-position"), "1");
  await until("the queue shows on the desk", async () => /[1-9]/.test(await anna.get("queues").textContent()));
  await house.axe(ada.page, "widget, waiting");
  await house.shot(ada.page, "06-widget-waiting");
  await anna.presence("ready");
  await anna.offer(named("Ada")).waitFor();
  assert.match(await anna.page.title(), /Offer/);
  await house.axe(anna.page, "offer");
  await house.shot(anna.page, "07-offer");
  await anna.accept(named("Ada"));
  await anna.show(named("Ada"));
  await anna.shows("Does the teapot drip?");
  assert.equal(await anna.get("card-referrer").textContent(), "https://search.example/results");
  await until("the visitor sees who is there", async () => /Anna/i.test(await ada.get("status").textContent()));
  assert.equal(await ada.get("position").count(), 0);
}

async function bothWays(house) {
  const { ada, anna } = house.cast;
  await anna.get("composer").pressSequentially("It does n");
  await ada.get("typing").filter({ hasText: /writing/ }).waitFor();
  await anna.write("It does not.");
  await ada.shows("It does not.");
  await anna.state("It does not.", "Read");
  await ada.get("composer").pressSequentially("Good");
  await anna.get("typing").filter({ hasText: /writing/ }).waitFor();
  await house.shot(anna.page, "08-desk-typing");
  await ada.write("Good to hear.\nAnd in blue?");
  await anna.shows("And in blue?");
  await ada.state("Good to hear.", "Read");
  await house.axe(ada.page, "widget, chat");
  await house.axe(anna.page, "desk, chat");
  await house.shot(ada.page, "09-widget-chat");
  await house.shot(anna.page, "10-desk-chat");
}

async function unread(house) {
  const { ada, anna } = house.cast;
  await ada.get("close").click();
  await anna.write("In blue from May.");
  await ada.page.getByRole("button", { name: "Open chat, 1 unread message" }).waitFor();
  await anna.state("In blue from May.", "Delivered");
  await ada.page.getByRole("button", { name: /Open chat/ }).click();
  await ada.shows("In blue from May.");
  await anna.state("In blue from May.", "Read");
  // What is behind the form for a call was not seen.
  await ada.get("panel").getByRole("button", { name: "Call me" }).filter({ visible: true }).click();
  await anna.write("It weighs two pounds.");
  await anna.state("It weighs two pounds.", "Delivered", "Read");
  await anna.write("And holds a quart.");
  await anna.state("And holds a quart.", "Delivered", "Read");
  assert.deepEqual(await anna.page.locator('[data-testid="message"]', { hasText: "It weighs two pounds." }).last().getByTestId("state").textContent(), "Delivered");
  await ada.get("call-sheet").getByRole("button", { name: "Back" }).click();
  await anna.state("And holds a quart.", "Read");
}

async function reloads(house) {
  const { ada, anna } = house.cast;
  const before = await ada.texts();
  await ada.reload();
  await ada.shows("In blue from May.");
  await until("the whole chat", async () => (await ada.texts()).length === before.length);
  assert.deepEqual(await ada.texts(), before);
  assert.equal(await ada.page.evaluate(() => document.activeElement === document.body), true, "a page that is loaded keeps the keyboard");
  await anna.get("composer").fill("a draft");
  await anna.reload();
  await anna.onDesk();
  await anna.show(named("Ada"));
  await until("the whole chat", async () => (await anna.texts()).length === before.length);
  assert.deepEqual(await anna.texts(), before);
  assert.equal(await anna.get("composer").inputValue(), "a draft");
  await anna.get("composer").fill("");
  await ada.write("After the reloads");
  await anna.shows("After the reloads");
}

async function navigation(house) {
  const { ada, anna } = house.cast;
  await ada.page.goto(`${house.url}/demo/workshop.html`);
  await ada.shows("After the reloads");
  assert.equal(await ada.page.evaluate(() => document.activeElement === document.body), true, "so does the next one");
  const tab = await ada.window.context.newPage();
  await tab.goto(`${house.url}/demo/`);
  await tab.getByRole("button", { name: /Open chat/ }).click();
  await tab.locator(".bubble", { hasText: "After the reloads" }).waitFor();
  await tab.getByTestId("composer").fill("From the second tab");
  await tab.getByTestId("composer").press("Enter");
  await ada.shows("From the second tab");
  await anna.shows("From the second tab");
  await tab.close();
  once(await anna.texts(), "From the second tab");
  assert.equal(await anna.tab(named("Ada")).count(), 1);
}

async function visitorOffline(house) {
  const { ada, anna } = house.cast;
  house.cut(ada.window);
  await ada.get("banner").waitFor();
  await ada.write("Written offline 1");
  await ada.write("Written offline 2");
  await anna.write("Meanwhile 1");
  await anna.write("Meanwhile 2");
  await anna.state("Meanwhile 2", "Sent", "Delivered");
  await house.axe(ada.page, "widget, offline");
  await house.shot(ada.page, "11-widget-offline");
  ada.window.cable.mend();
  await ada.page.evaluate(() => dispatchEvent(new Event("online")));
  await ada.state("Written offline 2", "Delivered", "Read");
  await ada.shows("Meanwhile 2");
  await anna.shows("Written offline 2");
  await sameOnBoth(ada, anna, ["Written offline 1", "Written offline 2", "Meanwhile 1", "Meanwhile 2"]);
}

async function agentOffline(house) {
  const { ada, anna } = house.cast;
  house.cut(anna.window);
  await anna.get("banner").waitFor();
  await anna.write("From a dead network 1");
  await anna.write("From a dead network 2");
  await ada.write("Are you there?");
  await ada.state("Are you there?", "Sent", "Delivered");
  await house.axe(anna.page, "desk, offline");
  await house.shot(anna.page, "12-desk-offline");
  anna.window.cable.mend();
  await anna.page.evaluate(() => dispatchEvent(new Event("online")));
  await anna.get("banner").waitFor({ state: "detached" });
  await anna.state("From a dead network 2", "Delivered", "Read");
  await ada.shows("From a dead network 2");
  await sameOnBoth(ada, anna, ["From a dead network 1", "From a dead network 2", "Are you there?"]);
}

async function sameOnBoth(ada, anna, texts) {
  // The console draws what is in view and some rows beyond; the page draws everything.
  const both = async () => {
    const drawn = await anna.texts();
    return [(await ada.texts()).slice(-drawn.length), drawn];
  };
  const same = ([page, drawn]) => drawn.length > 7 && JSON.stringify(page) === JSON.stringify(drawn);
  try {
    await until("both sides show the same", async () => same(await both()));
  } catch (error) {
    throw new Error(`${error.message}: ${JSON.stringify(await both())}`);
  }
  const shown = await ada.texts();
  for (const text of texts) once(shown, text);
}

// The button that opens the customer's card stands beside the name.
function besideName() {
  const [title, details] = [".head .title", ".head .details"].map((part) => document.querySelector(part).getBoundingClientRect());
  return details.top < title.bottom && details.left >= title.right ? [] : [`${JSON.stringify(details)} is not beside ${JSON.stringify(title)}`];
}

async function escalation(house) {
  const { ada, anna } = house.cast;
  const ends = await anna.get("end").boundingBox();
  await anna.get("escalate").click();
  await anna.get("number").fill("not a number");
  await anna.get("confirm").click();
  await anna.page.getByText("A number has only digits").waitFor();
  await house.axe(anna.page, "call dialog");
  await house.shot(anna.page, "13-call-dialog");
  await anna.get("number").fill(NUMBER);
  await anna.get("confirm").click();
  const came = await outcome(anna);
  if (came === "connected") {
    await ada.page.locator('[data-call="connected"]').waitFor();
    assert.deepEqual(await anna.get("end").boundingBox(), ends, "what ends the contact has one place");
    await house.axe(anna.page, "desk, call");
    await house.axe(ada.page, "widget, call");
    await house.shot(anna.page, "14-desk-call");
    await tablets(house, anna.page, "14-desk-call", undefined, besideName);
    await house.shot(ada.page, "15-widget-call");
    await anna.write("We are on the phone now");
    await ada.shows("We are on the phone now");
    await anna.get("hang-up").click();
    await anna.page.locator('[data-testid="call"][data-call="ended"]').waitFor();
    await ada.page.locator('[data-what="call"]', { hasText: "The call ended" }).last().waitFor();
  }
  if (came === "failed") await ada.page.locator('[data-what="call"]', { hasText: "did not work" }).last().waitFor();
  await house.shot(anna.page, "16-desk-after-call");
  await anna.write(`After the call (${came})`);
  await ada.shows("After the call");
  return came;
}

/** Waits until a call that was asked for is connected, failed, or was refused with a reason. */
async function outcome(side) {
  const seen = await until("the call has an outcome", async () => {
    const call = await side.get("call").getAttribute("data-call", { timeout: 200 }).catch(() => null);
    if (call === "connected" || call === "failed") return call;
    return (await side.page.locator('[data-testid="notices"] [role="alert"], [data-testid="notice"]').count()) > 0 && "refused";
  }, 60_000);
  if (process.env.TANDEM_CALL === "answered") assert.equal(seen, "connected");
  return seen;
}

async function visitorCall(house) {
  const { ada, anna } = house.cast;
  await ada.askCall("12", "Now");
  await ada.page.getByText("This number is too short.").waitFor();
  await house.axe(ada.page, "widget, call form");
  await house.shot(ada.page, "17-widget-call-form");
  await telephone(house, ada.page, "17-widget-call-form");
  await ada.get("number").fill(NUMBER);
  await ada.get("call-submit").click();
  const came = await visitorOutcome(ada);
  await house.shot(ada.page, "18-widget-called");
  if (came === "connected") {
    await anna.page.locator('[data-testid="call"][data-call="connected"]').waitFor();
    await anna.get("hang-up").click();
    await ada.page.locator('[data-testid="pins"] [data-testid="call"]').waitFor({ state: "detached" });
  }
  if (came === "refused") await ada.page.getByTestId("notice").getByRole("button").click();
  return came;
}

async function visitorOutcome(ada) {
  const events = ada.page.locator('[data-what="call"]');
  const before = await events.filter({ hasText: /did not work/ }).count();
  const seen = await until("the call has an outcome", async () => {
    if ((await ada.page.locator('[data-call="connected"]').count()) > 0) return "connected";
    if ((await ada.get("notice").count()) > 0) return "refused";
    return (await events.filter({ hasText: /did not work/ }).count()) > before && "failed";
  }, 60_000);
  if (process.env.TANDEM_CALL === "answered") assert.equal(seen, "connected");
  return seen;
}

async function callbacks(house) {
  const { ada, anna } = house.cast;
  await ada.askCall(NUMBER, "Tomorrow at ten");
  await ada.get("callback").waitFor();
  const onDesk = anna.get("callbacks").locator('li[data-state="promised"]');
  await onDesk.waitFor();
  await house.axe(ada.page, "widget, callback");
  await house.axe(anna.page, "desk, callback");
  await house.shot(ada.page, "19-widget-callback");
  await house.shot(anna.page, "20-desk-callback");
  await ada.get("callback").getByTestId("cancel-callback").click();
  await ada.get("callback").waitFor({ state: "detached" });
  await onDesk.waitFor({ state: "detached" });

  await anna.get("conversation").getByTestId("callback").click();
  await anna.get("number").fill(NUMBER);
  await anna.get("when").selectOption("hour");
  await anna.get("confirm").click();
  await onDesk.waitFor();
  await ada.get("callback").waitFor();
  await onDesk.getByTestId("cancel-callback").click();
  await ada.get("callback").waitFor({ state: "detached" });
  await onDesk.waitFor({ state: "detached" });
}

// The mails that a server took. The mock has none to send by: its zone says that it had, and what is asked of it is kept.
async function mails({ mock }, { page }) {
  const folder = process.env.TANDEM_MAILS;
  if (!mock && folder) return async () => Promise.all((await readdir(folder)).sort().map(async (name) => JSON.parse(await readFile(`${folder}/${name}`, "utf8"))));
  const asked = [];
  await page.route(/\/api\/v1\/zones\/shop/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), mail: true } });
  });
  await page.route("**/api/v1/visitors/transcripts", (route) => {
    asked.push({ to: route.request().postDataJSON().mail });
    return route.fulfill({ status: 202, json: {} });
  });
  return async () => asked;
}

async function sevenChats(house) {
  const { ada, anna } = house.cast;
  const names = ["Bo", "Cleo", "Dana", "Emil", "Fay"].map(named);
  const guests = [];
  let mailed;
  for (const name of names) {
    const guest = await house.visitor();
    if (guests.length === 0) mailed = await mails(house, guest);
    guests.push(guest);
    await guest.begin(`I am ${name}`, name);
    await anna.offer(name).waitFor();
    await anna.accept(name);
  }
  await until("six chats", async () => (await anna.get("contact").count()) === 6);
  for (const [at, name] of names.entries()) {
    await anna.show(name);
    await anna.write(`Hello ${name}`);
    await guests[at].shows(`Hello ${name}`);
    assert.deepEqual(await guests[at].texts(), [`I am ${name}`, `Hello ${name}`], "a visitor sees their own chat only");
  }
  const seventh = await house.visitor();
  await seventh.begin("I am the seventh", named("Gus"));
  await seventh.get("position").waitFor();
  assert.equal(await seventh.get("position").getAttribute("data-position"), "1");
  assert.equal(await anna.get("offer").count(), 0);
  await house.axe(anna.page, "desk, six chats");
  await house.shot(anna.page, "21-six-chats");
  await tablets(house, anna.page, "21-six-chats");
  await house.shot(seventh.page, "22-the-seventh");
  await anna.show(names[0]);
  await anna.end();
  await guests[0].get("start-over").waitFor();
  await house.axe(guests[0].page, "widget, ended");
  const [file] = await Promise.all([guests[0].page.waitForEvent("download"), guests[0].get("transcript").click()]);
  const kept = await readFile(await file.path(), "utf8");
  assert.match(kept, new RegExp(`You: I am ${names[0]}`));
  assert.match(kept, new RegExp(`: Hello ${names[0]}`));
  await guests[0].get("keep").click();
  await guests[0].get("keep-mail").fill("bo");
  await guests[0].get("keep-send").click();
  await guests[0].get("keep-said").waitFor();
  assert.deepEqual(await mailed(), [], "what is no address is not sent to");
  await house.axe(guests[0].page, "widget, a chat to be mailed");
  await guests[0].get("keep-mail").fill("bo@x.example");
  await guests[0].get("keep-send").click();
  await guests[0].get("keep-said").getByText("on its way").waitFor();
  await until("a server took the mail", async () => (await mailed()).length > 0);
  const [{ to, text }] = await mailed();
  assert.equal(to, "bo@x.example");
  if (text !== undefined) assert.match(text, new RegExp(`You: I am ${names[0]}[\\s\\S]*Anna: Hello ${names[0]}`));
  await house.shot(guests[0].page, "23-widget-mailed");
  await house.shot(guests[0].page, "23-widget-ended");
  await anna.offer(named("Gus")).waitFor();
  await anna.accept(named("Gus"));
  await until("the seventh is in", async () => /Anna/i.test(await seventh.get("status").textContent()));
  await seventh.end();
  await anna.show(named("Gus"));
  await anna.get("wrap-up").waitFor();
  await house.axe(anna.page, "desk, wrap-up");
  await house.shot(anna.page, "24-wrap-up");
  await anna.clear();
  for (const guest of [...guests, seventh]) await guest.window.close();
  await ada.get("start-over").waitFor();
}

async function earlier(house) {
  const { ada, anna } = house.cast;
  await ada.get("start-over").click();
  await ada.get("first-message").fill("Me again");
  await ada.get("start-chat").click();
  await anna.offer(named("Ada")).waitFor();
  await anna.accept(named("Ada"));
  await anna.show(named("Ada"));
  const records = anna.get("earlier").getByRole("button");
  await records.first().waitFor();
  await records.first().click();
  await anna.get("record").getByText("Does the teapot drip?").waitFor();
  const addresses = await anna.get("record").locator(".address").evaluateAll((all) => all.map((each) => [each.textContent, each.clientHeight < 2 * parseFloat(getComputedStyle(each).fontSize)]));
  assert.ok(addresses.length === 2 && addresses.every(([, whole]) => whole), `addresses are one line: ${JSON.stringify(addresses)}`);
  await house.axe(anna.page, "desk, record");
  await house.shot(anna.page, "25-record");
  await anna.page.keyboard.press("Escape");
  await anna.get("record").waitFor({ state: "detached" });
  await anna.end();
  await ada.get("start-over").waitFor();
}

async function longHistory(house) {
  // A real server would let nobody write that much in so short a time.
  if (!house.mock) return "only with the stand-in hub";
  const { anna } = house.cast;
  const kim = await house.visitor();
  await kim.begin("A long story", named("Kim"));
  await anna.offer(named("Kim")).waitFor();
  await anna.accept(named("Kim"));
  await anna.show(named("Kim"));
  house.mock.hub.fill(await anna.get("conversation").getAttribute("data-interaction"), 5_000);
  await anna.shows("Line 5000");
  await until("the visitor has it too", async () => (await kim.get("message").count()) > 5_000, 60_000);
  assert.ok((await anna.page.locator("[data-row]").count()) < 80, "only rows in view are in the document");
  const row = () => anna.get("log").evaluate((log) => [...log.querySelectorAll("[data-row]")].find((each) => each.getBoundingClientRect().bottom > log.getBoundingClientRect().top + 1).dataset.row);
  await anna.get("log").evaluate((log) => (log.scrollTop = 100_000));
  await until("rows are there", async () => Number(await row()) > 1_000);
  const read = await row();
  await anna.reload();
  await anna.show(named("Kim"));
  await until("the place is the same after a reload", async () => (await row().catch(() => "")) === read);
  await anna.get("log").evaluate((log) => (log.scrollTop = 0));
  await anna.shows("A long story");
  await anna.get("composer").fill("Back at the end");
  await anna.get("composer").press("Enter");
  await anna.state("Back at the end", "Delivered", "Read");
  await house.axe(anna.page, "desk, long history");
  await anna.end();
  await kim.window.close();
}

async function motion(house) {
  for (const [reducedMotion, still] of [["reduce", true], ["no-preference", false]]) {
    const guest = await house.visitor({ reducedMotion });
    await guest.open();
    const [panel, launcher] = await Promise.all([".panel", ".launcher"].map((part) => guest.page.locator(part).evaluate((each) => {
      const { animationName, animationDuration, transitionDuration } = getComputedStyle(each);
      return [animationName, animationDuration, transitionDuration];
    })));
    assert.deepEqual([panel[0], launcher[2]], still ? ["none", "0s"] : ["rise", "0.15s"], reducedMotion);
    if (!still) assert.equal(panel[1], "0.18s");
    const desk = await house.console({ reducedMotion });
    await desk.get("agent").waitFor();
    // What turns while something is waited for, whether anything is or not.
    const turns = await desk.page.evaluate(() => {
      const turning = document.body.appendChild(Object.assign(document.createElement("i"), { className: "spinner" }));
      const { animationName, animationDuration } = getComputedStyle(turning);
      return [animationName, animationDuration, document.getAnimations().length];
    });
    assert.deepEqual(still ? [turns[0], turns[2]] : turns, still ? ["none", 0] : ["turn", "0.9s", 1], reducedMotion);
    for (const { window } of [guest, desk]) await window.close();
  }
}

async function keyboard(house) {
  const { anna } = house.cast;
  await anna.presence("away:Short break");
  const ben = await house.console();
  const { page } = ben;
  await focused(page, "name", "agent");
  await page.keyboard.type("ben");
  await page.keyboard.press("Tab");
  await page.keyboard.type(house.password);
  await page.keyboard.press("Enter");
  await ben.onDesk();
  await page.keyboard.press("Alt+p");
  await until("ready by keyboard", async () => (await ben.get("presence").inputValue()) === "ready");

  const hal = await house.visitor();
  await tabTo(hal.page, (element) => element?.getAttribute("aria-label")?.startsWith("Open chat"));
  await hal.page.keyboard.press("Enter");
  await focused(hal.page, "data-testid", "first-message");
  await hal.page.keyboard.type("By keyboard");
  await hal.page.keyboard.press("Tab");
  await hal.page.keyboard.type(named("Hal"));
  await hal.page.keyboard.press("Enter");
  await hal.state("By keyboard", "Sent", "Delivered", "Read");

  await ben.offer(named("Hal")).waitFor();
  await page.keyboard.press("Alt+y");
  await ben.tab(named("Hal")).waitFor();
  await ben.shows("By keyboard");
  await page.keyboard.press("Alt+m");
  await focused(page, "data-testid", "composer");
  await page.keyboard.type("Answered by keyboard");
  await page.keyboard.press("Enter");
  await hal.shows("Answered by keyboard");

  await hal.page.keyboard.press("Escape");
  await hal.get("panel").waitFor({ state: "hidden" });
  await focused(hal.page, "aria-label", "Open chat");
  await hal.page.keyboard.press("Enter");
  await focused(hal.page, "data-testid", "composer");
  await hal.page.keyboard.type("Still here");
  await hal.page.keyboard.press("Enter");
  await ben.shows("Still here");

  await tabTo(page, (element) => element?.dataset.testid === "end");
  await page.keyboard.press("Enter");
  await ben.get("dialog").waitFor();
  await page.keyboard.press("Escape");
  await ben.get("dialog").waitFor({ state: "detached" });
  await focused(page, "data-testid", "end");
  await page.keyboard.press("Enter");
  await tabTo(page, (element) => element?.dataset.testid === "confirm");
  await page.keyboard.press("Enter");
  await ben.get("wrap-up").waitFor();
  await tabTo(page, (element) => element?.dataset.testid === "finish");
  await page.keyboard.press("Enter");
  await ben.get("contact").filter({ hasText: named("Hal") }).waitFor({ state: "detached" });
  await hal.get("start-over").waitFor();
  await hal.window.close();
  await page.keyboard.press("Alt+p");
  await until("away by keyboard", async () => (await ben.get("presence").inputValue()) !== "ready");
  await ben.window.close();
}

async function small(house) {
  const { anna } = house.cast;
  await anna.presence("ready");
  const phone = { viewport: { width: 390, height: 800 }, colorScheme: "dark", hasTouch: true };
  const ida = await house.visitor(phone);
  await house.axe(ida.page, "shop, phone, dark");
  await ida.begin("On a phone", named("Ida"));
  await house.shot(ida.page, "26-widget-phone-dark");
  const box = await ida.get("panel").boundingBox();
  assert.deepEqual([box.x, box.y, box.width, box.height], [0, 0, 390, 800], "the panel fills the screen");
  await anna.offer(named("Ida")).waitFor();
  await anna.page.setViewportSize({ width: 390, height: 800 });
  await anna.page.emulateMedia({ colorScheme: "dark" });
  await house.axe(anna.page, "desk, phone, dark");
  await house.shot(anna.page, "27-desk-phone-dark");
  await anna.offer(named("Ida")).getByTestId("accept").click();
  await anna.get("conversation").waitFor();
  await anna.shows("On a phone");
  await anna.write("Seen on a phone");
  await ida.shows("Seen on a phone");
  await house.axe(anna.page, "conversation, phone, dark");
  await house.axe(ida.page, "widget, phone, dark");
  await house.shot(anna.page, "28-conversation-phone-dark");
  await house.shot(ida.page, "29-widget-phone-dark-chat");
  await anna.get("end").click();
  await anna.get("confirm").click();
  await anna.get("wrap-up").waitFor();
  const [form, note] = await Promise.all(["wrap-up", "note"].map((id) => anna.get(id).boundingBox()));
  assert.ok(note.width > form.width - 40, "one field a line");
  await house.axe(anna.page, "wrap-up, phone, dark");
  await house.shot(anna.page, "30-wrap-up-phone-dark");
  await anna.end();
  await ida.window.close();
  await twoLines(anna.page, "English");
  const german = await house.console({ ...phone, locale: "de-DE" });
  await german.signIn("anna");
  await german.onDesk();
  await house.shot(german.page, "30-desk-phone-german-dark");
  await twoLines(german.page, "German");
  await german.window.close();
}

// The bar of a console on a telephone: two lines, nothing over another, and what is pressed is as large as a finger.
async function twoLines(page, language) {
  const parts = await page.locator(".top").evaluate((bar) => {
    const seen = [...bar.querySelectorAll(".brand, .places a, .presence, .phone, .queues, .self button")].filter((part) => part.checkVisibility() && part.getBoundingClientRect().width > 0);
    return seen.map((part) => {
      const { x, y, width, height } = part.getBoundingClientRect();
      return { is: part.dataset.testid ?? part.className, x, y, width, height, pressed: part.matches("a, button, .presence") };
    });
  });
  assert.ok(parts.length >= 10, JSON.stringify(parts));
  const middles = parts.map(({ y, height }) => y + height / 2).sort((one, other) => one - other);
  assert.equal(middles.filter((y, at) => at === 0 || y - middles[at - 1] > 10).length, 2, `${language}: ${JSON.stringify(parts)}`);
  for (const one of parts) {
    assert.ok(one.x >= 0 && one.x + one.width <= 390, `${language}: ${one.is} sticks out`);
    if (one.pressed) assert.ok(one.width >= 40 && one.height >= 40, `${language}: ${one.is} is ${one.width} by ${one.height}`);
    const under = parts.find((other) => other !== one && one.x < other.x + other.width - 1 && other.x < one.x + one.width - 1 && one.y < other.y + other.height - 1 && other.y < one.y + one.height - 1);
    assert.equal(under, undefined, `${language}: ${one.is} lies over ${under?.is}`);
  }
}
