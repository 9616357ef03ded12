// What the keyboard reaches, and what it does not, where something covers the desk or another page is shown.
import assert from "node:assert/strict";
import { served } from "./console.mjs";
import { focused } from "./keyboard.mjs";
import { until } from "./house.mjs";
import { allow, askedFor } from "./seeing.mjs";

export const REACH = [
  ["at 400 % zoom all of the widget is reached: its window scrolls, and what is written is in it", zoomed],
  ["the customer's card over the conversation has the keyboard until it is shut, also at twice the size", card],
  ["keys that act on a contact do so where it is shown", atDesk],
  ["a dialog begins where one chooses, and keeps the keyboard while it waits", dialogs],
  ["whoever turns to another contact and back writes on where they were", caret],
  ["at four times the size the page scrolls as a whole, and the conversation is read and written", large],
  ["where the system has the colours, what is chosen is seen", forced],
  ["what keys and others change is said", said],
  ["from the shared page the console's keys are heard, and Escape leads back to it from what is filled in", sharedPage],
];

async function zoomed(house) {
  await house.cast.anna.presence("away:Short break");
  const guest = await house.visitor({ viewport: { width: 320, height: 180 } });
  await guest.open();
  await house.shot(guest.page, "139-widget-400-percent-begin");
  await guest.get("first-message").fill("Can I read this?");
  await guest.get("start-chat").click();
  await guest.shows("Can I read this?");
  await guest.get("composer").waitFor();
  const seen = async (part) => {
    await part.scrollIntoViewIfNeeded();
    const { y, height } = await part.boundingBox();
    return y >= -1 && y + height <= 181;
  };
  const { height } = await guest.page.locator(".log").boundingBox();
  assert.ok(height >= 100, `what is written has ${height} px`);
  await guest.get("position").waitFor();
  for (const id of ["close", "composer", "send", "end-chat", "call-me"]) {
    const part = guest.get(id).filter({ visible: true });
    await until(`${id} is in sight`, () => seen(part));
    await part.click({ trial: true });
  }
  await until("what is written is in sight", () => seen(guest.page.locator(".bubble").first()));
  assert.equal(await guest.page.locator(".panel").evaluate((panel) => panel.scrollWidth - panel.clientWidth), 0, "nothing is beside the edge");
  await house.axe(guest.page, "widget at 400 % zoom");
  await house.shot(guest.page, "139-widget-400-percent");
  await guest.end();
  await house.shot(guest.page, "139-widget-400-percent-over");
  await guest.window.close();
}

async function card(house) {
  const { anna } = house.cast;
  const { page } = anna;
  const guest = await served(house, "Coral", "Which size is it?");
  const wide = page.viewportSize();
  for (const size of [{ width: 1000, height: 800 }, { width: 640, height: 400 }]) {
    await page.setViewportSize(size);
    for (const shut of ["Escape", "Enter"]) {
      await anna.get("details").focus();
      await page.keyboard.press("Enter");
      await focused(page, "data-testid", "shut-card");
      await page.keyboard.type("Hello");
      assert.equal(await anna.get("composer").inputValue(), "", "nothing is typed beneath it");
      // Once around: nothing beneath it is a stop.
      for (let stop = 0; stop < 40; stop++) {
        await page.keyboard.press("Tab");
        assert.ok(!(await page.evaluate(() => document.activeElement.closest("#conversation"))), "the keyboard is not beneath it");
      }
      if (size.width === 1000) await house.axe(page, "the card over the conversation");
      await anna.get("shut-card").focus();
      await page.keyboard.press(shut);
      await focused(page, "data-testid", "details");
    }
    await page.keyboard.press("Enter");
    await focused(page, "data-testid", "shut-card");
    await page.keyboard.press("Alt+m");
    await focused(page, "data-testid", "composer");
    await anna.get("card").waitFor({ state: "hidden" });
  }
  await page.setViewportSize(wide);
  await anna.end();
  await anna.presence("away:Short break");
  await guest.window.close();
}

async function atDesk(house) {
  const { anna } = house.cast;
  const { page } = anna;
  const guest = await served(house, "Pearl", "Is it in stock?");
  for (const [place, id] of [["2", "callbacks-page"], ["3", "history-page"]]) {
    await page.keyboard.press(`Alt+${place}`);
    await anna.get(id).waitFor();
    for (const key of "tci") {
      await page.keyboard.press(`Alt+${key}`);
      assert.equal(await anna.get("dialog").count(), 0, `Alt+${key} asks nothing about who is not shown`);
    }
  }
  await page.keyboard.press("Alt+1");
  await anna.get("conversation").waitFor();
  await page.keyboard.press("Alt+t");
  await anna.get("dialog").waitFor();
  await page.keyboard.press("Escape");
  await anna.get("dialog").waitFor({ state: "detached" });
  // How long it is parked counts on in silence.
  await anna.get("park").click();
  await anna.get("parked").waitFor();
  assert.equal(await anna.get("parked").evaluate((bar) => bar.closest("[role=status], [aria-live]")), null);
  await anna.get("unpark").click();
  await anna.end();
  await anna.presence("away:Short break");
  await guest.window.close();
}

// The colleagues come late; what is typed before is no note.
async function dialogs(house) {
  const { anna, ben } = house.cast;
  const { page } = anna;
  await ben.presence("ready");
  await ben.presence("away:Lunch");
  const guest = await served(house, "Jade", "Who knows about glazes?");
  await ben.presence("ready");
  let come;
  const wait = new Promise((done) => (come = done));
  await page.route("**/api/v1/agents?*", async (route) => (await wait, route.continue()));
  for (const [key, find, list, chosen] of [["t", "hand-over-to-find", "hand-over-to", "agent:ben"], ["i", "invite-agent-find", "invite-agent", "ben"]]) {
    await page.keyboard.press(`Alt+${key}`);
    await focused(page, "data-testid", find);
    await page.keyboard.type("ben");
    if (come) come = void come();
    await until(`${chosen} is chosen`, async () => (await anna.get(list).inputValue()) === chosen);
    await anna.get("dialog").getByRole("button", { name: "Cancel" }).click();
    await anna.get("dialog").waitFor({ state: "detached" });
  }
  await page.unroute("**/api/v1/agents?*");
  await ben.presence("away:Lunch");

  await anna.get("card-merge").click();
  await focused(page, "data-testid", "merge-clue");
  await page.keyboard.type("nobody@nowhere.example");
  await anna.get("merge-find").focus();
  await page.keyboard.press("Enter");
  await anna.get("dialog").getByRole("status").filter({ hasText: /./ }).waitFor();
  await focused(page, "data-testid", "merge-find");
  await page.keyboard.press("Escape");
  await anna.get("dialog").waitFor({ state: "detached" });

  if (!house.mock) await writing(anna);
  await anna.end();
  await anna.presence("away:Short break");
  await guest.window.close();
}

async function writing(anna) {
  const { page } = anna;
  await anna.get("memos").click();
  await anna.get("memo-to").selectOption("supervisors");
  await anna.get("memo-text").fill("The kiln is hot");
  await anna.get("memo-send").focus();
  await page.keyboard.press("Enter");
  await anna.get("memo-pane").getByRole("status").filter({ hasText: "Sent" }).waitFor({ state: "attached" });
  await focused(page, "data-testid", "memo-send");
  await page.keyboard.press("Escape");
  await focused(page, "data-testid", "memos");
}

async function caret(house) {
  const { anna } = house.cast;
  const { page } = anna;
  const one = await served(house, "Opal", "Is it blue?");
  const other = await served(house, "Onyx", "Is it black?");
  await anna.get("composer").fill("It is not black");
  for (let left = 0; left < 6; left++) await page.keyboard.press("ArrowLeft");
  for (const [key, name] of [["k", "Opal"], ["j", "Onyx"]]) {
    await page.keyboard.press(`Alt+${key}`);
    await anna.get("conversation").getByRole("heading", { name }).waitFor();
    await focused(page, "data-testid", "composer");
  }
  await page.keyboard.type("quite");
  assert.equal(await anna.get("composer").inputValue(), "It is notquite black");
  await anna.get("composer").fill("");
  for (const guest of [one, other]) {
    await anna.end();
    await guest.window.close();
  }
  await anna.presence("away:Short break");
}

async function sharedPage(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const { page } = anna;
  const guest = await askedFor(house, "Agate", "Where do I sign?", ["control"]);
  await allow(house, guest, ["point", "control"]);
  await guest.page.evaluate(() => document.querySelector("main").insertAdjacentHTML("afterbegin", `<label>Glaze <input></label>`));
  await anna.get("cobrowse-tool-fill").click();
  const glass = page.frameLocator('[data-testid="cobrowse-frame"]').locator("#glass");
  // The frame is told by a message what in it has the keyboard.
  const onPage = async () => {
    await focused(page, "data-testid", "cobrowse-frame");
    await until("the page has the keyboard", () => glass.evaluate((one) => one === document.activeElement));
  };
  await glass.focus();
  await page.keyboard.press("Alt+3");
  await anna.get("history-page").waitFor();
  await page.keyboard.press("Alt+1");
  await anna.get("cobrowse-tool-fill").click();
  const field = page.frameLocator('[data-testid="cobrowse-frame"]').frameLocator("iframe").getByText("Glaze").first();
  await field.waitFor();
  await glass.focus();
  const said = page.frameLocator('[data-testid="cobrowse-frame"]').locator("#said");
  await until("the keys come to the field", async () => {
    await page.keyboard.press("ArrowDown");
    return (await said.textContent()).startsWith("Glaze");
  });
  await page.keyboard.press("Enter");
  await focused(page, "data-testid", "cobrowse-fill-value");
  await page.keyboard.type("cela");
  await glass.focus();
  await page.keyboard.press("Enter");
  await focused(page, "data-testid", "cobrowse-fill-value");
  await page.keyboard.type("don");
  assert.equal(await anna.get("cobrowse-fill-value").inputValue(), "celadon");
  await page.keyboard.press("Escape");
  await anna.get("cobrowse-fill").waitFor({ state: "detached" });
  await onPage();
  await page.keyboard.press("Enter");
  await focused(page, "data-testid", "cobrowse-fill-value");
  assert.equal(await anna.get("cobrowse-fill-value").inputValue(), "celadon");
  await page.keyboard.press("Enter");
  await until("it is filled in", () => guest.page.evaluate(() => document.querySelector("main input").value === "celadon"));
  await onPage();
  await anna.get("cobrowse-end").click();
  await anna.end();
  await anna.presence("away:Short break");
  await guest.window.close();
}

async function large(house) {
  const { anna } = house.cast;
  const { page } = anna;
  const guest = await served(house, "Flint", "Can you read this?");
  const wide = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 256 });
  const log = await page.locator(".timeline").boundingBox();
  assert.ok(log.height >= 160, `the conversation has ${log.height} px`);
  await page.keyboard.press("Alt+m");
  await focused(page, "data-testid", "composer");
  const within = async (id) => {
    const { y, height } = await anna.get(id).boundingBox();
    return y >= 0 && y + height <= 256;
  };
  assert.ok(await within("composer"), "what is written is in sight");
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, "nothing is beside the edge");
  await house.shot(page, "140-four-times");
  await anna.get("details").focus();
  await page.keyboard.press("Enter");
  await focused(page, "data-testid", "shut-card");
  assert.ok(await within("shut-card"), "what shuts the card is in sight");
  await page.keyboard.press("Escape");
  for (const key of ["2", "3"]) {
    await page.keyboard.press(`Alt+${key}`);
    await page.locator(".page.split").waitFor();
    await page.locator(".page.split .list").locator("button, input, select").last().focus();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, `nothing is beside the edge of page ${key}`);
  }
  await page.keyboard.press("Alt+1");
  await page.setViewportSize(wide);
  await anna.end();
  await anna.presence("away:Short break");
  await guest.window.close();
}

async function forced(house) {
  const { anna } = house.cast;
  const { page } = anna;
  const guest = await served(house, "Slate", "Which is chosen?");
  await page.emulateMedia({ forcedColors: "active" });
  const ground = (selector) => page.locator(selector).first().evaluate((element) => getComputedStyle(element).backgroundColor);
  for (const [chosen, other] of [
    ['[data-testid="contact"][aria-selected="true"]', '[data-testid="conversation"]'],
    ['[data-testid="to-desk"]', '[data-testid="to-history"]'],
    ['[data-testid="mode-reply"]', '[data-testid="mode-note"]'],
  ]) {
    assert.notEqual(await ground(chosen), await ground(other), `${chosen} is seen`);
  }
  await house.shot(page, "141-forced-colours");
  await page.emulateMedia({ forcedColors: "none" });
  await anna.end();
  await anna.presence("away:Short break");
  await guest.window.close();
}

async function said(house) {
  const { anna } = house.cast;
  const { page } = anna;
  const says = (text) => page.locator(".desk > .hush[role=status]").filter({ hasText: text }).waitFor({ state: "attached" });
  await anna.presence("away:Short break");
  await page.keyboard.press("Alt+p");
  await says("You are ready");
  await page.keyboard.press("Alt+p");
  await says("You are away: ");
  const on = (await anna.get("sound").getAttribute("aria-pressed")) === "true";
  await page.keyboard.press("Alt+s");
  await says(on ? "Sound is off" : "Sound is on");
  await page.keyboard.press("Alt+s");
  await says(on ? "Sound is on" : "Sound is off");
  const guest = await served(house, "Beryl", "Hello?");
  await anna.get("park").click();
  await says(": Parked");
  await anna.get("unpark").click();
  await anna.end();
  await page.keyboard.press("Alt+3");
  await anna.get("found").filter({ hasText: /^\d+ found$/ }).waitFor({ state: "attached" });
  await page.keyboard.press("Alt+1");
  await anna.presence("away:Short break");
  await guest.window.close();
}
