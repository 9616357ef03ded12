// Who reads above the end of a conversation: the place stays when pictures come, when more is said, and over a look at another chat.
import assert from "node:assert/strict";
import { served } from "./console.mjs";
import { picture } from "./files.mjs";
import { until } from "./house.mjs";

export const READING = [
  ["who reads further up stays there when pictures and messages come, and finds the place again after another chat", above],
  ["a visitor who reads further up is there again after a reload and on the next page, and what came meanwhile is unread", further],
];

const PNG = picture(640, 400);

async function above(house) {
  const { anna } = house.cast;
  const { page } = anna;
  const pat = await served(house, "Pat", "Here are my pictures");
  for (let n = 1; n <= 3; n++) {
    await pat.get("attach").setInputFiles({ name: `bowl ${n}.png`, mimeType: "image/png", buffer: PNG });
    await until(`picture ${n} is there`, async () => (await anna.get("picture").count()) === n);
  }
  for (let n = 1; n <= 20; n++) await anna.write(`Line ${n}`);
  await pat.shows("Line 20");
  // A mark that comes in the same moment takes whoever was at the end along.
  await until("one reads further up", async () => {
    if (await page.locator(".below").isVisible()) return true;
    return anna.get("log").evaluate((log) => (log.scrollTop = 700) < 0);
  });
  // A line in view, and where it stands in the window.
  const seq = await anna.get("log").evaluate((log) => [...log.querySelectorAll("[data-seq]")].find((row) => row.getBoundingClientRect().top > log.getBoundingClientRect().top).dataset.seq);
  const line = page.locator(`[data-testid="message"][data-seq="${seq}"]`);
  const at = async () => Math.round((await line.boundingBox())?.y ?? -1);
  const before = await at();

  await pat.write("And another thing");
  await pat.shows("And another thing");
  await until("it is counted as unread", async () => (await anna.tab("Pat").getAttribute("data-unread")) === "1");
  assert.equal(await at(), before, "the view stays when more is said");

  const quin = await served(house, "Quin", "Somebody else");
  await anna.show("Pat");
  await line.waitFor();
  await until("the place is found again after another chat", async () => (await at()) === before);
  await anna.get("to-history").click();
  await anna.get("conversation").waitFor({ state: "detached" });
  await anna.get("to-desk").click();
  await until("the place is found again after another page", async () => (await at()) === before);
  assert.equal(await anna.tab("Pat").getAttribute("data-unread"), "1", "what was not in view is unread");
  await page.locator(".below").click();
  await until("what came into view is read", async () => (await anna.tab("Pat").getAttribute("data-unread")) === "0");

  await anna.end();
  await pat.window.close();
  await anna.show("Quin");
  await anna.end();
  await quin.window.close();
}

async function further(house) {
  const { anna } = house.cast;
  const ned = await served(house, "Ned", "Here is my picture");
  await ned.get("attach").setInputFiles({ name: "bowl.png", mimeType: "image/png", buffer: PNG });
  await until("the picture is there", async () => (await ned.get("picture").count()) === 1);
  for (let n = 1; n <= 30; n++) await anna.write(`Line ${n}`);
  await ned.shows("Line 30");
  const log = ned.get("log");
  await log.evaluate((each) => (each.scrollTop = 700));
  const seq = await log.evaluate((each) => [...each.querySelectorAll("[data-seq]")].find((row) => row.getBoundingClientRect().top > each.getBoundingClientRect().top).dataset.seq);
  const at = async () => Math.round((await ned.page.locator(`[data-testid="message"][data-seq="${seq}"]`).boundingBox())?.y ?? -1);
  const before = await at();

  const below = ned.page.locator(".below");
  for (const url of [ned.page.url(), `${house.url}/demo/workshop.html`]) {
    await ned.page.goto(url);
    await until("the place is found again", async () => (await at()) === before);
    await ned.shows("Line 30");
    assert.equal(await below.isVisible(), false, "nothing came meanwhile");
  }
  await ned.page.goto("about:blank");
  await anna.write("Are you there still?");
  await anna.state("Are you there still?", "Sent");
  await ned.page.goto(`${house.url}/demo/`);
  await ned.shows("Are you there still?");
  await below.waitFor();
  assert.equal(await at(), before);
  await anna.state("Are you there still?", "Delivered");
  await house.shot(ned.page, "146-widget-place");
  await below.click();
  await anna.state("Are you there still?", "Read");

  await ned.reload();
  await ned.shows("Are you there still?");
  await until("who was at the end is there again", () => log.evaluate((each) => each.scrollHeight - each.clientHeight - each.scrollTop < 2));
  await anna.end();
  await ned.window.close();
}
