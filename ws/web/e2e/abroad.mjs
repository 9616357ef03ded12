// The widget on a website of another origin, which is where it is used: a whole chat there, also where the browser keeps nothing for
// third parties, or nothing at all.
import assert from "node:assert/strict";
import { until } from "./house.mjs";
import { picture } from "./files.mjs";
import { website } from "./website.mjs";

const run = Date.now().toString(36).slice(-4);
const named = (name) => `${name} ${run}`;
/** Two names of one server, which are two websites: the first has a zone that offers all, the second one that only writes. */
const ABROAD = process.env.TANDEM_ABROAD;
const ONLY = "only with TANDEM_ABROAD";
/** What a browser is set to. */
const NO_THIRD_PARTIES = { profile: { cookie_controls_mode: 1, block_third_party_cookies: true } };
const NOTHING_KEPT = { profile: { default_content_setting_values: { cookies: 2 } } };

export const ABROAD_CHECKS = [
  ["on a website of another origin, under a policy of its own: a whole chat with a file, the page seen together, and a rating", whole],
  ["a website in a frame of another has its own chat there, also with third parties blocked", framed],
  ["where the browser keeps nothing at all, a chat is there as long as its page", forgotten],
  ["a second website has a zone of its own with what it offers, and a third is told that it may not", others],
  ["a website invites after a while, and where enough was read", invites],
];

const second = () => ABROAD.replace("localhost", "127.0.0.1");

/** A visitor on a page of a website; its requests to Tandem are looked at for what names a browser. */
async function visits(house, address, options) {
  house.websites ??= await website(ABROAD, house.url, (path) => (path === "/" ? "" : path === "/phone.html" ? 'data-zone="phone"' : "data-invite"));
  const window = await house.window(options);
  window.hosts = [ABROAD, second()].map((each) => new URL(each).host);
  house.cast.anna.window.hosts = window.hosts;
  house.cast.anna.window.expected.push(/escape its sandboxing/);
  // The recorder compares styles in a document of its own, which the page's policy forbids; nothing is lost by it.
  window.expected.push(/inline style|style-src|object-src/, /status of 404/);
  window.named = [];
  window.context.on("request", async (request) => {
    const { cookie } = await request.allHeaders().catch(() => ({}));
    if (request.url().startsWith(house.url) && cookie) window.named.push(request.url());
  });
  window.context.on("response", async (response) => {
    const headers = await response.allHeaders().catch(() => ({}));
    if (headers["set-cookie"]) window.named.push(response.url());
  });
  const page = await window.context.newPage();
  await page.goto(address);
  return house.visitorOn(window, page);
}

async function taken(house, visitor, name, text) {
  const { anna } = house.cast;
  await anna.presence("ready");
  await visitor.begin(text, named(name));
  await anna.offer(named(name)).waitFor();
  await anna.accept(named(name));
  await anna.show(named(name));
}

async function whole(house) {
  if (!ABROAD) return ONLY;
  const { anna } = house.cast;
  const kim = await visits(house, `${ABROAD}/`);
  await kim.page.getByRole("button", { name: /Open chat/ }).waitFor();
  await taken(house, kim, "Kim", "Is the rye bread still warm?");
  await anna.get("card").getByText(`${ABROAD}/`).first().waitFor();
  await anna.write("It is, for an hour");
  await kim.shows("It is, for an hour");
  await exchanged(house, kim);
  await kim.page.getByRole("link", { name: "To the oven" }).click();
  await kim.page.getByRole("heading", { name: "Our oven" }).waitFor();
  await kim.shows("It is, for an hour");
  await seenTogether(house, kim, "Our oven");
  await kim.page.emulateMedia({ colorScheme: "dark" });
  await house.axe(kim.page, "widget on another website, dark");
  await house.shot(kim.page, "115-abroad-dark");
  await kim.end();
  await kim.get("score").nth(3).check();
  await kim.get("rating-comment").fill("Warm indeed");
  await kim.get("rate").click();
  await kim.get("rated").filter({ hasText: "4 of 5" }).waitFor();
  await anna.page.getByText("The customer rated this contact: 4 of 5").waitFor();
  assert.equal(await kim.page.evaluate(() => document.cookie), "");
  assert.deepEqual(kim.window.named, [], "no request carries a cookie, and no answer sets one");
  await anna.end();
  await kim.window.close();
}

/** A picture each way. */
async function exchanged(house, kim) {
  const { anna } = house.cast;
  await kim.get("attach").setInputFiles({ name: "crust.png", mimeType: "image/png", buffer: picture(320, 200) });
  await anna.get("picture").waitFor();
  await anna.get("attach").setInputFiles({ name: "price list.txt", mimeType: "text/plain", buffer: Buffer.from("Rye 4.20") });
  await until("both files are there", async () => (await kim.get("file").count()) === 2);
  await kim.get("picture").waitFor();
  const [kept] = await Promise.all([kim.page.waitForEvent("download"), kim.get("file").last().click()]);
  assert.equal(kept.suggestedFilename(), "price list.txt");
  await house.axe(kim.page, "widget on another website");
  await house.shot(kim.page, "115-abroad");
}

/** The page is seen with its style sheet and picture, which are on the other website. */
async function seenTogether(house, kim, heading) {
  const { anna } = house.cast;
  await anna.get("cobrowse-ask-open").click();
  await anna.get("cobrowse-ask-send").click();
  await kim.get("cobrowse-allow").click();
  const mirror = anna.page.frameLocator('[data-testid="cobrowse-frame"]').frameLocator("iframe");
  await mirror.getByText(heading).first().waitFor();
  await until("it is dressed", () => mirror.locator("h1").first().evaluate((title) => getComputedStyle(title).color === "rgb(1, 99, 3)"));
  await until("its picture is there", () => mirror.locator('img[src*="bread.svg"]').evaluate((image) => image.complete && image.naturalWidth > 0));
  await house.shot(anna.page, "115-abroad-seen");
  await kim.get("cobrowse-stop").click();
  assert.equal(await kim.get("cobrowse-bar").isVisible(), false);
  await anna.get("cobrowse-pane").waitFor({ state: "detached" });
}

const stores = (frame) =>
  frame.evaluate(() => {
    try {
      return localStorage.length >= 0;
    } catch (error) {
      return error.name;
    }
  });

async function framed(house) {
  if (!ABROAD) return ONLY;
  const { anna } = house.cast;
  const lin = await visits(house, `${ABROAD}/`, { preferences: NO_THIRD_PARTIES });
  const about = `${second()}/about.html`;
  await lin.page.route(about, (route) => route.fulfill({ contentType: "text/html", body: `<!doctype html><title>About</title><iframe title="Bread" src="${ABROAD}/" width="900" height="700"></iframe>` }));
  await lin.page.goto(about);
  const frame = await until("the frame is there", () => lin.page.frames().find((each) => each.url() === `${ABROAD}/`));
  assert.deepEqual([await stores(frame), await frame.evaluate(() => document.hasStorageAccess())], [true, false]);
  const inside = lin.page.frameLocator("iframe");
  await anna.presence("ready");
  await inside.getByRole("button", { name: /Open chat/ }).click();
  await inside.getByTestId("first-message").fill("From within a frame");
  await inside.getByTestId("name").fill(named("Lin"));
  await inside.getByTestId("start-chat").click();
  await anna.accept(named("Lin"));
  await anna.show(named("Lin"));
  await anna.write("I hear you");
  await inside.locator(".bubble", { hasText: "I hear you" }).waitFor();
  await lin.page.reload();
  await inside.locator(".bubble", { hasText: "I hear you" }).waitFor();
  // What a website has in a frame of another is kept apart from what it has by itself.
  const alone = await lin.window.context.newPage();
  await alone.goto(`${ABROAD}/`);
  await alone.getByRole("button", { name: /Open chat/ }).click();
  await alone.getByTestId("first-message").waitFor();
  assert.equal(await alone.locator(".bubble").count(), 0);
  assert.deepEqual(lin.window.named, []);
  await anna.end();
  await lin.window.close();
}

async function forgotten(house) {
  if (!ABROAD) return ONLY;
  const { anna } = house.cast;
  const mo = await visits(house, `${ABROAD}/`, { preferences: NOTHING_KEPT });
  assert.equal(await stores(mo.page), "SecurityError", "this browser keeps nothing");
  await taken(house, mo, "Mo", "I keep nothing");
  await anna.write("Nor need you");
  await mo.shows("Nor need you");
  await exchanged(house, mo);
  await seenTogether(house, mo, "Bread of the harbour");
  await seenAnew(house, mo);
  assert.equal(await anna.tab(named("Mo")).count(), 1);
  await anna.end();
  await mo.get("start-over").waitFor();
  await mo.window.close();
}

/** The network is lost and comes back: what is not kept by the browser is in the page. */
async function seenAnew(house, mo) {
  const { anna } = house.cast;
  house.cut(mo.window);
  await mo.get("banner").waitFor();
  await mo.write("Written without a network");
  mo.window.cable.mend();
  await mo.page.evaluate(() => dispatchEvent(new Event("online")));
  await anna.shows("Written without a network");
  assert.equal((await anna.texts()).filter((text) => text === "Written without a network").length, 1);
}

async function others(house) {
  if (!ABROAD) return ONLY;
  const noor = await visits(house, `${second()}/`);
  await noor.open();
  await until("the second website's own title", async () => (await noor.get("panel").textContent()).includes("The mill writes only"));
  for (const name of ["Call me", "Call from here"]) assert.equal(await noor.get("panel").getByRole("button", { name }).filter({ visible: true }).count(), 0, `${name} is not offered`);
  await noor.get("first-message").waitFor();
  await house.axe(noor.page, "widget that writes only");
  await house.shot(noor.page, "116-writes-only");
  await noor.window.close();

  // A zone may take calls only.
  const pat = await visits(house, `${ABROAD}/phone.html`);
  await pat.page.getByRole("button", { name: /Open chat/ }).click();
  await pat.get("call-here").filter({ visible: true }).waitFor();
  assert.deepEqual([await pat.get("first-message").isVisible(), await pat.get("start-chat").isVisible()], [false, false], "what the zone does not offer is offered");
  await house.axe(pat.page, "widget that takes calls only");
  await house.shot(pat.page, "116-calls-only");
  // It calls back, too, whoever says who they are; what is not offered is not asked for.
  await pat.get("name").fill(named("Pat"));
  await pat.get("name").press("Enter");
  await pat.get("call-sheet").waitFor();
  assert.equal(await pat.get("call-sheet").getByRole("radio", { name: "Now", exact: true }).isVisible(), false, "nobody is called now where there is no chat to be called from");
  await house.axe(pat.page, "widget that calls back and has no chat");
  await house.shot(pat.page, "116-calls-back");
  await pat.get("number").fill("+4930900299");
  await pat.get("call-submit").click();
  await pat.get("callback").filter({ hasText: "+4930900299" }).waitFor();
  assert.equal(await pat.get("composer").isVisible(), false, "nobody writes where there is no chat");
  await house.shot(pat.page, "116-calls-back-promised");
  await pat.get("cancel-callback").click();
  await pat.get("start-over").click();
  await pat.get("name").waitFor();
  await pat.window.close();

  // Nobody listed this one: it has no chat, and the visitor is not left to wait for one.
  const stranger = "http://stranger.example";
  const una = await visits(house, `${ABROAD}/`);
  una.window.hosts.push(new URL(stranger).host);
  una.window.expected.push(/CORS policy/, /status of 403/, /net::ERR_FAILED/, /no chat is opened on this page/);
  await una.page.route(`${stranger}/`, (route) => route.fulfill({ contentType: "text/html", body: `<!doctype html><title>Stranger</title><script src="${house.url}/widget.js" data-zone="harbour"></script>` }));
  await una.page.goto(`${stranger}/`);
  await una.open();
  await una.get("banner").filter({ hasText: "No chat can be opened" }).waitFor();
  await una.window.close();
}

async function invites(house) {
  if (!ABROAD) return ONLY;
  await house.cast.anna.presence("ready");
  const read = await visits(house, `${ABROAD}/long.html`);
  await read.page.waitForTimeout(2_500);
  assert.equal(await read.get("invitation").count(), 0, "nothing was read yet");
  await read.page.evaluate(() => scrollTo(0, 1_500));
  await read.get("invitation-text").filter({ hasText: "Still reading?" }).waitFor();
  await read.get("invitation-accept").click();
  await read.get("first-message").waitFor();
  await read.window.close();

  const stays = await visits(house, `${ABROAD}/oven.html`);
  assert.equal(await stays.get("invitation").count(), 0, "it is too early");
  await stays.get("invitation-text").filter({ hasText: "Shall we warm the oven?" }).waitFor();
  await house.shot(stays.page, "117-invited-by-time");
  await stays.window.close();
  await house.cast.anna.presence("away:Short break");
}
