// The language of whoever reads: English and German are built in, French is a file that the server was given.
import assert from "node:assert/strict";
import { until } from "./house.mjs";

const GIVEN = process.env.TANDEM_FRENCH;

export const LANGUAGES = [
  ["in French the widget speaks French where the file does, and English where it does not", widget],
  ["where the script tag names no language the zone's is the widget's, also of a zone that the server chose", zones],
  ["in French console and board speak French, and tell in French what was refused", staff],
  ["in German the console tells in German what was refused, and each state whole, also on a tablet and a telephone", german],
  ["on a telephone no word of the board is cut in two", onPhone],
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

async function zones(house) {
  if (!GIVEN) return "only with TANDEM_FRENCH";
  const uta = await house.visitor();
  const launcher = (name) => uta.page.getByRole("button", { name, exact: true });
  const lang = () => uta.page.evaluate(() => document.querySelector("[data-tandem]").lang);
  let tag = "";
  await uta.page.route("**/demo/**", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replaceAll('data-zone="shop"', tag) });
  });

  tag = 'data-zone="laden"';
  await uta.reload();
  await launcher("Chat öffnen").click();
  await uta.page.getByText("Sprechen Sie mit uns").first().waitFor();
  assert.equal(await lang(), "de", "the page is English");
  await house.shot(uta.page, "99-zone-in-german");
  tag = 'data-zone="laden" data-lang="en"';
  await uta.reload();
  await launcher("Open chat").waitFor();
  assert.equal(await lang(), "en");

  tag = "";
  await uta.page.addInitScript(() => (globalThis.tandem = [{ segments: ["french"] }]));
  await uta.reload();
  await launcher("Ouvrir le chat").waitFor();
  assert.equal(await lang(), "fr");
  // Another zone, without a language.
  await uta.page.evaluate(() => globalThis.tandem.push({ segments: [] }));
  await launcher("Open chat").click();
  await uta.page.getByText("Anywhere in the shop").first().waitFor();
  assert.equal(await lang(), "en");
  await uta.window.close();
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

// What a choice would show and has no room for.
export function cut(select) {
  const { font, paddingInlineStart, paddingInlineEnd } = getComputedStyle(select);
  const pen = Object.assign(document.createElement("canvas").getContext("2d"), { font });
  const room = select.clientWidth - parseFloat(paddingInlineStart) - parseFloat(paddingInlineEnd);
  const sizes = [...select.options].map(({ textContent }) => ({ said: textContent, size: Math.ceil(pen.measureText(textContent).width) }));
  return sizes.filter(({ size }) => size > room).map(({ said, size }) => `${said}: ${size} in ${Math.floor(room)}`);
}

// Words that go on in the next line other than where they may be parted.
export function parted(root) {
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    for (const { 0: word, index } of texts.currentNode.textContent.matchAll(/[^\s\u00ad-]{2,}/g)) {
      const range = document.createRange();
      // Where it may be parted the sign for it is of both lines.
      range.setStart(texts.currentNode, index + 1);
      range.setEnd(texts.currentNode, index + word.length);
      if (new Set([...range.getClientRects()].filter(({ width }) => width > 1).map(({ top }) => Math.round(top))).size > 1) found.push(word);
    }
  }
  return found;
}

async function onPhone(house) {
  for (const locale of ["de-DE", "en-GB"]) {
    const board = await house.board({ locale, viewport: { width: 390, height: 780 } });
    // As if messages waited in each queue.
    await board.page.routeWebSocket(/\/ws\/agent/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((frame) => socket.send(String(frame).replaceAll(/"messages":\d+/g, '"messages":3')));
    });
    await board.reload();
    await board.signIn("sam");
    const queues = board.get("queues");
    await queues.getByText(/: 3$/).first().waitFor();
    await house.shot(board.page, `98-board-phone-${locale.slice(0, 2)}`);
    assert.deepEqual(await queues.evaluate(parted), []);
    assert.deepEqual(await board.get("queue").evaluate(cut), []);
    assert.ok(await board.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await board.get("memos").click();
    await house.axe(board.page, "board, memos, phone");
    await house.shot(board.page, `98-board-memos-phone-${locale.slice(0, 2)}`);
    await board.window.close();
  }
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
  const wide = desk.page.viewportSize();
  const bar = desk.page.locator(".top");
  const height = () => bar.evaluate((top) => top.getBoundingClientRect().height);
  const one = await height();
  for (const width of [1280, 1125, 1024, 930, 875, 821, 820, 390]) {
    await desk.page.setViewportSize({ width, height: 800 });
    if (width > 820) assert.equal(await height(), one, `the bar has another line at ${width}`);
    assert.deepEqual(await desk.get("presence").evaluate(cut), [], `states are cut off at ${width}`);
    const queues = desk.page.locator(".lines").locator("summary, .queues:not([aria-hidden=true]) li");
    assert.deepEqual(await queues.evaluateAll((all) => all.filter((each) => each.scrollWidth > each.clientWidth).map(({ textContent }) => textContent)), [], `how many wait is cut off at ${width}`);
    await house.shot(desk.page, `99-console-german-dark-${width}`);
  }
  await desk.page.setViewportSize(wide);
  await house.axe(desk.page, "console in German, in the dark");
  await house.shot(desk.page, "99-console-german-dark");
  await desk.window.close();
}
