// Messages that their writers write anew or take back, from both sides and by keyboard.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { until } from "./house.mjs";
import { served } from "./console.mjs";

export const REVISING = [
  ["messages are written anew and taken back, with a trace for colleagues", revised],
  ["a message that nobody looks at is heard, unless sounds are turned off", heard],
];

async function heard(house) {
  const { anna } = house.cast;
  const xan = await served(house, "Xan", "I look away");
  // Counts the tones that the page makes.
  await xan.page.evaluate(() => {
    window.tones = 0;
    const Tone = window.OscillatorNode;
    window.OscillatorNode = class extends Tone {
      start(at) {
        window.tones++;
        super.start(at);
      }
    };
  });
  const tones = () => xan.page.evaluate(() => window.tones);
  const write = async (text) => {
    await anna.get("composer").fill(text);
    await anna.get("composer").press("Enter");
  };
  await write("You see this");
  await xan.get("message").filter({ hasText: "You see this" }).waitFor();
  assert.equal(await tones(), 0, "what is on screen makes no sound");
  await xan.get("close").click();
  await write("You hear this");
  await until("it is heard", async () => (await tones()) > 0);
  await xan.page.getByRole("button", { name: /Open chat/ }).click();
  assert.equal(await xan.get("sounds").getAttribute("aria-pressed"), "true");
  await xan.get("sounds").click();
  assert.equal(await xan.get("sounds").getAttribute("aria-pressed"), "false");
  await house.shot(xan.page, "74-widget-sounds-off");
  await house.axe(xan.page, "widget, sounds off");
  await xan.get("close").click();
  const before = await tones();
  await write("You do not hear this");
  await xan.page.getByRole("button", { name: /1 unread/ }).waitFor();
  assert.equal(await tones(), before);
  await anna.end();
  await xan.window.close();
}

const last = (side, text) => side.get("message").filter({ hasText: text });

async function revised(house) {
  const { anna } = house.cast;
  const { page } = anna;
  const wim = await served(house, "Wim", "My order is 4711");
  // The visitor, by keyboard: the last message comes back into the field.
  await wim.get("composer").press("ArrowUp");
  await wim.get("editing").waitFor();
  assert.match(await wim.get("composer").inputValue(), /My order is 4711/);
  await wim.get("composer").fill("My order is 4712");
  await house.shot(wim.page, "71-widget-editing");
  await house.axe(wim.page, "widget, a message is changed");
  await wim.get("composer").press("Enter");
  await last(anna, "My order is 4712").waitFor();
  await last(wim, "My order is 4712").getByTestId("edited").waitFor();
  assert.equal(await wim.get("composer").inputValue(), "");
  // Escape leaves it as it was, and what was in the field comes back.
  await wim.get("composer").press("ArrowUp");
  await wim.get("composer").press("Escape");
  assert.equal(await wim.get("editing").isVisible(), false);
  // Whatever the page tells meanwhile, it goes on, and so does what was in the field before.
  await wim.get("composer").fill("By the way");
  await last(wim, "My order is 4712").hover();
  await last(wim, "My order is 4712").getByTestId("edit").click();
  await wim.get("composer").fill("My order is 4713");
  await wim.page.evaluate(() => globalThis.tandem.push({ cart: 12 }));
  assert.deepEqual([await wim.get("composer").inputValue(), await wim.get("editing").isVisible()], ["My order is 4713", true]);
  await wim.get("composer").press("Escape");
  assert.equal(await wim.get("composer").inputValue(), "By the way");
  await wim.get("composer").fill("");
  // The agent: a second press takes a message back.
  await anna.get("composer").fill("The password is hunter2");
  await anna.get("composer").press("Enter");
  await last(wim, "hunter2").waitFor();
  const own = last(anna, "hunter2");
  await own.getByTestId("delete").focus();
  await house.shot(page, "72-desk-own-message");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await until("it is gone at the visitor's", async () => (await last(wim, "hunter2").count()) === 0);
  await last(wim, "deleted").waitFor();
  await last(anna, "deleted").waitFor();
  assert.doesNotMatch(await anna.page.locator("body").innerText(), /hunter2/, "nothing of it is left on the desk");
  await anna.get("composer").fill("It is on teh way");
  await anna.get("composer").press("Enter");
  await last(wim, "teh way").waitFor();
  await anna.get("composer").press("ArrowUp");
  await until("the field has it", async () => (await anna.get("composer").inputValue()) === "It is on teh way");
  await anna.get("composer").fill("It is on the way");
  await house.axe(page, "desk, a message is changed");
  await house.shot(page, "72-desk-editing");
  await anna.get("composer").press("Enter");
  await last(wim, "It is on the way").waitFor();
  // What was taken back is not sent to a page that comes anew.
  const frames = [];
  wim.page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => frames.push(String(payload))));
  await wim.get("composer").fill("One more thing");
  await wim.reload();
  assert.equal(await wim.get("composer").inputValue(), "One more thing", "a draft outlives a reload");
  await last(wim, "It is on the way").waitFor();
  await last(wim, "deleted").waitFor();
  assert.equal(frames.some((text) => /hunter2|teh way|4711/.test(text)), false, "what was taken back is sent again");
  const [kept] = await Promise.all([page.waitForEvent("download"), anna.get("transcript").first().click()]);
  const text = await readFile(await kept.path(), "utf8");
  assert.equal(/hunter2|teh way/.test(text), false, text);
  assert.match(text, /It is on the way/);
  await page.emulateMedia({ colorScheme: "dark" });
  await house.shot(page, "73-desk-revised-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await wim.page.setViewportSize({ width: 390, height: 780 });
  await house.shot(wim.page, "73-widget-revised-phone");
  await house.axe(wim.page, "widget, revised");
  await anna.end();
  await wim.window.close();
}
