// A call that is wanted later: who asks for one without a chat is promised that and nothing else.
import assert from "node:assert/strict";
import { until } from "./house.mjs";

export const LATER = [["who wants to be called later is promised that alone, sees it in each tab and after a reload, changes it, writes beside it, and is called", later]];

const NUMBER = process.env.TANDEM_CALL_NUMBER ?? "+49301234567";
const OTHER = "+4930900299";

async function later(house) {
  const { anna } = house.cast;
  await anna.presence("ready");
  const name = "Lou Later";
  const lou = await house.visitor();
  await lou.open();
  await lou.get("first-message").fill("My parcel is lost");
  await lou.get("name").fill(name);
  await lou.askCall(OTHER, "In an hour");
  const promised = lou.get("callback").filter({ hasText: OTHER });
  await promised.waitFor();
  await lou.shows("My parcel is lost");
  await until("nobody is said to be looked for", async () => (await lou.get("status").textContent()) === "");
  await house.axe(lou.page, "widget, a call is promised");
  for (const colorScheme of ["light", "dark"]) {
    await lou.page.emulateMedia({ colorScheme });
    await house.shot(lou.page, `71-later-${colorScheme}`);
    await lou.page.setViewportSize({ width: 390, height: 780 });
    await house.axe(lou.page, `widget, a call is promised, ${colorScheme}, telephone`);
    await house.shot(lou.page, `71-later-${colorScheme}-phone`);
    await lou.page.setViewportSize({ width: 1280, height: 800 });
  }
  await lou.page.emulateMedia({ colorScheme: "light" });

  await lou.reload();
  await promised.waitFor();
  const tab = house.visitorOn(lou.window, await lou.window.context.newPage());
  await tab.page.goto(`${house.url}/demo/`);
  await tab.open();
  await tab.get("callback").filter({ hasText: OTHER }).waitFor();
  await tab.askCall(NUMBER, "Tomorrow at ten");
  await lou.get("callback").filter({ hasText: NUMBER }).waitFor();
  assert.equal(await lou.get("callback").count(), 1, "one call is promised");
  await tab.page.close();
  assert.equal(await anna.offer(name).count(), 0, "no chat is offered");

  await taken(house, name);

  await lou.write("Can you say something now?");
  await anna.offer(name).waitFor();
  await anna.accept(name);
  await anna.show(name);
  await anna.shows("My parcel is lost");
  await anna.get("callbacks").locator('li[data-state="promised"]').waitFor();
  await house.shot(anna.page, "72-later-desk");
  if (house.mock) {
    await anna.end();
    return void (await lou.window.close());
  }
  await anna.write("We look for it, and call");
  await lou.shows("We look for it, and call");
  await anna.end();
  await called(house, lou, name);
  await lou.window.close();
}

// Who takes it back waits for nobody, and begins anew.
async function taken(house, name) {
  const { anna } = house.cast;
  const guest = await house.visitor();
  await guest.open();
  await guest.get("name").fill("Max Later");
  await guest.askCall(OTHER, "In 20 minutes");
  await guest.shows(`Please call me back: ${OTHER}`);
  await guest.get("cancel-callback").click();
  await guest.get("start-over").filter({ hasText: "Start again" }).waitFor();
  await guest.get("status").filter({ hasText: "No call is promised any more" }).waitFor();
  await guest.get("log").getByText("The callback will not take place").waitFor();
  assert.equal(await guest.get("log").getByText(/chat/).count(), 0, "there was no chat");
  assert.equal(await guest.get("callback").count(), 0);
  assert.equal(await anna.offer("Max Later").count(), 0, `${name} alone has a promise`);
  await house.axe(guest.page, "widget, no call is promised any more");
  await house.shot(guest.page, "73-later-taken-back");
  await guest.get("start-over").click();
  await guest.get("first-message").waitFor();
  await guest.window.close();
}

// The time comes: whoever calls sees what was written.
async function called(house, lou, name) {
  const { anna } = house.cast;
  const interaction = await lou.page.evaluate(() => JSON.parse(localStorage.getItem("tandem.shop"))[0].interaction);
  await anna.page.evaluate(async ({ interaction, at }) => {
    const { token } = JSON.parse(sessionStorage.getItem("tandem.session") ?? localStorage.getItem("tandem.session"));
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const all = await (await fetch("/api/v1/callbacks?limit=200", { headers })).json();
    const { callback } = all.callbacks.find((each) => each.interaction === interaction && each.state === "promised");
    const moved = await fetch(`/api/v1/callbacks/${callback}`, { method: "PATCH", headers, body: JSON.stringify({ at }) });
    if (!moved.ok) throw new Error(`${moved.status}: ${await moved.text()}`);
  }, { interaction, at: Date.now() + 1_000 });
  await anna.offer(name).waitFor();
  await house.shot(anna.page, "74-later-offer");
  await anna.accept(name);
  await anna.show(name);
  await anna.shows("My parcel is lost");
  await house.shot(anna.page, "75-later-call");
  await anna.get("hang-up").click();
  await anna.get("wrap-up").waitFor();
  await anna.end();
}
