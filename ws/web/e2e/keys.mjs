// By keyboard alone: how a contact turned out, a call that is given away, and a page that is suggested to who came by an invitation.
import assert from "node:assert/strict";
import { called } from "./guiding.mjs";
import { until } from "./house.mjs";
import { inviting } from "./inviting.mjs";
import { at, focused, press, tabTo, takes } from "./keyboard.mjs";
import { ONLY, PHONES } from "./voice.mjs";

const run = Date.now().toString(36).slice(-4);
const named = (name) => `${name} ${run}`;
const ZONE = process.env.TANDEM_FORM_ZONE;

export const KEYS = [
  ["by keyboard alone a wrap-up says how it turned out, with a note", wrapsUp],
  ["by keyboard alone a call is given to a colleague at once, with a note", givesAway],
  ["by keyboard alone a page is suggested to who came by an invitation, mended, opened and put away", suggests],
];

/** Looks at a page in the light, in the dark, and on a telephone. */
async function looks(house, page, name) {
  const wide = page.viewportSize();
  await house.shot(page, name);
  await page.emulateMedia({ colorScheme: "dark" });
  await house.axe(page, `${name}, dark`);
  await house.shot(page, `${name}-dark`);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 800 });
  await house.axe(page, `${name}, phone`);
  await house.shot(page, `${name}-phone`);
  await page.setViewportSize(wide);
}

async function wrapsUp(house) {
  const { anna } = house.cast;
  const { page } = anna;
  const runa = await house.visitor();
  await anna.presence("ready");
  await runa.begin("How heavy is the pot?", named("Runa"));
  await anna.offer(named("Runa")).waitFor();
  await takes(anna, named("Runa"));
  await focused(page, "data-testid", "composer");
  await press(page, "end");
  await anna.get("dialog").waitFor();
  await press(page, "confirm");
  await anna.get("wrap-up").waitFor();
  await focused(page, "data-testid", "wrap-up");
  await tabTo(page, at("disposition"));
  await page.keyboard.press("ArrowDown");
  const chosen = await anna.get("disposition").inputValue();
  assert.notEqual(chosen, "");
  await page.keyboard.press("Tab");
  await focused(page, "data-testid", "note");
  await page.keyboard.type("Two kilogrammes");
  await page.keyboard.press("Tab");
  await focused(page, "data-testid", "solved");
  await page.keyboard.press("Space");
  assert.ok(await anna.get("solved").isChecked());
  await looks(house, page, "47-keys-wrap-up");
  const interaction = await anna.get("conversation").getAttribute("data-interaction");
  await press(page, "finish");
  await anna.tab(named("Runa")).waitFor({ state: "detached" });
  await runa.window.close();
  // It is on record.
  await page.goto(`${house.url}/console/#history/${interaction}`);
  await anna.get("record").getByText(`${chosen}. Two kilogrammes`).waitFor();
  await page.goto(`${house.url}/console/#desk`);
}

async function givesAway(house) {
  if (!PHONES) return ONLY;
  const { anna } = house.cast;
  const { page } = anna;
  await anna.presence("ready");
  const ben = await house.console();
  await ben.signIn("ben");
  await ben.onDesk();
  await ben.presence("away:Short break");
  const interaction = await called(house);
  await ben.presence("ready");
  await press(page, "transfer");
  await focused(page, "data-testid", "transfer-to-find");
  await until("ben can be chosen", async () => (await anna.get("transfer-to").locator('option[value="agent:ben"]').count()) === 1);
  await page.keyboard.type("ben");
  assert.equal(await anna.get("transfer-to").inputValue(), "agent:ben");
  await tabTo(page, at("transfer-note"));
  await page.keyboard.type("Wants the blue lid");
  await looks(house, page, "47-keys-transfer");
  await press(page, "confirm");
  await anna.get("dialog").waitFor({ state: "detached" });
  await anna.page.locator(`[data-testid="contact"][data-interaction="${interaction}"]`).waitFor({ state: "detached" });
  assert.notEqual(await page.evaluate(() => document.activeElement.tagName), "BODY", "the keyboard is somewhere");
  await ben.get("offer").first().waitFor();
  await ben.page.keyboard.press("Alt+y");
  await ben.page.locator('[data-testid="call"][data-call="connected"]').first().waitFor();
  await ben.page.getByText("Wants the blue lid").first().waitFor();
  await press(ben.page, "hang-up");
  await ben.get("wrap-up").waitFor();
  await ben.end();
  await ben.presence("away:Short break");
  await ben.window.close();
  await anna.presence("away:Short break");
}

/** Somebody whom the shop invited, in a chat with anna, by keys only. */
async function invitedIn(house) {
  const { anna } = house.cast;
  await anna.presence("ready");
  const otto = await inviting(house);
  const { page } = otto;
  await page.evaluate(() => (globalThis.tandem ??= []).push({ cart: 120 }));
  await otto.get("invitation-text").filter({ hasText: "Questions about your basket?" }).waitFor();
  await press(page, "invitation-accept");
  await focused(page, "data-testid", "first-message");
  await page.keyboard.type("Which pot is it?");
  await tabTo(page, at("name"));
  await page.keyboard.type(named("Otto"));
  await tabTo(page, at("field-topic"));
  await page.keyboard.press("ArrowDown");
  await press(page, "field-terms", "Space");
  await press(page, "start-chat");
  await otto.state("Which pot is it?", "Sent", "Delivered", "Read");
  await anna.offer(named("Otto")).waitFor();
  await takes(anna, named("Otto"));
  return otto;
}

async function suggests(house) {
  if (house.mock || !ZONE) return "only with the real server";
  const { anna } = house.cast;
  const desk = anna.page;
  anna.window.expected.push(/escape its sandboxing/);
  const otto = await invitedIn(house);
  const { page } = otto;
  otto.window.expected.push(/inline style|style-src-attr|object-src/, /status of 404/);
  await press(desk, "cobrowse-ask-open");
  await tabTo(desk, `(element) => element?.dataset.grant === "push"`);
  await desk.keyboard.press("Space");
  await press(desk, "cobrowse-ask-send");
  await otto.get("cobrowse-ask").waitFor();
  await tabTo(page, `(element) => element?.name === "push"`);
  await page.keyboard.press("Space");
  await press(page, "cobrowse-allow");
  await press(desk, "cobrowse-push-open");
  await tabTo(desk, at("cobrowse-push-url"));
  await desk.keyboard.type("https://elsewhere.example/");
  await desk.keyboard.press("Enter");
  await anna.page.getByText(/may not be suggested/).first().waitFor();
  await focused(desk, "data-testid", "cobrowse-push-url");
  await looks(house, desk, "47-keys-suggest");
  await desk.keyboard.press("Control+a");
  await desk.keyboard.type("/demo/workshop.html");
  await desk.keyboard.press("Enter");
  await focused(desk, "data-testid", "cobrowse-push-open");
  // What comes leaves the keyboard where it is, and is reached from there.
  await otto.get("cobrowse-open").waitFor();
  const said = () => page.evaluate(() => document.querySelector('[data-tandem="share"]').shadowRoot.querySelector(".hush").textContent);
  await until("it is announced", async () => /Anna suggests a page: 127\.0\.0\.1.*workshop/.test(await said()));
  await looks(house, page, "47-keys-suggested");
  await tabTo(page, at("cobrowse-open"));
  await page.keyboard.press("Escape");
  await otto.get("cobrowse-card").waitFor({ state: "hidden" });
  assert.notEqual(await page.evaluate(() => document.activeElement.tagName), "BODY", "the keyboard is somewhere");
  await desk.keyboard.press("Enter");
  await tabTo(desk, at("cobrowse-push-url"));
  await desk.keyboard.type("/demo/workshop.html");
  await desk.keyboard.press("Enter");
  await otto.get("cobrowse-open").waitFor();
  await press(page, "cobrowse-open");
  await page.waitForURL(/workshop/);
  await otto.get("cobrowse-bar").waitFor();
  // The other way round: the visitor sends a page.
  await press(page, "cobrowse-suggest");
  await focused(page, "data-testid", "suggest-address");
  await page.keyboard.press("Enter");
  await otto.get("suggest").getByText("The page was sent.").waitFor();
  await focused(page, "data-testid", "suggest-close");
  await page.keyboard.press("Enter");
  await focused(page, "data-testid", "cobrowse-suggest");
  await anna.get("suggested-page").last().waitFor();
  // They stand in the conversation too, and lead there.
  const lines = () => page.locator('[data-what="cobrowse"]:has(a) span').evaluateAll((all) => all.map((each) => [each.textContent, each.querySelector("a").href]));
  const [way, title] = [`${house.url}/demo/workshop.html`, await page.title()];
  await until("all three stand there", async () => (await lines()).length === 3);
  assert.deepEqual(await lines(), [`Anna: ${way}`, `Anna: ${way}`, `You: ${title} ${way}`].map((text) => [text, way]));
  await looks(house, page, "47-keys-suggested-lines");
  await press(page, "cobrowse-stop");
  await otto.get("cobrowse-bar").waitFor({ state: "hidden" });
  await anna.end();
  await anna.presence("away:Short break");
  await otto.window.close();
}
