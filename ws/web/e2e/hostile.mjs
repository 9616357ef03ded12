// Scripts in every field that a visitor controls: they are text wherever they are shown, and nothing of them runs.
import assert from "node:assert/strict";
import { inZone } from "./forms.mjs";
import { until } from "./house.mjs";
import { boss } from "./watch.mjs";
import { identity, unnamed } from "./zones.mjs";

const ZONE = process.env.TANDEM_FORM_ZONE;

export const HOSTILE = [
  ["scripts in name, mail, messages, page and comment are text everywhere", scripts],
  ["scripts in answers to the zone's form, and in where the visitor came from, are text on the agent's card", answers],
  ["scripts that a hostile client sends as name, page, referrer and answers are text on board, card, record and customer page", planted],
  ["scripts in a signed name, a page's title, what is marked and what the page did not do are text on desk, board and record", shared],
];

/** Each would set a mark if it ran; all of them have been seen to run somewhere. */
const SCRIPTS = [
  "<script>window.owned=1</script>",
  "<img src=x onerror=window.owned=1>",
  "<svg/onload=window.owned=1>",
  "\"><iframe srcdoc='<script>parent.owned=1</script>'>",
  "javascript:window.owned=1",
  "{{constructor.constructor('window.owned=1')()}}",
  "[click](javascript:window.owned=1)",
  "data:text/html,<script>opener.owned=1</script>",
  "http://x/\"onmouseover=\"window.owned=1",
  "\u202eno\u0000t\u2066hing",
  "</textarea><style>*{display:none}</style>",
];

const COMMENT = "<img src=x onerror=window.owned=1> thanks";

const clean = async (page) => {
  assert.equal(await page.evaluate(() => window.owned), undefined, `${page.url()} ran something`);
  const bad = await page.evaluate(() => {
    const roots = [document, ...[...document.querySelectorAll("*")].map((each) => each.shadowRoot).filter(Boolean)];
    const all = roots.flatMap((root) => [...root.querySelectorAll("*")]);
    const made = all.filter((each) => each.matches("iframe[srcdoc], img[onerror], svg[onload], [onmouseover]") || /^(javascript|data):/i.test(each.getAttribute("href") ?? ""));
    return made.map((each) => each.outerHTML.slice(0, 80));
  });
  assert.deepEqual(bad, [], page.url());
};

async function scripts(house) {
  const { anna } = house.cast;
  const { page } = anna;
  await anna.presence("ready");
  const eve = await house.visitor();
  await eve.page.evaluate(() => history.replaceState(null, "", "/demo/?<script>window.owned=1</script>"));
  const name = `<img src=x onerror=window.owned=1> ${Date.now().toString(36).slice(-4)}`;
  await eve.open();
  await eve.get("name").fill(name);
  await eve.get("mail").fill("\"<svg/onload=window.owned=1>\"@example.org").catch(() => {});
  await eve.get("first-message").fill(SCRIPTS[0]);
  await eve.get("start-chat").click();
  if (await eve.page.getByText("This does not look like an e-mail address").isVisible()) {
    await eve.get("mail").fill("");
    await eve.get("start-chat").click();
  }
  await eve.state(SCRIPTS[0], "Sent", "Delivered", "Read");
  const offer = anna.offer(name);
  await offer.waitFor();
  await clean(page);
  await house.axe(page, "desk, a hostile offer");
  await anna.accept(name);
  await anna.show(name);
  for (const script of SCRIPTS.slice(1)) await eve.write(script);
  await until("all of it arrived", async () => (await anna.texts()).length === SCRIPTS.length);
  const shown = await anna.texts();
  for (const script of SCRIPTS) assert.ok(shown.includes(script.replace("\u0000", "")) || shown.includes(script), `${script} is text in ${JSON.stringify(shown)}`);
  await clean(page);
  await clean(eve.page);
  await house.shot(page, "71-hostile-desk");
  await house.shot(eve.page, "71-hostile-widget");
  for (const script of SCRIPTS.slice(1, 5)) await anna.write(script);
  await until("the visitor has it", async () => (await eve.texts()).length === SCRIPTS.length + 4);
  await clean(eve.page);
  await page.getByRole("button", { name: "Whole record" }).click();
  await anna.get("customer-page").waitFor();
  await clean(page);
  await house.axe(page, "customer with a hostile name");
  await house.shot(page, "72-hostile-customer");
  await page.keyboard.press("Alt+3");
  await anna.get("history-page").waitFor();
  await anna.get("result").first().click();
  await anna.get("record").getByText("<svg/onload").first().waitFor();
  await clean(page);
  await page.keyboard.press("Alt+1");
  await anna.show(name);
  // The comment, which is asked once the contact is over: it stands in the conversation and in the record.
  await anna.get("end").click();
  await anna.get("confirm").click();
  await eve.get("score").first().focus();
  await eve.page.keyboard.press("Space");
  await eve.get("rating-comment").fill(COMMENT);
  await eve.get("rate").click();
  await eve.get("rated").filter({ hasText: "1 of 5" }).waitFor();
  await clean(eve.page);
  await anna.get("conversation").getByText(COMMENT).first().waitFor();
  await clean(page);
  await anna.end();
  await clean(page);
  await eve.window.close();
}

async function answers(house) {
  if (!ZONE) return "only with TANDEM_FORM_ZONE";
  const { anna } = house.cast;
  const name = `Eve ${Date.now().toString(36).slice(-4)}`;
  const from = "https://x.example/<img src=x onerror=window.owned=1>";
  await anna.presence("ready");
  const eve = await inZone(house, ZONE);
  await eve.page.addInitScript((text) => Object.defineProperty(Document.prototype, "referrer", { get: () => text }), from);
  await eve.reload();
  await eve.open();
  await eve.get("name").fill(name);
  await eve.get("field-topic").selectOption({ label: "A repair" });
  await eve.get("field-order").fill(SCRIPTS[3]);
  await eve.get("field-terms").check();
  await eve.get("first-message").fill("Is it mended?");
  await eve.get("start-chat").click();
  await anna.offer(name).waitFor();
  await clean(anna.page);
  await anna.accept(name);
  await anna.show(name);
  await anna.get("answer-order").filter({ hasText: SCRIPTS[3] }).waitFor();
  await anna.page.getByText("x.example").first().waitFor();
  await clean(anna.page);
  await clean(eve.page);
  await house.shot(anna.page, "72-hostile-answers");
  await anna.end();
  await anna.presence("away:Short break");
  await eve.window.close();
}

/** What a client of its own tells, which no browser would. */
const PLANTED = ["<script>top.owned=1</script>", "<img src=x onerror=top.owned=1>", "javascript:top.owned=1", "<svg onload=top.owned=1>", "{{constructor.constructor('top.owned=1')()}}"];

async function planted(house) {
  if (!ZONE || house.mock) return "only with TANDEM_FORM_ZONE";
  const { anna } = house.cast;
  const { page } = anna;
  const sam = await boss(house);
  const run = Date.now().toString(36).slice(-4);
  for (const [n, script] of PLANTED.entries()) {
    const name = `${script} ${n}${run}`;
    await anna.presence("away:Short break");
    const eve = await inZone(house, ZONE);
    await eve.page.addInitScript(
      ([text, named]) => {
        const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (frame) {
          const told = typeof frame === "string" ? JSON.parse(frame) : undefined;
          if (told?.op !== "open") return send.call(this, frame);
          return send.call(this, JSON.stringify({ ...told, name: named, page: text, referrer: text }));
        };
      },
      [script, name],
    );
    await eve.reload();
    await eve.open();
    await eve.get("name").fill("Eve");
    await eve.get("field-topic").selectOption({ label: "A repair" });
    await eve.get("field-order").fill(script);
    await eve.get("field-terms").check();
    await eve.get("first-message").fill(script);
    await eve.get("start-chat").click();
    const row = sam.get("waiting").locator("tbody tr").filter({ hasText: name });
    await row.getByTestId("watch-waiting").click();
    const seen = sam.get("oversee-card");
    await seen.getByText(name, { exact: true }).waitFor();
    assert.equal(await seen.getByText(script, { exact: true }).count(), 3, `${script} is page, referrer and answer on the board`);
    await sam.get("watch").locator(".said").getByText(script).first().waitFor();
    await clean(sam.page);
    await sam.get("watch-close").click();
    await anna.presence("ready");
    await anna.offer(name).waitFor();
    await clean(page);
    await anna.accept(name);
    await anna.show(name);
    for (const part of ["answer-order", "card-referrer"]) await anna.get(part).getByText(script, { exact: true }).waitFor();
    await clean(page);
    const held = sam.get("watch-held").filter({ hasText: name });
    await held.waitFor();
    await clean(sam.page);
    await page.getByRole("button", { name: "Whole record" }).click();
    await anna.get("customer-page").getByText(name, { exact: true }).first().waitFor();
    await clean(page);
    await page.keyboard.press("Alt+1");
    await anna.show(name);
    await anna.end();
    await page.keyboard.press("Alt+3");
    await anna.get("result").filter({ hasText: name }).first().click();
    const record = anna.get("record");
    await record.getByTestId("record-answer").getByText(script, { exact: true }).waitFor();
    assert.ok((await record.locator("dd").getByText(script, { exact: true }).count()) >= 3, `${script} is answer, page and referrer in the record`);
    await clean(page);
    if (n === 1) await house.shot(page, "72-hostile-planted-record");
    await page.keyboard.press("Alt+1");
    await clean(eve.page);
    await eve.window.close();
  }
  await anna.presence("away:Short break");
  await sam.window.close();
  delete house.cast.sam;
}

const LABEL = "<svg/onload=top.owned=1>label";
const TITLE = "<img src=x onerror=window.owned=1>title";

async function shared(house) {
  if (!process.env.TANDEM_IDENTITY_SECRET) return "only with TANDEM_IDENTITY_SECRET";
  const { anna } = house.cast;
  const { page } = anna;
  const run = Date.now().toString(36).slice(-4);
  const name = `"><img src=x onerror=window.owned=1> ${run}`;
  const eve = await house.visitor();
  for (const side of [eve, anna]) side.window.expected.push(/escape its sandboxing/, /inline style|style-src|object-src/, /status of 404/);
  await unnamed(eve, { identity: identity({ sub: `evil-${run}`, name, segments: ["vip"] }) });
  await eve.open();
  await anna.presence("ready");
  await eve.get("first-message").fill("See this");
  await eve.get("start-chat").click();
  await anna.offer(name).waitFor();
  await clean(page);
  await anna.accept(name);
  await anna.show(name);
  await page.locator(".badge.good", { hasText: "Verified" }).waitFor();
  await guided(house, eve);
  await eve.get("cobrowse-suggest").click();
  await eve.get("suggest-send").click();
  await eve.get("suggest").getByText("The page was sent.").waitFor();

  const told = [`suggested ${TITLE}`, `marked ${LABEL}`, `did not do that: ${LABEL}`];
  for (const text of told) await page.locator('[data-what="cobrowse"]', { hasText: text }).last().waitFor();
  await clean(page);
  await clean(eve.page);
  await house.shot(page, "72-hostile-shared-desk");
  const sam = await boss(house);
  await sam.get("watch-held").filter({ hasText: name }).click();
  for (const text of told) await sam.get("watch").getByText(text).last().waitFor();
  await sam.get("oversee-card").getByText(name).first().waitFor();
  await clean(sam.page);
  await house.shot(sam.page, "72-hostile-shared-board");
  await page.getByRole("button", { name: "Whole record" }).click();
  await anna.get("customer-page").getByText(name).first().waitFor();
  await clean(page);
  await page.keyboard.press("Alt+1");
  await anna.show(name);
  await anna.end();
  await page.keyboard.press("Alt+3");
  await anna.get("result").first().click();
  for (const text of told) await anna.get("record").getByText(text).last().waitFor();
  await clean(page);
  await house.shot(page, "72-hostile-shared-record");
  await page.keyboard.press("Alt+1");
  await anna.presence("away:Short break");
  await sam.window.close();
  delete house.cast.sam;
  await eve.window.close();
}

// The agent marks and fills in a field whose label is a script, and which is never filled in.
async function guided(house, eve) {
  const { anna } = house.cast;
  await eve.page.evaluate(([title, label]) => {
    document.title = title;
    const field = Object.assign(document.createElement("input"), { id: "evil", type: "password" });
    const named = document.createElement("label");
    named.append(label, field);
    document.querySelector("main").prepend(named);
  }, [TITLE, LABEL]);
  await anna.get("cobrowse-ask-open").click();
  for (const grant of ["push", "control"]) await anna.page.locator(`[data-grant=${grant}]`).check();
  await anna.get("cobrowse-ask-send").click();
  await eve.get("cobrowse-ask").waitFor();
  for (const grant of ["point", "push", "control"]) await eve.page.locator(`[data-testid=cobrowse-ask] input[name=${grant}]`).check();
  await eve.get("cobrowse-allow").click();
  const pane = anna.page.frameLocator('[data-testid="cobrowse-frame"]');
  const field = pane.frameLocator("iframe").locator("#evil");
  await field.waitFor();
  for (const tool of ["point", "fill"]) {
    await anna.get(`cobrowse-tool-${tool}`).click();
    await pane.locator(`#glass[data-tool="${tool}"]`).waitFor();
    const box = await field.boundingBox();
    await anna.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  }
  await anna.get("cobrowse-fill-value").fill("hunter2");
  await clean(anna.page);
  await anna.get("cobrowse-fill-value").press("Enter");
}
