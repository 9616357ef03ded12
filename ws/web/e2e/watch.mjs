// Supervisors in chats, from the board: they read along, whisper, barge in, look at the shared page, take over.
import assert from "node:assert/strict";
import { until } from "./house.mjs";
import { focused, press, tabTo } from "./keyboard.mjs";
import { served } from "./console.mjs";

export const WATCH = [
  ["who has no name is a visitor to supervisors, in English and German", nameless],
  ["a supervisor reads a contact along from the board, as it goes on", along],
  ["a supervisor whispers to the agent alone, barges in, and the visitor sees only the latter", part],
  ["a supervisor sees the page that is seen together, and does nothing on it", page],
  ["a supervisor takes a chat over, and the record shows who watched", over],
];

export async function boss(house) {
  if (house.cast.sam) return house.cast.sam;
  const sam = (house.cast.sam = await house.board());
  sam.window.expected.push(/escape its sandboxing/, /status of 404/);
  await sam.signIn("sam");
  await sam.get("tiles").waitFor();
  return sam;
}

async function along(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const zed = (house.cast.zed = await served(house, "Zed", "Is the kiln on?"));
  const sam = await boss(house);
  const held = sam.get("watch-held").filter({ hasText: "Zed" });
  await held.waitFor();
  await sam.page.evaluate(hear);
  await tabTo(sam.page, `(element) => element?.dataset.testid === "watch-held" && element.textContent.includes("Zed")`);
  await sam.page.keyboard.press("Enter");
  await sam.get("watch").getByText("Is the kiln on?").waitFor();
  await until("what comes is read out", async () => (await sam.get("watch").locator("ol").getAttribute("aria-live")) === "polite");
  const list = await sam.get("watch").locator("ol").elementHandle();
  await anna.write("It is, until six");
  await sam.get("watch").getByText("It is, until six").waitFor();
  assert.equal(await list.evaluate((each) => each.isConnected), true, "it is drawn anew, where nothing is read out");
  const spoken = await sam.page.evaluate(() => globalThis.spoken);
  assert.equal(spoken.some((text) => text.includes("Is the kiln on?")), false, "what was said before is read out");
  assert.ok(spoken.some((text) => text.includes("It is, until six")), "the first that comes is not read out");
  await zed.write("<b>Thank you</b>");
  await sam.get("watch").getByText("<b>Thank you</b>").waitFor();
  await sam.get("oversee-card").getByText("Zed").waitFor();
  assert.equal(await zed.page.getByText("Sam").count(), 0, "who reads along is not seen");
  await house.axe(sam.page, "board, reading along");
  await house.shot(sam.page, "73-board-watch");
}

// Keeps what comes into a list that was live before it came, which is what is read out.
function hear() {
  globalThis.spoken = [];
  new MutationObserver((changes) => {
    const begun = new Set(changes.filter(({ type, oldValue }) => type === "attributes" && oldValue !== "polite").map(({ target }) => target));
    for (const { target, addedNodes } of changes) {
      if (target.ariaLive === "polite" && !begun.has(target)) globalThis.spoken.push(...[...addedNodes].map((each) => each.textContent));
    }
  }).observe(document, { subtree: true, childList: true, attributeFilter: ["aria-live"], attributeOldValue: true });
}

async function nameless(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const sam = await boss(house);
  await anna.presence("away:Short break");
  const guest = await house.visitor();
  await guest.begin("I say no name");
  const hans = await house.board({ locale: "de-DE" });
  hans.window.expected.push(/escape its sandboxing/, /status of 404/);
  await hans.signIn("sam");
  for (const [board, who, why, title] of [
    [sam, "a visitor", "Why does a visitor wait?", "Contact with a visitor"],
    [hans, "ein Besucher ohne Namen", "Warum wartet ein Besucher ohne Namen?", "Kontakt mit einem Besucher ohne Namen"],
  ]) {
    const row = board.get("waiting").locator("tbody tr").filter({ hasText: who }).last();
    await row.getByRole("button", { name: why, exact: true }).waitFor();
    await row.getByTestId("watch-waiting").click();
    await board.page.getByRole("dialog", { name: title, exact: true }).getByText("I say no name").waitFor();
    await board.get("watch-close").click();
  }
  await hans.window.close();
  await guest.end();
  await guest.window.close();
}

async function part(house) {
  if (house.mock) return "only with the real server";
  const { anna, sam, zed } = house.cast;
  await press(sam.page, "oversee-whisper");
  await sam.get("oversee-text").fill("Offer him a second firing");
  await sam.get("oversee-text").press("Enter");
  await anna.get("whisper").filter({ hasText: "Offer him a second firing" }).waitFor();
  await sam.get("whispered").filter({ hasText: "Offer him a second firing" }).waitFor();
  await anna.get("mode-note").click();
  await anna.write("Third letter about this pot");
  await sam.get("noted").filter({ hasText: "Third letter about this pot" }).waitFor();
  await anna.get("mode-reply").click();
  await house.axe(anna.page, "console, a whisper");
  await house.axe(sam.page, "board, whispering");
  await house.shot(anna.page, "74-console-whisper");
  await house.shot(sam.page, "74-board-whisper");
  await sam.page.reload();
  await sam.get("still-reading").waitFor();
  await house.axe(sam.page, "board, after a reload");
  await sam.get("still-open").click();
  await sam.get("watch").getByText("It is, until six").waitFor();
  await sam.get("oversee-barge").click();
  await zed.page.getByText("Sam joined the chat").waitFor();
  await sam.get("oversee-text").fill("I am the boss of the kiln");
  await sam.get("oversee-text").press("Enter");
  await zed.shows("I am the boss of the kiln");
  await anna.shows("I am the boss of the kiln");
  await house.shot(zed.page, "75-visitor-barged");
  await house.shot(sam.page, "75-board-barged");
  assert.equal(await zed.page.getByText("second firing").count(), 0, "a whisper is the agent's alone");
  await zed.reload();
  await zed.shows("I am the boss of the kiln");
  assert.equal(await zed.page.getByText("second firing").count(), 0, "nor after a reload");
  await sam.get("oversee-listen").click();
  await zed.page.getByText("Sam left the chat").waitFor();
  await sam.page.setViewportSize({ width: 820, height: 1100 });
  await sam.page.emulateMedia({ colorScheme: "dark" });
  await house.axe(sam.page, "board, reading along, tablet, dark");
  await house.shot(sam.page, "76-board-tablet-dark");
  await sam.page.setViewportSize({ width: 390, height: 780 });
  await house.shot(sam.page, "76-board-phone-dark");
  await sam.page.setViewportSize({ width: 1280, height: 800 });
  await sam.page.emulateMedia({ colorScheme: "light" });
}

async function page(house) {
  if (house.mock) return "only with the real server";
  const { anna, sam, zed } = house.cast;
  zed.window.expected.push(/inline style|style-src-attr|object-src/, /status of 404/);
  anna.window.expected.push(/escape its sandboxing/, /status of 404/);
  await anna.get("cobrowse-ask-open").click();
  await anna.get("cobrowse-ask-send").click();
  await zed.get("cobrowse-ask").waitFor();
  await zed.get("cobrowse-allow").click();
  await sam.get("see-page").click();
  const mirror = sam.page.frameLocator('[data-testid="page-frame"]').frameLocator("iframe");
  await mirror.getByText("Pots for every day").first().waitFor();
  await sam.get("shared-page").getByText(/Seen by .*Sam/).waitFor();
  await house.axe(sam.page, "board, a shared page");
  await house.shot(sam.page, "77-board-page");
  const before = await zed.page.evaluate(() => scrollY);
  const box = await sam.get("page-frame").boundingBox();
  await sam.page.mouse.click(box.x + 100, box.y + 100);
  await new Promise((passed) => setTimeout(passed, 500));
  assert.equal(await zed.get("cobrowse-mark").count(), 0, "who looks on marks nothing");
  assert.equal(await zed.page.evaluate(() => scrollY), before);
  await sam.get("see-page").click();
  await anna.get("cobrowse-end").click();
  await sam.get("shared-page").waitFor({ state: "detached" });
  await sam.get("page-over").waitFor();
}

async function over(house) {
  if (house.mock) return "only with the real server";
  const { anna, sam, zed } = house.cast;
  const interaction = await anna.get("conversation").getAttribute("data-interaction");
  await press(sam.page, "oversee-take_over");
  await focused(sam.page, "data-testid", "oversee-sure");
  await sam.page.keyboard.press("Enter");
  await sam.get("watch").getByText("This chat is yours now").waitFor();
  await anna.tab("Zed").waitFor({ state: "detached" });
  await zed.page.getByText("Anna left the chat").waitFor();
  await house.shot(sam.page, "78-board-taken");
  await sam.page.keyboard.press("Escape");
  await until("the dialog is gone", async () => (await sam.get("watch").count()) === 0);
  const record = await sam.page.evaluate(async (id) => {
    const { token } = JSON.parse(sessionStorage.getItem("tandem.board"));
    return (await fetch(`/api/v1/interactions/${id}`, { headers: { authorization: `Bearer ${token}` } })).json();
  }, interaction);
  const steps = record.happenings.filter(({ event }) => event === "in_chat").map(({ details }) => details.step);
  for (const step of ["supervision_started", "supervised", "joined", "left", "whispered", "taken_over", "supervision_ended"]) assert.ok(steps.includes(step), `${step} is in ${steps}`);
  assert.ok(record.legs.some(({ party, cause }) => party === "sam" && cause === "monitor"), JSON.stringify(record.legs));
  await sam.page.goto(`${house.url}/console/`);
  await sam.get("agent").fill("sam");
  await sam.get("password").fill(house.password);
  await sam.get("sign-in").click();
  await sam.get("contact").filter({ hasText: "Zed" }).click();
  await sam.get("conversation").getByText("Is the kiln on?").waitFor();
  await sam.get("composer").fill("Now you are with me");
  await sam.get("composer").press("Enter");
  await zed.shows("Now you are with me");
  await zed.end();
  await sam.get("wrap-up").waitFor();
  await sam.get("disposition").selectOption({ index: 1 });
  await sam.get("finish").click();
  await sam.get("contact").waitFor({ state: "detached" });
  await sam.window.close();
  await zed.window.close();
  delete house.cast.sam;
  delete house.cast.zed;
}
