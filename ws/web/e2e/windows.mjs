// Several windows of one person: three of a visitor, two of an agent; and what is told of one that nobody looks at.
import assert from "node:assert/strict";
import { served } from "./console.mjs";
import { until } from "./house.mjs";
import { tabTo } from "./keyboard.mjs";

const run = Date.now().toString(36).slice(-4);
const named = (name) => `${name} ${run}`;

export const WINDOWS = [
  ["three windows of one visitor are one chat: nothing is lost or doubled, drafts are each window's own", three],
  ["two windows of one agent are one desk: what is done in one shows in the other, and is no alert there", two],
  ["a browser that shows notifications is told of what nobody looks at, once; one that refuses to goes on", notified],
  ["a message is told of once over all windows of a visitor, and read in one it is unread and told of in none", toldOnce],
];

const once = (texts, text) => assert.equal(texts.filter((each) => each === text).length, 1, `"${text}" shows once in ${JSON.stringify(texts)}`);

async function three(house) {
  const { anna } = house.cast;
  const first = await served(house, "Tess", "I have three windows");
  const windows = [first];
  for (let n = 0; n < 2; n++) {
    const page = await first.window.context.newPage();
    await page.goto(`${house.url}/demo/`);
    const side = house.visitorOn(first.window, page);
    await side.open();
    await side.shows("I have three windows");
    windows.push(side);
  }
  const [, second, third] = windows;
  await Promise.all(windows.map((side, n) => side.write(`From window ${n + 1}`)));
  for (const side of [...windows, anna]) for (const n of [1, 2, 3]) await side.shows(`From window ${n}`);
  await second.get("composer").fill("a draft of the second");
  assert.equal(await third.get("composer").inputValue(), "");

  // All are without a network; each writes, one is closed meanwhile: the others bring what it wrote.
  house.cut(first.window);
  for (const side of windows) await side.get("banner").waitFor();
  for (const [n, side] of windows.entries()) await side.write(`Offline ${n + 1}`);
  await third.page.close();
  first.window.cable.mend();
  for (const side of [first, second]) await side.page.evaluate(() => dispatchEvent(new Event("online")));
  for (const n of [1, 2]) await anna.shows(`Offline ${n}`);
  await first.reload();
  await anna.shows("Offline 3");
  for (const side of [first, second, anna]) {
    await side.shows("Offline 3");
    const texts = await side.texts();
    for (const text of ["From window 1", "From window 2", "From window 3", "Offline 1", "Offline 2", "Offline 3"]) once(texts, text);
  }
  assert.equal(await anna.tab("Tess").count(), 1);
  await first.end();
  await second.get("start-over").waitFor();
  await anna.show("Tess");
  await anna.end();
  // What one begins anew, the other shows.
  await first.get("start-over").click();
  await first.get("first-message").fill("And now my invoice");
  await first.get("name").fill(named("Tess"));
  await first.get("start-chat").click();
  await anna.offer(named("Tess")).waitFor();
  await anna.accept(named("Tess"));
  await anna.show(named("Tess"));
  await anna.write("I look it up");
  await second.shows("I look it up");
  await second.write("Thank you");
  await anna.shows("Thank you");
  await anna.end();
  await first.window.close();
}

async function two(house) {
  const { anna } = house.cast;
  const page = await anna.window.context.newPage();
  await page.goto(`${house.url}/console/`);
  const other = Object.assign(Object.create(Object.getPrototypeOf(anna)), { house, window: anna.window, page });
  await other.signIn("anna");
  await other.onDesk();
  await anna.presence("ready");
  await until("both say that she is ready", async () => (await other.get("presence").inputValue()) === "ready");
  const guest = await house.visitor();
  await guest.begin("Which of you is it?", named("Vito"));
  await other.offer(named("Vito")).waitFor();
  await anna.accept(named("Vito"));
  await other.tab(named("Vito")).waitFor();
  await other.offer(named("Vito")).waitFor({ state: "detached" });
  assert.equal(await other.page.locator('[data-testid="notices"] [role="alert"], [data-testid="notice"]').count(), 0, "what was taken in one window is told as a failure in the other");
  await anna.show(named("Vito"));
  await other.show(named("Vito"));

  await anna.get("composer").fill("half a sentence");
  assert.equal(await other.get("composer").inputValue(), "", "a draft is its window's own");
  await other.write("From the other window");
  await anna.shows("From the other window");
  await guest.shows("From the other window");
  assert.equal(await anna.get("composer").inputValue(), "half a sentence");
  await anna.get("composer").press("Enter");
  await other.shows("half a sentence");
  await guest.write("Both, then");
  for (const side of [anna, other]) {
    await side.shows("Both, then");
    for (const text of ["From the other window", "half a sentence"]) once(await side.texts(), text);
  }
  await other.get("park").click();
  await anna.get("parked").waitFor();
  await anna.get("unpark").click();
  await other.get("parked").waitFor({ state: "detached" });
  await other.presence("away:Short break");
  await until("away in both", async () => (await anna.get("presence").inputValue()) === "away:Short break");
  await other.end();
  await anna.tab(named("Vito")).waitFor({ state: "detached" });
  await page.close();
  await guest.window.close();
}

/** The agent has names and texts hidden, by keyboard, and after a reload too; then shown again. */
async function hidesNames(house, desk, guest) {
  const { page } = desk;
  const pressed = () => desk.get("discreet").getAttribute("aria-pressed");
  assert.equal(await pressed(), "false");
  await tabTo(page, (element) => element?.dataset.testid === "discreet");
  await page.keyboard.press("Space");
  assert.equal(await pressed(), "true");
  await desk.reload();
  await desk.onDesk();
  assert.equal(await pressed(), "true");
  await house.axe(page, "desk, names hidden in notifications");
  await house.shot(page, "57-names-hidden");
  await page.evaluate(() => (globalThis.unseen = true));
  await guest.write("My number is 4711");
  await until("it is told", async () => (await page.evaluate(() => globalThis.shown)).length > 0);
  const [{ title, body }] = await page.evaluate(() => globalThis.shown);
  assert.deepEqual([title, body], ["New message", undefined]);
  await desk.get("discreet").click();
  assert.equal(await pressed(), "false");
  await page.evaluate(() => {
    globalThis.unseen = false;
    document.dispatchEvent(new Event("visibilitychange"));
  });
}

/** Two windows of one visitor, whose tones and notifications are counted. */
async function unlooked(house) {
  const first = await served(house, "Tove", "I look elsewhere");
  const page = await first.window.context.newPage();
  const second = house.visitorOn(first.window, page);
  await page.goto(`${house.url}/demo/`);
  for (const side of [first, second]) {
    await side.page.addInitScript(away, false);
    await side.page.addInitScript(() => {
      globalThis.tones = 0;
      globalThis.OscillatorNode = class extends OscillatorNode {
        constructor(...how) {
          super(...how);
          globalThis.tones += 1;
        }
      };
    });
    await side.reload();
    await side.page.getByRole("button", { name: /Open chat/ }).or(side.get("composer")).filter({ visible: true }).first().waitFor();
  }
  return [first, second];
}

async function toldOnce(house) {
  const { anna } = house.cast;
  const [first, second] = await unlooked(house);
  const sides = [first, second];
  if (await first.get("panel").isVisible()) await first.get("close").click();
  const unread = (side) => side.page.getByRole("button", { name: /unread/ });
  const shown = async () => (await Promise.all(sides.map(({ page }) => page.evaluate(() => globalThis.shown)))).flat();
  const tones = async () => (await Promise.all(sides.map(({ page }) => page.evaluate(() => globalThis.tones)))).reduce((sum, n) => sum + n, 0);
  const hide = (side, on) =>
    side.page.evaluate((on) => {
      globalThis.unseen = on;
      document.dispatchEvent(new Event("visibilitychange"));
    }, on);
  for (const side of sides) await hide(side, true);
  for (let n = 1; n <= 3; n++) {
    await anna.write(`Are you there? ${n}`);
    for (const side of sides) await side.page.getByRole("button", { name: `${n} unread` }).waitFor();
    await until("it is told", async () => (await shown()).length >= n);
  }
  // Whatever was late has come by then.
  await new Promise((done) => setTimeout(done, 1_500));
  assert.deepEqual((await shown()).map(({ body }) => body).sort(), [1, 2, 3].map((n) => `Are you there? ${n}`));
  const each = (await tones()) / 3;
  assert.equal(each, 2, "one pair of tones a message");
  for (const { page } of sides) assert.doesNotMatch(await page.title(), /\d/, "the title is the website's");

  await hide(second, false);
  await second.open();
  for (const side of sides) await unread(side).waitFor({ state: "detached" });
  await until("no notification is left", async () => (await shown()).every(({ closed }) => closed));
  await hide(second, true);
  await anna.write("One more");
  for (const side of sides) await side.shows("One more").catch(() => {});
  await until("it is told once more", async () => (await shown()).length === 4);
  await hide(first, false);
  await first.open();
  await until("none is left", async () => (await shown()).every(({ closed }) => closed));
  // Who looks in one window is told of nothing in the other.
  await anna.write("I see you");
  await first.shows("I see you");
  await new Promise((done) => setTimeout(done, 1_500));
  assert.deepEqual([(await shown()).length, await tones()], [4, 8]);
  await anna.end();
  await first.window.close();
}

/** Keeps what would be shown; with `throws` it is as Chrome on Android has it. The page counts as one that nobody looks at. */
function away(throws) {
  globalThis.shown = [];
  globalThis.Notification = class {
    static permission = "granted";
    constructor(title, { body, tag }) {
      if (throws) throw new TypeError("Failed to construct 'Notification': Illegal constructor.");
      // As browsers do, it takes the place of the one before.
      for (const each of globalThis.shown) if (tag && each.tag === tag) each.closed = true;
      globalThis.shown.push((this.told = { title, body, tag, press: () => this.onclick() }));
    }
    close() {
      this.told.closed = true;
    }
  };
  Object.defineProperty(document, "hidden", { configurable: true, get: () => globalThis.unseen === true });
}

// What an agent wrote anew, or took back, stands in no notification as it was.
async function takenBack(desk, guest) {
  const stand = () => guest.page.evaluate(() => globalThis.shown.filter(({ closed }) => !closed).map(({ body }) => body));
  await desk.write("The password is hunter2");
  await until("it is told", async () => (await stand()).includes("The password is hunter2"));
  await desk.get("composer").press("ArrowUp");
  await desk.get("composer").fill("It is in your mail");
  await desk.get("composer").press("Enter");
  await until("it is told anew", async () => (await stand()).join() === "It is in your mail");
  const own = desk.get("message").filter({ hasText: "It is in your mail" });
  await own.getByTestId("delete").focus();
  for (let n = 0; n < 2; n += 1) await desk.page.keyboard.press("Enter");
  await until("nothing of it stands", async () => (await stand()).length === 0);
}

async function notified(house) {
  const { anna } = house.cast;
  await anna.presence("away:Short break");
  for (const [name, throws] of [["Nils", false], ["Nika", true]]) {
    const [desk, guest] = [await house.console(), await house.visitor()];
    for (const { page } of [desk, guest]) await page.addInitScript(away, throws);
    await Promise.all([desk.reload(), guest.reload()]);
    await desk.signIn("ben");
    await desk.onDesk();
    await desk.presence("ready");
    await desk.page.evaluate(() => (globalThis.unseen = true));
    await guest.begin("Is anybody there?", named(name));
    await desk.offer(named(name)).waitFor();
    const told = () => desk.page.evaluate(() => globalThis.shown);
    if (!throws) await until("the offer is told", async () => (await told()).length === 1);
    await desk.accept(named(name));
    await desk.show(named(name));
    await guest.page.evaluate(() => (globalThis.unseen = true));
    await desk.write("I am");
    await guest.shows("I am");
    await guest.write("Good");
    await desk.shows("Good");
    if (!throws) {
      await until("the message is told", async () => (await told()).some(({ body }) => body === "Good"));
      const all = await told();
      for (const [title, body] of [[/offered/, /^Queue support$/], [new RegExp(named(name)), /^Good$/]]) assert.equal(all.filter((each) => title.test(each.title) && body.test(each.body)).length, 1, JSON.stringify(all));
      await until("the tab counts it", async () => (await desk.page.title()) === "(1) Tandem");
      // What was taken or read is told no more, and pressing one leads to its chat.
      assert.deepEqual(all.filter((each) => each.closed).map(({ body }) => body), ["Queue support"]);
      await desk.get("to-history").click();
      await desk.page.evaluate(() => globalThis.shown.find(({ body }) => body === "Good").press());
      await desk.get("conversation").getByRole("heading", { name: named(name) }).waitFor();
      await desk.page.evaluate(() => {
        globalThis.unseen = false;
        document.dispatchEvent(new Event("visibilitychange"));
      });
      await until("the tab counts nothing", async () => (await desk.page.title()) === "Tandem console");
      await hidesNames(house, desk, guest);
      await until("the visitor is told too", async () => (await guest.page.evaluate(() => globalThis.shown)).some(({ title, body }) => title === "Ben" && body === "I am"));
      await takenBack(desk, guest);
    }
    await desk.end();
    await desk.presence("away:Lunch");
    await Promise.all([desk.window.close(), guest.window.close()]);
  }
}
