// What goes wrong with a page and is mended in it: parts that could not be loaded, a document that is written anew, a page that is
// magnified, a form that is reloaded, a network that is back without a word, and the keyboard where what it was at is gone.
import assert from "node:assert/strict";
import { served } from "./console.mjs";
import { inZone } from "./forms.mjs";
import { until } from "./house.mjs";
import { focused } from "./keyboard.mjs";
import { allow, askedFor, over } from "./seeing.mjs";

const run = Date.now().toString(36).slice(-4);
const named = (name) => `${name} ${run}`;
const ZONE = process.env.TANDEM_FORM_ZONE;

export const MENDING = [
  ["what could not be loaded is loaded at the next press, and says so; what an agent asked for comes by itself", loadedLater],
  ["what a chat that lives needs is tried ever more rarely while it cannot be loaded", rarely],
  ["of a page that writes its document anew while its zone is asked for one chat is there", alone],
  ["who is named is in no chat that nobody in particular began before somebody else", notTheirs],
  ["a page that writes its document anew has a widget that works, and what is shared goes on with what it wrote", rewritten],
  ["on a page that is magnified pointer and mark are where the agent means, and all of the chat is reached", magnified],
  ["what is typed into the form before a chat is there after a reload", kept],
  ["whoever types while the zone's form comes goes on in the same field", typing],
  ["whoever is at the chat does not wait for the network's next try", eager],
  ["the keyboard stays in the chat when what it was at is gone", staying],
];

const mirror = (house) => house.cast.anna.page.frameLocator('[data-testid="cobrowse-frame"]').frameLocator("iframe");

/** Lets parts of the widget by this name not be loaded; returns what lets them again. */
async function without({ page, window }, name) {
  window.expected.push(/net::ERR_FAILED/);
  const url = new RegExp(`/widget/${name}-[\\w-]+\\.js`);
  await page.route(url, (route) => route.abort());
  return () => page.unroute(url);
}

async function loadedLater(house) {
  const guest = await house.visitor({ viewport: { width: 390, height: 844 } });
  const launcher = guest.page.getByRole("button", { name: /Open chat/ });
  const chat = await without(guest, "chat");
  for (let n = 0; n < 2; n++) {
    await launcher.click();
    await guest.page.getByRole("alert").filter({ hasText: "Not reachable. Please try again." }).waitFor();
    assert.equal(await launcher.getAttribute("aria-busy"), null);
  }
  await house.axe(guest.page, "launcher without a network");
  await house.shot(guest.page, "140-launcher-away");
  await chat();
  await launcher.click();
  await guest.get("panel").waitFor();
  assert.equal(await guest.page.getByText("Not reachable.").count(), 0);

  for (const [part, button, there] of [["callsheet", "call-me", "call-sheet"], ["voice", "call-here", "voice-start"]]) {
    const again = await without(guest, part);
    const press = () => guest.get(button).filter({ visible: true }).click();
    await press();
    await guest.get("banner").filter({ hasText: "We cannot be reached at the moment" }).waitFor();
    await again();
    await press();
    await guest.get(there).waitFor();
    await (part === "voice" ? guest.get("voice-back") : guest.get("call-sheet").getByRole("button").last()).click();
  }
  await guest.window.close();
  if (house.mock) return;

  const { anna } = house.cast;
  anna.window.expected.push(/escape its sandboxing/, /status of 404/);
  const other = await served(house, "Shara", "Can you look?");
  other.window.expected.push(/inline style|style-src|object-src/, /status of 404/);
  const share = await without(other, "share");
  await anna.get("cobrowse-ask-open").click();
  const [asked] = await Promise.all([other.page.waitForRequest(/\/widget\/share-/), anna.get("cobrowse-ask-send").click()]);
  await share();
  await other.get("cobrowse-ask").waitFor();
  assert.ok(asked.url().endsWith(".js"));
  const recorder = await without(other, "recorder");
  await Promise.all([other.page.waitForRequest(/\/widget\/recorder-/), other.get("cobrowse-allow").click()]);
  await recorder();
  await mirror(house).getByText("Pots for every day").first().waitFor();
  await over(house, other);
}

async function rarely(house) {
  const guest = await house.visitor();
  await guest.begin("Is it there?", named("Rieke"));
  await guest.page.clock.install();
  guest.window.expected.push(/net::ERR_FAILED/);
  let tries = 0;
  const away = (route) => ((tries += 1), route.abort());
  await guest.page.route(/\/widget\/chat-/, away);
  await guest.reload();
  await until("it is tried", () => tries === 1);
  for (let n = 0; n < 120; n++) await guest.page.clock.runFor(5_000);
  assert.ok(tries > 4 && tries < 9, `${tries} tries in ten minutes`);
  await guest.page.unroute(/\/widget\/chat-/, away);
  await until("the chat is there", async () => {
    await guest.page.clock.runFor(20_000);
    return guest.get("panel").isVisible();
  });
  await guest.end();
  await guest.window.close();
}

async function alone(house) {
  const guest = await house.visitor();
  const { page } = guest;
  const [asked, sockets] = [[], []];
  page.on("websocket", (socket) => sockets.push(socket.url()));
  await page.route(/\/demo\/$/, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replaceAll('data-zone="shop"', "") });
  });
  await page.route(/\/api\/v1\/zones$/, (route) => {
    const answer = () => route.fulfill({ json: { zone: "shop" } });
    return asked.push(answer) > 1 ? answer() : undefined;
  });
  await guest.reload();
  await until("the zone is asked for", () => asked.length === 1);
  await page.evaluate(() => {
    document.open();
    document.write('<!doctype html><html lang="en"><head><title>Written</title></head><body><main><h1>Written anew</h1></main></body></html>');
    document.close();
  });
  await until("it is asked for anew", () => asked.length > 1);
  await guest.begin("Am I here once?", named("Solveig"));
  const [answered] = await Promise.all([page.waitForResponse(/\/api\/v1\/zones$/), asked[0]()]);
  await answered.finished();
  await page.waitForTimeout(1_500);
  assert.equal(sockets.length, 1, "one chat is connected");
  assert.equal(await page.locator("[data-tandem] .launcher").count(), 1);
  await guest.end();
  await guest.window.close();
}

async function notTheirs(house) {
  const guest = await house.visitor();
  const loaded = [];
  guest.page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
  await guest.page.evaluate(() => {
    const living = { token: "t", interaction: "0af7651916cd43dd8448eb211c80319c", ended: false };
    localStorage.setItem("tandem.shop", JSON.stringify([{ ...living, who: "ben" }, living]));
  });
  await guest.page.addInitScript(() => (globalThis.tandem = [{ identity: `x.${btoa(JSON.stringify({ sub: "anna" }))}.y` }]));
  await guest.reload();
  await guest.page.getByRole("button", { name: /Open chat/ }).waitFor();
  await guest.page.waitForTimeout(1_500);
  assert.deepEqual(loaded.filter((path) => path.startsWith("/widget")), ["/widget.js"]);
  await guest.window.close();
}

async function rewritten(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const guest = await askedFor(house, "Dora", "It writes itself");
  await allow(house, guest, []);
  await guest.get("composer").fill("half a line");
  for (const n of [1, 2]) {
    await guest.page.evaluate((at) => {
      document.open();
      document.write(`<!doctype html><html lang="en"><head><title>Written ${at}</title></head><body><main><h1>Written anew ${at}</h1></main></body></html>`);
      document.close();
    }, n);
    await mirror(house).getByText(`Written anew ${n}`).waitFor();
    await guest.get("cobrowse-bar").waitFor();
    assert.equal(await guest.page.locator("[data-tandem] .launcher").count(), 1, "one widget is there");
    assert.equal(await guest.get("cobrowse-bar").count(), 1);
    assert.equal(await guest.get("composer").inputValue(), "half a line");
  }
  await guest.page.evaluate(() => document.querySelector("main").append("And more"));
  await mirror(house).getByText("And more").waitFor();
  await house.shot(guest.page, "141-rewritten");
  await guest.get("composer").press("Enter");
  await anna.shows("half a line");
  assert.equal((await anna.texts()).filter((text) => text === "half a line").length, 1);
  await guest.get("cobrowse-stop").click();
  await anna.get("cobrowse-pane").waitFor({ state: "detached" });
  await guest.get("cobrowse-bar").waitFor({ state: "hidden" });
  await over(house, guest);
}

async function magnified(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const guest = await askedFor(house, "Zora", "It is all so large", [], ({ page }) =>
    page.evaluate(() => {
      document.documentElement.style.setProperty("zoom", "1.5");
      document.querySelector("main").insertAdjacentHTML("afterbegin", '<p id="tall"><button id="target">Target</button></p>');
      const tall = document.getElementById("tall").style;
      for (const [name, value] of [["height", "2000px"], ["padding", "400px 0 0 120px"]]) tall.setProperty(name, value);
    }),
  );
  await allow(house, guest, ["point"]);
  const target = guest.page.locator("#target");
  for (const scrolled of [0, 300]) {
    await guest.page.evaluate((top) => scrollTo(0, top), scrolled);
    await anna.page.getByRole("button", { name: "Point", exact: true }).click();
    const seen = mirror(house).locator("#target");
    await until("the picture is where the page is", () => seen.evaluate((each, top) => each.ownerDocument.defaultView.scrollY === top, scrolled));
    const there = await seen.boundingBox();
    const [x, y] = [there.x + there.width / 2, there.y + there.height / 2];
    await anna.page.mouse.move(x - 2, y);
    await anna.page.mouse.move(x, y);
    const box = await target.boundingBox();
    const nowhere = { x: -100, y: -100 };
    const within = ({ x: left, y: top }) => left >= box.x - 3 && left <= box.x + box.width + 3 && top >= box.y - 3 && top <= box.y + box.height + 3;
    await until("the pointer is on the target", async () => within((await guest.get("cobrowse-pointer").boundingBox()) ?? nowhere));
    await anna.page.mouse.click(x, y);
    await until("the mark is around the target", async () => {
      const mark = (await guest.get("cobrowse-mark").boundingBox()) ?? nowhere;
      return Math.abs(mark.x - (box.x - 5)) < 2 && Math.abs(mark.y - (box.y - 5)) < 2 && Math.abs(mark.width - (box.width + 10)) < 2;
    });
  }
  await house.shot(guest.page, "142-magnified");
  const panel = await guest.get("panel").boundingBox();
  assert.ok(panel.y >= 0 && panel.x >= 0, `the panel begins at ${panel.x}, ${panel.y}`);
  await guest.get("close").last().click();
  await guest.get("panel").waitFor({ state: "hidden" });
  await guest.get("cobrowse-stop").click();
  await over(house, guest);
}

async function kept(house) {
  if (!ZONE) return "only with TANDEM_FORM_ZONE";
  const guest = await inZone(house, ZONE);
  await guest.open();
  await guest.get("field-topic").waitFor();
  await guest.get("first-message").fill("The handle came off.");
  await guest.get("name").fill(named("Dorle"));
  await guest.get("field-topic").selectOption({ label: "A repair" });
  await guest.get("field-order").fill("A-4712");
  await guest.reload();
  await guest.open();
  await guest.get("field-topic").waitFor();
  const values = () => Promise.all(["first-message", "name", "field-topic", "field-order"].map((id) => guest.get(id).inputValue()));
  assert.deepEqual(await values(), ["The handle came off.", named("Dorle"), "repair", "A-4712"]);
  await guest.get("field-terms").check();
  await guest.get("start-chat").click();
  await guest.state("The handle came off.", "Sent", "Delivered", "Read");
  await guest.end();
  await guest.get("start-over").click();
  await guest.reload();
  await guest.open();
  await guest.get("field-topic").waitFor();
  assert.deepEqual((await values()).filter((_, at) => at !== 1), ["", "", ""], "what was sent is not typed any more");
  await guest.window.close();
}

async function typing(house) {
  if (!ZONE) return "only with TANDEM_FORM_ZONE";
  const guest = await inZone(house, ZONE);
  const held = [];
  await guest.page.route(/\/api\/v1\/zones\/ask\?/, (route) => held.push(() => route.continue()));
  await guest.reload();
  await guest.open();
  await until("the zone is asked for", () => held.length > 0);
  assert.equal(await guest.get("field-topic").count(), 0, "the zone's form is not there yet");
  await guest.get("name").focus();
  await guest.page.keyboard.type("Dor");
  await Promise.all(held.splice(0).map((go) => go()));
  await guest.get("field-topic").waitFor();
  await guest.page.keyboard.type("tje");
  assert.equal(await guest.get("name").inputValue(), "Dortje");
  assert.equal(await guest.get("first-message").inputValue(), "");
  await guest.window.close();
}

async function eager(house) {
  const guest = await house.visitor();
  await guest.page.clock.install();
  await guest.reload();
  await guest.begin("Are you there?", named("Eike"));
  house.cut(guest.window);
  await guest.get("banner").waitFor();
  await guest.page.clock.runFor(120_000);
  guest.window.cable.mend();
  const began = await guest.page.evaluate(() => Date.now());
  await guest.write("I am still here");
  await until("the message is on its way", async () => {
    await guest.page.clock.runFor(100);
    return ["Sent", "Delivered", "Read"].includes(await guest.page.locator('[data-testid="message"]', { hasText: "I am still here" }).last().getByTestId("state").textContent({ timeout: 500 }).catch(() => ""));
  });
  const waited = (await guest.page.evaluate(() => Date.now())) - began;
  assert.ok(waited < 8_000, `it was sent after ${waited} ms of the page's clock`);
  await guest.end();
  await guest.window.close();
}

async function staying(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const guest = await served(house, "Fokko", "Where am I?");
  const { page } = guest;
  const press = async (id) => {
    await guest.get(id).focus();
    await page.keyboard.press("Enter");
  };
  await guest.askCall("+4930900999", "In 20 minutes");
  await guest.get("callback").waitFor();
  await press("cancel-callback");
  await guest.get("callback").waitFor({ state: "detached" });
  await focused(page, "data-testid", "composer");

  await guest.get("composer").fill("And then");
  await anna.end();
  await guest.get("start-over").waitFor();
  await focused(page, "data-testid", "log");
  await guest.get("rating").waitFor();
  await press("rate-skip");
  await guest.get("rating").waitFor({ state: "hidden" });
  await focused(page, "data-testid", "log");
  await house.shot(page, "143-staying");
  await guest.window.close();
  await anna.presence("away:Short break");
}
