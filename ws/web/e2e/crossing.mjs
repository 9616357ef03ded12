// A contact follows its visitor to another website of its zone, by a pass that is good once; what is shared ends at any other website.
import assert from "node:assert/strict";
import { until } from "./house.mjs";

const named = `Odo ${Date.now().toString(36).slice(-4)}`;
const FOREIGN = "elsewhere.example";

export const CROSSING = [
  ["a chat and a shared page follow their visitor to another website of the zone", followed],
  ["a link into a new tab, a form and the way back lead there too", ways],
  ["a pass that somebody else shows, or that is shown again, brings nobody", stolen],
  ["a link that a stranger left on an allowed website brings nobody into the stranger's chat unasked", lured],
  ["whoever arrives is asked in their language, for ten minutes, and never in a frame", asked],
  ["another website ends what is shared, and the visitor and the agent are told", ended],
];

const mirror = (house) => house.cast.anna.page.frameLocator('[data-testid="cobrowse-frame"]').frameLocator("iframe");
const there = (house) => `http://localhost:${new URL(house.url).port}/two/pay.html`;
const passOf = (frame) => JSON.parse(frame).pass;

function html(title, elsewhere) {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><script src="/widget.js" async></script>
<main><h1>${title}</h1><p><a id="same" href="${elsewhere}?order=7#terms">Go on</a> <a id="tab" target="_blank" href="${elsewhere}">In a new tab</a>
<a id="foreign" href="http://${FOREIGN}/">Elsewhere</a></p><form action="${elsewhere}"><input type="hidden" name="order" value="8"><button id="send">Send</button></form>
<p id="terms">Terms</p></main></html>`;
}

async function followed(house) {
  if (house.mock || !process.env.TANDEM_TWO_ZONE) return "only with the real server";
  const { anna } = house.cast;
  const window = await house.window();
  window.hosts = [new URL(there(house)).host, FOREIGN];
  window.expected.push(/status of 404/);
  anna.window.expected.push(/escape its sandboxing/, /status of 404/);
  await window.context.route("**/two/shop.html*", (route) => route.fulfill({ contentType: "text/html", body: html("The shop", there(house)) }));
  await window.context.route("**/two/pay.html*", (route) => route.fulfill({ contentType: "text/html", body: html("Where one pays", `${house.url}/two/shop.html`) }));
  await window.context.route(`http://${FOREIGN}/`, async (route) => {
    await new Promise((slow) => setTimeout(slow, 700));
    await route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Elsewhere</title><h1>Elsewhere</h1>" });
  });
  const odo = (house.cast.odo = house.visitorOn(window, await window.context.newPage()));
  house.crossed = { frames: [], asked: [] };
  const seen = (page) => page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => String(payload).includes('"op":"cross"') && house.crossed.frames.push(String(payload))));
  seen(odo.page);
  window.context.on("page", seen);
  window.context.on("request", (request) => house.crossed.asked.push(request));
  await odo.page.goto(`${house.url}/two/shop.html`);
  await anna.presence("ready");
  await odo.begin("Where do I pay?", named);
  await anna.offer(named).waitFor();
  await anna.accept(named);
  await anna.show(named);
  await anna.write("Over there");
  await odo.shows("Over there");
  await anna.get("cobrowse-ask-open").click();
  await anna.get("cobrowse-ask-send").click();
  await odo.get("cobrowse-allow").click();
  await mirror(house).getByText("The shop").first().waitFor();

  await odo.page.locator("#same").click();

  await odo.page.getByRole("heading", { name: "Where one pays" }).waitFor();
  await odo.get("arrival-go").click();
  await odo.get("cobrowse-bar").waitFor();
  assert.equal(odo.page.url(), `${there(house)}?order=7#terms`, "nothing of the pass stays in the address");
  await odo.shows("Over there");
  assert.equal(await odo.get("cobrowse-ask").isVisible(), false, "nothing is asked anew");
  await mirror(house).getByText("Where one pays").first().waitFor();
  await house.shot(odo.page, "110-crossing-other-website");
  await house.shot(anna.page, "111-crossing-seen");
  await odo.write("I am here now");
  await anna.shows("I am here now");
  await odo.reload();
  await odo.shows("I am here now");
  await odo.get("cobrowse-bar").waitFor();
  assert.equal(house.crossed.frames.length, 1);
}

// Whether nothing that the browser asked for says the pass, but the one who is told it.
async function unseen(house) {
  for (const request of house.crossed.asked) {
    const told = `${request.url()} ${JSON.stringify(await request.allHeaders().catch(() => ({})))}`;
    assert.ok(!house.crossed.frames.some((frame) => told.includes(passOf(frame))), `the pass is in ${request.url()}`);
  }
}

async function ways(house) {
  if (!house.cast.odo) return "only with the real server";
  const { odo } = house.cast;
  // From a page without the widget, which would remember on.
  const forget = async () => {
    await odo.page.goto(new URL("/demo/icon.svg", odo.page.url()).href);
    await odo.page.evaluate(() => (localStorage.clear(), sessionStorage.clear()));
  };
  await forget();
  await odo.page.goto(`${house.url}/two/shop.html`);
  await odo.shows("Over there");
  await odo.page.locator("#send").click();
  await odo.page.getByRole("heading", { name: "Where one pays" }).waitFor();
  await odo.get("arrival-go").click();
  await odo.shows("I am here now");
  assert.equal(odo.page.url(), `${there(house)}?order=8`);

  await forget();
  await odo.page.goto(`${house.url}/two/shop.html`);
  await odo.shows("Over there");
  const opened = odo.window.context.waitForEvent("page");
  await odo.page.locator("#tab").click();
  const tab = house.visitorOn(odo.window, await opened);
  await tab.get("arrival-go").click();
  await tab.shows("I am here now");
  assert.equal(tab.page.url(), there(house));
  assert.equal(await odo.page.locator("#tab").getAttribute("href"), there(house), "the link is as it was");

  // Back to where it began, where it still is.
  await tab.page.locator("#same").click();
  await tab.page.getByRole("heading", { name: "The shop" }).waitFor();
  await tab.shows("I am here now");
  assert.equal(await tab.get("arrival").count(), 0, "a website that knows the chat asks nothing");
  await tab.page.close();
  await unseen(house);
}

async function stolen(house) {
  if (!house.cast.odo) return "only with the real server";
  const { odo } = house.cast;
  const [last, asked] = [house.crossed.frames.at(-2), house.crossed.asked.filter((request) => request.url().endsWith("/visitors/crossings") && request.method() === "POST")];
  assert.ok(asked.length >= 3);
  const again = await odo.page.evaluate(async ([url, body]) => (await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body })).status, ["/api/v1/visitors/crossings", asked.at(-1).postData()]);
  assert.equal(again, 404);

  // A pass in somebody else's browser: a link without the website it leads from.
  const thief = await house.window();
  thief.hosts = odo.window.hosts;
  thief.expected.push(/status of 40[34]/);
  await thief.context.route("**/two/pay.html*", (route) => route.fulfill({ contentType: "text/html", body: html("Where one pays", `${house.url}/two/shop.html`) }));
  const page = await thief.context.newPage();
  const tried = [];
  page.on("request", (request) => request.url().endsWith("/visitors/crossings") && tried.push(request));
  await page.goto(`${there(house)}#~tandem=${passOf(last)}`);
  await page.getByRole("button", { name: /Open chat/ }).waitFor();
  await until("the pass is out of the address", () => page.url() === there(house));
  assert.equal(await page.evaluate(() => Object.keys(localStorage).filter((key) => key === "tandem.two").length), 0);
  assert.equal(tried.length, 0, "who comes from nowhere shows nothing");
  await thief.close();
}

/** A pass that was made for a page that never came. */
async function unusedPass(house) {
  const { odo } = house.cast;
  odo.window.expected.push(/net::ERR_FAILED/);
  await odo.window.context.route("**/two/pay.html*", (route) => route.abort(), { times: 1 });
  const opened = odo.window.context.waitForEvent("page");
  const before = house.crossed.frames.length;
  await odo.page.locator("#tab").click();
  await until("a pass that nobody used", () => house.crossed.frames.length > before);
  await (await opened).close();
  return passOf(house.crossed.frames.at(-1));
}

async function lured(house) {
  if (!house.cast.odo) return "only with the real server";
  const { odo } = house.cast;
  const lure = `<!doctype html><title>What customers say</title><a id="lure" href="${there(house)}#~tandem=${await unusedPass(house)}">Very good</a>`;
  const window = await house.window();
  window.hosts = odo.window.hosts;
  window.expected.push(/status of 404/);
  await window.context.route("**/two/said.html", (route) => route.fulfill({ contentType: "text/html", body: lure }));
  await window.context.route("**/two/pay.html*", (route) => route.fulfill({ contentType: "text/html", body: html("Where one pays", `${house.url}/two/shop.html`) }));
  const vic = house.visitorOn(window, await window.context.newPage());
  const joined = () => vic.page.evaluate(() => localStorage.getItem("tandem.two"));
  await vic.page.goto(`${house.url}/two/said.html`);

  await vic.page.locator("#lure").click();

  await vic.get("arrival-text").filter({ hasText: `Go on with your chat from ${new URL(house.url).host}?` }).waitFor();
  assert.equal(await vic.page.evaluate(() => document.activeElement === document.body), true, "the question leaves the keyboard where it was");
  await house.axe(vic.page, "arrival");
  await house.shot(vic.page, "112-crossing-asked");
  assert.equal(await joined(), null);
  await vic.reload();
  await vic.page.getByRole("button", { name: /Open chat/ }).click();
  assert.equal(await vic.get("arrival-go").evaluate((button) => button.getRootNode().activeElement === button), true, "the launcher leads to the question");
  assert.equal(await vic.get("panel").count(), 0);
  await vic.get("arrival-no").click();
  assert.equal(await vic.get("arrival").isVisible(), false);
  assert.equal(await joined(), null);
  await vic.reload();
  await vic.begin("A question of my own", "Vic");
  assert.equal(await vic.get("arrival").count(), 0, "once answered, it is not asked again");
  assert.deepEqual(await vic.texts(), ["A question of my own"]);
  assert.ok(!(await odo.texts()).includes("A question of my own"));
  await vic.end();
  await window.close();
}

async function asked(house) {
  if (!house.cast.odo) return "only with the real server";
  const address = `${there(house)}#~tandem=${await unusedPass(house)}`;
  const window = await house.window({ locale: "de-DE" });
  window.hosts = house.cast.odo.window.hosts;
  window.expected.push(/status of 404/);
  const framing = `<!doctype html><title>Said</title><iframe src="${address}" width="600" height="600"></iframe><a id="leads" href="${address}">There</a>`;
  await window.context.route("**/two/said.html", (route) => route.fulfill({ contentType: "text/html", body: framing }));
  await window.context.route("**/two/pay.html*", (route) => route.fulfill({ contentType: "text/html", body: html("Where one pays", `${house.url}/two/shop.html`).replace(' lang="en"', "") }));
  const mo = house.visitorOn(window, await window.context.newPage());
  const shown = [];
  mo.page.on("request", (request) => request.url().endsWith("/visitors/crossings") && shown.push(request));
  await mo.page.goto(`${house.url}/two/said.html`);
  const frame = mo.page.frameLocator("iframe");
  await frame.getByRole("button", { name: /Chat öffnen/ }).waitFor();
  await until("the pass is out of the frame's address", () => mo.page.frames().some((each) => each.url() === there(house)));
  assert.deepEqual([shown.length, await frame.getByTestId("arrival").count()], [0, 0], "in a frame nothing is shown and nothing asked");

  await mo.page.locator("#leads").click();

  await mo.get("arrival-text").filter({ hasText: `Ihren Chat von ${new URL(house.url).host} hier fortsetzen?` }).waitFor();
  assert.deepEqual([await mo.get("arrival-go").textContent(), await mo.get("arrival-no").textContent()], ["Hier fortsetzen", "Nein"]);
  await mo.get("arrival").getByText("Wählen Sie Nein, wenn Sie dort nicht gechattet haben.").waitFor();
  await house.shot(mo.page, "114-crossing-asked-german");
  await mo.page.clock.setSystemTime(Date.now() + 9 * 60_000);
  await mo.reload();
  await mo.get("arrival").waitFor();
  await mo.page.clock.setSystemTime(Date.now() + 11 * 60_000);
  await mo.reload();
  await mo.page.getByRole("button", { name: /Chat öffnen/ }).click();
  await mo.get("first-message").waitFor();
  assert.equal(await mo.get("arrival").count(), 0, "after ten minutes it is not asked any more");
  await window.close();
}

async function ended(house) {
  if (!house.cast.odo) return "only with the real server";
  const { anna, odo } = house.cast;
  await odo.page.bringToFront();
  await odo.get("cobrowse-bar").waitFor();
  const said = [];
  await odo.page.exposeFunction("said", (text) => said.push(text));
  await odo.page.evaluate(() => {
    const bar = document.querySelector('[data-tandem="share"]').shadowRoot.querySelector(".bar");
    new MutationObserver(() => globalThis.said(bar.textContent)).observe(bar, { subtree: true, childList: true, characterData: true });
  });

  await odo.page.locator("#foreign").click();

  await until("the visitor is told before they are gone", () => said.some((text) => text.includes(`${FOREIGN} is not shown: sharing ends`)));
  await odo.page.getByRole("heading", { name: "Elsewhere" }).waitFor();
  await anna.get("cobrowse-pane").waitFor({ state: "detached" });
  await anna.page.getByText(/the visitor went to a website that is not shown/).first().waitFor();
  await house.shot(anna.page, "113-crossing-ended");
  assert.ok(!odo.page.url().includes("tandem"), "no pass goes there");
  await odo.page.goBack();
  await odo.shows("I am here now");
  await odo.get("panel").getByText("Your page is not shared any more").waitFor();
  assert.equal(await odo.get("cobrowse-bar").isVisible(), false);
  await unseen(house);
  await anna.end();
  await anna.presence("away:Short break");
  await odo.window.close();
  delete house.cast.odo;
}
