// The agent's picture of a page against the page: what is hidden there is hidden here, and everything stands where the visitor sees it.
import assert from "node:assert/strict";
import { until } from "./house.mjs";
import { allow, askedFor, over } from "./seeing.mjs";

export const FAITHFUL = [
  ["what attributes and the browser hide of a page is hidden from the agent too, and shown when the visitor sees it", hidden],
  ["a modal dialog stands in the picture where the visitor sees it, and takes the agent's keyboard from nothing", modal],
  ["slots, drawings, tables and lists stand in the picture as they do on the page", drawn],
  ["a page that is dark for its visitor is so for the agent, whatever theirs are, and light when it becomes so", coloured],
  ["what style sheets ask of slots, parts and sizes holds in the picture, and no secret comes with it", asking],
  ["fields that are filled look filled without what they hold, and revealed ones hold it", fields],
];

export const mirror = (house) => house.cast.anna.page.frameLocator('[data-testid="cobrowse-frame"]').frameLocator("iframe");

const boxOf = (element) => {
  const { left, top, width, height } = element.getBoundingClientRect();
  return [left, top, width, height].map(Math.round).join();
};

/** Waits until things stand in the picture where they do on the page. */
async function same(house, guest, ids, of = boxOf) {
  const both = (id) => Promise.all([guest.page.locator(`#${id}`), mirror(house).locator(`#${id}`)].map((place) => place.evaluate(of)));
  for (const id of ids) {
    let last;
    await until(`${id} is as on the page`, async () => {
      const [theirs, ours] = (last = await both(id));
      return theirs === ours;
    }).catch((error) => {
      throw new Error(`${error.message}: ${last?.join(" on the page, in the picture ")}`);
    });
  }
}

/** A page of which a part is ours, shared. */
export async function shared(house, name, html, css, grants = ["point"], run = () => {}) {
  const guest = await askedFor(house, name, `Look at this, says ${name}`, grants.filter((grant) => grant !== "point"), (side) =>
    side.page.evaluate(([html, css]) => {
      document.querySelector("main").insertAdjacentHTML("afterbegin", `<section id="ours">${html}</section>`);
      const made = new CSSStyleSheet();
      made.replaceSync(css);
      document.adoptedStyleSheets.push(made);
    }, [html, css]),
  );
  await guest.page.evaluate(run);
  await allow(house, guest, grants);
  return guest;
}

const HIDDEN = `<p id="h-aria" aria-hidden="true">h-aria</p><button id="h-menu" aria-expanded="false">Menu</button><ul id="h-list"><li>h-list</ul>
  <div id="h-state" data-state="closed">h-state</div><div id="h-cloak" x-cloak>h-cloak</div><p id="h-theme">theme</p>
  <div id="h-popover" popover>h-popover</div><p data-user="CANARY-user" data-mirror="CANARY-mirror">end</p>`;
const HIDES = `#h-popover { inset: auto; left: 40px; top: 90px; margin: 0 } [aria-hidden=true], [aria-expanded=false] + ul, [data-state=closed], [x-cloak], [data-late=now] { display: none }
  html[data-theme="midnight blue"] #h-theme { color: rgb(1, 2, 3) } [data-user="CANARY-user"], [data-mirror] { order: 1 }`;

async function hidden(house) {
  if (house.mock) return "only with the real server";
  const guest = await shared(house, "Hetty", HIDDEN, HIDES, ["point"], () => (document.documentElement.dataset.theme = "midnight blue"));
  const ids = ["h-aria", "h-list", "h-state", "h-cloak", "h-popover"];
  const colour = (element) => getComputedStyle(element).color;
  await same(house, guest, ids);
  assert.equal(await mirror(house).locator("#h-state").isVisible(), false);
  await same(house, guest, ["h-theme"], colour);
  assert.equal(await mirror(house).locator("#h-theme").evaluate(colour), "rgb(1, 2, 3)");
  await house.shot(house.cast.anna.page, "130-hidden");

  const part = (id) => `document.getElementById("h-${id}")`;
  await guest.page.evaluate(`${part("menu")}.ariaExpanded = "true"; ${part("state")}.dataset.state = "open"; ${part("cloak")}.removeAttribute("x-cloak"); ${part("popover")}.showPopover()`);
  await mirror(house).locator("#h-popover").waitFor({ state: "visible" });
  await same(house, guest, ids);
  await house.shot(house.cast.anna.page, "130-opened");
  await guest.page.evaluate(`${part("popover")}.hidePopover(); delete document.documentElement.dataset.theme`);
  await mirror(house).locator("#h-popover").waitFor({ state: "hidden" });
  await same(house, guest, ["h-theme"], colour);
  assert.match(await mirror(house).locator("#ours").innerHTML(), /data-mirror="•"/);
  assert.doesNotMatch(await mirror(house).locator("html").evaluate((html) => html.outerHTML), /CANARY/);

  // A style sheet that comes later asks for what was there before.
  await guest.page.evaluate(() => {
    document.getElementById("h-state").dataset.late = "now";
    const style = new CSSStyleSheet();
    style.replaceSync("[data-late=now] { display: none }");
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, style];
  });
  await mirror(house).locator("#h-state").waitFor({ state: "hidden" });
  await over(house, guest);
}

async function modal(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const html = `<p id="m-high">high</p><dialog id="m-dialog"><p>m-text</p><label>Glaze <input id="m-field" autofocus></label><button>OK</button></dialog>`;
  const guest = await shared(house, "Moira", html, "#m-dialog { inline-size: 240px } #m-high { block-size: 400px }");
  const does = (what) => guest.page.evaluate(`{ const dialog = document.getElementById("m-dialog"); ${what} }`);
  for (const [what, isModal] of [["dialog.showModal()", true], ["dialog.show()", false], ["dialog.showModal()", true]]) {
    await does("dialog.close()");
    await mirror(house).locator("#m-dialog").waitFor({ state: "hidden" });
    await does(what);
    await anna.get("composer").focus();
    await mirror(house).locator("#m-dialog").waitFor({ state: "visible" });
    await until(`${what} is seen`, async () => (await mirror(house).locator("#m-dialog").evaluate((dialog) => dialog.matches(":modal"))) === isModal);
    await same(house, guest, ["m-dialog", "m-field"]);
    assert.equal(await anna.get("composer").evaluate((field) => field === document.activeElement), true, "the keyboard is where it was");
  }
  await house.shot(anna.page, "131-modal");
  await does("dialog.close()");
  await mirror(house).locator("#m-dialog").waitFor({ state: "hidden" });
  await does("scrollTo(0, 0)");
  await until("what was behind it can be pointed at again", () => mirror(house).locator("#ours p").first().evaluate((text) => {
    const { left, top } = text.getBoundingClientRect();
    return document.elementFromPoint(left + 5, top + 5) === text;
  }));
  await over(house, guest);
}

const DRAWN = `<div id="s-host"><b id="s-one" slot="one">one</b><b id="s-two" slot="two">two</b></div>
  <svg width="9" height="9"><symbol id="s-icon" viewBox="0 0 10 10"><rect width="10" height="10" /></symbol></svg>
  <svg width="40" height="40"><use id="s-use" xlink:href="#s-icon" width="40" height="40" /></svg>
  <table id="s-table" border="5" cellpadding="20" cellspacing="9" bgcolor="#ffeedd"><tr><td id="s-cell" valign="bottom">one</td><td height="90">two</td></tr></table>
  <ol reversed><li id="s-item" value="42">item</li></ol>`;

async function drawn(house) {
  if (house.mock) return "only with the real server";
  const guest = await shared(house, "Dora", DRAWN, "", ["point"], () => {
    document.getElementById("s-host").attachShadow({ mode: "open" }).innerHTML = "<p><slot name='two'></slot></p><p><slot name='one'></slot></p>";
  });
  await same(house, guest, ["s-one", "s-two", "s-use", "s-table", "s-cell"]);
  await same(house, guest, ["s-table"], (table) => getComputedStyle(table).backgroundColor);
  await same(house, guest, ["s-item"], (item) => item.value);
  await house.shot(house.cast.anna.page, "132-drawn");
  await over(house, guest);
}

async function coloured(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const html = '<p id="c-made">made</p><p id="c-styled">styled</p><p id="c-light">light</p>';
  const css = "@media (prefers-color-scheme: dark) { #c-made { color: rgb(1, 2, 3) } } @media not (prefers-color-scheme: dark) { #c-light { color: rgb(4, 5, 6) } }";
  const guest = await shared(house, "Cora", html, css);
  // A rule that comes later.
  await guest.page.evaluate(() => document.adoptedStyleSheets.at(-1).insertRule("@media (prefers-color-scheme: dark) { #c-styled { color: rgb(7, 8, 9) } }"));
  const colour = (element) => getComputedStyle(element).color;
  // The picture may be drawn anew just then.
  const redrawn = (error) => assert.match(error.message, /Frame was detached/);
  const ids = ["c-made", "c-styled", "c-light"];
  const frame = () => anna.page.frameLocator('[data-testid="cobrowse-frame"]').locator("iframe").evaluate((iframe) => iframe.style.colorScheme);
  for (const scheme of ["light", "dark", "light"]) {
    await guest.page.emulateMedia({ colorScheme: scheme });
    for (const agents of ["dark", "light"]) {
      await anna.page.emulateMedia({ colorScheme: agents });
      await until(`the picture is ${scheme}`, async () => (await mirror(house).locator("#c-made").evaluate(colour).catch(redrawn)) === (await guest.page.locator("#c-made").evaluate(colour)));
      await same(house, guest, ids, colour);
      assert.equal(await frame(), scheme);
    }
    assert.equal((await mirror(house).locator("#c-made").evaluate(colour)) === "rgb(1, 2, 3)", scheme === "dark");
    await house.shot(anna.page, `134-coloured-${scheme}`);
  }
  await over(house, guest);
}

const ASKING = `<div id="a-host"><b id="a-slot" slot="head">slot</b></div><table><tr><td id="a-width" width="120" colspan="1">wide</td></tr></table>
  <p id="a-part" part="badge round">part</p><ol id="a-start" start="3" type="A"><li>third</li></ol><p id="a-lang" lang="de">lang</p><td></td>
  <table><tr><th id="a-scope" scope="col">scope</th></tr></table><p id="a-drag" draggable="true">drag</p><p title="CANARY-title"><a href="/demo/?CANARY-href" width="5105105105105100">secret</a></p>`;
const ASKS = `[slot=head] { color: rgb(1, 2, 3) } [width="120"] { color: rgb(2, 3, 4) } [part~=round] { color: rgb(3, 4, 5) } [start="3"] { color: rgb(4, 5, 6) }
  [lang|=de] { color: rgb(5, 6, 7) } th[scope=col] { color: rgb(6, 7, 8) } [draggable=true] { color: rgb(7, 8, 9) } [title="CANARY-title"] { order: 1 } [href*="CANARY-href"] { order: 1 }
  [width="5105105105105100"] { order: 2 } [value="CANARY-value"] { order: 3 }`;

async function asking(house) {
  if (house.mock) return "only with the real server";
  const guest = await shared(house, "Asta", ASKING, ASKS, ["point"], () => {
    document.getElementById("a-host").attachShadow({ mode: "open" }).innerHTML = "<slot name='head'></slot>";
  });
  const ids = ["slot", "width", "part", "start", "lang", "scope", "drag"].map((id) => `a-${id}`);
  await same(house, guest, ids, (element) => getComputedStyle(element).color);
  const sent = await mirror(house).locator("html").evaluate((html) => html.outerHTML + [...document.adoptedStyleSheets, ...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].map(({ cssText }) => cssText)).join());
  assert.match(sent, /slot="head"/);
  assert.doesNotMatch(sent, /CANARY|5105105/);
  assert.deepEqual(await Promise.all(ids.map((id) => mirror(house).locator(`#${id}`).evaluate((element) => getComputedStyle(element).color))), ids.map((_, n) => `rgb(${n + 1}, ${n + 2}, ${n + 3})`));
  await over(house, guest);
}

const FIELDS = `<form><input id="f-number" type="number" value="17"><input id="f-date" type="date" value="2026-05-01"><input id="f-time" type="time">
  <input id="f-range" type="range" max="200" value="150"><input id="f-colour" type="color" value="#ff0000"><input id="f-last"></form>`;

async function fields(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const guest = await shared(house, "Fil", FIELDS, "");
  const ids = ["f-number", "f-date", "f-time", "f-range", "f-colour", "f-last"];
  const seen = (id) => mirror(house).locator(`#${id}`).evaluate(({ value }) => value);
  await until("a number and a date look filled", async () => (await seen("f-number")) === "•••••" && (await seen("f-date")) === "•••••");
  assert.deepEqual([await seen("f-time"), await seen("f-range"), await seen("f-colour")], ["", "0", "#000000"]);
  await same(house, guest, ids);
  await house.shot(anna.page, "133-fields");
  await guest.page.locator("#f-time").fill("10:20");
  await guest.page.locator("#f-number").fill("");
  await guest.page.locator("#f-last").focus();
  await until("what is emptied looks so", async () => (await seen("f-time")) === "•••••" && (await seen("f-number")) === "");
  await guest.page.evaluate(() => (document.getElementById("f-date").type = "text"));
  await until("a field of another kind looks filled too", () => mirror(house).locator("#f-date").evaluate((field) => field.value === "•••••" && !field.style.width));
  await same(house, guest, ids);
  await over(house, guest);
}
