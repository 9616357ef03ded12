// The language of whoever reads: English and German are built in, French is a file that the server was given.
import assert from "node:assert/strict";
import { until } from "./house.mjs";

const GIVEN = process.env.TANDEM_FRENCH;

export const LANGUAGES = [
  ["in French the widget speaks French where the file does, and English where it does not", widget],
  ["in French console and board speak French, and tell in French what was refused", staff],
  ["in German the console tells in German what was refused", german],
];

async function widget(house) {
  if (!GIVEN) return "only with TANDEM_FRENCH";
  const luc = await house.visitor({ locale: "fr-FR" });
  await luc.page.route("**/demo/", async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replaceAll('data-zone="shop"', 'data-zone="shop" data-lang="fr-CA"');
    await route.fulfill({ response: answer, body });
  });
  await luc.reload();
  await luc.page.getByRole("button", { name: "Ouvrir le chat" }).click();
  await luc.get("panel").waitFor();
  assert.equal(await luc.page.evaluate(() => document.querySelector("[data-tandem]").lang), "fr");
  const start = luc.get("start-chat");
  await until("the button that was left out is English", async () => (await start.textContent()) === "Start chat");
  await luc.get("first-message").fill("Bonjour, le bleu existe-t-il en grand ?");
  await start.click();
  await luc.page.getByText("Vous êtes numéro 1").first().waitFor();
  await luc.state("Bonjour, le bleu existe-t-il en grand ?", "«Sent»", "«Delivered»", "«Read»");
  await house.axe(luc.page, "widget in French");
  await house.shot(luc.page, "95-widget-french");
  await luc.get("end-chat").click();
  await luc.get("end-yes").click();
  await luc.page.getByText("«You ended the chat»").first().waitFor();
  await luc.window.close();
}

async function staff(house) {
  if (!GIVEN) return "only with TANDEM_FRENCH";
  const desk = await house.console({ locale: "fr-FR" });
  await desk.page.getByRole("button", { name: "Connexion" }).waitFor();
  assert.equal(await desk.page.evaluate(() => document.documentElement.lang), "fr");
  // The label was left out of the file.
  await desk.page.getByText("Password", { exact: true }).waitFor();
  await house.shot(desk.page, "96-sign-in-french");
  desk.window.expected.push(/status of 401/);
  await desk.signIn("ben", "certainly not");
  await until("why not, in French", async () => (await desk.get("login-error").textContent()) === "Le nom ou le mot de passe est faux.");
  await desk.signIn("ben");
  await desk.onDesk();
  await wholePill(desk.page);
  await house.axe(desk.page, "console in French");
  await house.shot(desk.page, "97-console-french");
  await desk.window.close();
  const board = await house.board({ locale: "fr-FR" });
  await board.page.getByRole("button", { name: "Se connecter" }).waitFor();
  await house.shot(board.page, "98-board-french");
  await board.window.close();
}

/** The bar has room for a queue at 1280 pixels: what it says is not cut off. */
async function wholePill(page) {
  const cut = await page.getByTestId("queues").evaluate((list) => {
    const pill = [...list.children].sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)[0];
    const [outer, inner] = [list.getBoundingClientRect(), pill.getBoundingClientRect()];
    const whole = inner.top >= outer.top && inner.bottom <= outer.bottom && inner.right <= outer.right && pill.scrollWidth <= pill.clientWidth;
    const bar = [...list.parentElement.children].map((one) => `${one.className || one.tagName} ${one.getBoundingClientRect().width}`);
    return whole ? "" : `${pill.textContent}: ${pill.scrollWidth} of ${pill.clientWidth}; ${bar}`;
  });
  assert.equal(cut, "", "the queue's pill is cut off");
}

async function german(house) {
  const desk = await house.console({ locale: "de-DE", colorScheme: "dark" });
  desk.window.expected.push(/status of 401/);
  await desk.signIn("ben", "certainly not");
  await until("why not, in German", async () => (await desk.get("login-error").textContent()) === "Der Name oder das Passwort ist falsch.");
  await desk.signIn("ben");
  await desk.onDesk();
  await wholePill(desk.page);
  assert.match(await desk.get("presence").inputValue(), /^away:/);
  const { text, room } = await desk.get("presence").evaluate((select) => {
    const { font, paddingInlineStart, paddingInlineEnd } = getComputedStyle(select);
    const pen = Object.assign(document.createElement("canvas").getContext("2d"), { font });
    return { text: pen.measureText(select.selectedOptions[0].textContent).width, room: select.clientWidth - parseFloat(paddingInlineStart) - parseFloat(paddingInlineEnd) - 20 };
  });
  assert.ok(text <= room, `a state of ${Math.ceil(text)} pixels is not cut to ${Math.floor(room)}`);
  await house.axe(desk.page, "console in German, in the dark");
  await house.shot(desk.page, "99-console-german-dark");
  await desk.window.close();
}
