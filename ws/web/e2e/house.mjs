// A browser with visitors and agents in it, and the watch over what they must never show.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";
import { lay } from "./cable.mjs";
import { EARS, listen } from "./ear.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
// The last list counts: what playwright turns off besides, as storage that is kept apart by website, is as browsers have it.
const AS_BROWSERS_ARE = [...ARGS, "--disable-features=HttpsUpgrades,Translate"];
const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const PATIENCE = 15_000;

/** Waits until a question is answered with something true. */
export async function until(what, ask, patience = PATIENCE) {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`did not happen in ${patience} ms: ${what}`);
    await new Promise((again) => setTimeout(again, 40));
  }
}

export class House {
  faults = [];
  #contexts = [];
  #booths = new Map();
  #folders = [];

  constructor(browser, url, password, artifacts) {
    Object.assign(this, { browser, url, password, artifacts });
  }

  /** Opens a browser; with `tone`, its microphone is a tone of that frequency, and its pages tell what they hear. */
  static async open({ url, password, artifacts, tone }) {
    const browser = await chromium.launch({ executablePath: EXECUTABLE, args: tone ? [...ARGS, ...EARS] : ARGS });
    return Object.assign(new House(browser, url, password, artifacts), { tone });
  }

  /** A browser beside this one, whose faults are this house's. */
  async booth(tone) {
    const known = this.#booths.get(tone);
    if (known) return known;
    const { url, password, artifacts, faults } = this;
    const other = Object.assign(await House.open({ url, password, artifacts, tone }), { faults });
    this.#booths.set(tone, other);
    return other;
  }

  /** A browser window of its own: own storage, own network. With `preferences` it is a browser that is set so. */
  async window({ preferences, ...options } = {}) {
    const cable = await lay();
    const wanted = { viewport: { width: 1280, height: 800 }, locale: "en-GB", reducedMotion: "reduce", ...options, proxy: { server: cable.server, bypass: "<-loopback>" } };
    const context = preferences ? await this.#set(preferences, wanted) : await this.browser.newContext(wanted);
    context.setDefaultTimeout(PATIENCE);
    await context.addInitScript(() => addEventListener("securitypolicyviolation", (event) => console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI}`)));
    if (this.tone) await context.addInitScript(listen, this.tone);
    const window = { context, cable, expected: [], close: async () => { await context.close(); cable.close(); } };
    context.on("page", (page) => this.#watch(page, window));
    this.#contexts.push(window);
    return window;
  }

  async #set(preferences, wanted) {
    const folder = mkdtempSync(path.join(tmpdir(), "tandem-e2e-"));
    mkdirSync(path.join(folder, "Default"));
    writeFileSync(path.join(folder, "Default", "Preferences"), JSON.stringify(preferences));
    const context = await chromium.launchPersistentContext(folder, { executablePath: EXECUTABLE, args: AS_BROWSERS_ARE, ...wanted });
    this.#folders.push(folder);
    return context;
  }

  #watch(page, window) {
    if (process.env.FRAMES) {
      page.on("websocket", (socket) => {
        socket.on("framesent", ({ payload }) => console.log(">", page.url(), payload));
        socket.on("framereceived", ({ payload }) => console.log("<", page.url(), payload));
      });
    }
    // pain_32: credentials are JSON Web Tokens, and none ever stands in an address, which others keep and pass on.
    const named = (url) => /eyJ[\w-]{8,}\./.test(url) && this.faults.push(`a credential is in an address: ${url}`);
    page.on("websocket", (socket) => named(socket.url()));
    page.on("pageerror", (error) => this.faults.push(`${page.url()}: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() !== "error" && message.type() !== "warning") return;
      const text = message.text();
      // A cut network is reported by the browser itself; so is an answer that a check asks for on purpose.
      if (/net::ERR_|WebSocket connection to/.test(text) && window.wasCut) return;
      // So it does of who opens the chat and closes it at once.
      if (/WebSocket is closed before the connection is established/.test(text)) return;
      if (window.expected.some((pattern) => pattern.test(text))) return;
      this.faults.push(`${page.url()}: ${text}`);
    });
    const host = new URL(this.url).host;
    page.on("request", (request) => {
      named(request.url());
      const asked = new URL(request.url());
      // What a page has in its memory is its own.
      const own = asked.protocol === "blob:" ? new URL(asked.pathname).host : asked.host;
      if (asked.protocol !== "data:" && own !== host && !window.hosts?.includes(own)) this.faults.push(`request to another host: ${request.url()}`);
    });
  }

  cut(window) {
    window.wasCut = true;
    window.cable.cut();
  }

  /** A visitor whom a link brought here, or nothing. */
  async visitor({ referer, ...options } = {}) {
    const window = await this.window(options);
    const page = await window.context.newPage();
    const answer = await page.goto(`${this.url}/demo/`, { referer });
    return new VisitorPage(this, window, page, answer);
  }

  /** A visitor on a page that is there. */
  visitorOn(window, page) {
    return new VisitorPage(this, window, page);
  }

  async console(options) {
    const window = await this.window(options);
    const page = await window.context.newPage();
    const answer = await page.goto(`${this.url}/console/`);
    return new ConsolePage(this, window, page, answer);
  }

  async board(options) {
    const window = await this.window(options);
    const page = await window.context.newPage();
    const answer = await page.goto(`${this.url}/board/`);
    return new BoardPage(this, window, page, answer);
  }

  async shot(page, name) {
    if (this.artifacts) await page.screenshot({ path: path.join(this.artifacts, `${name}.png`) });
  }

  /** Keeps a picture of each page that is open, and returns what alerts stand there. */
  async left(name) {
    const pages = this.#contexts.flatMap(({ context }) => context.pages());
    const told = [];
    for (const [n, page] of pages.entries()) {
      await this.shot(page, `${name}-${n + 1}`).catch(() => {});
      const alerts = page.getByRole("alert").filter({ visible: true, hasText: /./ });
      told.push(...(await alerts.allInnerTexts().catch(() => [])).map((text) => `page ${n + 1}, ${page.url()}, says: ${text}`));
    }
    for (const other of this.#booths.values()) told.push(...(await other.left(`${name}-booth`)));
    return told;
  }

  /** Asks axe; whatever it finds is a fault of the page. */
  async axe(page, state) {
    // An animation half way has colours that nobody gets to read; those of the widget are in its shadow root.
    await page.evaluate(() => {
      const roots = [document, ...[...document.querySelectorAll("*")].map((each) => each.shadowRoot).filter(Boolean)];
      const moving = roots.flatMap((root) => root.getAnimations()).filter((each) => each.effect?.getTiming().iterations !== Infinity);
      return Promise.all(moving.map((each) => each.finished.catch(() => {})));
    });
    // The document in which a customer's page is drawn is ours, too; what is drawn is the customer's.
    const ours = [page.mainFrame(), ...page.frames().filter((frame) => frame.url().endsWith("/cobrowse/viewer/"))];
    for (const frame of ours) {
      await frame.evaluate(AXE);
      const { violations } = await frame.evaluate(() => globalThis.axe.run(document, { iframes: false, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
      if (violations.length) throw new Error(`${state}: ${violations.map(({ id, nodes }) => `${id} at ${nodes.map((node) => node.target.flat().join(" ")).join(", ")}`).join("; ")}`);
    }
  }

  async close() {
    for (const other of this.#booths.values()) await other.close();
    for (const window of this.#contexts) await window.close();
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true, maxRetries: 9, retryDelay: 100 });
    await this.browser.close();
  }
}

class Side {
  constructor(house, window, page, answer) {
    Object.assign(this, { house, window, page, answer });
  }

  get(id) {
    return this.page.getByTestId(id);
  }

  /** The texts of all messages, in order. */
  texts() {
    return this.page.locator('[data-testid="message"] .bubble').allTextContents();
  }

  async shows(text) {
    await this.page.locator(".bubble", { hasText: text }).first().waitFor();
  }

  /** Waits until the newest message with this text has this state. */
  state(text, ...wanted) {
    // A page that lost its connection is there again after half a minute at most.
    return until(`"${text}" is ${wanted.join(" or ")}`, async () => {
      const found = await this.page.locator('[data-testid="message"]', { hasText: text }).last().getByTestId("state").textContent({ timeout: 500 }).catch(() => "");
      return wanted.includes(found);
    }, 3 * PATIENCE);
  }

  async write(text) {
    await this.get("composer").fill(text);
    await this.get("composer").press("Enter");
  }

  reload() {
    return this.page.reload();
  }
}

class VisitorPage extends Side {
  async open() {
    await this.page.getByRole("button", { name: /Open chat/ }).click();
    await this.get("panel").waitFor();
  }

  async begin(text, name = "") {
    await this.open();
    await this.get("first-message").fill(text);
    if (name) await this.get("name").fill(name);
    await this.get("start-chat").click();
    await this.state(text, "Sent", "Delivered", "Read");
  }

  async askCall(number, when) {
    await this.get("panel").getByRole("button", { name: "Call me" }).filter({ visible: true }).click();
    await this.get("number").fill(number);
    await this.get("call-sheet").getByRole("radio", { name: when, exact: true }).check();
    await this.get("call-submit").click();
  }

  async end() {
    await this.get("end-chat").click();
    await this.get("end-yes").click();
    await this.get("start-over").waitFor();
  }
}

class BoardPage extends Side {
  async signIn(agent, password = this.house.password) {
    await this.get("agent").fill(agent);
    await this.get("password").fill(password);
    await this.get("sign-in").click();
  }
}

class ConsolePage extends Side {
  async signIn(agent, password = this.house.password) {
    await this.get("agent").fill(agent);
    await this.get("password").fill(password);
    await this.get("sign-in").click();
  }

  async onDesk() {
    await this.get("presence").waitFor();
  }

  async presence(value) {
    if ((await this.get("presence").inputValue()) === value) return;
    await this.get("presence").selectOption(value);
    await until(`presence ${value}`, async () => (await this.get("presence").inputValue()) === value);
  }

  offer(name) {
    return this.get("offer").filter({ hasText: name });
  }

  async accept(name) {
    await this.offer(name).getByTestId("accept").click();
    await this.tab(name).waitFor();
  }

  tab(name) {
    return this.get("contact").filter({ hasText: name });
  }

  async show(name) {
    await this.tab(name).click();
    await this.get("conversation").getByRole("heading", { name }).first().waitFor();
  }

  /** Ends the shown contact and finishes its wrap-up. */
  async end(disposition = 1) {
    const interaction = await this.get("conversation").getAttribute("data-interaction");
    if ((await this.get("wrap-up").count()) === 0) {
      await this.get("end").click();
      await this.get("confirm").click();
    }
    await this.get("wrap-up").waitFor();
    await this.get("disposition").selectOption({ index: disposition });
    await this.get("finish").click();
    await this.page.locator(`[data-testid="contact"][data-interaction="${interaction}"]`).waitFor({ state: "detached" });
  }

  /** Serves whatever an earlier run left in the queue. */
  async drain() {
    await this.presence("ready");
    await until("the queue is empty", async () => {
      if (await this.get("offer").count()) await this.get("offer").first().getByTestId("accept").click({ timeout: 1_000 }).catch(() => {});
      await this.clear();
      return !/[1-9]\d* /.test((await this.get("queues").textContent()).split(":").pop());
    }, 60_000);
    await this.presence("away:Short break");
    await this.clear();
  }

  /** Leaves no contact on the desk. */
  async clear() {
    while ((await this.get("contact").count()) > 0) {
      await this.get("contact").first().click();
      await this.get("conversation").waitFor();
      await this.end();
    }
  }
}
