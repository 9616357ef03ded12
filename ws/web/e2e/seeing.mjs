// What a visitor takes back or does not allow, and what an agent does on a shared page by touch and by keyboard.
import assert from "node:assert/strict";
import { served } from "./console.mjs";
import { connected, openCode } from "./guiding.mjs";
import { until } from "./house.mjs";
import { call } from "./vouched.mjs";

export const SEEING = [
  ["a visitor who does not allow shows nothing, and whoever takes one thing back goes on showing the rest", allowed],
  ["what a visitor ticked of a question stands there after a reload, until it is answered", chosen],
  ["a page is marked, filled in and pressed by keyboard alone, and drawn on by finger", byKeysAndFinger],
  ["pain_43 from the second Escape on no picture leaves the page, whatever happens on it", escaped],
  ["a raw card number that a changed widget sends is masked before an agent sees it", raw],
  ["a page is shared from a telephone, and stopped there by finger", onPhone],
  ["a caller keys the code that the page shows, and the page is in the call", keyed],
];

const mirror = (side, frame = "cobrowse-frame") => side.page.frameLocator(`[data-testid="${frame}"]`).frameLocator("iframe");
const glass = (side) => side.page.frameLocator('[data-testid="cobrowse-frame"]').locator("#glass");
const line = (side, text) => side.page.locator('[data-what="cobrowse"]', { hasText: text }).last();

/** A visitor who is asked for what `grants` names beside seeing and pointing. */
export async function askedFor(house, name, text, grants = [], before) {
  const { anna } = house.cast;
  anna.window.expected.push(/escape its sandboxing/, /status of 404/);
  const guest = await served(house, name, text);
  guest.window.expected.push(/inline style|style-src|object-src/, /status of 404/);
  await before?.(guest);
  await anna.get("cobrowse-ask-open").click();
  for (const grant of grants) await anna.page.locator(`[data-grant=${grant}]`).check();
  await anna.get("cobrowse-ask-send").click();
  await guest.get("cobrowse-ask").waitFor();
  return guest;
}

export async function allow(house, guest, grants) {
  for (const grant of grants) await guest.page.locator(`[data-testid=cobrowse-ask] input[name=${grant}]`).check();
  await guest.get("cobrowse-allow").click();
  await guest.get("cobrowse-bar").waitFor();
  await mirror(house.cast.anna).getByText("Pots for every day").first().waitFor();
}

export async function over(house, guest) {
  const { anna } = house.cast;
  await anna.end();
  await anna.presence("away:Short break");
  await guest.window.close();
}

async function allowed(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const guest = await askedFor(house, "Dee", "May you look?", ["push", "control"]);
  await guest.get("cobrowse-decline").click();
  assert.equal(await guest.get("cobrowse-ask").isVisible(), false);
  await line(anna, "did not allow").waitFor();
  assert.deepEqual([await guest.get("cobrowse-bar").isVisible(), await anna.get("cobrowse-pane").count()], [false, 0]);

  await anna.get("cobrowse-ask-open").click();
  await anna.page.locator("[data-grant=control]").check();
  await anna.get("cobrowse-ask-send").click();
  await guest.get("cobrowse-ask").waitFor();
  await allow(house, guest, ["point", "control"]);
  await anna.get("cobrowse-tool-fill").click();
  await house.axe(guest.page, "widget, what is allowed");
  await house.shot(guest.page, "121-grants");
  await guest.page.locator('[data-testid="cobrowse-revoke"][data-grant="control"]').click();
  await line(anna, "took back: Filling in").waitFor();
  await until("filling in is no tool any more", () => anna.get("cobrowse-tool-fill").isDisabled());
  assert.equal(await anna.get("cobrowse-tool-point").isEnabled(), true);
  await guest.page.evaluate(() => document.querySelector("main").prepend(Object.assign(document.createElement("p"), { textContent: "Still shown" })));
  await mirror(anna).getByText("Still shown").waitFor();
  await guest.get("cobrowse-stop").click();
  assert.equal(await guest.get("cobrowse-bar").isVisible(), false);
  await anna.get("cobrowse-pane").waitFor({ state: "detached" });
  await over(house, guest);
}

const FIELDS = `<form id="order" onsubmit="return false"><label>Glaze <input id="glaze"></label><label>Words <textarea id="words"></textarea></label>
  <label>Size <select id="size"><option value="s">small</option><option value="l">large</option></select></label>
  <label><input id="gift" type="checkbox"> Gift</label><button type="button" id="count">Count</button></form>`;

async function chosen(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const guest = await askedFor(house, "Choe", "What may you?", ["push", "control"]);
  const box = (grant) => guest.page.locator(`[data-testid=cobrowse-ask] input[name=${grant}]`);
  const ticked = () => Promise.all(["view", "point", "push", "control"].map((grant) => box(grant).isChecked()));
  assert.deepEqual(await ticked(), [true, false, false, false]);
  for (const grant of ["point", "push"]) await box(grant).check();
  await guest.reload();
  await guest.get("cobrowse-ask").waitFor();
  assert.deepEqual(await ticked(), [true, true, true, false]);
  await guest.get("cobrowse-decline").click();
  await line(anna, "did not allow").waitFor();
  await anna.get("cobrowse-ask-open").click();
  for (const grant of ["push", "control"]) await anna.page.locator(`[data-grant=${grant}]`).check();
  await anna.get("cobrowse-ask-send").click();
  await guest.get("cobrowse-ask").waitFor();
  assert.deepEqual(await ticked(), [true, false, false, false], "what was answered is over");
  await guest.get("cobrowse-decline").click();
  await over(house, guest);
}

async function byKeysAndFinger(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const guest = await askedFor(house, "Kit", "Help me order", ["control"], (side) =>
    side.page.evaluate((html) => {
      document.querySelector("main").insertAdjacentHTML("afterbegin", html);
      document.getElementById("count").addEventListener("click", () => (globalThis.counted = (globalThis.counted ?? 0) + 1));
    }, FIELDS),
  );
  await allow(house, guest, ["point", "control"]);
  const { keyboard } = anna.page;
  const value = (id) => guest.page.evaluate((name) => document.getElementById(name).value, id);
  const said = anna.page.frameLocator('[data-testid="cobrowse-frame"]').locator("#said");
  const goTo = async (text) => {
    await glass(anna).focus();
    await until(`the keys come to ${text}`, async () => {
      if ((await said.textContent()).startsWith(text)) return true;
      await keyboard.press("ArrowDown");
      return (await said.textContent()).startsWith(text);
    });
  };
  await anna.get("cobrowse-tool-fill").focus();
  await keyboard.press("Enter");
  await anna.page.frameLocator('[data-testid="cobrowse-frame"]').locator('#glass[data-tool="fill"]').waitFor();
  for (const [label, id, text, holds] of [["Glaze", "glaze", "celadon", "celadon"], ["Words", "words", "for Ada", "for Ada"], ["Size", "size", "large", "l"]]) {
    await goTo(label);
    await keyboard.press("Enter");
    await anna.get("cobrowse-fill-value").waitFor();
    await until("the keyboard is in the field", () => anna.get("cobrowse-fill-value").evaluate((field) => field === document.activeElement));
    await keyboard.type(text);
    await keyboard.press("Enter");
    await until(`${id} holds it`, async () => (await value(id)) === holds);
  }
  assert.doesNotMatch(await line(anna, "filled in Size").textContent(), /small/, "what may be chosen is part of the field's name");
  await goTo("Gift");
  await house.axe(anna.page, "desk, a page by keyboard");
  await house.shot(anna.page, "122-page-by-keys");
  await keyboard.press("Enter");
  await anna.get("cobrowse-fill").locator("input[type=checkbox]").press("Space");
  await until("the box is ticked", () => guest.page.evaluate(() => document.getElementById("gift").checked));
  await goTo("Count");
  await keyboard.press("Enter");
  await until("the button was pressed once", () => guest.page.evaluate(() => globalThis.counted === 1));
  await anna.get("cobrowse-tool-point").focus();
  await keyboard.press("Enter");
  await anna.page.frameLocator('[data-testid="cobrowse-frame"]').locator('#glass[data-tool="point"]').waitFor();
  await goTo("Pots for every day");
  await keyboard.press("Enter");
  await line(anna, "Anna marked a heading").waitFor();
  await guest.get("cobrowse-mark").first().waitFor({ state: "attached" });
  await keyboard.press("PageDown");
  await until("the page is scrolled", () => guest.page.evaluate(() => scrollY > 100));
  await byFinger(house, guest);
  await over(house, guest);
}

/** A line drawn by a finger, and the page scrolled by two. */
async function byFinger(house, guest) {
  const { anna } = house.cast;
  await anna.get("cobrowse-tool-draw").click();
  await anna.page.frameLocator('[data-testid="cobrowse-frame"]').locator('#glass[data-tool="draw"]').waitFor();
  const devtools = await anna.window.context.newCDPSession(anna.page);
  const box = await anna.get("cobrowse-frame").boundingBox();
  const at = (id, x, y) => ({ id, x: box.x + x, y: box.y + y });
  const touch = (type, ...touchPoints) => devtools.send("Input.dispatchTouchEvent", { type, touchPoints });
  await touch("touchStart", at(1, 200, 100));
  for (const step of [20, 40, 60, 80]) await touch("touchMove", at(1, 200 + step, 100 + step / 2));
  await touch("touchEnd");
  const lines = () => guest.page.evaluate(() => document.querySelector('[data-tandem="share"]').shadowRoot.querySelectorAll("polyline").length);
  await until("the finger's line is on the page", async () => (await lines()) === 1);
  const before = await guest.page.evaluate(() => scrollY);
  await touch("touchStart", at(1, 200, 100), at(2, 260, 100));
  for (const step of [20, 40, 60]) await touch("touchMove", at(1, 200, 100 + step), at(2, 260, 100 + step));
  await touch("touchEnd");
  await until("two fingers scroll", () => guest.page.evaluate((was) => scrollY < was - 20, before));
  assert.equal(await lines(), 1, "what scrolls draws nothing");
}

async function escaped(house) {
  if (house.mock) return "only with the real server";
  const frames = [];
  const guest = await askedFor(house, "Esc", "Stop at once", [], async (side) => {
    side.page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => frames.push(String(payload))));
    await side.reload();
    await side.shows("Stop at once");
  });
  await allow(house, guest, []);
  // A page that changes all the time.
  await guest.page.evaluate(() => {
    const place = document.querySelector("main").appendChild(document.createElement("p"));
    setInterval(() => (place.textContent = String(performance.now())), 20);
  });
  const parts = () => frames.filter((frame) => frame.includes('"do":"part"')).length;
  const first = parts();
  await until("the changes are sent", () => parts() > first + 2);
  await guest.page.evaluate(() => {
    globalThis.times = { sent: [], escapes: [] };
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (text) {
      if (String(text).includes('"do":"part"')) globalThis.times.sent.push(performance.now());
      return send.call(this, text);
    };
    addEventListener("keydown", ({ key, timeStamp }) => key === "Escape" && globalThis.times.escapes.push(timeStamp), { capture: true });
  });
  await guest.page.locator("h1").first().click();
  await until("it goes on", () => guest.page.evaluate(() => globalThis.times.sent.length > 1));
  for (let n = 0; n < 2; n++) await guest.page.keyboard.press("Escape");
  await house.cast.anna.get("cobrowse-pane").waitFor({ state: "detached" });
  await guest.page.waitForTimeout(1_000);
  const { sent, escapes } = await guest.page.evaluate(() => globalThis.times);
  assert.equal(escapes.length, 2);
  const late = sent.filter((at) => at > escapes[1]).map((at) => Math.round(at - escapes[1]));
  assert.ok(late.every((after) => after < 200) && late.length < 2, `pictures left ${late.join(", ")} ms after the second press`);
  await over(house, guest);
}

async function raw(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const told = [];
  const follow = (socket) => socket.on("framereceived", ({ payload }) => told.push(String(payload)));
  anna.page.on("websocket", follow);
  await anna.reload();
  await anna.onDesk();
  let changed = 0;
  const guest = await askedFor(house, "Raw", "Read my card", [], async (side) => {
    await side.page.routeWebSocket(/\/ws\/visitor/, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((frame) => server.send(String(frame).includes("CARRIER") ? ((changed += 1), String(frame).replaceAll("CARRIER", "card 4111 1111 1111 1111, 4242424242424242 end")) : frame));
      server.onMessage((frame) => socket.send(frame));
    });
    await side.reload();
    await side.shows("Read my card");
  });
  await allow(house, guest, []);
  await guest.page.evaluate(() => document.querySelector("main").prepend(Object.assign(document.createElement("p"), { id: "carrier", textContent: "CARRIER" })));
  const shown = mirror(anna).locator("p", { hasText: "card" }).first();
  await shown.waitFor();
  assert.ok(changed > 0, "what was sent was changed");
  assert.match(await shown.textContent(), /ending 1111.*ending 4242.* end$/);
  assert.deepEqual(told.filter((frame) => /4111 1111 1111|4242424242424242/.test(frame)), []);
  anna.page.off("websocket", follow);
  await house.shot(anna.page, "123-raw-card");
  await over(house, guest);
}

async function keyed(house) {
  if (!process.env.TANDEM_SIP) return "only with the real server";
  const { anna } = house.cast;
  await anna.presence("ready");
  anna.window.expected.push(/escape its sandboxing/);
  const caller = "+49301077";
  const phone = await call({ caller });
  await anna.accept(caller);
  await anna.show(caller);
  await anna.page.locator('[data-testid="call"][data-call="connected"]').waitFor();
  const interaction = await anna.get("conversation").getAttribute("data-interaction");
  const page = await house.visitor();
  page.window.expected.push(/inline style|style-src|object-src/, /status of 404/);
  const code = await openCode(page);
  const wrong = code === "000000" ? "000001" : "000000";
  for (const key of `*${wrong}`) await phone.key(key);
  await anna.page.getByText("The customer keyed a code, and no page came: no page or contact shows this code").first().waitFor();
  await house.shot(anna.page, "124-code-in-vain");
  for (const key of `*${code}`) await phone.key(key);
  await anna.page.getByText("The customer's page was connected by a code").first().waitFor();
  await connected(page);
  await anna.get("cobrowse-ask-open").click();
  await anna.get("cobrowse-ask-send").click();
  await page.get("cobrowse-ask").waitFor();
  assert.equal(await page.get("pairing").isVisible(), false, "two dialogs stand in the page");
  await page.get("cobrowse-allow").click();
  await mirror(anna).getByText("Pots for every day").first().waitFor();
  assert.equal(await anna.get("conversation").getAttribute("data-interaction"), interaction);
  await fromTheBoard(house, page, caller);
  await phone.end();
  await anna.get("wrap-up").waitFor();
  await over(house, page);
}

/** A supervisor who takes no part in the call sees the page that is shared in it. */
async function fromTheBoard(house, page, caller) {
  const sam = await house.board();
  sam.window.expected.push(/escape its sandboxing/, /status of 404/);
  await sam.signIn("sam");
  await sam.get("tiles").waitFor();
  await sam.get("watch-held").filter({ hasText: caller }).click();
  await sam.get("see-page").click();
  await sam.page.frameLocator('[data-testid="page-frame"]').frameLocator("iframe").getByText("Pots for every day").first().waitFor();
  await sam.get("shared-page").getByText(/Seen by .*Sam/).waitFor();
  await page.get("cobrowse-bar").getByText(/Sam/).waitFor();
  await sam.get("watch").getByText("Sam sees the page").waitFor();
  assert.equal(await sam.get("watch").getByText("Sam sees the page no more").count(), 0, "the look was begun twice");
  await house.axe(sam.page, "board, a page in a call");
  await house.shot(sam.page, "125-board-call-page");
  await sam.page.setViewportSize({ width: 390, height: 780 });
  await sam.page.emulateMedia({ colorScheme: "dark" });
  await house.axe(sam.page, "board, a page in a call, phone, dark");
  await house.shot(sam.page, "125-board-call-page-phone-dark");
  await sam.page.setViewportSize({ width: 1600, height: 1000 });
  await house.shot(sam.page, "125-board-call-page-wide-dark");
  await page.get("cobrowse-stop").click();
  await sam.get("shared-page").waitFor({ state: "detached" });
  await sam.get("page-over").waitFor();
  await sam.window.close();
}

async function onPhone(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const name = `Pia ${Date.now().toString(36).slice(-4)}`;
  anna.window.expected.push(/escape its sandboxing/, /status of 404/);
  const pia = await house.visitor({ viewport: { width: 390, height: 780 }, hasTouch: true });
  pia.window.expected.push(/inline style|style-src|object-src/, /status of 404/);
  await anna.presence("ready");
  await pia.begin("Look with me", name);
  await anna.accept(name);
  await anna.show(name);
  await anna.get("cobrowse-ask-open").click();
  await anna.get("cobrowse-ask-send").click();
  await pia.get("cobrowse-ask").waitFor();
  await house.axe(pia.page, "widget, asked for the page, telephone");
  await house.shot(pia.page, "126-phone-asked");
  await pia.get("cobrowse-allow").tap();
  await pia.get("cobrowse-bar").waitFor();
  await mirror(anna).getByText("Pots for every day").first().waitFor();
  const bar = await pia.get("cobrowse-bar").boundingBox();
  assert.ok(bar.x >= 0 && bar.x + bar.width <= 390, `the bar is at ${JSON.stringify(bar)}`);
  const [head, log] = [await pia.page.locator(".panel .head").boundingBox(), await pia.page.locator(".panel .log").boundingBox()];
  assert.ok(bar.y >= head.y + head.height && bar.y + bar.height <= log.y, `the bar is at ${JSON.stringify(bar)} between ${JSON.stringify([head, log])}`);
  await house.axe(pia.page, "widget, a page that is shared, telephone");
  await house.shot(pia.page, "126-phone-shared");
  await pia.get("close").tap();
  await pia.get("panel").waitFor({ state: "hidden" });
  for (const other of [pia.page.locator("header nav"), pia.page.locator(".launcher")]) {
    await until("the bar hides neither the site's menu nor the launcher", async () => {
      const low = await pia.get("cobrowse-bar").boundingBox();
      const { x, y, width, height } = await other.boundingBox();
      return low.x + low.width <= x || x + width <= low.x || low.y + low.height <= y || y + height <= low.y;
    });
  }
  await house.axe(pia.page, "widget, a page that is shared, telephone, minimised");
  await house.shot(pia.page, "126-phone-minimised");
  await pia.page.evaluate(() => document.querySelector("main").prepend(Object.assign(document.createElement("p"), { textContent: "Seen from afar" })));
  await mirror(anna).getByText("Seen from afar").waitFor();
  await pia.get("cobrowse-stop").tap();
  await anna.get("cobrowse-pane").waitFor({ state: "detached" });
  assert.equal(await pia.get("cobrowse-bar").isVisible(), false);
  await over(house, pia);
}
