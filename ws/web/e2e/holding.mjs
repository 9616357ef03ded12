// What pages do with all that is in them: the sharing stays in sight, can be stopped, and is not shown where it cannot.
import assert from "node:assert/strict";
import { until } from "./house.mjs";
import { allow, askedFor, over } from "./seeing.mjs";

export const HOLDING = [
  ["a page that takes the widget away, or all that is in it, gets it back with the chat as it was, and sharing ends where it does not", takenAway],
  ["launcher, bar and chat hold against style sheets that speak of all elements", styled],
  ["the question and the bar are reached above dialogs and a full screen, and where they are not nothing is shown", covered],
  ["a film that fills the screen, and a page that puts itself above the bar without end, show nothing, and say why", above],
  ["a page with the widget's tag twice in its head has one widget", twice],
  ["Escape twice is heard in frames of the same website, and where the page keeps keys for itself", escapes],
  ["a page that taught its arrays another JSON, and put something else in the place of WebSockets, is served and shared as any", taught],
];

const mirror = (house) => house.cast.anna.page.frameLocator('[data-testid="cobrowse-frame"]').frameLocator("iframe");
/** Whether a press by hand in the middle of it would come to it. */
const reached = (side, id) =>
  side.get(id).evaluate((part) => {
    const { left, top, width, height } = part.getBoundingClientRect();
    return part.getRootNode().elementFromPoint(left + width / 2, top + height / 2)?.closest(`[data-testid=${part.dataset.testid}]`) === part;
  });
const says = (side, text) => side.page.evaluate((words) => document.querySelector("main, body").append(Object.assign(document.createElement("p"), { textContent: words })), text);

async function takenAway(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const guest = await askedFor(house, "Tia", "Where did it go?");
  await allow(house, guest, []);
  await guest.get("composer").fill("half a line");
  await guest.page.evaluate(() => document.querySelectorAll("[data-tandem]").forEach((each) => each.remove()));
  assert.deepEqual([await reached(guest, "cobrowse-stop"), await guest.get("composer").inputValue()], [true, "half a line"], "it is back before anything else happens");

  // As programs do it that load no page: all that is in it is another, and its script tag is run again.
  await guest.page.evaluate(() => {
    const next = document.createElement("body");
    next.append(...document.querySelector("main").cloneNode(true).childNodes);
    const tag = document.createElement("script");
    const { src, dataset } = document.querySelector('script[src$="widget.js"]');
    Object.assign(tag, { src });
    Object.assign(tag.dataset, dataset);
    next.append(tag);
    document.body.replaceWith(next);
  });
  await says(guest, "After the visit");
  await mirror(house).getByText("After the visit").waitFor();
  assert.deepEqual([await reached(guest, "cobrowse-stop"), await guest.get("composer").inputValue()], [true, "half a line"]);
  await guest.get("composer").press("Enter");
  await anna.shows("half a line");
  await house.shot(guest.page, "130-back");
  assert.equal(await guest.page.locator("[data-tandem] .launcher").count(), 1, "one widget is there");

  // A page that does not let it be there.
  await guest.page.evaluate(() => {
    globalThis.taken = 0;
    new MutationObserver(() => document.querySelectorAll("[data-tandem]").forEach((each) => ((globalThis.taken += 1), each.remove()))).observe(document, { childList: true, subtree: true });
    document.body.append("now");
  });
  await anna.get("cobrowse-pane").waitFor({ state: "detached" });
  assert.ok((await guest.page.evaluate(() => globalThis.taken)) < 40, "it is not put back for ever");
  await over(house, guest);

  // Before anything is shared, the launcher.
  const early = await house.visitor();
  await early.page.getByRole("button", { name: /Open chat/ }).waitFor();
  await early.page.evaluate(() => document.body.replaceWith(document.createElement("body")));
  await early.page.getByRole("button", { name: /Open chat/ }).click();
  await early.get("panel").waitFor();
  await early.window.close();
}

const SHEETS = ["div:empty { display: none } [data-tandem] { display: none !important }", "* { all: unset !important }", "body * { position: static !important; opacity: 0 !important; transform: scale(0) !important; visibility: hidden !important }", "::backdrop { background: rgb(0 0 0 / 60%); pointer-events: auto }"];

async function styled(house) {
  if (house.mock) return "only with the real server";
  const guest = await askedFor(house, "Sty", "What does it look like?");
  await allow(house, guest, []);
  const boxes = () => guest.page.evaluate(() => [...document.querySelectorAll("[data-tandem]")].flatMap(({ shadowRoot }) => [...shadowRoot.querySelectorAll(".launcher, .bar, .panel, .stop, .bubble")].map((each) => (({ x, y, width, height }) => [each.className, x, y, width, height].join(" "))(each.getBoundingClientRect()))));
  const before = await boxes();
  assert.ok(before.length > 4);
  for (const [at, css] of SHEETS.entries()) {
    await guest.page.evaluate((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      document.adoptedStyleSheets = [sheet];
    }, css);
    assert.deepEqual(await boxes(), before, css);
    for (const id of ["cobrowse-stop", "composer"]) assert.equal(await reached(guest, id), true, `${id} under ${css}`);
    assert.equal(await guest.page.evaluate(() => getComputedStyle(document.querySelector('[data-tandem="share"]'), "::backdrop").display), "none");
    await house.shot(guest.page, `131-styled-${at}`);
  }
  await guest.get("cobrowse-stop").click();
  await over(house, guest);
}

async function covered(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const guest = await askedFor(house, "Mo", "The form is in a dialog", [], (side) =>
    side.page.evaluate(() => {
      const dialog = Object.assign(document.createElement("dialog"), { id: "modal", textContent: "Sign here " });
      dialog.append(document.createElement("input"));
      dialog.style.setProperty("transform", "rotate(1deg)");
      document.body.append(dialog);
      dialog.showModal();
    }),
  );
  await until("the question is reached in a dialog", () => reached(guest, "cobrowse-allow"));
  await house.shot(guest.page, "132-asked-in-dialog");
  await allow(house, guest, []);
  await guest.page.evaluate(() => document.getElementById("modal").close());
  assert.equal(await reached(guest, "cobrowse-stop"), true, "back in the page");

  for (const [what, open, close] of OPENED) {
    await guest.page.evaluate(open);
    await until(`Stop is reached under ${what}`, () => reached(guest, "cobrowse-stop"));
    await house.shot(guest.page, `133-under-${what.replaceAll(" ", "-")}`);
    await says(guest, `Under ${what}`);
    await mirror(house).getByText(`Under ${what}`, { exact: true }).waitFor();
    await guest.page.evaluate(close);
    await until(`Stop is reached after ${what}`, () => reached(guest, "cobrowse-stop"));
  }

  // Where nothing can be put above it, nothing is shown, and the agent knows why.
  const frames = [];
  guest.page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => frames.push(String(payload))));
  await guest.reload();
  await guest.get("cobrowse-bar").waitFor();
  await mirror(house).getByText("Pots for every day").first().waitFor();
  await guest.page.evaluate(() => {
    const root = document.body.appendChild(document.createElement("p")).attachShadow({ mode: "closed" });
    root.innerHTML = "<dialog>Closed to all</dialog>";
    (globalThis.sealed = root.firstChild).showModal();
  });
  const pane = anna.page.frameLocator('[data-testid="cobrowse-frame"]');
  await pane.getByText("The customer cannot stop it now").waitFor();
  await house.shot(anna.page, "134-veiled");
  await says(guest, "Behind the veil");
  await guest.page.mouse.move(300, 300);
  const parts = () => frames.filter((frame) => frame.includes('"do":"part"')).length;
  const before = parts();
  await guest.page.mouse.move(320, 320);
  await new Promise((sent) => setTimeout(sent, 600));
  assert.equal(parts(), before, "something is sent although the visitor cannot stop it");
  assert.equal(frames.some((frame) => frame.includes("Behind the veil")), false);
  await guest.page.evaluate(() => globalThis.sealed.close());
  await mirror(house).getByText("Behind the veil").waitFor();
  await pane.getByText("The customer cannot stop it now").waitFor({ state: "hidden" });
  // A page that lets nothing be pressed but what is its own.
  await guest.page.evaluate(() =>
    document.addEventListener(
      "click",
      (event) => {
        event.preventDefault();
        event.stopImmediatePropagation();
      },
      true,
    ),
  );
  await guest.get("cobrowse-stop").click();
  await anna.get("cobrowse-pane").waitFor({ state: "detached" });
  await anna.get("cobrowse-ask-open").click();
  await anna.get("cobrowse-ask-send").click();
  await guest.get("cobrowse-decline").click();
  await guest.get("cobrowse-ask").waitFor({ state: "hidden" });
  await over(house, guest);
}

/** What a page may open above all else. */
const OPENED = [
  ["a dialog", () => document.getElementById("modal").showModal(), () => document.getElementById("modal").close()],
  [
    "a dialog above a dialog",
    () => {
      document.getElementById("modal").showModal();
      const other = Object.assign(document.createElement("dialog"), { id: "second", textContent: "Are you sure?" });
      document.body.prepend(other);
      other.showModal();
    },
    () => {
      document.getElementById("second").remove();
      document.getElementById("modal").close();
    },
  ],
  [
    "a dialog in a shadow root",
    () => {
      const host = Object.assign(document.createElement("p"), { id: "host" });
      document.body.append(host);
      host.attachShadow({ mode: "open" }).innerHTML = "<dialog>Inside</dialog>";
      host.shadowRoot.firstChild.showModal();
    },
    () => document.getElementById("host").remove(),
  ],
  [
    "a popover",
    () => {
      const over = Object.assign(document.createElement("div"), { id: "over", popover: "manual", textContent: "Over all" });
      document.body.append(over);
      for (const [name, value] of [["width", "100vw"], ["height", "100vh"]]) over.style.setProperty(name, value);
      over.showPopover();
    },
    () => document.getElementById("over").remove(),
  ],
  [
    "the highest place",
    () => {
      const high = Object.assign(document.createElement("div"), { id: "high", textContent: "High" });
      for (const [name, value] of [["position", "fixed"], ["inset", "0"], ["z-index", "2147483647"], ["background", "white"]]) high.style.setProperty(name, value);
      document.body.append(high);
    },
    () => document.getElementById("high").remove(),
  ],
  ["an inert page", () => (document.body.inert = true), () => (document.body.inert = false)],
  ["a full screen", () => document.querySelector("main").requestFullscreen(), () => document.exitFullscreen()],
];

async function above(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const guest = await askedFor(house, "Tuva", "It is in the film");
  await allow(house, guest, []);
  const pane = anna.page.frameLocator('[data-testid="cobrowse-frame"]');
  const bar = () => guest.get("cobrowse-bar").getByRole("status").textContent();
  const why = pane.getByText("The customer cannot stop it now");

  // No place is within a film, and Chromium lets nothing be pressed beside it.
  await guest.page.evaluate(() => {
    const film = Object.assign(document.createElement("video"), { id: "film", width: 300, height: 200 });
    document.querySelector("main").prepend(film);
    return film.requestFullscreen();
  });
  await why.waitFor();
  assert.equal(await bar(), "Nothing is shown while this bar cannot be pressed");
  await house.shot(guest.page, "135-film");
  assert.equal(await guest.page.evaluate(() => document.querySelector('[data-tandem="share"]').matches(":popover-open")), true, "what the bar says is seen above the film");
  await guest.page.evaluate(() => document.exitFullscreen());
  await why.waitFor({ state: "hidden" });
  await until("the bar says who sees the page", async () => /can see this page/.test(await bar()));
  assert.equal(await reached(guest, "cobrowse-stop"), true);

  await guest.page.evaluate(() => {
    const over = Object.assign(document.createElement("div"), { id: "over", popover: "manual", textContent: "Look at me" });
    for (const [name, value] of [["width", "100vw"], ["height", "100vh"]]) over.style.setProperty(name, value);
    document.body.append(over);
    globalThis.raised = 0;
    const raise = () => {
      globalThis.raised += 1;
      over.hidePopover();
      over.showPopover();
    };
    addEventListener("toggle", ({ target, newState }) => target !== over && newState === "open" && raise(), true);
    over.showPopover();
  });
  await why.waitFor();
  assert.equal(await bar(), "Nothing is shown while this bar cannot be pressed");
  const raised = await guest.page.evaluate(() => globalThis.raised);
  assert.ok(raised < 60, `the page was fought ${raised} times`);
  await guest.page.waitForTimeout(2_000);
  assert.ok((await guest.page.evaluate(() => globalThis.raised)) <= raised + 1, "it goes on being fought");
  await guest.page.evaluate(() => document.getElementById("over").remove());
  await mirror(house).getByText("Pots for every day").first().waitFor({ timeout: 40_000 });
  await until("Stop is reached again", () => reached(guest, "cobrowse-stop"));
  await guest.get("cobrowse-stop").click();
  await over(house, guest);
}

async function twice(house) {
  const guest = await house.visitor();
  const tag = '<script src="/widget.js" data-zone="shop"></script>';
  await guest.page.route("**/demo/twice.html", (route) => route.fulfill({ contentType: "text/html", body: `<!doctype html><html lang="en"><head><title>Twice</title>${tag}${tag}</head><body><h1>Twice</h1></body></html>` }));
  await guest.page.goto(`${house.url}/demo/twice.html`);
  await guest.page.getByRole("button", { name: /Open chat/ }).first().waitFor();
  assert.equal(await guest.page.locator("[data-tandem] .launcher").count(), 1);
  await guest.page.getByRole("button", { name: /Open chat/ }).click();
  await guest.get("panel").waitFor();
  await guest.window.close();
}

async function escapes(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  // Its page takes keys before all that comes later.
  const guest = await askedFor(house, "Essi", "The form is in a frame", [], (side) =>
    side.page.evaluate(() => {
      for (const kind of ["keydown", "keyup"]) addEventListener(kind, (event) => event.stopImmediatePropagation(), true);
    }),
  );
  await allow(house, guest, []);
  const again = async () => {
    await anna.get("cobrowse-pane").waitFor({ state: "detached" });
    assert.equal(await guest.get("cobrowse-bar").isVisible(), false);
    await anna.get("cobrowse-ask-open").click();
    await anna.get("cobrowse-ask-send").click();
    await guest.get("cobrowse-ask").waitFor();
    await allow(house, guest, []);
  };
  const twice = async () => {
    for (let n = 0; n < 2; n++) await guest.page.keyboard.press("Escape");
  };
  const framed = () => guest.page.frameLocator("#framed").getByText("Framed");
  await guest.page.route("**/framed/*", (route) => route.fulfill({ contentType: "text/html", body: `<!doctype html><title>Framed</title><p>Framed</p>${route.request().url().endsWith("/outer") ? '<iframe id="inner" src="/framed/inner"></iframe>' : ""}` }));

  // In a frame, in a frame of it, and in one that went on to another page.
  await guest.page.evaluate(() => document.querySelector("main").prepend(Object.assign(document.createElement("iframe"), { id: "framed", src: "/framed/outer", width: 600, height: 400 })));
  await framed().click();
  await twice();
  await again();
  await guest.page.frameLocator("#framed").frameLocator("#inner").getByText("Framed").click();
  await twice();
  await again();
  await framed().click();
  await guest.page.evaluate(() => new Promise((loaded) => {
    const frame = document.getElementById("framed");
    frame.addEventListener("load", () => (frame.focus(), loaded()));
    frame.contentWindow.location.href = "/framed/next";
  }));
  await twice();
  await again();
  await guest.page.evaluate(() => document.getElementById("framed").remove());

  await guest.page.locator("h1").first().click();
  await twice();
  await again();

  // One that takes how a press begins before anything else is loaded.
  await guest.page.context().addInitScript(() => addEventListener("keydown", (event) => event.stopImmediatePropagation(), true));
  await guest.reload();
  await guest.get("cobrowse-bar").waitFor();
  await guest.page.locator("h1").first().click();
  await guest.page.keyboard.press("Escape");
  assert.equal(await guest.get("cobrowse-bar").isVisible(), true, "once is not twice");
  await guest.page.waitForTimeout(800);
  await twice();
  await anna.get("cobrowse-pane").waitFor({ state: "detached" });
  await over(house, guest);
}

async function taught(house) {
  if (house.mock) return "only with the real server";
  const refused = [];
  const window = await house.window();
  await window.context.addInitScript(() => {
    for (const kind of [Array, String, Number]) kind.prototype.toJSON = () => "taught";
    const { WebSocket: Real } = globalThis;
    globalThis.WebSocket = function (...given) {
      const socket = new Real(...given);
      return Object.assign(Object.create(null, Object.fromEntries(["readyState", "onopen", "onmessage", "onclose"].map((name) => [name, { get: () => socket[name], set: (to) => (socket[name] = to) }]))), { send: (text) => socket.send(text), close: () => socket.close() });
    };
  });
  const page = await window.context.newPage();
  page.on("response", (answer) => answer.status() >= 400 && refused.push(`${answer.status()} ${answer.url()}`));
  await page.goto(`${house.url}/demo/`);
  const guest = house.visitorOn(window, page);
  const { anna } = house.cast;
  const name = `Proto ${Date.now().toString(36).slice(-4)}`;
  guest.window.expected.push(/inline style|style-src|object-src/, /status of 404/);
  anna.window.expected.push(/escape its sandboxing/, /status of 404/);
  await anna.presence("ready");
  await page.evaluate(() => globalThis.tandem.push({ segments: ["returning"] }));
  await guest.begin("An old page", name);
  await anna.offer(name).waitFor();
  await anna.accept(name);
  await anna.show(name);
  await anna.get("cobrowse-ask-open").click();
  await anna.get("cobrowse-ask-send").click();
  await guest.get("cobrowse-ask").waitFor();
  await allow(house, guest, ["point"]);
  await guest.reload();
  await guest.get("cobrowse-bar").waitFor();
  await guest.shows("An old page");
  assert.deepEqual(refused.filter((each) => !each.startsWith("404")), []);
  await over(house, guest);
}
