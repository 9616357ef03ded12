// The page of another system beside a contact: from the offer, from the card, and by itself when the contact is taken.
import assert from "node:assert/strict";
import { offeredCall } from "./guiding.mjs";
import { until } from "./house.mjs";

export const POPS = [["the other system's page opens from offer and card, and by itself when a chat or a call is taken", pops]];

// What a customer may be called: none of it may change the address.
const NAME = `Zo\u00eb & S\u00f6hne?#${Date.now().toString(36).slice(-4)}`;

/** What is asked of the other system in a page that opened; the desk is neither named to it nor in its reach. */
async function asked(popped) {
  const page = await popped;
  await page.waitForURL(/crm=/);
  assert.deepEqual(await page.evaluate(() => [window.opener, document.referrer]), [null, ""]);
  const { searchParams } = new URL(page.url());
  await page.close();
  return Object.fromEntries(searchParams);
}

async function pops(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const { context } = anna.window;
  const opens = () => context.waitForEvent("page");
  const [zoe, ole] = [await house.visitor(), await house.visitor()];
  await anna.presence("ready");
  await zoe.begin("Where is my order?", NAME);
  await anna.offer(NAME).waitFor();
  const before = opens();
  await anna.offer(NAME).getByTestId("screen-pop").click();
  const { crm, ...rest } = await asked(before);
  assert.deepEqual(rest, { queue: "support", number: "", name: NAME });

  // Nothing opens by itself where nobody wanted that.
  const pages = context.pages().length;
  await anna.accept(NAME);
  await anna.show(NAME);
  assert.equal(await anna.get("conversation").getAttribute("data-interaction"), crm);
  assert.equal(context.pages().length, pages);
  const card = opens();
  await anna.get("card").getByTestId("screen-pop").click();
  assert.equal((await asked(card)).crm, crm);
  await anna.get("pop-by-itself").check();
  await house.axe(anna.page, "desk, another system's page");
  await house.shot(anna.page, "67-pop");
  await anna.end();

  await ole.begin("And mine?", `Ole ${NAME}`);
  await anna.offer(`Ole ${NAME}`).waitFor();
  const taken = opens();
  await anna.accept(`Ole ${NAME}`);
  await anna.show(`Ole ${NAME}`);
  const chat = await asked(taken);
  assert.equal(chat.name, `Ole ${NAME}`);
  assert.equal(await anna.get("conversation").getAttribute("data-interaction"), chat.crm);
  await anna.end();

  const { interaction, offer } = await offeredCall(house);
  const called = opens();
  await offer.getByTestId("accept").click();
  const call = await asked(called);
  assert.deepEqual([call.crm, call.number], [interaction, process.env.TANDEM_CALL_NUMBER]);
  await anna.page.locator(`[data-testid="contact"][data-interaction="${interaction}"]`).click();
  await anna.page.locator('[data-testid="call"][data-call="connected"]').first().waitFor();
  await anna.get("hang-up").click();
  await anna.get("wrap-up").waitFor();

  // What is wanted is kept over a reload, and may be wanted no more.
  await anna.reload();
  await anna.onDesk();
  await anna.page.locator(`[data-testid="contact"][data-interaction="${interaction}"]`).click();
  await until("it is kept", () => anna.get("pop-by-itself").isChecked());
  await anna.get("pop-by-itself").uncheck();
  await anna.end();
  for (const guest of [zoe, ole]) await guest.window.close();
}
