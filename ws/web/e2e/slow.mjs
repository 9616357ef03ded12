// A slow network, and clocks that are wrong: what is waited for is seen, nothing is doubled, and times are the server's.
import assert from "node:assert/strict";
import { picture } from "./files.mjs";
import { until } from "./house.mjs";

const run = Date.now().toString(36).slice(-4);
const named = (name) => `${name} ${run}`;

export const SLOW = [
  ["pain_28 a visitor's network is back and nothing says so: whoever is at the chat has it back before its time", unsaid],
  ["on a slow network the widget says what it waits for, and nothing is doubled by an impatient visitor", impatient],
  ["on a slow network the console says what it waits for", waits],
  ["clocks of visitor and board that are ten minutes wrong: waits, ages and promises are by the server's", clocks],
];

/** 400 ms to the server and back, 50 kB a second, as a telephone far away from its mast has it. */
async function slowed({ page, window }) {
  const devtools = await window.context.newCDPSession(page);
  await devtools.send("Network.enable");
  const set = (latency, throughput) => devtools.send("Network.emulateNetworkConditions", { offline: false, latency, downloadThroughput: throughput, uploadThroughput: throughput });
  await set(400, 50_000);
  return () => set(0, -1);
}

const once = (texts, text) => assert.equal(texts.filter((each) => each === text).length, 1, `"${text}" shows once in ${JSON.stringify(texts)}`);

async function impatient(house) {
  const { anna } = house.cast;
  await anna.presence("ready");
  const ned = await house.visitor();
  await slowed(ned);
  const began = Date.now();
  const launcher = ned.page.getByRole("button", { name: /Open chat/ });
  for (let n = 0; n < 3; n++) await launcher.click();
  assert.equal(await launcher.getAttribute("aria-busy"), "true", "the launcher says that it loads");
  await house.shot(ned.page, "117-slow-launcher");
  await ned.get("first-message").waitFor();
  assert.equal(await launcher.getAttribute("aria-busy"), null);
  const open = Date.now() - began;
  await ned.get("first-message").fill("Is anybody there?");
  await ned.get("name").fill(named("Ned"));
  await ned.get("start-chat").dblclick();
  await ned.state("Is anybody there?", "Sending…");
  await house.shot(ned.page, "117-slow-sending");
  await anna.accept(named("Ned"));
  await anna.show(named("Ned"));
  await ned.state("Is anybody there?", "Sent", "Delivered", "Read");
  await written(ned, anna);
  await anna.get("composer").fill("I am");
  await anna.get("composer").press("Enter");
  await ned.shows("I am");
  await ned.reload();
  await ned.shows("I am");
  await until("the whole chat is there again", async () => (await ned.texts()).length === (await anna.texts()).length);
  for (const texts of [await ned.texts(), await anna.texts()]) for (const text of ["Is anybody there?", "one", "two", "three", "I am"]) once(texts, text);
  assert.equal(await anna.tab(named("Ned")).count(), 1);
  await anna.end();
  await ned.window.close();
  console.log(`        open after ${open} ms`);
}

/** Messages and a picture while those before are still on their way. */
async function written(ned, anna) {
  for (const text of ["one", "two", "three"]) await ned.write(text);
  await ned.get("attach").setInputFiles({ name: "roof.png", mimeType: "image/png", buffer: picture(480, 300) });
  await ned.page.getByText("Sending roof.png…").waitFor();
  await anna.get("picture").waitFor();
  await ned.get("picture").waitFor();
  await ned.page.getByText("Sending roof.png…").waitFor({ state: "hidden" });
  assert.equal(await anna.get("file").count(), 1);
  assert.deepEqual((await anna.texts()).filter((text) => ["one", "two", "three"].includes(text)), ["one", "two", "three"]);
}

async function waits(house) {
  const desk = await house.console();
  await desk.signIn("ben");
  await desk.onDesk();
  const quick = await slowed(desk);
  await desk.get("to-history").click();
  await desk.get("loading").first().waitFor();
  await house.axe(desk.page, "history that is not there yet");
  await house.shot(desk.page, "118-slow-history");
  await desk.get("loading").first().waitFor({ state: "detached" });
  await desk.get("result").first().waitFor();
  await desk.get("result").first().click();
  await desk.get("loading").first().waitFor();
  await desk.get("record").waitFor();
  await desk.get("to-callbacks").click();
  await desk.get("loading").first().waitFor();
  await desk.get("callbacks-page").waitFor();
  // What cannot be had says so, and has a button to try again.
  desk.window.expected.push(/status of 503/);
  await desk.page.route("**/api/v1/interactions?**", (route) => route.fulfill({ status: 503, contentType: "application/problem+json", body: "{}" }), { times: 1 });
  await desk.get("to-history").click();
  const failed = desk.get("load-failed").first();
  await failed.waitFor();
  await house.axe(desk.page, "history that could not be had");
  await house.shot(desk.page, "118-history-failed");
  await failed.getByRole("button").click();
  await desk.get("result").first().waitFor();
  await quick();
  await desk.window.close();
}

/** The page's clock goes, but not as others do. */
function shift(by) {
  const now = Date.now.bind(Date);
  Date.now = () => now() + by;
}

/** `1:04:05` or `4:05`, in seconds. */
const seconds = (text) => text.trim().split(":").reduce((all, part) => all * 60 + Number(part), 0);

async function clocks(house) {
  const { anna } = house.cast;
  for (const [name, wrong] of [["Fast", 600_000], ["Late", -600_000]]) {
    await anna.presence("away:Short break");
    const [guest, sam] = [await house.visitor(), await house.board()];
    for (const { page } of [guest, sam]) await page.addInitScript(shift, wrong);
    await Promise.all([guest.reload(), sam.reload()]);
    await sam.signIn("sam");
    await sam.get("tiles").waitFor();
    await guest.begin("How late is it?", named(name));
    const row = sam.get("waiting").getByRole("row").filter({ hasText: named(name) });
    await row.waitFor();
    const since = seconds(await row.getByRole("cell").nth(3).textContent());
    const longest = seconds(await sam.page.locator('tr[data-queue="support"]').getByRole("cell").nth(1).textContent());
    assert.ok(since < 60 && longest < 60, `a second after it came it waits for ${since} s, the longest ${longest} s`);
    await anna.presence("ready");
    await anna.accept(named(name));
    await anna.show(named(name));
    const held = sam.page.locator('[data-agent="anna"]').getByText(new RegExp(`chat: ${named(name)}`));
    const [, age] = /(\d+:\d\d)/.exec(await held.textContent());
    assert.ok(seconds(age) < 60, `the agent has it for ${age}`);
    await promised(guest, anna);
    await anna.end();
    await Promise.all([guest.window.close(), sam.window.close()]);
  }
}

/** What is promised for in twenty minutes is due in twenty minutes of the server's. */
async function promised(guest, anna) {
  const asked = Date.now();
  await guest.askCall("+4930900999", "In 20 minutes");
  await guest.get("callback").waitFor();
  const { callbacks } = await anna.page.evaluate(async () => {
    const { token } = JSON.parse(sessionStorage.getItem("tandem.session"));
    return (await fetch("/api/v1/callbacks?state=promised", { headers: { authorization: `Bearer ${token}` } })).json();
  });
  const dues = callbacks.filter(({ number }) => number === "+4930900999").map(({ due }) => Math.round((due - asked) / 60_000));
  assert.deepEqual(dues, [20]);
  await guest.get("callback").getByTestId("cancel-callback").click();
  await guest.get("callback").waitFor({ state: "detached" });
}

// Attempts fail until the next is half a minute away; then the network is there, and the browser tells no page so.
async function unsaid(house) {
  const guest = await house.visitor();
  const { page, window } = guest;
  await guest.begin("Are you there?");
  let failed = 0;
  page.on("websocket", (socket) => socket.on("close", () => (failed += 1)));
  await page.clock.install();
  const signs = {
    press: () => page.getByTestId("panel").getByRole("heading").first().click(),
    focus: () => page.evaluate(() => dispatchEvent(new Event("focus"))),
    connection: () => page.evaluate(() => navigator.connection.dispatchEvent(new Event("change"))),
  };
  for (const [sign, give] of Object.entries(signs)) {
    house.cut(window);
    await guest.get("banner").waitFor();
    for (let attempt = 0; attempt < 7; attempt++) {
      const before = failed;
      await page.clock.runFor(31_000);
      await until(`attempt ${attempt} fails`, () => failed > before);
    }
    window.cable.mend();
    const before = failed;
    await page.clock.runFor(3_000);
    assert.equal(await guest.get("banner").isVisible(), true, `${sign}: it is tried again before anybody is at it`);
    assert.equal(failed, before);

    await give();
    await page.clock.runFor(2_000);
    await guest.get("banner").waitFor({ state: "hidden" });
  }
  await window.close();
}
