// A page that invites its visitor to a chat.
import assert from "node:assert/strict";
import { until } from "./house.mjs";

const ZONE = process.env.TANDEM_FORM_ZONE;

export const INVITING = [
  ["the zone invites by rule while an agent is free, politely, and once a session", invited],
  ["the zone invites nobody who declined, and nobody while no agent is free", declined],
];

/** A shop page that invites, of a zone that does. */
export async function inviting(house, options) {
  const visitor = await house.visitor(options);
  await visitor.page.route(/\/demo\/(workshop\.html)?$/, async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replaceAll('data-zone="shop"', `data-zone="${ZONE}" data-invite`);
    await route.fulfill({ response: answer, body });
  });
  await visitor.reload();
  return visitor;
}

const tell = (visitor, facts) => visitor.page.evaluate((each) => (globalThis.tandem ??= []).push(each), facts);
const focused = (visitor) => visitor.page.evaluate(() => document.activeElement === document.body);

async function invited(house) {
  if (!ZONE) return "only with TANDEM_FORM_ZONE";
  const { anna } = house.cast;
  await anna.presence("ready");
  const ivo = await inviting(house);
  await tell(ivo, { cart: 20 });
  await ivo.page.waitForTimeout(1_500);
  assert.equal(await ivo.get("invitation").count(), 0, "the basket is not worth it yet");
  await tell(ivo, { cart: 120 });
  await ivo.get("invitation-text").filter({ hasText: "Questions about your basket?" }).waitFor();
  assert.equal(await ivo.get("invitation-text").getAttribute("role"), "status");
  assert.ok(await focused(ivo), "the invitation leaves the keyboard where it was");
  await house.axe(ivo.page, "invitation");
  await house.shot(ivo.page, "84-invitation");
  await ivo.get("invitation-accept").click();
  await ivo.get("first-message").waitFor();
  assert.equal(await ivo.get("invitation").isVisible(), false);
  await ivo.get("close").click();
  await ivo.reload();
  await tell(ivo, { cart: 120 });
  await ivo.page.waitForTimeout(2_500);
  assert.equal(await ivo.get("invitation").count(), 0, "one invitation a session");
  await ivo.window.close();
}

async function declined(house) {
  if (!ZONE) return "only with TANDEM_FORM_ZONE";
  const { anna } = house.cast;
  await anna.presence("away:Short break");
  const nel = await inviting(house, { colorScheme: "dark", viewport: { width: 390, height: 844 } });
  let asked = 0;
  nel.page.on("request", (request) => (asked += request.url().includes(`/zones/${ZONE}`) ? 1 : 0));
  await tell(nel, { cart: 120 });
  await until("the page asks whether somebody is free", () => asked > 0);
  await nel.page.waitForTimeout(1_500);
  assert.equal(await nel.get("invitation").count(), 0, "nobody is free");
  await anna.presence("ready");
  await nel.reload();
  await tell(nel, { cart: 120 });
  await nel.get("invitation-text").filter({ hasText: "Questions" }).waitFor();
  await house.axe(nel.page, "invitation, narrow");
  await house.shot(nel.page, "85-invitation-dark");
  await nel.get("invitation-decline").focus();
  await nel.page.keyboard.press("Escape");
  assert.equal(await nel.get("invitation").isVisible(), false);
  await nel.page.evaluate(() => sessionStorage.clear());
  await nel.reload();
  await tell(nel, { cart: 120 });
  await nel.page.waitForTimeout(2_500);
  assert.equal(await nel.get("invitation").count(), 0, "declined for a while");
  await anna.presence("away:Short break");
  await nel.window.close();
}
