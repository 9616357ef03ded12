// A telephone of SIP in a page (RFC 7118): JsSIP as its makers ship it, with a microphone that is a tone.
import { createRequire } from "node:module";
import { build } from "vite";
import { until } from "./house.mjs";
import { ONLY, PHONES, calls, connected, hears, lacks, phoneHears } from "./voice.mjs";

const VISITOR = 620;
const AGENT = 820;
const CALLER = 1_020;
const PHONE = 440;
/** What pages of this browser are shown at an address that the house does not have. */
const PAGE = '<!doctype html><html lang="en"><title>Telephone</title><link rel="icon" href="data:,"><audio autoplay></audio></html>';

export const WEB_PHONES = [
  ["by ear: an agent's telephone is a SIP client in a page: it is called, heard, held, moved to another network, and hangs up", called],
  ["by ear: a SIP client in a page calls a queue, and the agent's phone hears it", dials],
];

const LIBRARY = createRequire(import.meta.url).resolve("jssip");

let library;
async function script() {
  const config = {
    configFile: false,
    logLevel: "silent",
    define: { "process.env.NODE_ENV": '"production"' },
    build: { write: false, minify: false, lib: { entry: LIBRARY, formats: ["iife"], name: "JsSIP", fileName: "jssip" } },
  };
  library ??= build(config).then((built) => [built].flat()[0].output[0].code);
  return library;
}

/** The telephone of `user`, registered; its microphone is a tone of `hertz`. */
class Telephone {
  static async open(house, user, hertz) {
    const booth = await house.booth(hertz);
    const window = await booth.window();
    const page = await window.context.newPage();
    const address = `${house.url}/telephone-of-${user}`;
    await page.route(address, (route) => route.fulfill({ contentType: "text/html", body: PAGE }));
    await page.goto(address);
    await page.addScriptTag({ content: await script() });
    const { host, hostname } = new URL(house.url);
    await page.evaluate(register, { socket: `ws://${host}/sip`, user, domain: hostname, password: house.password });
    const phone = Object.assign(new Telephone(), { page, window, domain: hostname });
    await phone.says("registered");
    return phone;
  }

  async says(word) {
    let said;
    const heard = async () => (said = await this.page.evaluate(() => globalThis.telephone.said)).includes(word);
    await until(`the telephone says ${word}`, heard).catch((error) => {
      throw new Error(`${error.message}; it said ${said}`);
    });
    await this.page.evaluate((done) => globalThis.telephone.said.splice(0, globalThis.telephone.said.indexOf(done) + 1), word);
  }

  /** Does something of its library's with the call it has. */
  async act(name, ...given) {
    await this.page.evaluate(([act, all]) => globalThis.telephone.session[act](...all), [name, given]);
  }

  async close() {
    await this.page.evaluate(() => globalThis.telephone.ua.stop());
    await this.window.close();
  }
}

/** Runs in the page. */
function register({ socket, user, domain, password }) {
  const said = [];
  const { UA, WebSocketInterface } = globalThis.JsSIP;
  const ua = new UA({ sockets: [new WebSocketInterface(socket)], uri: `sip:${user}@${domain}`, password });
  const telephone = (globalThis.telephone = { ua, said });
  ua.on("registered", () => said.push("registered"));
  ua.on("registrationFailed", ({ cause }) => said.push(`not registered: ${cause}`));
  ua.on("newRTCSession", ({ originator, session }) => {
    telephone.session = session;
    // Chromium gives no sound to a context that nothing else plays.
    const plays = (connection) => connection.addEventListener("track", ({ track }) => { document.querySelector("audio").srcObject = new MediaStream([track]); });
    if (session.connection) plays(session.connection);
    session.on("peerconnection", ({ peerconnection }) => plays(peerconnection));
    for (const word of ["confirmed", "hold", "unhold"]) session.on(word, () => said.push(word));
    session.on("ended", ({ originator: by }) => said.push(`ended: ${by}`));
    session.on("failed", ({ cause }) => said.push(`failed: ${cause}`));
    if (originator === "remote") said.push("rings");
  });
  ua.start();
}

const SOUND = { mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: [] } };

/** Takes the call that is offered, beside the contacts that are there. */
async function takes({ anna }) {
  await anna.presence("ready");
  const before = await anna.get("contact").count();
  await anna.get("offer").first().getByTestId("accept").click();
  await until("the call is among the contacts", async () => (await anna.get("contact").count()) > before);
  await anna.get("contact").last().click();
  await anna.get("call").waitFor();
}

async function called(house) {
  if (!PHONES) return ONLY;
  const { anna } = house.cast;
  const visitor = await (await house.booth(VISITOR)).visitor();
  await calls(visitor);
  // Of two phones the one that registered last is called.
  const phone = await Telephone.open(house, "anna", AGENT);
  await visitor.get("voice-start").click();
  await takes(house.cast);
  await phone.says("rings");
  await phone.act("answer", SOUND);
  await phone.says("confirmed");
  await connected(anna);
  await hears(visitor.page, AGENT);
  await hears(phone.page, VISITOR);

  await phone.act("hold");
  await phone.says("hold");
  await lacks(visitor.page, AGENT);
  await phone.act("unhold");
  await phone.says("unhold");
  await hears(visitor.page, AGENT);
  await hears(phone.page, VISITOR);

  // The console's hold is heard there, too.
  await anna.get("hold").click();
  await lacks(phone.page, VISITOR);
  await lacks(visitor.page, AGENT);
  await anna.get("hold").click();
  await hears(phone.page, VISITOR);

  const way = () => phone.page.evaluate(() => globalThis.tandemCall());
  const before = await way();
  house.air.leave();
  await visitor.page.evaluate(() => dispatchEvent(new Event("online")));
  await phone.page.evaluate(
    () =>
      new Promise((done, failed) => {
        const anew = { rtcOfferConstraints: { iceRestart: true } };
        if (!globalThis.telephone.session.renegotiate(anew, done)) failed(new Error("it cannot be renegotiated"));
      }),
  );
  await until("the telephone takes another way", async () => {
    const { port, packets } = await way();
    return port !== undefined && port !== before.port && packets > before.packets + 50;
  });
  await hears(phone.page, VISITOR);
  await hears(visitor.page, AGENT);

  await phone.act("terminate");
  await phone.says("ended: local");
  await anna.get("wrap-up").waitFor();
  await anna.end();
  await phone.close();
  await visitor.window.close();
}

async function dials(house) {
  if (!PHONES) return ONLY;
  const { anna } = house.cast;
  const phone = await Telephone.open(house, "ben", CALLER);
  await phone.page.evaluate(([domain, sound]) => globalThis.telephone.ua.call(`sip:support@${domain}`, sound), [phone.domain, SOUND]);
  await takes(house.cast);
  await connected(anna);
  await phone.says("confirmed");
  await phoneHears("anna", CALLER);
  await hears(phone.page, PHONE);
  await anna.get("hang-up").click();
  await phone.says("ended: remote");
  await anna.end();
  await phone.close();
}
