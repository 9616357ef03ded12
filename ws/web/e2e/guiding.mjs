// What is done on a shared page: fields filled in, lines drawn, scrolled together, pages suggested both ways; and how a
// caller's page comes into the call.
import assert from "node:assert/strict";
import { until } from "./house.mjs";

export const GUIDING = [
  ["fields are filled in as if typed, secret ones never; lines are drawn, both scroll together", filled],
  ["pages are suggested both ways, and only those of the house's list", suggested],
];
export const PAIRING = [
  ["a caller's page joins the call by the digits it shows, and by those the agent tells", paired],
  ["digits that another tab of the visitor has made anew go from the tab before", replaced],
  ["digits that another console of the agent has made anew go from the console before, and those that were used from both", remade],
  ["digits that are good no more are said to be, on the page and at the console, and others can be had", lapsed],
];

const mirror = (house) => house.cast.anna.page.frameLocator('[data-testid="cobrowse-frame"]').frameLocator("iframe");

/** The middle of something in the agent's picture of the page. */
async function middle(locator) {
  const box = await locator.boundingBox();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

async function filled(house) {
  if (house.mock) return "only with the real server";
  const { anna, cleo } = house.cast;
  await cleo.page.evaluate(() => {
    scrollTo(0, 0);
    document.body.insertAdjacentHTML("afterbegin", '<p id="fields"><label>Glaze <input id="glaze"></label> <label>Secret <input id="secret" type="password"></label> <label>Security code <input id="f3"></label> <input id="shown" type="password"></p>');
    // As frameworks do it: a setter of their own, and the field counts as changed when its value is not what they set.
    const field = document.getElementById("glaze");
    const { get, set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
    let own = "";
    Object.defineProperty(field, "value", { get, set: (value) => set.call(field, (own = value)) });
    field.addEventListener("input", () => get.call(field) !== own && (globalThis.noticed = get.call(field)));
  });
  const fields = mirror(house).locator("input");
  await mirror(house).getByText("Glaze", { exact: true }).waitFor();
  await anna.get("cobrowse-tool-fill").click();
  await until("the picture is scrolled as the page is", () => mirror(house).locator("html").evaluate((html) => html.ownerDocument.defaultView.scrollY === 0));
  await anna.page.mouse.click(...(await middle(fields.first())));
  await anna.get("cobrowse-fill-value").fill("celadon");
  await house.shot(anna.page, "63-cobrowse-filling");
  await anna.get("cobrowse-fill-value").press("Enter");
  await until("the field holds it", () => cleo.page.evaluate(() => document.getElementById("glaze").value === "celadon"));
  assert.equal(await cleo.page.evaluate(() => globalThis.noticed), "celadon", "the page's own code noticed");
  await anna.page.mouse.click(...(await middle(fields.nth(1))));
  await anna.get("cobrowse-fill-value").fill("hunter2");
  await anna.get("cobrowse-fill-value").press("Enter");
  await anna.get("cobrowse-fill-value").waitFor({ state: "detached" });
  await anna.page.locator('[data-what="cobrowse"]', { hasText: "The page did not do that: Secret" }).waitFor();

  // Called so by its label alone; and one for a password that the page shows now.
  await cleo.page.evaluate(() => (document.getElementById("shown").type = "text"));
  for (const at of [2, 3]) {
    await anna.page.mouse.click(...(await middle(fields.nth(at))));
    await anna.get("cobrowse-fill-value").fill("hunter2");
    await anna.get("cobrowse-fill-value").press("Enter");
    await anna.get("cobrowse-fill-value").waitFor({ state: "detached" });
    await anna.page.locator('[data-what="cobrowse"]', { hasText: "The page did not do that" }).nth(at - 1).waitFor();
  }
  assert.deepEqual(await cleo.page.evaluate(() => ["f3", "shown"].map((id) => document.getElementById(id).value)), ["", ""]);

  await anna.get("cobrowse-tool-draw").click();
  await anna.page.frameLocator('[data-testid="cobrowse-frame"]').locator('#glass[data-tool="draw"]').waitFor();
  const [x, y] = await middle(anna.get("cobrowse-frame"));
  await anna.page.mouse.move(x - 60, y);
  await anna.page.mouse.down();
  for (const step of [20, 40, 60]) await anna.page.mouse.move(x - 60 + step, y + step / 2);
  await anna.page.mouse.up();
  const lines = () => cleo.page.evaluate(() => document.querySelector('[data-tandem="share"]').shadowRoot.querySelectorAll("polyline").length);
  await until("the line is on the page", async () => (await lines()) === 1);
  await house.shot(cleo.page, "63-cobrowse-drawn");
  await anna.page.mouse.wheel(0, 300);
  await until("the page is scrolled", () => cleo.page.evaluate(() => scrollY > 100));
  assert.equal(await cleo.page.evaluate(() => document.getElementById("secret").value), "", "a secret field is never filled in");
  await cleo.page.evaluate(() => (document.getElementById("fields").remove(), scrollTo(0, 0)));
  // What is drawn goes when the agent clears it.
  await anna.get("cobrowse-pane").getByRole("button", { name: /Clear/ }).click();
  await until("the line is gone", async () => (await lines()) === 0);
}

async function suggested(house) {
  if (house.mock) return "only with the real server";
  const { anna, cleo } = house.cast;
  await anna.get("cobrowse-pane").getByTestId("cobrowse-ask-open").click();
  await anna.page.locator("[data-grant=push]").check();
  // Whoever types goes on typing: the question takes no keyboard.
  await cleo.page.evaluate(() => document.body.insertAdjacentHTML("afterbegin", '<input id="typing">'));
  await cleo.page.locator("#typing").focus();
  await anna.get("cobrowse-ask-send").click();
  await cleo.get("cobrowse-ask").waitFor();
  await cleo.page.keyboard.type("two words");
  assert.equal(await cleo.page.locator("#typing").inputValue(), "two words", "the question took what was typed");
  await cleo.page.evaluate(() => document.getElementById("typing").remove());
  await cleo.get("cobrowse-allow").click();
  await anna.get("cobrowse-push-open").click();
  await anna.get("cobrowse-push-url").fill("https://elsewhere.example/");
  await anna.get("cobrowse-push").click();
  await anna.page.getByText(/may not be suggested/).first().waitFor();
  assert.equal(await cleo.get("cobrowse-open").count(), 0, "what is not in the list does not reach the visitor");
  assert.equal(await anna.get("cobrowse-push-url").inputValue(), "https://elsewhere.example/", "what was not taken stays to be mended");
  await anna.get("cobrowse-push-url").fill("/demo/workshop.html");
  await anna.get("cobrowse-push").click();
  await cleo.get("cobrowse-open").waitFor();
  await suggestedLine(anna).waitFor();
  await house.shot(cleo.page, "63-cobrowse-suggested");
  await cleo.get("cobrowse-open").click();
  await cleo.page.waitForURL(/workshop/);
  await cleo.get("cobrowse-bar").waitFor();

  await cleo.get("cobrowse-suggest").click();
  await cleo.get("suggest-address").fill("https://elsewhere.example/");
  await cleo.get("suggest-send").click();
  await cleo.get("suggest").getByText(/may not be suggested|darf nicht/).waitFor();
  await cleo.get("suggest-address").fill("/demo/#pots");
  await house.axe(cleo.page, "a page to be sent");
  await house.shot(cleo.page, "63-cobrowse-sending");
  await cleo.get("suggest-send").click();
  await cleo.get("suggest").getByText("The page was sent.").waitFor();
  await cleo.get("suggest").getByRole("button", { name: "Close" }).click();
  assert.match(await anna.get("suggested-page").last().getAttribute("href"), /\/demo\/#pots$/);
  const [colour, accent] = await anna.get("suggested-page").last().evaluate((link) => {
    const probe = link.parentElement.appendChild(document.createElement("i"));
    probe.style.color = "var(--accent)";
    const both = [link, probe].map((each) => getComputedStyle(each).color);
    probe.remove();
    return both;
  });
  assert.equal(colour, accent, "a link has a colour of ours");
  await house.shot(anna.page, "63-console-suggested");
  await cleo.page.goto(`${house.url}/demo/`);
  await cleo.get("cobrowse-bar").waitFor();
}

/** What the console's timeline says of the page that the agent suggested, once. */
const suggestedLine = (anna) => anna.page.locator('[data-what="cobrowse"]', { hasText: "Anna suggested /demo/workshop.html" });

/** A call to the customer's phone, without a chat, that is put before the agent. */
export async function offeredCall({ cast: { anna } }) {
  const { status, interaction } = await anna.page.evaluate(async (number) => {
    const { token, agent } = JSON.parse(sessionStorage.getItem("tandem.session"));
    const body = JSON.stringify({ number, queue: "support", order: "together", owner: agent });
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const answer = await fetch("/api/v1/callbacks", { method: "POST", headers, body });
    return { status: answer.status, ...(await answer.json()) };
  }, process.env.TANDEM_CALL_NUMBER);
  assert.equal(status, 201);
  // It may bear the name under which the number is known.
  const offer = anna.get("offer").filter({ hasText: "Callback" });
  await offer.waitFor({ timeout: 30_000 });
  return { interaction, offer };
}

/** The same, taken and connected. */
export async function called(house) {
  const { anna } = house.cast;
  const { interaction, offer } = await offeredCall(house);
  await offer.getByTestId("accept").click();
  await anna.page.locator(`[data-testid="contact"][data-interaction="${interaction}"]`).click();
  await anna.page.locator('[data-testid="call"][data-call="connected"]').first().waitFor();
  return interaction;
}

async function paired(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  anna.window.expected.push(/escape its sandboxing/);
  await anna.presence("ready");
  for (const [by, bring] of [["page", shownByPage], ["agent", toldByAgent]]) {
    const interaction = await called(house);
    const page = await house.visitor();
    page.window.expected.push(/inline style|style-src-attr|object-src/, /status of 404/);
    await bring(house, page);
    await anna.page.getByText("The customer's page was connected by a code").first().waitFor();
    await anna.get("cobrowse-ask-open").click();
    await anna.get("cobrowse-ask-send").click();
    await page.get("cobrowse-allow").click();
    await mirror(house).getByText("Pots for every day").first().waitFor();
    assert.equal(await anna.get("conversation").getAttribute("data-interaction"), interaction);
    await house.shot(anna.page, `65-paired-by-${by}`);
    await anna.get("hang-up").click();
    await anna.get("wrap-up").waitFor();
    await anna.end();
    await page.window.close();
  }
}

async function lapsed(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const desk = await house.console();
  await desk.signIn("ben");
  await desk.onDesk();
  await anna.presence("away:Short break");
  await desk.presence("ready");
  await called({ cast: { anna: desk } });
  const page = await house.visitor();
  // By their clocks, not by the server's.
  await desk.page.clock.install();
  await page.page.clock.install();
  const code = await openCode(page);
  await desk.get("pair-open").click();
  await desk.get("pair-make").click();
  await until("the agent's code", async () => /\d{6}/.test(await desk.get("pair-said").textContent()));
  // Whoever is connected is told by the server what is left of it.
  house.cut(page.window);
  await page.page.clock.runFor(240_000);
  assert.equal(await page.get("pairing-code").textContent(), code);
  assert.match(await desk.get("pair-said").textContent(), /\d{6}/);

  house.cut(desk.window);
  await page.page.clock.runFor(61_000);
  await page.get("pairing-told").filter({ hasText: "This code is not good any more." }).waitFor();
  assert.equal(await page.get("pairing-code").isVisible(), false, "digits that are good no more are shown");
  await desk.get("banner").waitFor();
  await desk.page.clock.runFor(301_000);
  await desk.get("pair-said").filter({ hasText: "Our code is not good any more. Make another one." }).waitFor();
  await house.axe(page.page, "a code that is good no more");
  await house.axe(desk.page, "the agent's code that is good no more");
  await house.shot(page.page, "65-pairing-lapsed");
  await house.shot(desk.page, "65-pairing-lapsed-desk");

  page.window.cable.mend();
  await page.page.evaluate(() => dispatchEvent(new Event("online")));
  await page.get("pairing-code").filter({ hasText: code, visible: true }).waitFor();
  desk.window.cable.mend();
  await desk.page.evaluate(() => dispatchEvent(new Event("online")));
  await until("another code of the agent's", async () => {
    await desk.get("pair-make").click();
    return /\d{6}/.test(await desk.get("pair-said").textContent());
  });
  await page.window.close();
  await desk.get("hang-up").click();
  await desk.get("wrap-up").waitFor();
  await desk.end();
  await desk.presence("away:Short break");
  await desk.window.close();
}

async function replaced(house) {
  if (house.mock) return "only with the real server";
  const page = await house.visitor();
  const code = await openCode(page);
  const tab = await page.window.context.newPage();
  await tab.goto(page.page.url());
  const other = house.visitorOn(page.window, tab);
  const newer = await openCode(other);
  assert.notEqual(newer, code);
  await page.get("pairing-told").filter({ hasText: "This code is not good any more." }).waitFor();
  assert.equal(await page.get("pairing-code").isVisible(), false, "digits that are good no more are shown");
  assert.equal(await other.get("pairing-code").textContent(), newer);
  await house.shot(page.page, "65-pairing-replaced");
  await page.page.bringToFront();
  await page.page.keyboard.press("Shift+Tab");
  await page.page.keyboard.press("Enter");
  await other.get("pairing-told").filter({ hasText: "This code is not good any more." }).waitFor();
  await page.get("pairing-code").filter({ visible: true }).waitFor();
  assert.notEqual(await page.get("pairing-code").textContent(), code);
  assert.equal(await page.page.evaluate(() => document.activeElement.shadowRoot.activeElement.id), "tandem-pair");
  await away(house, page, other);
  await page.window.close();
}

// Whoever was away meanwhile shows the one that is good.
async function away(house, page, other) {
  const sockets = [];
  let cut = false;
  await page.page.routeWebSocket(/ws\/visitor/, (socket) => (cut ? socket.close() : sockets.push(socket, socket.connectToServer())));
  await page.reload();
  const before = await openCode(page);
  await other.get("pairing-told").filter({ hasText: "This code is not good any more." }).waitFor();
  cut = true;
  for (const socket of sockets) await socket.close();
  await other.get("pairing-new").click();
  await other.get("pairing-code").filter({ visible: true }).waitFor();
  const code = await other.get("pairing-code").textContent();
  assert.notEqual(code, before);
  assert.equal(await page.get("pairing-code").textContent(), before, "nobody told it meanwhile");
  cut = false;
  await page.page.evaluate(() => dispatchEvent(new Event("online")));
  await page.get("pairing-code").filter({ hasText: code }).waitFor();
  assert.equal(await other.get("pairing-code").textContent(), code);
  await house.shot(page.page, "65-pairing-came-back-page");
}

async function remade(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  await anna.presence("ready");
  const interaction = await called(house);
  const other = await house.console();
  await other.signIn("anna");
  await other.onDesk();
  await other.page.locator(`[data-testid="contact"][data-interaction="${interaction}"]`).click();
  const digits = (desk) => until("the agent's code", async () => /\d{6}/.exec(await desk.get("pair-said").textContent())?.[0]);
  for (const desk of [anna, other]) {
    await desk.get("pair-open").click();
    await desk.get("pair-make").click();
    await digits(desk);
  }
  await anna.get("pair-said").filter({ hasText: "Our code is not good any more. Make another one." }).waitFor();
  await house.shot(anna.page, "65-pairing-remade");
  await anna.get("pair-make").click();
  const before = await digits(anna);
  await other.get("pair-said").filter({ hasText: "Our code is not good any more." }).waitFor();
  // Whoever was away meanwhile shows the one that is good.
  house.cut(other.window);
  await other.get("banner").waitFor();
  await anna.get("pair-make").click();
  const code = await until("a third code", async () => ((made) => made !== before && made)(await digits(anna)));
  other.window.cable.mend();
  await other.page.evaluate(() => dispatchEvent(new Event("online")));
  await other.get("pair-said").filter({ hasText: code }).waitFor();
  await house.shot(other.page, "65-pairing-came-back");

  const page = await house.visitor();
  await openCode(page);
  await page.get("pairing-field").fill(code);
  await page.get("pairing-connect").click();
  await connected(page);
  for (const desk of [anna, other]) await desk.get("pair-open").waitFor({ state: "detached" });
  await house.shot(anna.page, "65-pairing-used");
  await other.window.close();
  await anna.get("hang-up").click();
  await anna.get("wrap-up").waitFor();
  await anna.end();
  await page.window.close();
}

export async function openCode(page) {
  await page.page.evaluate(() => {
    const opener = Object.assign(document.createElement("button"), { textContent: "Connect my call" });
    opener.dataset.tandemOpen = "code";
    document.body.prepend(opener);
    opener.focus();
    opener.click();
  });
  return until("six digits", async () => /^\d{6}$/.exec(await page.get("pairing-code").textContent())?.[0]);
}

async function shownByPage(house, page) {
  const { anna } = house.cast;
  await openCode(page);
  await house.axe(page.page, "a code for a call");
  await house.shot(page.page, "65-pairing");
  // By keyboard: it comes with the digits, goes by Escape, and is back where it was.
  const focused = () =>
    page.page.evaluate(() => {
      const at = document.activeElement.shadowRoot?.activeElement ?? document.activeElement;
      return at.id || at.textContent;
    });
  assert.equal(await focused(), "tandem-pair");
  await page.page.keyboard.press("Escape");
  await page.get("pairing").waitFor({ state: "hidden" });
  assert.equal(await focused(), "Connect my call");
  await page.page.keyboard.press("Enter");
  const other = await until("other digits", async () => /^\d{6}$/.exec(await page.get("pairing-code").textContent())?.[0]);
  await anna.get("pair-open").click();
  await anna.get("pair-code").fill("000000");
  await anna.get("pair-connect").click();
  await until("a wrong code is refused in a sentence", async () => (await anna.get("pair-said").textContent()).length > 10);
  await anna.get("pair-code").fill("");
  // A key at a time, as people type it.
  await anna.get("pair-code").pressSequentially(`${other.slice(0, 3)} ${other.slice(3)}`);
  await anna.get("pair-connect").click();
  await connected(page);
  await house.axe(page.page, "a page that was connected");
  await house.shot(page.page, "65-pairing-connected");
  assert.equal(await focused(), "Close");
  await page.page.keyboard.press("Enter");
  await page.get("pairing").waitFor({ state: "hidden" });
  assert.equal(await focused(), "Connect my call");
}

/** The page says that its digits were used, and shows them no more. */
export async function connected(page) {
  await page.get("pairing-told").filter({ hasText: "This page belongs to your call now." }).waitFor();
  assert.equal(await page.get("pairing-code").isVisible(), false, "digits that were used are shown");
}

async function toldByAgent(house, page) {
  const { anna } = house.cast;
  await openCode(page);
  await anna.get("pair-open").click();
  await anna.get("pair-make").click();
  const code = await until("the agent's code", async () => /\d{6}/.exec(await anna.get("pair-said").textContent())?.[0]);
  await page.get("pairing-field").pressSequentially(`${code.slice(0, 3)} ${code.slice(3)}`);
  await page.get("pairing-connect").click();
  await connected(page);
}
