// What a zone asks before a chat.
import assert from "node:assert/strict";
import { until } from "./house.mjs";

const run = Date.now().toString(36).slice(-4);
const named = (name) => `${name} ${run}`;
const ZONE = process.env.TANDEM_FORM_ZONE;

export const FORMS = [
  ["the zone's form is asked before the chat, and its answers are on the agent's card", asked],
  ["the zone's queue is closed: who comes leaves a message, and is told until when", leaving],
  ["a page that was loaded while the zone was open is told that it has closed, and until when", closedSince],
  ["the zone's form in German, in the dark, on a telephone", elsewhere],
];

/** A visitor whose shop page belongs to another zone. */
export async function inZone(house, zone, options) {
  const visitor = await house.visitor(options);
  await visitor.page.route("**/demo/", async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replaceAll('data-zone="shop"', `data-zone="${zone}"`);
    await route.fulfill({ response: answer, body });
  });
  await visitor.reload();
  return visitor;
}

async function fieldsOf(visitor) {
  await visitor.open();
  await visitor.get("field-topic").waitFor();
}

async function asked(house) {
  if (!ZONE) return "only with TANDEM_FORM_ZONE";
  const { anna } = house.cast;
  const fay = await inZone(house, ZONE);
  await fieldsOf(fay);
  await house.axe(fay.page, "widget, form");
  await house.shot(fay.page, "80-widget-form");
  await fay.get("first-message").fill("The handle came off.");
  await fay.get("start-chat").click();
  await fay.page.getByText("Please fill in: Your name").waitFor();
  await fay.get("name").fill(named("Fay"));
  await fay.get("start-chat").click();
  await fay.page.getByText("Please choose: What is it about?").waitFor();
  await fay.get("field-topic").selectOption({ label: "A repair" });
  await fay.get("field-phone").fill("call me");
  await fay.get("start-chat").click();
  await fay.page.getByText("A phone number has only digits").waitFor();
  await fay.get("field-phone").fill("+49 30 1234567");
  await fay.get("field-order").fill("A-4712, card 4111 1111 1111 1111");
  await fay.get("start-chat").click();
  await fay.page.getByText("We need your consent: I agree to the privacy notice").waitFor();
  assert.equal(await fay.page.evaluate(() => document.querySelector("[data-tandem]").shadowRoot.activeElement.type), "checkbox");
  await house.axe(fay.page, "widget, form with an error");
  await house.shot(fay.page, "81-widget-form-error");
  await fay.get("field-terms").check();
  await fay.get("start-chat").click();
  await fay.state("The handle came off.", "Sent", "Delivered", "Read");
  const kept = await fay.page.evaluate((zone) => localStorage.getItem(`tandem.${zone}`), ZONE);
  assert.ok(!kept.includes("4712"), "answers that arrived are not kept in the page's storage");
  await anna.presence("ready");
  await anna.accept(named("Fay"));
  await anna.show(named("Fay"));
  await anna.get("answer-topic").filter({ hasText: "A repair" }).waitFor();
  await anna.get("answer-phone").filter({ hasText: "+49301234567" }).waitFor();
  await anna.get("answer-order").filter({ hasText: "A-4712, card [card ending 1111]" }).waitFor();
  await house.axe(anna.page, "card with answers");
  await house.shot(anna.page, "82-card-answers");
  await anna.end();
  await anna.presence("away:Short break");
  await fay.window.close();
}

async function elsewhere(house) {
  if (!ZONE) return "only with TANDEM_FORM_ZONE";
  const uli = await inZone(house, ZONE, { colorScheme: "dark", viewport: { width: 390, height: 844 } });
  await uli.page.route("**/demo/", async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replaceAll('data-zone="shop"', `data-zone="${ZONE}" data-lang="de-AT"`);
    await route.fulfill({ response: answer, body });
  });
  await uli.reload();
  await uli.page.getByRole("button", { name: /Chat öffnen/ }).click();
  await uli.get("field-topic").waitFor();
  await until("a German label", async () => (await uli.get("panel").textContent()).includes("Worum geht es?"));
  await uli.get("first-message").fill("Der Henkel ist ab.");
  await uli.get("start-chat").click();
  await uli.page.getByText("Bitte ausfüllen: Ihr Name").waitFor();
  await house.axe(uli.page, "widget, form in German");
  await house.shot(uli.page, "83-widget-form-dark-german");
  await uli.window.close();
}

async function closedSince(house) {
  const zone = process.env.TANDEM_CLOSED_ZONE;
  if (!zone) return "only with TANDEM_CLOSED_ZONE";
  for (const [locale, sentence, until, options] of [
    ["en-GB", "Not sent. We are closed at the moment.", /^We are closed until /, {}],
    ["de-DE", "Nicht gesendet. Wir haben gerade geschlossen.", /^Wir haben bis .* geschlossen\.$/, { colorScheme: "dark", viewport: { width: 390, height: 844 } }],
  ]) {
    const lou = await inZone(house, zone, { locale, ...options });
    // As it was told before the zone closed.
    let asked = 0;
    await lou.page.route(`**/api/v1/zones/${zone}?*`, async (route) => {
      const answer = await route.fetch();
      const told = await answer.json();
      asked += 1;
      await route.fulfill({ response: answer, json: asked > 1 ? told : { ...told, later: undefined, open: true, opens_at: undefined } });
    });
    await lou.page.route("**/demo/", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: (await answer.text()).replaceAll('data-zone="shop"', `data-zone="${zone}" data-lang="${locale}"`) });
    });
    await lou.reload();
    await lou.page.getByRole("button", { name: /Open chat|Chat öffnen/ }).click();
    await lou.get("first-message").fill("Is anybody there?");
    await lou.get("start-chat").filter({ hasText: /Start chat|Chat beginnen/ }).click();
    await lou.get("message").filter({ hasText: sentence }).waitFor();
    await lou.get("status").filter({ hasText: until }).waitFor();
    await house.axe(lou.page, `widget, closed since, ${locale}`);
    await house.shot(lou.page, `86-widget-closed-since-${locale}`);
    await lou.window.close();
  }
}

async function leaving(house) {
  const zone = process.env.TANDEM_CLOSED_ZONE;
  if (!zone) return "only with TANDEM_CLOSED_ZONE";
  const lea = await inZone(house, zone, { viewport: { width: 390, height: 844 } });
  await lea.open();
  await lea.get("leave").filter({ hasText: "we answer as soon as we are back" }).waitFor();
  await lea.get("hours").filter({ hasText: "We are closed until" }).waitFor();
  await lea.get("first-message").fill("Please tell me when the blue jug is back.");
  await lea.get("name").fill(named("Lea"));
  await lea.page.getByRole("button", { name: "Leave a message" }).click();
  await lea.page.getByText("Please give us an e-mail address or a phone number").waitFor();
  await house.axe(lea.page, "widget, leave a message");
  await house.shot(lea.page, "86-widget-leave");
  await lea.get("mail").fill("lea@example.org");
  await lea.page.getByRole("button", { name: "Leave a message" }).click();
  await lea.state("Please tell me when the blue jug is back.", "Sent", "Delivered");
  await lea.page.getByText(/We are closed until .* Your message waits for us/).waitFor();
  assert.equal(await lea.get("position").count(), 0, "a message stands in no line");
  await house.axe(lea.page, "widget, message left");
  await house.shot(lea.page, "87-widget-left");
  // Staff read why it waits: supervisors on the board, agents in the record.
  const sam = await house.board();
  await sam.signIn("sam");
  const row = sam.get("waiting").locator("tbody tr").filter({ hasText: named("Lea") });
  await row.getByTestId("before").filter({ hasText: /^a message; closed until / }).waitFor();
  await row.getByTestId("why").click();
  await sam.get("why-held").filter({ hasText: "closed until" }).waitFor();
  await house.axe(sam.page, "board, why a message waits");
  await house.shot(sam.page, "87-board-held");
  await sam.window.close();
  const { anna } = house.cast;
  await anna.page.keyboard.press("Alt+3");
  await anna.get("search-name").fill(named("Lea"));
  await anna.get("search-go").click();
  await until("the message is found", async () => (await anna.get("result").count()) === 1);
  await anna.get("result").click();
  await anna.get("record-held").filter({ hasText: "closed until" }).waitFor();
  await house.shot(anna.page, "87-record-held");
  await anna.get("search").locator('button[type="reset"]').click();
  await anna.page.keyboard.press("Alt+1");
  await lea.window.close();
}
