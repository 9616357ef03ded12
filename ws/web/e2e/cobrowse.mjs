// A visitor's page seen together, against the real server: asked for, allowed, seen without secrets, pointed at, stopped.
import assert from "node:assert/strict";
import { GUIDING, PAIRING } from "./guiding.mjs";
import { until } from "./house.mjs";
import { tablets } from "./tablet.mjs";

const named = `Cleo ${Date.now().toString(36).slice(-4)}`;

export const COBROWSE = [
  ["a visitor's page is asked for, allowed kind by kind, and seen", shown],
  ["pain_40 of more than fifty kinds of secret none leaves the page", canaries],
  ["the agent's pointer and marks show on the page", guided],
  ...GUIDING,
  ["pain_42 a reload and another page go on being shared", followed],
  ["pain_43 Escape twice stops it at once, and the server takes nothing any more", stopped],
  ["a press stops it here, also where the browser keeps nothing and the connection is lost", stoppedHere],
  ["a selector that the browser cannot read covers the page, and the agent is told", misread],
  ...PAIRING,
];

// Each stands where a recorder could find it; none may be in any frame.
const CANARIES = `
<section id="canaries">
  <input type="password" value="CANARY-password"><input type="hidden" value="CANARY-hidden"><input name="q" value="CANARY-value">
  <input type="email" value="CANARY-email"><input type="tel" value="CANARY-tel"><input type="search" value="CANARY-search">
  <input type="url" value="https://x.example/CANARY-url"><input autocomplete="cc-number" value="CANARY-cc"><input placeholder="CANARY-placeholder">
  <textarea>CANARY-textarea</textarea><select><option value="CANARY-option" selected>One</option></select>
  <p title="CANARY-title" data-token="CANARY-data" aria-label="CANARY-aria" onclick="'CANARY-handler'" itemprop="CANARY-itemprop">text</p>
  <!-- CANARY-comment --><img alt="CANARY-alt" src="/demo/icon.svg?t=CANARY-src" srcset="/demo/icon.svg?CANARY-srcset 2x">
  <a href="/demo/?t=CANARY-href#CANARY-fragment" ping="/CANARY-ping" download="CANARY-download">link</a>
  <form action="/CANARY-action"></form><p data-tandem-mask>CANARY-mask <b>CANARY-nested</b></p><p data-private>CANARY-private</p>
  <div contenteditable="true">CANARY-editable</div><div data-tandem-block>CANARY-block <span id="out-host"></span></div>
  <iframe srcdoc="CANARY-iframe"></iframe><embed type="CANARY-embed"><template>CANARY-template</template>
  <noscript>CANARY-noscript</noscript><script type="application/json">"CANARY-script"</script><meta name="x" content="CANARY-meta">
  <meter aria-valuetext="CANARY-meter">CANARY-gauge</meter><progress>CANARY-progress</progress><datalist><option>CANARY-choice</option></datalist>
  <svg width="9" height="9"><title>CANARY-named</title><desc><p>CANARY-described</p></desc><metadata>CANARY-metadata</metadata></svg>
  <math><semantics><mi>x</mi><annotation>CANARY-annotation</annotation><annotation-xml encoding="text/html"><p>CANARY-annotated</p></annotation-xml></semantics></math>
 <p>mail CANARY@secret.example</p><p>4111 1111 1111 1111</p><p>4111/1111/1111/1111 and 4,111,111,111,111,111</p><p>7 <b>5105</b> <i>1051</i>-<u>0510</u>/<s>5100</s> 12</p><p>DE89 3704 0044 0532 0130 00</p>
  <p>eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.CANARYsig</p><p>sk_live_4eC39HqLyjWDarjtT1zdp7dc</p><p>AKIAIOSFODNN7EXAMPLE</p><p>078-05-1120</p>
  <img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><text>CANARY-drawing</text></svg>"><p style="--t: CANARYunquoted123456789; quotes: 'CANARY-quotes' 'x'">styled</p>
  <div id="preview"><input id="number" inputmode="numeric"><p>-</p><div></div><div></div></div>
  <div data-tandem-mask><input type="submit" value="CANARY-submit"><input type="button" value="CANARY-button"><input id="within" value="CANARY-within"></div>
  <p class="dots">CANARY-dots <b>CANARY-dotted</b></p><input id="veiled" class="dots">
  <div id="slot-mask">CANARY-slotted <b>CANARY-slotted-deep</b></div><div id="slot-block">CANARY-left <b>CANARY-left-deep</b></div>
  <p>On the first working day of each month, and until you tell us otherwise by letter, we charge <b>5105</b> <b>1051</b> <b>0510</b> <b>5100</b> for it.</p>
  <table><tr><td>The card that we charge on the first working day of each month until you tell us otherwise</td><td>5105</td><td>1051</td><td>0510</td><td>5100</td></tr></table>
  <div id="echoes"><input id="revealed"><input id="pass" type="password"><input class="box"><input class="box"><input class="box"><input class="box"><input class="box"><input class="box">
   <input class="id" maxlength="3"><input class="id" maxlength="3"><input class="id" maxlength="3"><input id="cvc" name="cvc"><div id="editor" contenteditable></div>
   <select id="account"><option>Choose</option><option>Account 60718293</option></select><textarea id="message"></textarea><div id="shadowed"></div><p></p><p></p></div>
  <p data-user="CANARY-asked" data-mirror="CANARY-mirrored" data-state="CANARY-state">styled</p><div id="shadow" data-tandem-mask></div><label>Colour <input id="colour"></label>
</section>`;
// Long enough to go by its name.
const SHEET = `:root { --mine: "CANARY-custom" } [data-user="CANARY-asked"] { order: 1 } [title^='CANARY-begins'] { order: 2 }
[data-mirror] { order: 2 } [value=CANARY-bare] { order: 3 } .sky { background: url(/demo/icon.svg?CANARY-cssurl) } .sky::after { content: "CANARY-content" }
.mark::after { content: "• " "CANARY-second" } .list { list-style: "CANARY-list" } .set { background: image-set("/demo/icon.svg?CANARY-set" 1x) }
.drawn { background: url("data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><text>CANARY-drawn</text></svg>") }
${Array.from({ length: 60 }, (_, n) => `.canary-${n} { order: ${n} }`).join("\n")}`;
const SECRETS = /CANARY[-\w@.]*|4111 1111 1111 1111|3704 0044|sk_live_\w+|AKIA\w+|078-05-1120|4111\/1111|4,111,111|"(?:5105|1051|0510|5100)"/g;

async function shown(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const cleo = (house.cast.cleo = await house.visitor());
  // A recorder compares styles in a document of its own, which the page's policy forbids; nothing is lost by it.
  cleo.window.expected.push(/inline style|style-src-attr|object-src/, /status of 404/);
  anna.window.expected.push(/escape its sandboxing/, /status of 404/);
  house.frames = [];
  cleo.page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => house.frames.push(String(payload))));
  await cleo.reload();
  await anna.presence("ready");
  await cleo.begin("Where do I pay?", named);
  await anna.offer(named).waitFor();
  await anna.accept(named);
  await anna.show(named);
  await cleo.page.evaluate(([html, css]) => {
    document.querySelector("main").insertAdjacentHTML("beforeend", html);
    const made = new CSSStyleSheet();
    made.replaceSync(css);
    document.adoptedStyleSheets.push(made);
    const root = document.getElementById("shadow").attachShadow({ mode: "open" });
    root.innerHTML = "<p>CANARY-shadow</p>";
    for (const dots of document.querySelectorAll(".dots")) dots.style.setProperty("-webkit-text-security", "disc");
    for (const how of ["mask", "block"]) document.getElementById(`slot-${how}`).attachShadow({ mode: "open" }).innerHTML = `<div data-tandem-${how}><slot></slot></div>`;
    const shadowed = document.getElementById("shadowed").attachShadow({ mode: "open" });
    shadowed.innerHTML = "<input>";
    shadowed.firstChild.value = "93847566";
    document.querySelector("#echoes p").textContent = "in its shadow: 93847566";
    document.querySelector("[name=q]").value = "CANARY-typed";
    history.replaceState(null, "", "?session=CANARY-query#CANARY-hash");
  }, [CANARIES, SHEET]);
  await anna.get("cobrowse-ask-open").click();
  for (const grant of ["push", "control"]) await anna.page.locator(`[data-grant=${grant}]`).check();
  await anna.get("cobrowse-ask-send").click();
  await cleo.get("cobrowse-ask").waitFor();
  await house.shot(cleo.page, "60-cobrowse-asked");
  assert.equal(house.frames.some((frame) => frame.includes('"do":"part"')), false, "nothing leaves before consent");
  for (const grant of ["point", "control"]) await cleo.page.locator(`[data-testid=cobrowse-ask] input[name=${grant}]`).check();
  // Where it is and what it is called says more than it should.
  const before = await cleo.page.evaluate(() => {
    const was = [location.href, document.title];
    history.replaceState(history.state, "", "/demo/CANARY@path.example/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.CANARY-path/");
    document.title = "Inbox - CANARY@title.example";
    return was;
  });
  await cleo.get("cobrowse-allow").click();
  await cleo.get("cobrowse-bar").waitFor();
  await until("it is told where the page is", () => house.frames.some((frame) => frame.includes('"do":"page"')));
  await mirror(house).getByText("Pots for every day").first().waitFor();
  await cleo.page.evaluate(([href, title]) => {
    history.replaceState(history.state, "", href);
    document.title = title;
  }, before);
  await house.shot(anna.page, "61-cobrowse-seen");
  await tablets(house, anna.page, "61-cobrowse-seen");
  await house.shot(cleo.page, "62-cobrowse-shared");
  // The bar and the head of the chat are beside each other, however large the window is.
  const was = cleo.page.viewportSize();
  for (const [width, height] of [[900, 700], [600, 500]]) {
    await cleo.page.setViewportSize({ width, height });
    if (!(await cleo.get("panel").isVisible())) await cleo.page.getByRole("button", { name: /Open chat/ }).click();
    await house.shot(cleo.page, `62-cobrowse-shared-${width}`);
    await until("neither lies over the other", async () => {
      const [bar, head] = await Promise.all([cleo.get("cobrowse-bar"), cleo.page.locator(".panel .head")].map((part) => part.boundingBox()));
      return bar.y + bar.height <= head.y || bar.x + bar.width <= head.x;
    });
    for (const id of ["close", "cobrowse-stop"]) await cleo.get(id).click({ trial: true });
  }
  await cleo.page.setViewportSize(was);
}

const mirror = (house) => house.cast.anna.page.frameLocator('[data-testid="cobrowse-frame"]').frameLocator("iframe");

async function canaries(house) {
  if (house.mock) return "only with the real server";
  const { cleo } = house.cast;
  await cleo.page.evaluate(() => {
    const place = document.getElementById("canaries");
    place.insertAdjacentHTML("beforeend", '<p title="CANARY-later-title">later</p><p data-tandem-mask>CANARY-later</p>');
    place.querySelector("p").setAttribute("data-late", "CANARY-late");
    place.querySelector("[data-tandem-mask]").firstChild.data = "CANARY-changed";
    const out = new CSSStyleSheet();
    document.getElementById("out-host").attachShadow({ mode: "open" }).adoptedStyleSheets = [out];
    out.replaceSync(":host { order: 1; grid-area: CANARY-adopted }");
    out.insertRule(".out { grid-area: CANARY-inserted }");
    out.cssRules[0].style.setProperty("grid-area", "CANARY-set-in-a-rule");
    place.querySelector("svg title").firstChild.data = "CANARY-renamed";
    place.querySelector("svg desc").append("CANARY-appended", Object.assign(document.createElement("p"), { textContent: "CANARY-late-child" }));
    place.querySelector("datalist").append(new Option("CANARY-late-choice"));
  });
  await cleo.page.locator("[name=q]").pressSequentially("CANARY-keys");
  // A page that writes out what is typed: whole, in groups, and digit by digit.
  await cleo.page.evaluate(() => {
    const [, whole, groups, digits] = document.getElementById("preview").children;
    const spans = (parts) => parts.map((part) => Object.assign(document.createElement("span"), { textContent: part }));
    document.getElementById("number").addEventListener("input", ({ target: { value } }) => {
      whole.textContent = `You typed ${value}`;
      groups.replaceChildren(...spans(value.match(/.{1,4}/g) ?? []));
      digits.replaceChildren(...spans([...value]));
    });
    const set = document.getElementById("canaries").style;
    set.setProperty("--mine", '"CANARY-long-secret"');
    for (const sheet of document.styleSheets) if (sheet.cssRules[0]?.style) return sheet.cssRules[0].style.setProperty("--mine", '"CANARY-in-a-rule"');
  });
  await cleo.page.locator("#number").pressSequentially("4983720165049137", { delay: 40 });
  await new Promise((sent) => setTimeout(sent, 600));
  await echoes(cleo.page);
  await new Promise((sent) => setTimeout(sent, 600));
  const found = house.frames.join("\n").match(SECRETS) ?? [];
  assert.deepEqual([...new Set(found)], []);
  const echoed = house.frames.join("\n").match(/4929012\d*|-shown|(?:code|id|back): \d\d+|Shop \d\d+|--typed\W{1,8}\d{4}|(?:editor|chosen|message|its shadow): [^;"]*\d{4}[^;"]*/g) ?? [];
  assert.deepEqual([...new Set(echoed)], [], "what is typed is written out");
  assert.ok(house.frames.some((frame) => frame.includes("code: ••••••; id: •••••••••; back: •••")), "the page that writes it was sent");
  const shown = house.frames.join("\n").match(/You typed [\d•]*/g) ?? [];
  assert.deepEqual(shown.filter((text) => /\d{4}/.test(text)), [], "a number is written out as it is typed");
  assert.ok(shown.some((text) => text.endsWith("•".repeat(16))), "what the page writes is shown, covered");
  assert.deepEqual(house.frames.join("\n").match(/"(?:4983|7201|6504|9137)"/g), null, "so are its groups");
  assert.ok(house.frames.filter((frame) => frame.includes('"do":"part"')).length > 2, "the page was sent");
  assert.ok(house.frames.some((frame) => frame.includes('"do":"sheet"') && frame.includes("canary-59")), "its style sheet was");
}

// What is typed in every way that a page may write it out, which this one does.
async function echoes(page) {
  const [title, href] = [await page.title(), page.url()];
  await page.evaluate(() => {
    const drawn = document.getElementById("echoes").appendChild(new Image());
    const place = document.getElementById("echoes");
    const [, told] = place.querySelectorAll("p");
    const all = (name) => [...place.querySelectorAll(name)].map(({ value }) => value).join("");
    const of = (id) => document.getElementById(id);
    place.addEventListener("input", ({ target }) => {
      if (target.id === "revealed") {
        target.setAttribute("value", target.value);
        drawn.src = `/demo/drawn/${target.value}/code.svg`;
        drawn.style.setProperty("background-image", `url("/demo/behind/${target.value}.svg")`);
        history.replaceState(history.state, "", `/demo/at/${target.value}`);
      }
      const [spelled, whole] = [document.createElement("span"), document.createElement("b")];
      spelled.append(...[...of("pass").value].map((sign) => Object.assign(document.createElement("i"), { textContent: sign })));
      whole.textContent = of("pass").value;
      whole.className = `is-${of("pass").value}`;
      told.style.setProperty("--typed", of("message").value.slice(-8));
      document.title = `Shop ${all(".box")} ${of("pass").value}`;
      const chosen = of("account").selectedOptions[0].text;
      told.replaceChildren(`revealed: ${of("revealed").value}; code: ${all(".box")}; id: ${all(".id")}; back: ${of("cvc").value}; editor: ${of("editor").textContent}; chosen: ${chosen}; message: ${of("message").value.slice(-12)}; veiled: ${of("veiled").value}`, whole, spelled);
    });
    of("veiled").addEventListener("input", () => place.dispatchEvent(new Event("input")));
    of("slot-mask").append("CANARY-slotted-late");
    of("slot-block").append("CANARY-left-late", Object.assign(document.createElement("p"), { textContent: "CANARY-left-child" }));
    document.querySelector("[type=button]").setAttribute("value", "CANARY-pressed");
  });
  const type = (name, text, at = 0) => page.locator(`#canaries ${name}`).nth(at).pressSequentially(text, { delay: 20 });
  await type("#revealed", "492901234567901");
  await page.locator("#cvc").focus();
  await type("#revealed", "5");
  await type("#pass", "CANARY-word");
  await page.evaluate(() => (document.getElementById("pass").type = "text"));
  await page.locator("#pass").press("End");
  await type("#pass", "-shown");
  for (const [at, digit] of [..."573914"].entries()) await type(".box", digit, at);
  for (const [at, part] of ["736", "251", "409"].entries()) await type(".id", part, at);
  await type("#cvc", "738");
  await type("#editor", "31415926");
  await page.locator("#account").selectOption({ index: 1 });
  await page.locator("#message").fill(`${"lorem ipsum ".repeat(60)}30291847`);
  await type("#veiled", "CANARY-veiled");
  await page.evaluate(([was, at]) => {
    document.title = was;
    history.replaceState(history.state, "", at);
  }, [title, href]);
}

async function guided(house) {
  if (house.mock) return "only with the real server";
  const { anna, cleo } = house.cast;
  await anna.get("cobrowse-tool-point").click();
  const box = await anna.get("cobrowse-frame").boundingBox();
  await anna.page.mouse.move(box.x + 300, box.y + 100);
  await anna.page.mouse.move(box.x + 320, box.y + 120);
  await cleo.get("cobrowse-pointer").waitFor();
  await anna.page.mouse.click(box.x + 320, box.y + 120);
  await cleo.get("cobrowse-mark").first().waitFor({ state: "attached" });
  await house.shot(cleo.page, "63-cobrowse-pointed");
}

async function followed(house) {
  if (house.mock) return "only with the real server";
  const { anna, cleo } = house.cast;
  await cleo.page.goto(`${house.url}/demo/workshop.html`);
  await cleo.get("cobrowse-bar").waitFor();
  const title = await cleo.page.locator("h1").first().textContent();
  await mirror(house).getByText(title.trim()).first().waitFor();
  // A page whose program shows another place without a load.
  const places = () => house.frames.filter((frame) => frame.includes('"do":"page"')).map((frame) => JSON.parse(frame).act);
  const before = places().length;
  await cleo.page.evaluate(() => {
    for (const step of ["one", "two", "kiln"]) history.pushState(null, "", `/demo/${step}/?session=CANARY-pushed#CANARY-place`);
    document.title = "Kiln - CANARY@title.example";
  });
  await until("it is told where the page went", () => places().length > before);
  assert.deepEqual(places().slice(before).map(({ url, title }) => [new URL(url).pathname, url.includes("CANARY"), title]), [["/demo/kiln/", false, "Kiln - ••••••••••••••••••••"]]);
  // And one that is called otherwise, where it is.
  await cleo.page.evaluate(() => (document.title = "Kiln (2) - CANARY@title.example"));
  await anna.page.locator(".page-where", { hasText: "Kiln (2) - •" }).waitFor();
  await cleo.page.goBack();
  await until("and where it went back to", () => places().at(-1).url.endsWith("/demo/two/"));
  await cleo.page.evaluate((at) => history.replaceState(null, "", at), "/demo/workshop.html");
}

async function stopped(house) {
  if (house.mock) return "only with the real server";
  const { anna, cleo } = house.cast;
  await cleo.page.locator("h1").first().click();
  const took = await cleo.page.evaluate(async () => {
    const bar = document.querySelector('[data-tandem="share"]').shadowRoot.querySelector(".bar");
    const began = performance.now();
    for (let n = 0; n < 2; n++) document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    while (!bar.hidden) await new Promise(requestAnimationFrame);
    return performance.now() - began;
  });
  assert.ok(took < 200, `it took ${took} ms`);
  await anna.get("cobrowse-pane").waitFor({ state: "detached" });
  await anna.page.getByText(/not shared any more/).first().waitFor();
  const before = house.frames.filter((frame) => frame.includes('"do":"part"')).length;
  await cleo.page.evaluate(() => document.body.append("more"));
  await until("nothing more is sent", () => true);
  await new Promise((sent) => setTimeout(sent, 500));
  assert.equal(house.frames.filter((frame) => frame.includes('"do":"part"')).length, before);
  await house.shot(anna.page, "64-cobrowse-stopped");
  await anna.end();
  await cleo.window.close();
  delete house.cast.cleo;
}

// Where the browser keeps nothing, too, and although the server was not told yet.
async function stoppedHere(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const name = `Nora ${Date.now().toString(36).slice(-4)}`;
  const nora = await house.visitor();
  nora.window.expected.push(/inline style|style-src-attr|object-src/, /status of 404/);
  await nora.page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException("no room", "QuotaExceededError");
    };
  });
  const frames = [];
  nora.page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => frames.push(String(payload))));
  await nora.reload();
  await anna.presence("ready");
  await nora.begin("What is on my page?", name);
  await anna.accept(name);
  await anna.show(name);
  await anna.get("cobrowse-ask-open").click();
  await anna.get("cobrowse-ask-send").click();
  await nora.get("cobrowse-allow").click();
  await nora.get("cobrowse-bar").waitFor();
  const parts = () => frames.filter((frame) => frame.includes('"do":"part"')).length;
  await until("the page is sent", () => parts() > 0);
  house.cut(nora.window);
  await nora.get("cobrowse-stop").click();
  assert.equal(await nora.get("cobrowse-bar").isVisible(), false, "the bar stays although it was stopped");
  const before = parts();
  await nora.page.evaluate(() => {
    document.body.append("more");
    document.dispatchEvent(new Event("visibilitychange"));
  });
  nora.window.cable.mend();
  await nora.page.evaluate(() => dispatchEvent(new Event("online")));
  await anna.get("cobrowse-pane").waitFor({ state: "detached" });
  assert.equal(parts(), before, "it is recorded although it was stopped");
  await anna.end();
  await nora.window.close();
}

// As one that only browsers know to be none: the configuration takes it.
async function misread(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const name = `Mira ${Date.now().toString(36).slice(-4)}`;
  const mira = await house.visitor();
  mira.window.expected.push(/inline style|style-src-attr|object-src/, /status of 404/, /":nowhere" is no selector/);
  await mira.page.route("**/api/v1/zones/*", async (route) => {
    const answer = await route.fetch();
    const zone = await answer.json();
    await route.fulfill({ response: answer, json: { ...zone, cobrowse: { ...zone.cobrowse, mask: [":nowhere"] } } });
  });
  const frames = [];
  mira.page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => frames.push(String(payload))));
  await mira.reload();
  await anna.presence("ready");
  await mira.begin("What is on my page?", name);
  await anna.accept(name);
  await anna.show(name);
  await anna.get("cobrowse-ask-open").click();
  await anna.get("cobrowse-ask-send").click();
  await mira.get("cobrowse-allow").click();
  await anna.get("cobrowse-misread").waitFor();
  await mirror(house).getByText("•••• ••• ••••• •••").first().waitFor();
  assert.equal(frames.some((frame) => frame.includes("Pots for every day")), false, "what may be masked is shown");
  await house.shot(anna.page, "64-cobrowse-misread");
  await mira.get("cobrowse-stop").click();
  await anna.get("cobrowse-pane").waitFor({ state: "detached" });
  await anna.end();
  await mira.window.close();
}
