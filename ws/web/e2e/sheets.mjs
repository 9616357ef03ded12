// Style sheets of pages seen together: sent once a visit, told once to each who looks, and without secrets.
import assert from "node:assert/strict";
import { until } from "./house.mjs";

const named = `Ivy ${Date.now().toString(36).slice(-4)}`;
const SIZE = 200_000;

export const SHEETS = [
  ["a large style sheet of a page seen together is sent once over three reloads and a further page", once],
  ["a supervisor who looks later sees the page with its styles", late],
  ["a page keeps the styles that it has together with a part that is left out", together],
];

// Rules that none of the page's own looks like; the last one dresses what is looked at.
const CSS = `${Array.from({ length: SIZE / 50 }, (_, n) => `.kiln-${n} { order: ${n}; color: rgb(1, 2, 3); }`.padEnd(50)).join("\n")}\n.dressed { color: rgb(1, 99, 3); }`;

const mirror = (side, frame) => side.page.frameLocator(`[data-testid="${frame}"]`).frameLocator("iframe");
const colour = (side, frame) => mirror(side, frame).locator(".dressed").first().evaluate((element) => getComputedStyle(element).color);
const isDressed = (side, frame) => until("the page has its styles", async () => (await colour(side, frame).catch(() => "")) === "rgb(1, 99, 3)");

async function once(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const ivy = (house.cast.ivy = await house.visitor());
  ivy.window.expected.push(/inline style|style-src-attr|object-src/, /status of 404/);
  anna.window.expected.push(/escape its sandboxing/, /status of 404/);
  await ivy.window.context.route("**/demo/kiln.css", (route) => route.fulfill({ contentType: "text/css", body: CSS }));
  await ivy.page.addInitScript(() => {
    if (top !== self) return;
    addEventListener("DOMContentLoaded", () => {
      document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: "/demo/kiln.css" }));
      document.querySelector("main").prepend(Object.assign(document.createElement("p"), { className: "dressed", textContent: "Dressed by the kiln" }));
    });
  });
  const [sent, told] = [[], []];
  ivy.page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => sent.push(String(payload))));
  anna.page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => told.push(String(payload))));
  await anna.page.reload();
  await ivy.reload();
  await anna.presence("ready");
  await ivy.begin("How does it look?", named);
  await anna.offer(named).waitFor();
  await anna.accept(named);
  await anna.show(named);
  await anna.get("cobrowse-ask-open").click();
  await anna.get("cobrowse-ask-send").click();
  await ivy.get("cobrowse-ask").waitFor();
  await ivy.get("cobrowse-allow").click();
  await isDressed(anna, "cobrowse-frame");
  for (const page of ["", "", "", "workshop.html"]) {
    const streams = new Set(sent.flatMap((frame) => frame.match(/"stream":"\w+"/) ?? []));
    await ivy.page.goto(`${house.url}/demo/${page}`);
    await ivy.get("cobrowse-bar").waitFor();
    await until("the new page is recorded", () => sent.some((frame) => frame.includes('"do":"part"') && !streams.has(frame.match(/"stream":"\w+"/)?.[0])));
    await isDressed(anna, "cobrowse-frame");
  }
  const sum = (frames) => frames.reduce((bytes, frame) => bytes + Buffer.byteLength(frame), 0);
  const bytes = sum(sent.filter((frame) => frame.includes('"do":"sheet"') && frame.includes("kiln-")));
  assert.ok(bytes > SIZE * 0.8 && bytes < SIZE * 1.3, `the sheet took ${bytes} bytes`);
  assert.equal(sent.filter((frame) => frame.includes('"do":"part"') && frame.includes("kiln-17 ")).length, 0, "none of it is in what the page shows");
  const received = told.filter((frame) => frame.includes('"is":"sheet"') && frame.includes("kiln-17 "));
  assert.equal(received.length, 1, "the agent was told it once");
  console.log(`        ${bytes} bytes of a sheet of ${CSS.length}, ${sum(sent)} bytes in all`);
}

async function late(house) {
  if (house.mock) return "only with the real server";
  const { anna, ivy } = house.cast;
  const sam = await house.board();
  sam.window.expected.push(/escape its sandboxing/, /status of 404/);
  const told = [];
  sam.page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => told.push(String(payload))));
  await sam.signIn("sam");
  await sam.get("tiles").waitFor();
  const held = sam.get("watch-held").filter({ hasText: named });
  await held.click();
  await sam.get("see-page").click();
  await isDressed(sam, "page-frame");
  await house.shot(sam.page, "104-board-dressed-page");
  assert.equal(told.filter((frame) => frame.includes('"is":"sheet"') && frame.includes("kiln-17 ")).length, 1);
  await anna.end();
  await anna.presence("away:Short break");
  await Promise.all([sam.window.close(), ivy.window.close()]);
  delete house.cast.ivy;
}

// Each sheet is adopted by what is left out first, and by the page after it: before the page is shared, and while it is.
async function together(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const fay = await house.visitor();
  const name = `Fay ${Date.now().toString(36).slice(-4)}`;
  fay.window.expected.push(/inline style|style-src-attr|object-src/, /status of 404/);
  anna.window.expected.push(/escape its sandboxing/, /status of 404/);
  const sent = [];
  fay.page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => String(payload).includes('"do":"part"') && sent.push(String(payload))));
  await fay.reload();
  const adopt = (css) =>
    fay.page.evaluate((css) => {
      const sheet = (globalThis.lately = new CSSStyleSheet());
      sheet.replaceSync(css);
      const out = document.createElement("div");
      out.dataset.tandemBlock = "";
      document.querySelector("main").prepend(out);
      out.attachShadow({ mode: "open" }).innerHTML = "<p>CANARY-left-out</p>";
      out.shadowRoot.adoptedStyleSheets = [sheet];
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    }, css);
  await fay.page.evaluate(() => document.querySelector("main").prepend(Object.assign(document.createElement("p"), { className: "dressed", textContent: "Dressed together" })));
  await fay.page.evaluate(() => (document.querySelector("main").appendChild(Object.assign(document.createElement("div"), { id: "early" })).attachShadow({ mode: "open" }).innerHTML = '<p class="inner">Within</p>'));
  await adopt(".dressed { color: rgb(1, 99, 3) }");
  await anna.presence("ready");
  await fay.begin("Is it dressed?", name);
  await anna.accept(name);
  await anna.show(name);
  await anna.get("cobrowse-ask-open").click();
  await anna.get("cobrowse-ask-send").click();
  await fay.get("cobrowse-allow").click();
  await isDressed(anna, "cobrowse-frame");
  const looks = (property, value) =>
    until(`the page has ${property} ${value}`, async () => (await mirror(anna, "cobrowse-frame").locator(".dressed").first().evaluate((element, property) => getComputedStyle(element).getPropertyValue(property), property).catch(() => "")) === value);
  await adopt(".dressed { letter-spacing: 3px }");
  await looks("letter-spacing", "3px");
  await fay.page.evaluate(() => globalThis.lately.insertRule(".dressed { word-spacing: 5px }"));
  await looks("word-spacing", "5px");
  await fay.page.evaluate(() => globalThis.lately.cssRules[1].style.setProperty("letter-spacing", "4px"));
  await looks("letter-spacing", "4px");
  // One that is put beside the others, as most programs do, which tells nobody.
  await fay.page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(".dressed { text-indent: 7px }");
    document.adoptedStyleSheets.push(sheet);
  });
  await looks("text-indent", "7px");
  // The same in a shadow root that the page had, and in one that it makes now.
  for (const id of ["early", "newly"]) {
    await fay.page.evaluate((id) => {
      const host = document.getElementById(id) ?? document.querySelector("main").appendChild(Object.assign(document.createElement("div"), { id }));
      const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
      root.innerHTML ||= '<p class="inner">Within</p>';
    }, id);
    await mirror(anna, "cobrowse-frame").locator(`#${id} .inner`).waitFor();
    await fay.page.evaluate((id) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(".inner { text-indent: 9px }");
      document.getElementById(id).shadowRoot.adoptedStyleSheets.push(sheet);
    }, id);
    await until(`what is in ${id} is dressed`, async () => (await mirror(anna, "cobrowse-frame").locator(`#${id} .inner`).evaluate((element) => getComputedStyle(element).textIndent)) === "9px");
  }
  // One that asks for what was not told of what is there: that is told, and no more.
  await fay.page.evaluate(() => {
    for (const part of [document.querySelector(".dressed"), document.querySelector("#early").shadowRoot.querySelector(".inner")]) part.dataset.glaze = "celadon";
  });
  const whole = () => sent.filter((frame) => frame.includes('"fresh":true'));
  const sum = (frames) => frames.reduce((bytes, frame) => bytes + Buffer.byteLength(frame), 0);
  const [pictures, frames] = [whole().length, sent.length];
  await adopt("[data-glaze=celadon] { text-indent: 11px } [class~=dressed]:not([hidden]) { letter-spacing: 5px }");
  await looks("text-indent", "11px");
  await looks("letter-spacing", "5px");
  assert.deepEqual(await mirror(anna, "cobrowse-frame").locator("[data-glaze]").evaluateAll((all) => all.map(({ dataset }) => /^v\d+$/.test(dataset.glaze))), [true, true], "in a shadow root too");
  await fay.page.waitForTimeout(2_000);
  const bytes = sum(sent.slice(frames));
  assert.equal(whole().length, pictures, "the whole page is told anew");
  console.log(`        ${bytes} bytes of a style sheet that came later, ${Math.round(sum(whole()) / new Set(whole().map((frame) => frame.match(/"stream":"\w+"/)[0])).size)} a whole picture`);
  assert.equal(await mirror(anna, "cobrowse-frame").getByText("CANARY-left-out").count(), 0);
  await anna.end();
  await anna.presence("away:Short break");
  await fay.window.close();
}
