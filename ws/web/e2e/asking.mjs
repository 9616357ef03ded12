// An agent asks a colleague in the middle of a call, by buttons and by keyboard: who hears whom is heard at all three telephones.
import assert from "node:assert/strict";
import { called } from "./guiding.mjs";
import { until } from "./house.mjs";
import { at, focused, press, tabTo } from "./keyboard.mjs";
import { tablets } from "./tablet.mjs";
import { ONLY, PHONES, phoneHears, phoneHearsToo, phoneSilent } from "./voice.mjs";

const ANNA = 440;
const BEN = 550;
const CUSTOMER = 660;
const NUMBER = process.env.TANDEM_CALL_NUMBER;

export const ASKING = [
  ["by ear: an agent holds a call, asks a colleague first and connects both", asksAndConnects],
  ["by ear: by keyboard alone a colleague is asked and taken into the call", asksAndJoins],
  ["by ear: a colleague who was taken into a call is taken out again", takesOut],
  ["by ear: a call is handed on to a colleague at once, with a note", handsOn],
];

const joined = (side) => until("the colleague is on the line", async () => (await side.get("consulting").getAttribute("data-joined")) === "true");

/** Ben at a console of his own, away, and a call between anna and the customer that both hear. */
async function scene(house) {
  const { anna } = house.cast;
  await anna.presence("ready");
  const ben = await house.console();
  await ben.signIn("ben");
  await ben.onDesk();
  await ben.presence("away:Short break");
  const interaction = await called(house);
  await phoneHears("anna", CUSTOMER);
  await phoneHears(NUMBER, ANNA);
  return { anna, ben, interaction };
}

/** The colleague has the call now: he and the customer hear each other, and it stands on his desk. */
async function isWithBen({ ben, interaction }) {
  await phoneHears("ben", CUSTOMER);
  await phoneHears(NUMBER, BEN);
  await ben.page.locator(`[data-testid="contact"][data-interaction="${interaction}"]`).click();
  await ben.get("call").waitFor();
}

/** Ben ends it, and nobody has anything on the desk. */
async function leave({ anna, ben }) {
  await ben.get("hang-up").click();
  await ben.get("wrap-up").waitFor();
  await ben.end();
  await ben.presence("away:Short break");
  await ben.window.close();
  await anna.clear();
  await anna.presence("away:Short break");
}

async function asksAndConnects(house) {
  if (!PHONES) return ONLY;
  const cast = await scene(house);
  const { anna, ben } = cast;
  await anna.get("hold").click();
  await until("the button says that it is held", async () => (await anna.get("hold").textContent()) === "Resume");
  await phoneSilent(NUMBER, ANNA);
  await phoneSilent("anna", CUSTOMER);
  await anna.get("hold").click();
  await phoneHears(NUMBER, ANNA);
  await phoneHears("anna", CUSTOMER);

  await anna.get("transfer").click();
  await anna.get("transfer-to").selectOption("agent:ben");
  await house.axe(anna.page, "desk, where a call goes");
  await house.shot(anna.page, "49-transfer");
  await anna.get("transfer-note").fill("Asks about the lid");
  await anna.get("ask-first").click();
  await joined(anna);
  assert.equal(await anna.get("consult-note").inputValue(), "Asks about the lid");
  await phoneHears("ben", ANNA);
  await phoneHears("anna", BEN);
  await phoneSilent(NUMBER, ANNA);
  await phoneSilent("ben", CUSTOMER);
  await ben.get("asked").waitFor();
  await house.axe(anna.page, "desk, asking a colleague");
  await house.axe(ben.page, "desk, asked by a colleague");
  await house.shot(anna.page, "49-asking");
  await house.shot(ben.page, "49-asked");
  const whole = await ben.get("asked").locator("h2").evaluate((told) => told.scrollWidth <= told.clientWidth && getComputedStyle(told).whiteSpace !== "nowrap");
  assert.ok(whole, "who asks is cut off");

  await anna.get("take-back").click();
  await anna.get("consulting").waitFor({ state: "detached" });
  await phoneHears(NUMBER, ANNA);
  await phoneSilent("anna", BEN);
  await anna.get("transfer").click();
  await anna.get("transfer-to").selectOption("agent:ben");
  assert.equal(await anna.get("transfer-note").inputValue(), "Asks about the lid");
  await anna.get("ask-first").click();
  await joined(anna);
  await anna.get("consult-note").fill("Asks about the lid, not the pot");
  await anna.get("complete").click();
  await isWithBen(cast);
  await ben.page.getByText("Asks about the lid, not the pot").first().waitFor();
  await house.shot(ben.page, "49-connected-note");
  assert.equal(await anna.get("left-unsent").count(), 0, "what was sent is not left");
  await phoneSilent(NUMBER, ANNA);
  await leave(cast);
  await handedOnInTheRecord(house, cast.interaction);
}

async function asksAndJoins(house) {
  if (!PHONES) return ONLY;
  const cast = await scene(house);
  const { anna, interaction } = cast;
  const { keyboard } = anna.page;
  await tabTo(anna.page, at("transfer"));
  await keyboard.press("Enter");
  await focused(anna.page, "data-testid", "transfer-to-find");
  await until("ben can be chosen", async () => (await anna.get("transfer-to").locator('option[value="agent:ben"]').count()) === 1);
  await keyboard.type("Ben");
  assert.equal(await anna.get("transfer-to").inputValue(), "agent:ben");
  await tabTo(anna.page, at("ask-first"));
  await keyboard.press("Enter");
  await joined(anna);
  // A second press ends no question.
  await focused(anna.page, "data-testid", "call");
  await phoneHears("ben", ANNA);
  await tabTo(anna.page, at("conference"));
  await keyboard.press("Enter");
  await anna.get("in-conference").getByText("with ben").waitFor();
  for (const [phone, tones] of [[NUMBER, [ANNA, BEN]], ["anna", [CUSTOMER, BEN]], ["ben", [CUSTOMER, ANNA]]]) {
    for (const hertz of tones) await phoneHearsToo(phone, hertz);
  }
  await house.axe(anna.page, "desk, three in a call");
  await house.shot(anna.page, "49-conference");
  await tabTo(anna.page, at("mute"));
  await keyboard.press("Space");
  await phoneSilent(NUMBER, ANNA, 0.1);
  await phoneHears(NUMBER, BEN);
  await keyboard.press("Space");
  await phoneHearsToo(NUMBER, ANNA);
  // Who leaves is free at once, and the call is the colleague's.
  await tabTo(anna.page, at("hang-up"));
  await keyboard.press("Enter");
  await anna.page.locator(`[data-testid="contact"][data-interaction="${interaction}"]`).waitFor({ state: "detached" });
  await isWithBen(cast);
  await phoneSilent(NUMBER, ANNA);
  await leave(cast);
  await inTheRecord(house, interaction);
}

/** What is on record of a conference is told by name, where it happened. */
async function inTheRecord(house, interaction) {
  const { page } = house.cast.anna;
  await page.goto(`${house.url}/console/#history/${interaction}`);
  const lines = page.getByTestId("record").locator('[data-is="asked"] p');
  await until("the conference is in the record", async () => (await lines.count()) >= 3);
  await lines.filter({ hasText: "Anna asked Ben while the customer waited" }).waitFor();
  await lines.filter({ hasText: "Ben came into the conference" }).waitFor();
  await lines.filter({ hasText: "Ben left the conference" }).or(lines.filter({ hasText: "Ben came on the line" })).first().waitFor();
  await house.axe(page, "history, a conference");
  await lines.first().scrollIntoViewIfNeeded();
  await house.shot(page, "49-conference-record");
  await page.goto(`${house.url}/console/`);
}

/** How a call was held and given to a colleague is on record, with the note, in order. */
async function handedOnInTheRecord(house, interaction) {
  const { page } = house.cast.anna;
  await page.goto(`${house.url}/console/#history/${interaction}`);
  const record = page.getByTestId("record");
  await record.getByText("Anna gave the call to Ben", { exact: true }).waitFor();
  const lines = await record.locator(".order > li > :not(time)").allTextContents();
  const wanted = ["The customer was put on hold", "The customer was taken off hold", "Anna asked Ben while the customer waited", "Anna gave the call to Ben", "Anna noted: Asks about the lid, not the pot"];
  const found = wanted.map((text) => lines.findLastIndex((line) => line.trim() === text));
  assert.ok(!found.includes(-1), `${wanted[found.indexOf(-1)]} is not among ${lines.join(" | ")}`);
  assert.deepEqual(found, found.toSorted((one, other) => one - other), `out of order: ${lines.join(" | ")}`);
  await house.axe(page, "history, a call that was handed on");
  await record.getByText("Anna gave the call to Ben").scrollIntoViewIfNeeded();
  await house.shot(page, "49-handed-on-record");
  await page.emulateMedia({ colorScheme: "dark" });
  await tablets(house, page, "49-handed-on-record");
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(`${house.url}/console/`);
}

async function takesOut(house) {
  if (!PHONES) return ONLY;
  const { anna, ben } = await scene(house);
  await anna.get("transfer").click();
  await anna.get("transfer-to").selectOption("agent:ben");
  await anna.get("ask-first").click();
  await joined(anna);
  await anna.get("conference").click();
  await phoneHearsToo(NUMBER, BEN);
  await phoneHearsToo("ben", CUSTOMER);
  await house.axe(anna.page, "desk, who can be taken out of a call");
  await house.shot(anna.page, "49-take-out");
  await press(anna.page, "take-out");
  await anna.get("in-conference").waitFor({ state: "detached" });
  await focused(anna.page, "data-testid", "call");
  await phoneSilent(NUMBER, BEN);
  await phoneSilent("anna", BEN);
  await phoneHears(NUMBER, ANNA);
  await phoneHears("anna", CUSTOMER);
  await ben.window.close();
  await anna.get("hang-up").click();
  await anna.get("wrap-up").waitFor();
  await anna.end();
  await anna.presence("away:Short break");
}

async function handsOn(house) {
  if (!PHONES) return ONLY;
  const cast = await scene(house);
  const { anna, ben } = cast;
  await ben.presence("ready");
  await anna.get("transfer").click();
  await anna.get("transfer-to").selectOption("agent:ben");
  await anna.get("dialog").locator("textarea").fill("Asks about the large pot");
  await anna.get("confirm").click();
  await ben.get("offer").first().getByTestId("accept").click();
  await isWithBen(cast);
  await phoneSilent(NUMBER, ANNA);
  await ben.page.getByText("Asks about the large pot").first().waitFor();
  await house.shot(ben.page, "49-handed-on");
  await leave(cast);
}
