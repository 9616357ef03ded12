// Pages that mean harm, or are too much, seen together: nothing of them runs before an agent, and too much is only named.
import assert from "node:assert/strict";

const run = Date.now().toString(36).slice(-4);

export const MIRRORED = [
  ["scripts of a page seen together are not in what the agent is shown", harmless],
  ["scripts that a visitor's own program puts into what the page shows do not run", forged],
  ["pain_39 a page too large is only named to the agent, who points on it all the same", heavy],
  ["pain_39 a page that changes too fast is only named to the agent, who points on it all the same", hasty],
];

const PAGE = `<section id="evil"><h2 onclick="top.owned=1" onmouseover="top.owned=1" style="background:url(/evil-style)">evil heading</h2>
  <img src="https://intranet.example/evil"><img src="/evil-image" onerror="top.owned=1"><svg onload="top.owned=1"><a href="javascript:top.owned=1"><text>x</text></a></svg>
  <a id="evil-link" href="javascript:top.owned=1">link</a><a href="data:text/html,<script>top.owned=1</script>">data</a>
  <iframe srcdoc="<script>top.owned=1</script>"></iframe><object data="/evil-object"></object><embed src="/evil-embed">
  <form action="javascript:top.owned=1"><button formaction="javascript:top.owned=1">go</button></form>
  <details open ontoggle="top.owned=1"><summary>more</summary></details><input autofocus onfocus="top.owned=1">
  <meta http-equiv="refresh" content="0;url=javascript:top.owned=1"><base href="/evil-base/"></section>`;

/** Nodes as a recorder would write them, had its program been changed. */
const FORGED = [
  { tagName: "script", attributes: {}, text: "top.owned=1" },
  { tagName: "img", attributes: { src: "x", onerror: "top.owned=1" } },
  { tagName: "iframe", attributes: { srcdoc: "<script>top.owned=1</script>" } },
  { tagName: "iframe", attributes: { src: "javascript:top.owned=1" } },
  { tagName: "svg", attributes: { onload: "top.owned=1" }, isSVG: true },
  { tagName: "a", attributes: { href: "javascript:top.owned=1", id: "forged-link" }, text: "forged link" },
  { tagName: "meta", attributes: { "http-equiv": "refresh", content: "0;url=javascript:top.owned=1" } },
  { tagName: "details", attributes: { open: "", ontoggle: "top.owned=1" } },
  { tagName: "style", attributes: {}, text: "@import '/evil-import';" },
  { tagName: "p", attributes: { rr_width: "1px;background:url(/evil-rr)", id: "forged" }, text: "forged paragraph" },
];

const mirror = (anna) => anna.page.frameLocator('[data-testid="cobrowse-frame"]').frameLocator("iframe");

async function sharing(house, name, before) {
  const { anna } = house.cast;
  await anna.presence("ready");
  const mal = await house.visitor();
  mal.window.expected.push(/inline style|style-src-attr|object-src|Content Security Policy|CSP violation/, /status of 404/, /sandbox/i, /Refused to/, /X-Frame-Options|frame-ancestors/);
  anna.window.expected.push(/sandbox/i, /status of 404/, /Content Security Policy|CSP violation|Refused to/);
  await before?.(mal);
  await mal.reload();
  await mal.begin("Look at this", name);
  await anna.offer(name).waitFor();
  await anna.accept(name);
  await anna.show(name);
  await anna.get("cobrowse-ask-open").click();
  await anna.get("cobrowse-ask-send").click();
  await mal.get("cobrowse-ask").waitFor();
  return mal;
}

async function allow(mal, ...more) {
  for (const grant of more) await mal.get("cobrowse-ask").locator(`[name="${grant}"]`).check();
  await mal.get("cobrowse-allow").click();
  await mal.get("cobrowse-bar").waitFor();
}

async function over(house, mal) {
  const { anna } = house.cast;
  await anna.end();
  await anna.presence("away:Short break");
  await mal.window.close();
}

// Links are pressed too: what has to be pressed first is as bad.
async function clean(anna, links) {
  for (const link of links) await mirror(anna).locator(link).dispatchEvent("click").catch(() => {});
  await new Promise((go) => setTimeout(go, 400));
  assert.equal(await anna.page.evaluate(() => window.owned), undefined, "something of the page ran");
  const bad = await mirror(anna).locator("html").evaluate((html) => {
    const bad = (element) => [...element.attributes].some(({ name, value }) => (/^on/i.test(name) && value !== "") || /^\s*(javascript|data:text)/i.test(value));
    return [...html.querySelectorAll("*")].filter((element) => bad(element) || element.matches("script, object[data], embed[src], iframe[srcdoc], meta[http-equiv], base[href]")).map((element) => element.outerHTML.slice(0, 90));
  });
  return bad;
}

async function harmless(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const mal = await sharing(house, `Mal ${run}`);
  await mal.page.evaluate(() => (document.title = "<img src=x onerror=top.owned=1>"));
  await allow(mal);
  await mirror(anna).getByText("Pots for every day").first().waitFor();
  // What the page's own website has may be asked for; what it names elsewhere, and all that could run, may not.
  const asked = [];
  anna.page.on("request", (request) => asked.push(request.url()));
  for (const side of [mal, anna]) {
    side.window.hosts = [...(side.window.hosts ?? []), "intranet.example"];
    await side.page.route("https://intranet.example/**", (route) => {
      if (side === anna) asked.push("evil-intranet");
      return route.abort();
    });
  }
  await mal.page.evaluate((html) => document.querySelector("main").insertAdjacentHTML("beforeend", html), PAGE);
  await mirror(anna).getByText("evil heading").waitFor();
  await mirror(anna).locator('img[src*="intranet.example"]').waitFor({ state: "attached" });
  assert.deepEqual(await clean(anna, ["#evil-link", "#evil h2"]), []);
  await house.axe(anna.page, "desk with a hostile page");
  assert.deepEqual(asked.filter((url) => /evil-(intranet|object|embed|base)/.test(url)), [], "nothing was fetched for it");
  await over(house, mal);
}

async function forged(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  let changed = 0;
  const mal = await sharing(house, `Moll ${run}`, (mal) =>
    mal.page.routeWebSocket(/\/ws\/visitor/, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((frame) => server.send(String(frame).includes("CARRIER") ? ((changed += 1), forge(String(frame))) : frame));
      server.onMessage((frame) => socket.send(frame));
    }),
  );
  await allow(mal);
  await mirror(anna).getByText("Pots for every day").first().waitFor();
  await mal.page.evaluate(() => document.querySelector("main").append(Object.assign(document.createElement("p"), { textContent: "CARRIER" })));
  await mirror(anna).getByText("forged paragraph").waitFor();
  assert.ok(changed > 0, "what was sent was changed");
  await clean(anna, ["#forged-link"]);
  await over(house, mal);
}

function forge(frame) {
  const asked = JSON.parse(frame);
  const events = JSON.parse(asked.act.text);
  for (const { data } of events) {
    const carrier = data.adds?.find(({ node }) => JSON.stringify(node).includes("CARRIER"));
    if (!carrier) continue;
    FORGED.forEach(({ text, ...node }, at) => {
      const id = 900_000 + at * 2;
      const childNodes = text ? [{ type: 3, textContent: text, id: id + 1 }] : [];
      data.adds.push({ parentId: carrier.parentId, nextId: null, node: { type: 2, ...node, childNodes, id } });
      if (text) data.adds.push({ parentId: id, nextId: null, node: childNodes[0] });
    });
  }
  asked.act.text = JSON.stringify(events);
  return JSON.stringify(asked);
}

// What is left of a page that is too heavy: its address, and the agent's pointer on it.
async function guides(house, side) {
  const { anna } = house.cast;
  await anna.get("cobrowse-pane").locator(".page-where").filter({ hasText: `${house.url}/demo/` }).waitFor();
  await anna.get("cobrowse-tool-point").click();
  const { x, y } = await anna.get("cobrowse-frame").boundingBox();
  await anna.page.mouse.move(x + 100, y + 60);
  await anna.page.mouse.move(x + 120, y + 80);
  await side.get("cobrowse-pointer").waitFor();
}

async function heavy(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const note = anna.page.frameLocator('[data-testid="cobrowse-frame"]').getByText("too heavy to be shown");
  const large = await sharing(house, `Large ${run}`);
  await large.page.evaluate(() => document.querySelector("main").append(...Array.from({ length: 40_001 }, () => document.createElement("i"))));
  await allow(large, "point");
  await note.waitFor();
  await guides(house, large);
  await house.shot(anna.page, "102-heavy-page");
  await over(house, large);
}

async function hasty(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const note = anna.page.frameLocator('[data-testid="cobrowse-frame"]').getByText("too heavy to be shown");
  const fast = await sharing(house, `Fast ${run}`);
  await allow(fast, "point");
  await mirror(anna).getByText("Pots for every day").first().waitFor();
  await fast.page.evaluate(() => {
    const place = document.querySelector("main").appendChild(document.createElement("div"));
    let turn = 0;
    globalThis.rush = setInterval(() => place.replaceChildren(...Array.from({ length: 400 }, (_, n) => Object.assign(document.createElement("p"), { textContent: `${turn} ${n} ${"words that go on and on ".repeat(40)}` })), String(turn++)), 60);
  });
  await note.waitFor();
  await guides(house, fast);
  await fast.page.evaluate(() => clearInterval(globalThis.rush));
  await house.shot(anna.page, "103-hasty-page");
  await over(house, fast);
}
