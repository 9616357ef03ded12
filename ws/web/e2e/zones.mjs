// Pages that name no zone: it is chosen by their path and by what they know of their visitor.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { until } from "./house.mjs";

const SECRET = process.env.TANDEM_IDENTITY_SECRET;
const run = Date.now().toString(36).slice(-4);

export const ZONES = [
  ["a page that names no zone has that of its path and of its visitor's segment", chosen],
  ["a zone for signed visitors is for those whose website signed it, and the card says verified", signed],
  ["an identity that is not taken is told of, and its visitor chats as somebody unknown, or is told that they cannot", untaken],
  ["where no zone is for a page there is no launcher", nowhere],
];

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

export function identity(claims, secret = SECRET) {
  const head = `${part({ alg: "HS256", typ: "JWT" })}.${part({ exp: Math.floor(Date.now() / 1000) + 600, ...claims })}`;
  return `${head}.${createHmac("sha256", secret).update(head).digest("base64url")}`;
}

/** Takes the zone out of the pages of a visitor, and has them tell `facts` before the widget is there. */
export async function unnamed(visitor, facts) {
  await visitor.page.route("**/demo/**", async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replaceAll(' data-zone="shop"', "");
    await route.fulfill({ response: answer, body });
  });
  if (facts) await visitor.page.addInitScript((each) => (globalThis.tandem = [each]), facts);
  await visitor.reload();
}

async function heading(visitor, text) {
  await visitor.open();
  await until(`the panel says ${text}`, async () => (await visitor.get("panel").textContent()).includes(text));
}

async function chosen(house) {
  if (!SECRET) return "only with TANDEM_IDENTITY_SECRET";
  const zoe = await house.visitor();
  await unnamed(zoe);
  await heading(zoe, "Anywhere in the shop");
  await zoe.get("close").click();
  await zoe.page.goto(`${house.url}/demo/workshop.html`);
  await heading(zoe, "About the workshop");
  await house.shot(zoe.page, "100-zone-by-path");
  await zoe.get("first-message").fill("Do you repair handles?");
  await zoe.get("name").fill(`Zoe ${run}`);
  await zoe.get("start-chat").click();
  await zoe.state("Do you repair handles?", "Sent", "Delivered", "Read");
  // The chat goes along to a page of another zone.
  await zoe.page.goto(`${house.url}/demo/`);
  await zoe.shows("Do you repair handles?");
  await zoe.end();
  await zoe.window.close();

  // A shop that changes the address by script is on another page all the same.
  const sol = await house.visitor();
  await unnamed(sol);
  const asked = sol.page.waitForResponse((answer) => answer.url().endsWith("/api/v1/zones") && answer.request().postData()?.includes("workshop"));
  await sol.page.evaluate(() => history.pushState({}, "", "/demo/workshop.html"));
  await asked;
  await heading(sol, "About the workshop");
  await sol.window.close();

  const rob = await house.visitor();
  await unnamed(rob);
  // Told after the widget is there: a segment goes before a path.
  await rob.page.evaluate(() => globalThis.tandem.push({ segments: ["returning"] }));
  await heading(rob, "Good to see you again");
  await rob.window.close();
}

async function signed(house) {
  if (!SECRET) return "only with TANDEM_IDENTITY_SECRET";
  const { anna } = house.cast;
  // What a script says of itself, and what another signed, makes nobody one of them.
  for (const facts of [{ segments: ["vip"] }, { identity: identity({ sub: "c-1", segments: ["vip"] }, "y".repeat(32)) }]) {
    const mia = await house.visitor();
    await unnamed(mia, facts);
    await heading(mia, "Anywhere in the shop");
    await mia.window.close();
  }
  const vera = await house.visitor();
  await unnamed(vera, { identity: identity({ sub: `c-${run}`, segments: ["vip"] }) });
  await heading(vera, "At your service");
  await anna.presence("ready");
  await vera.get("first-message").fill("Where is my order?");
  await vera.get("name").fill(`Vera ${run}`);
  await vera.get("start-chat").click();
  await anna.accept(`Vera ${run}`);
  await anna.show(`Vera ${run}`);
  await anna.page.locator(".badge.good", { hasText: "Verified" }).waitFor();
  await house.shot(anna.page, "101-verified");
  await next(house, vera);
  await anna.end();
  await anna.presence("away:Short break");

  // Another customer at the same browser finds nothing of her chat.
  const kept = await vera.page.evaluate(() => localStorage.getItem("tandem.vip"));
  assert.ok(kept.includes(`"who":"c-${run}"`));
  const page = await vera.window.context.newPage();
  await page.addInitScript((each) => (globalThis.tandem = [each]), { identity: identity({ sub: "somebody-else", segments: ["vip"] }) });
  await page.route("**/demo/**", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replaceAll(' data-zone="shop"', "") });
  });
  await page.goto(`${house.url}/demo/`);
  await page.getByRole("button", { name: /Open chat/ }).click();
  await page.getByTestId("first-message").waitFor();
  assert.equal(await page.locator(".bubble").count(), 0);

  // Nor does who comes next in the same window read what was being written there.
  await page.getByTestId("first-message").fill("my account is DE02");
  for (const [sub, draft] of [["a-third", ""], ["somebody-else", "my account is DE02"]]) {
    await page.addInitScript((each) => (globalThis.tandem = [each]), { identity: identity({ sub, segments: ["vip"] }) });
    await page.reload();
    await page.getByRole("button", { name: /Open chat/ }).click();
    await page.getByTestId("first-message").waitFor();
    assert.equal(await page.getByTestId("first-message").inputValue(), draft, `what ${sub} finds`);
  }
  await vera.window.close();
}

// Who comes next at the same browser, while her chat goes on: the page names nobody, then somebody else, then her again.
async function next(house, vera) {
  // Whoever is not signed in is no visitor of this zone.
  vera.window.expected.push(/status of 403/, /no chat is opened/);
  const page = await vera.window.context.newPage();
  await page.route("**/demo/**", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replaceAll(' data-zone="shop"', ' data-zone="vip"') });
  });
  await page.goto(`${house.url}/demo/`);
  const launcher = page.getByRole("button", { name: /Open chat/ });
  const push = (facts) => page.evaluate((each) => void (globalThis.tandem ??= []).push(each), facts);
  const own = page.locator(".bubble", { hasText: "Where is my order?" });
  await launcher.waitFor();
  // The script that names her may come later than the widget.
  await push({ identity: identity({ sub: `c-${run}`, segments: ["vip"] }) });
  await launcher.click();
  await own.waitFor();
  const hers = { identity: identity({ sub: `c-${run}`, segments: ["vip"] }) };
  const others = [{ identity: null }, { identity: identity({ sub: "somebody-else", segments: ["vip"] }) }];
  const nothing = async () => {
    await page.getByTestId("first-message").waitFor();
    assert.equal(await page.locator(".bubble").count(), 0, "the chat of whoever was there before is shown");
  };
  for (const facts of others) {
    await push(facts);
    await nothing();
  }
  await back(page, own, () => push(hers));
  await page.getByTestId("composer").fill("Half a sent");
  for (const facts of others) {
    await push(facts);
    await nothing();
    assert.equal(await page.getByTestId("first-message").inputValue(), "");
    await back(page, own, () => push(hers));
    assert.equal(await page.getByTestId("composer").inputValue(), "Half a sent");
    // And on a page that is loaded while somebody else is there, or nobody.
    await page.reload();
    await launcher.click();
    await push(facts);
    await nothing();
    await back(page, own, () => push(hers));
    assert.equal(await page.getByTestId("composer").inputValue(), "Half a sent");
  }
  const { anna } = house.cast;
  await anna.write("It left this morning");
  await page.locator(".bubble", { hasText: "It left this morning" }).waitFor();
  await page.close();
  // The page that was hers all the while, loaded anew.
  await vera.reload();
  await vera.shows("It left this morning");
}

/** She is there again, and so is her chat, with how far the agent read it. */
async function back(page, own, push) {
  await push();
  await own.waitFor();
  await until("what the agent read is read", async () => (await page.getByTestId("message").filter({ has: own }).getByTestId("state").textContent()) === "Read");
}

async function untaken(house) {
  if (!SECRET) return "only with TANDEM_IDENTITY_SECRET";
  const expired = identity({ sub: `x-${run}`, exp: 1_600_000_000 });
  for (const zone of ["shop", "vip"]) {
    const eli = await house.visitor();
    eli.window.expected.push(/status of 4(01|22|03)/, /Tandem: /);
    const told = [];
    eli.page.on("console", (message) => told.push(message.text()));
    await eli.page.route("**/demo/**", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: (await answer.text()).replaceAll(' data-zone="shop"', ` data-zone="${zone}"`) });
    });
    await eli.page.addInitScript((each) => (globalThis.tandem = [each]), { identity: expired });
    await eli.reload();
    await eli.open();
    await eli.get("first-message").fill("Am I known?");
    await eli.get("start-chat").click();
    if (zone === "shop") {
      await eli.state("Am I known?", "Sent", "Delivered", "Read");
      await eli.end();
    } else {
      await eli.get("banner").filter({ hasText: "No chat can be opened on this page" }).waitFor();
      await eli.get("message").filter({ hasText: "Not sent." }).waitFor();
      await house.shot(eli.page, "103-not-admitted");
      // Asked again with who they are, and with nothing else that the page tells.
      const asked = [];
      eli.page.on("request", (request) => request.url().endsWith("/api/v1/visitors") && asked.push(request));
      const push = (facts) => eli.page.evaluate((each) => void globalThis.tandem.push(each), facts);
      for (const facts of [{ segments: ["vip"] }, { cart: 7 }, { identity: expired }, { identity: expired }]) await push(facts);
      await eli.page.waitForTimeout(1_000);
      assert.equal(asked.length, 0, "it is asked again although nobody else is there");
      await push({ identity: identity({ sub: `x-${run}`, segments: ["vip"] }) });
      await eli.get("banner").filter({ hasText: "No chat can be opened" }).waitFor({ state: "detached" }).catch(() => eli.get("banner").waitFor({ state: "hidden" }));
      assert.ok(asked.length > 0);
    }
    assert.ok(told.some((text) => text.includes("the identity that this page told is not taken")), told.join("; "));
    await eli.window.close();
  }
}

async function nowhere(house) {
  const noa = await house.visitor();
  noa.window.expected.push(/status of 404/);
  await noa.page.route("**/api/v1/zones", (route) => route.fulfill({ status: 404, contentType: "application/problem+json", body: "{}" }));
  await unnamed(noa);
  await until("the launcher is not shown", async () => (await noa.page.locator("[data-tandem] .launcher").count()) > 0 && !(await noa.page.locator("[data-tandem] .launcher").isVisible()));
  await noa.page.evaluate(() => document.querySelector("[data-tandem-open]").click());
  assert.equal(await noa.get("panel").count(), 0);
  await noa.window.close();
}
