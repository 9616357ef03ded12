// Several agents in one chat: one is asked in, writes, sees others write, leaves; the chat is left to whoever is there.
import assert from "node:assert/strict";
import { served } from "./console.mjs";
import { focused, press, tabTo } from "./keyboard.mjs";
import { until } from "./house.mjs";

export const COMPANY = [
  ["a colleague is asked into a chat with a note, by keyboard, declines, is asked again and accepts", asked],
  ["two agents and the visitor write, see each other write, and who came", together],
  ["a colleague notes, has none of the agent's tools, and leaves without ending the chat", helps],
  ["an agent leaves the chat to the colleague, and the record shows who was there", left],
];

async function asked(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const ben = (house.cast.ben = await house.console());
  await ben.signIn("ben");
  await ben.onDesk();
  const mia = (house.cast.mia = await served(house, "Mia", "Parlez-vous français ?"));
  await ben.presence("ready");
  await anna.page.keyboard.press("Alt+i");
  await anna.get("invite-agent").waitFor();
  await until("the colleagues are named", async () => (await anna.get("invite-agent").locator('option[value="ben"]').count()) === 1);
  await tabTo(anna.page, (at) => at.dataset.testid === "confirm");
  await anna.page.keyboard.press("Enter");
  await anna.get("dialog").getByText("Please choose a colleague.").waitFor();
  await house.axe(anna.page, "asking a colleague in");
  await invite(house, "She asks about the kiln, in French");
  await house.shot(anna.page, "90-invite-asked");
  const offer = ben.offer("Mia");
  await offer.getByText("Anna asks you into their chat").waitFor();
  await offer.getByText("She asks about the kiln, in French").waitFor();
  await house.axe(ben.page, "asked into a chat");
  await house.shot(ben.page, "90-invite-offer");
  assert.equal(await mia.page.getByText("Ben joined").count(), 0);
  await ben.page.keyboard.press("Alt+n");
  await offer.waitFor({ state: "detached" });
  await until("nobody is asked", async () => (await anna.get("company").locator("[data-member]").count()) === 0);
  await takenBack(house, offer);
  await invite(house, "");
  await ben.page.keyboard.press("Alt+y");
  await ben.tab("Mia").waitFor();
  await mia.page.getByText("Ben joined the chat").waitFor();
  await anna.get("company").getByText("Ben is here").waitFor();
  await ben.shows("Parlez-vous français ?");
  await focused(ben.page, "id", "composer");
}

// By keyboard; who was asked is told why the offer is gone, and the customer of none of it.
async function takenBack(house, offer) {
  const { anna, ben, mia } = house.cast;
  await invite(house, "");
  await offer.waitFor();
  await house.axe(anna.page, "a colleague is asked in");
  await house.shot(anna.page, "90-invite-withdraw");
  await tabTo(anna.page, (element) => element?.getAttribute("aria-label") === "Take back: Ben is asked in");
  await anna.page.keyboard.press("Enter");
  await offer.waitFor({ state: "detached" });
  await ben.get("notices").getByText(/An offer went away: Mia .*: it was taken back/).waitFor();
  await house.shot(ben.page, "90-invite-withdrawn");
  await until("nobody is asked", async () => (await anna.get("company").locator("[data-member]").count()) === 0);
  await ben.get("notices").getByRole("button").click();
  assert.equal(await mia.page.getByText("Ben joined").count(), 0);
}

// By the button; with a dialog open already, in that.
async function invite(house, note) {
  const { anna } = house.cast;
  if ((await anna.get("invite-agent").count()) === 0) await anna.get("invite").click();
  await until("ben can be chosen", async () => (await anna.get("invite-agent").locator('option[value="ben"]:not([disabled])').count()) === 1);
  await anna.get("invite-agent").selectOption("ben");
  await anna.get("invite-note").fill(note);
  await house.shot(anna.page, "90-invite");
  await anna.get("confirm").click();
  await anna.get("company").getByText("Ben is asked in").waitFor();
}

async function together(house) {
  if (house.mock) return "only with the real server";
  const { anna, ben, mia } = house.cast;
  await ben.get("composer").pressSequentially("Bien s");
  await anna.get("colleague-typing").getByText("Ben is writing").waitFor();
  await mia.get("typing").getByText("Ben is writing").waitFor();
  await house.shot(anna.page, "91-colleague-writes");
  await ben.write("Bien sûr, bonjour !");
  await mia.shows("Bien sûr, bonjour !");
  await anna.shows("Bien sûr, bonjour !");
  await until("nobody is writing", async () => (await anna.get("colleague-typing").count()) === 0);
  await anna.get("composer").pressSequentially("I");
  await ben.get("colleague-typing").getByText("Anna is writing").waitFor();
  await anna.write("I leave you to Ben");
  await ben.shows("I leave you to Ben");
  await mia.write("Merci à vous deux");
  await ben.shows("Merci à vous deux");
  const bubbles = await mia.page.locator('[data-testid="message"]').allTextContents();
  assert.ok(bubbles.some((text) => text.includes("Ben") && text.includes("Bien sûr")), `under their own name: ${bubbles}`);
  await mia.get("panel").getByText("You are talking to Anna and Ben").waitFor();
  await house.axe(anna.page, "a chat with a colleague");
  await house.axe(ben.page, "a chat of a colleague");
  const gaps = await anna.page.locator(".message.mine").evaluateAll((all) => all.map((each) => Math.round(each.querySelector(".meta").getBoundingClientRect().height)));
  assert.equal(new Set(gaps).size, 1, `as much stands below a colleague's message as below one's own: ${gaps}`);
  await house.shot(anna.page, "92-company-anna");
  await house.shot(ben.page, "92-company-ben");
  await house.shot(mia.page, "92-company-mia");
  await mia.page.setViewportSize({ width: 390, height: 780 });
  await house.axe(mia.page, "widget with two agents, telephone");
  await house.shot(mia.page, "93-company-mia-phone");
  await mia.page.setViewportSize({ width: 1280, height: 800 });
  for (const [width, height, colorScheme] of [[820, 1100, "dark"], [390, 780, "light"]]) {
    await ben.page.setViewportSize({ width, height });
    await ben.page.emulateMedia({ colorScheme });
    await house.axe(ben.page, `a chat of a colleague at ${width}, ${colorScheme}`);
    await house.shot(ben.page, `93-company-ben-${width}-${colorScheme}`);
  }
  await ben.page.setViewportSize({ width: 1280, height: 800 });
  await ben.reload();
  await ben.get("company").getByText("Anna’s chat").waitFor();
  await ben.shows("Merci à vous deux");
}

async function helps(house) {
  if (house.mock) return "only with the real server";
  const { anna, ben, mia } = house.cast;
  for (const tool of ["end", "park", "hand-over", "escalate", "invite"]) assert.equal(await ben.get(tool).count(), 0, tool);
  await ben.get("conversation").getByRole("button", { name: "Note", exact: true }).click();
  await ben.write("The kiln is booked on Friday");
  await anna.get("note").filter({ hasText: "The kiln is booked on Friday" }).waitFor();
  assert.equal(await mia.page.getByText("booked on Friday").count(), 0);
  await ben.get("leave").click();
  await ben.get("dialog").getByText("The chat goes on with Anna.").waitFor();
  await house.axe(ben.page, "leaving a chat");
  await house.shot(ben.page, "94-leave");
  await ben.get("confirm").click();
  await ben.tab("Mia").waitFor({ state: "detached" });
  await mia.page.getByText("Ben left the chat").waitFor();
  await mia.get("panel").getByText("You are talking to Anna", { exact: true }).waitFor();
  await anna.write("I am still here");
  await mia.shows("I am still here");
  assert.equal(await ben.get("notices").count(), 0, "who leaves knows it");
}

async function left(house) {
  if (house.mock) return "only with the real server";
  const { anna, ben, mia } = house.cast;
  const interaction = await anna.get("conversation").getAttribute("data-interaction");
  await invite(house, "");
  await ben.accept("Mia");
  await anna.get("company").getByText("Ben is here").waitFor();
  await press(anna.page, "leave");
  await anna.get("dialog").getByText("The chat goes on with Ben.").waitFor();
  await press(anna.page, "confirm");
  await anna.tab("Mia").waitFor({ state: "detached" });
  await mia.page.getByText("Anna left the chat").waitFor();
  await ben.get("end").waitFor();
  assert.equal(await ben.get("company").textContent(), "", "it is their own");
  await ben.write("Now it is only me");
  await mia.shows("Now it is only me");
  await ben.end();
  await mia.get("start-over").waitFor();
  const record = await anna.page.evaluate(async (id) => {
    const { token } = JSON.parse(sessionStorage.getItem("tandem.session"));
    return (await fetch(`/api/v1/interactions/${id}`, { headers: { authorization: `Bearer ${token}` } })).json();
  }, interaction);
  const steps = record.happenings.filter(({ event }) => event === "in_chat").map(({ details }) => details.step);
  for (const step of ["invited", "invitation_ended", "member_started", "joined", "left", "member_ended"]) assert.ok(steps.includes(step), `${step} is in ${steps}`);
  assert.ok(record.legs.some(({ party, cause }) => party === "ben" && cause === "conference"), JSON.stringify(record.legs));
  assert.deepEqual(record.assignments.map(({ agent }) => agent), ["anna", "ben"]);
  await anna.page.keyboard.press("Alt+3");
  await anna.get("search-name").fill("Mia");
  await anna.get("search-name").press("Enter");
  await anna.get("results").locator("button, a").first().click();
  await anna.page.getByText("Anna asked Ben in").first().waitFor();
  await anna.page.getByText("Ben did not come: withdrawn").waitFor();
  await anna.page.getByText("Ben did not come: declined").waitFor();
  await house.axe(anna.page, "the record of a chat with a colleague");
  await house.shot(anna.page, "95-company-record");
  await anna.get("search").locator('button[type="reset"]').click();
  await anna.page.keyboard.press("Alt+1");
  await ben.presence("away:Lunch");
  await ben.window.close();
  await mia.window.close();
  delete house.cast.ben;
  delete house.cast.mia;
}
