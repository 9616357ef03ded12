// A desk of six chats with five thousand messages each, in a browser: how much memory it takes, how long an action, and how much of that is the page's own work.
//
//   TANDEM_URL=… TANDEM_PASSWORD=… node e2e/long.mjs AGENT OTHER NAME…
//
// AGENT has the six chats named; OTHER has none.
import assert from "node:assert/strict";
import { House, until } from "./house.mjs";

const [agent, other, ...names] = process.argv.slice(2);
const MOST = 150 * 1024 * 1024;
/** In the median an action is at most so often as much work for the page as with short chats. How long it takes is the machine's. */
const TIMES = 3;
const ROUNDS = 3;
const house = await House.open({ url: process.env.TANDEM_URL, password: process.env.TANDEM_PASSWORD, artifacts: process.env.ARTIFACTS });

/** What an action takes, in milliseconds: until it shows, two frames being drawn after it, and how much of that the page's own work is. */
async function timed(page, act, wanted) {
  const session = await metered(page);
  // What it still does of what was before is none of this.
  await page.evaluate(() => new Promise(requestIdleCallback));
  const before = await work(session);
  const shown = await page.evaluate(
    async ([act, wanted]) => {
      const shown = () => [...document.querySelectorAll(".bubble")].some((each) => each.textContent.startsWith(wanted));
      const began = performance.now();
      if (act.click) document.querySelector(act.click).click();
      else {
        const field = document.querySelector('[data-testid="composer"]');
        field.value = act.write;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
      }
      while (!shown()) await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      return performance.now() - began;
    },
    [act, wanted],
  );
  return { shown, own: (await work(session)) - before };
}

const sessions = new Map();
async function metered(page) {
  if (!sessions.has(page)) {
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    sessions.set(page, session);
  }
  return sessions.get(page);
}

/** How long a page has run scripts, and computed styles and places, so far. */
async function work(session) {
  const { metrics } = await session.send("Performance.getMetrics");
  const parts = ["ScriptDuration", "LayoutDuration", "RecalcStyleDuration"].map((name) => metrics.find((each) => each.name === name).value);
  return 1000 * parts.reduce((sum, part) => sum + part);
}

const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1];
const own = (times) => times.map((each) => each.own);
const seen = (times) => times.map((each) => each.shown);

/** What the same takes at the desk of `agent`, who has two chats of a few lines. */
async function short(agent) {
  const desk = await house.console();
  await desk.signIn(agent);
  await desk.onDesk();
  await desk.presence("ready");
  const guests = [];
  for (const name of ["Short 1", "Short 2"]) {
    const guest = await house.visitor();
    guests.push(guest);
    await guest.begin(`Line of ${name}`, name);
    await desk.accept(name);
  }
  const [switches, writes] = [[], []];
  for (const round of Array(ROUNDS).keys()) {
    for (const name of ["Short 1", "Short 2"]) {
      const interaction = await desk.tab(name).getAttribute("data-interaction");
      switches.push(await timed(desk.page, { click: `[data-testid="contact"][data-interaction="${interaction}"]` }, `Line of ${name}`));
      await desk.get("conversation").getByRole("heading", { name }).first().waitFor();
      writes.push(await timed(desk.page, { write: `${round}: to ${name}` }, `${round}: to ${name}`));
      await desk.state(`${round}: to ${name}`, "Delivered", "Sent", "Read");
    }
  }
  for (const { window } of [...guests, desk]) await window.close();
  return { switches: own(switches), writes: own(writes) };
}

try {
  const beside = await short(other);
  const desk = await house.console();
  await desk.signIn(agent);
  await desk.onDesk();
  await until("all chats are on the desk", async () => (await desk.get("contact").count()) === names.length);
  const switches = [];
  const writes = [];
  for (const name of names) {
    const interaction = await desk.tab(name).getAttribute("data-interaction");
    switches.push(await timed(desk.page, { click: `[data-testid="contact"][data-interaction="${interaction}"]` }, "Line 5000 "));
    await desk.get("conversation").getByRole("heading", { name }).first().waitFor();
    assert.ok((await desk.page.locator("[data-row]").count()) < 80, "only rows in view are in the document");
    writes.push(await timed(desk.page, { write: `Answer to ${name}` }, `Answer to ${name}`));
    await desk.state(`Answer to ${name}`, "Delivered", "Sent");
  }
  // A receipt that comes in the same moment takes the list to its end again.
  await until("the first line is shown", async () => {
    await desk.get("log").evaluate((log) => (log.scrollTop = 0));
    return (await desk.page.locator(".bubble").filter({ hasText: "Line 1" }).count()) > 0;
  });
  const session = await desk.window.context.newCDPSession(desk.page);
  await session.send("HeapProfiler.enable");
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  const most = (times) => `${median(seen(times)).toFixed(0)} ms, ${Math.max(...seen(times)).toFixed(0)} at most, of which the page works ${median(own(times)).toFixed(0)}, ${Math.max(...own(times)).toFixed(0)} at most`;
  const said = `${names.length} chats of 5,000 messages: ${(usedSize / 1024 / 1024).toFixed(0)} MiB of heap; to another chat ${most(switches)}, to see what one writes ${most(writes)}; with short chats it works ${median(beside.switches).toFixed(0)} and ${median(beside.writes).toFixed(0)} ms`;
  assert.ok(usedSize < MOST, said);
  for (const [times, before] of [[switches, beside.switches], [writes, beside.writes]]) assert.ok(median(own(times)) <= TIMES * median(before), said);
  assert.deepEqual(house.faults, []);
  await house.shot(desk.page, "long-desk");
  console.log(`ok      ${said}`);
} catch (error) {
  for (const [at, page] of house.browser.contexts().flatMap((context) => context.pages()).entries()) await house.shot(page, `failed-long-${at}`);
  console.log(`FAILED  a desk of six long chats\n        ${String(error.stack ?? error).replaceAll("\n", "\n        ")}`);
  process.exitCode = 1;
}
await house.close();
