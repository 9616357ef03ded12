// Calls in the browser, by ear: every claim is a tone found, or found absent, on the other side.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { called } from "./guiding.mjs";
import { until } from "./house.mjs";
import { cut } from "./languages.mjs";
import { Program } from "./programs.mjs";
import { telephone } from "./tablet.mjs";

const run = Date.now().toString(36).slice(-4);
const named = (name) => `${name} ${run}`;
/** The folder of the agents' phones, which record what they hear; without it there are none. */
export const PHONES = process.env.TANDEM_PHONES;
export const ONLY = "only with a daemon and phones that record";
const VISITOR = 520;
/** What no telephone codec carries, and Opus does. */
const BRIGHT = 5_200;
const AGENT = 720;
const PHONE = 440;
const BOSS = 960;
const COLLEAGUE = 550;

export const VOICE = [
  ["by ear: a visitor calls from the page: each hears the other, mute is silent", callFromPage],
  ["what can be done about a call stands in one line, and stays where it is", callBar],
  ["by ear: keys of the page reach the agent's phone, each once", keysOfPage],
  ["by ear: a call in the page goes on after a reload", reloadInCall],
  ["by ear: a call in the page goes on when the page writes its document anew", rewrittenInCall],
  ["by ear: a call in the page goes on when its network is another, again and again", networkChanged],
  ["by ear: the agent is told that the line of a page is poor, and when it was", poorLine],
  ["by ear: a call in the page sounds on without its WebSocket, here for seven seconds (for two minutes in virtual time), and comes back", socketLost],
  ["by ear: a page that speaks G.711 alone calls, by either law, and each hears the other", telephoneCodecs],
  ["by ear: a chat becomes a call in the page, in the same interaction", chatToCall],
  ["by ear: keys of the console reach the customer's phone, each once", keysOfConsole],
  ["by ear: an agent takes a call by headset and goes on after a reload", headset],
  ["by ear: a sign-in that ends in a call by headset ends no call: the desk comes back by the password", signedOutInCall],
  ["by ear: a headset whose network was away for twenty seconds is heard and hears again", headsetAway],
  ["by ear: a call that comes while a headset is not allowed is answered once it is", headsetRefused],
  ["by ear: a call that another console or a second tab takes stays there", elsewhere],
  ["by ear: a program takes a call by the HTTP interface alone", byProgram],
  ["by ear: a supervisor listens, whispers and barges in by a headset at the board", supervised],
  ["by ear: a supervisor takes a call over by headset, and has it from then on", takenOver],
  ["by ear: a supervisor goes with a call to the colleague who was asked, and is told where it went, and that it is over", followed],
  ["a call that nobody took ends soon after its page was closed", closedWhileOffered],
  ["by ear: a page whose network dies without a word is waited for, and its leg ends and says why", silentEnd],
  ["by ear: without a microphone a sentence says what to do", noMicrophone],
];

/** The loudest tone in what the newest peer connection of a page plays. */
const heard = (page) => page.evaluate(() => globalThis.tandemHeard?.() ?? { hertz: 0, decibels: -200 });
export const hears = (page, hertz) =>
  until(`${hertz} Hz is heard in the page`, async () => {
    const tone = await heard(page);
    return tone.decibels > -60 && Math.abs(tone.hertz - hertz) < 12;
  });
const speaks = (page, codec) =>
  until(`the page speaks and hears ${codec}`, async () => {
    const call = await page.evaluate(() => globalThis.tandemCall());
    return call.speaks === codec && call.hears === codec;
  });
const level = (page, hertz) => page.evaluate((tone) => globalThis.tandemLevel(tone), hertz);
/** Among others, or not. */
const hearsToo = (page, hertz) => until(`${hertz} Hz is among what is heard in the page`, async () => (await level(page, hertz)) > -45);
export const lacks = (page, hertz) => until(`${hertz} Hz is not among what is heard in the page`, async () => (await level(page, hertz)) < -65);
const silent = (page) => until("nothing is heard in the page", async () => (await heard(page)).decibels < -75);

/** Tenths of a second of a recording, the newest first, in which a tone is louder than everything else together, or has that share
 *  of it. */
function tenths(agent, hertz, share = 0.5) {
  const folder = path.join(PHONES, `baresip-${agent}`);
  const files = readdirSync(folder).filter((name) => /^dump-.*-dec\.wav$/.test(name));
  const newest = files.map((name) => path.join(folder, name)).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  if (!newest) return [];
  const bytes = readFileSync(newest);
  const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + bytes.length - (bytes.length % 2)));
  const found = [];
  for (let end = samples.length; end >= 800; end -= 800) found.push(has(samples.subarray(end - 800, end), hertz, share));
  return found;
}

function has(samples, hertz, share) {
  const turn = (2 * Math.PI * hertz) / 8_000;
  let [re, im, all] = [0, 0, 0];
  samples.forEach((sample, at) => {
    re += sample * Math.cos(turn * at);
    im += sample * Math.sin(turn * at);
    all += sample * sample;
  });
  const tone = (2 * (re * re + im * im)) / samples.length;
  return all / samples.length > 10_000 && tone > all * share;
}

export const phoneHears = (agent, hertz) => until(`the phone of ${agent} hears ${hertz} Hz`, () => tenths(agent, hertz).slice(0, 8).filter(Boolean).length >= 5);
export const phoneHearsToo = (agent, hertz) => until(`the phone of ${agent} hears ${hertz} Hz among others`, () => tenths(agent, hertz, 0.2).slice(0, 8).filter(Boolean).length >= 5);
// A second without the tone, in a recording that went on.
export const phoneSilent = (agent, hertz, share = 0.5) =>
  until(`the phone of ${agent} does not hear ${hertz} Hz`, () => {
    const last = tenths(agent, hertz, share).slice(0, 10);
    return last.length === 10 && !last.some(Boolean);
  });

export async function calls(visitor) {
  await visitor.open();
  await visitor.get("call-here").filter({ visible: true }).click();
  await visitor.get("voice-start").waitFor();
}

export async function answered(house) {
  const { anna } = house.cast;
  await anna.presence("ready");
  await anna.get("offer").first().waitFor();
  await anna.get("offer").first().getByTestId("accept").click();
  await anna.get("offer").waitFor({ state: "detached" });
  await anna.get("contact").last().click();
  await anna.get("call").waitFor();
}

export const connected = (desk) => until("the call is connected", async () => (await desk.get("call").getAttribute("data-call")) === "connected");

async function callFromPage(house) {
  if (!PHONES) return ONLY;
  const { anna } = house.cast;
  await anna.presence("ready");
  const visitor = await (await house.booth(VISITOR)).visitor();
  house.cast.caller = visitor;
  await calls(visitor);
  await visitor.house.axe(visitor.page, "widget, before a call");
  await house.shot(visitor.page, "40-call-question");
  await visitor.get("voice-start").click();
  await answered(house);
  await connected(anna);
  await until("the page says so", async () => /in a call/.test(await visitor.get("voice-state").textContent()));
  await hears(visitor.page, PHONE);
  await phoneHears("anna", VISITOR);
  await speaks(visitor.page, "audio/opus");
  await until("the meter moves", async () => (await visitor.get("voice-level").evaluate((meter) => meter.value)) > 30);
  await visitor.house.axe(visitor.page, "widget, in a call");
  await house.shot(visitor.page, "41-call-connected");
  const rows = await Promise.all(["voice-mute", "voice-hang-up", "voice-keypad"].map(async (id) => Math.round((await visitor.get(id).boundingBox()).y)));
  assert.equal(new Set(rows).size, 1, `what can be pressed stands in one row: ${rows}`);
  await visitor.get("voice-mute").click();
  await phoneSilent("anna", VISITOR);
  await visitor.get("voice-mute").click();
  await phoneHears("anna", VISITOR);
}

const CONTROLS = ["hold", "mute", "keypad", "transfer", "hang-up"];

async function callBar(house) {
  if (!PHONES) return ONLY;
  const { anna } = house.cast;
  const places = async () => Object.fromEntries(await Promise.all(CONTROLS.map(async (id) => [id, await anna.get(id).boundingBox()])));
  const inLine = async (what) => {
    const found = await places();
    assert.deepEqual([...new Set(CONTROLS.map((id) => Math.round(found[id].y)))], [Math.round(found.hold.y)], `${what}: ${JSON.stringify(found)}`);
    return found["hang-up"];
  };
  const before = await inLine("a call");
  await house.shot(anna.page, "46-call-bar");
  await anna.get("hold").click();
  await until("it is held", async () => (await anna.get("hold").textContent()) === "Resume");
  await anna.get("call").getByText("On hold", { exact: true }).waitFor();
  assert.deepEqual(await inLine("a call on hold"), before);
  await anna.page.emulateMedia({ colorScheme: "dark" });
  await house.axe(anna.page, "console, a call on hold in the dark");
  await house.shot(anna.page, "47-call-bar-dark");
  await anna.page.emulateMedia({ colorScheme: "light" });
  await anna.get("hold").click();
  await until("it goes on", async () => (await anna.get("hold").textContent()) === "Hold");
  await anna.get("call").getByText("Connected", { exact: true }).waitFor();
}

/** Follows the keys that an agent's phone hears by RFC 4733 (a netstring of JSON each); `close` ends it. */
async function keysOf(agent) {
  const config = readFileSync(path.join(PHONES, `baresip-${agent}`, "config"), "utf8");
  const port = Number(/ctrl_tcp_listen 127\.0\.0\.1:(\d+)/.exec(config)[1]);
  const heard = { keys: "", close: () => socket.destroy() };
  const socket = net.connect(port, "127.0.0.1");
  let text = "";
  socket.on("data", (data) => {
    text += data;
    for (let size; (size = /^(\d+):/.exec(text)) && text.length > size[0].length + Number(size[1]); text = text.slice(size[0].length + Number(size[1]) + 1)) {
      const told = JSON.parse(text.slice(size[0].length, size[0].length + Number(size[1])));
      if (told.type === "CALL_DTMF_START") heard.keys += told.param;
    }
  });
  await new Promise((done, failed) => socket.on("connect", done).on("error", failed));
  return heard;
}

const press = async (side, pad, keys) => {
  for (const key of keys) await side.get(pad).locator(`[data-key="${key}"]`).click();
};

async function keysOfPage(house) {
  if (!PHONES) return ONLY;
  const { caller, anna } = house.cast;
  await speaks(caller.page, "audio/opus");
  const phone = await keysOf("anna");
  await caller.get("voice-keypad").click();
  // Quicker than they sound.
  await press(caller, "voice-keys", "12#3340");
  await until("the phone heard them", () => phone.keys.length >= 7);
  await house.axe(caller.page, "widget, keypad");
  await house.shot(caller.page, "41-call-keypad");
  const [log, end] = await Promise.all([".log", ".panel"].map((part) => caller.page.locator(part).boundingBox()));
  assert.ok(log.height >= 90 && log.y + log.height <= end.y + end.height, `what was written is in sight: ${JSON.stringify([log, end])}`);
  await telephone(house, caller.page, "41-call-keypad");
  await caller.get("voice-keypad").focus();
  await caller.get("voice-keys").locator('[data-key="5"]').focus();
  await caller.page.keyboard.press("9");
  await until("the phone heard the last one", () => phone.keys.includes("9"));
  assert.equal(phone.keys, "12#33409");
  assert.equal(await caller.get("voice-pressed").textContent(), "12#33409");
  await caller.page.keyboard.press("Escape");
  assert.deepEqual([await caller.get("voice-keys").isVisible(), await caller.get("panel").isVisible()], [false, true], "the keys are shut, and not the window");
  phone.close();
}

async function keysOfConsole(house) {
  if (!PHONES) return ONLY;
  const { anna } = house.cast;
  await anna.presence("ready");
  await called(house);
  const phone = await keysOf(process.env.TANDEM_CALL_NUMBER);
  await anna.get("keypad").click();
  await press(anna, "keys", "12#334*0");
  await until("the customer's phone heard them", () => phone.keys.length >= 8);
  await house.axe(anna.page, "desk, keypad");
  await house.shot(anna.page, "46-console-keypad");
  await anna.page.setViewportSize({ width: 390, height: 780 });
  for (const part of ["keys", "hang-up"]) {
    const { x, width } = await anna.get(part).boundingBox();
    assert.ok(x >= 0 && x + width <= 390, `on a telephone ${part} is at ${x}, ${width} wide`);
  }
  await house.shot(anna.page, "46-console-keypad-phone");
  await anna.page.setViewportSize({ width: 1280, height: 800 });
  await anna.page.keyboard.press("9");
  await until("the customer's phone heard the last one", () => phone.keys.includes("9"));
  assert.equal(phone.keys, "12#334*09");
  assert.equal(await anna.get("pressed").textContent(), "12#334*09");
  await anna.page.keyboard.press("Escape");
  await anna.get("keys").waitFor({ state: "detached" });
  phone.close();
  await anna.get("hang-up").click();
  await anna.get("wrap-up").waitFor();
  await anna.end();
}

async function reloadInCall(house) {
  if (!PHONES) return ONLY;
  const { caller } = house.cast;
  await caller.get("voice-mute").click();
  await phoneSilent("anna", VISITOR);
  await caller.reload();
  await until("the page is in the call again, and muted", async () => /muted/.test((await caller.get("voice-state").textContent().catch(() => "")) ?? ""));
  await hears(caller.page, PHONE);
  await phoneSilent("anna", VISITOR);
  await caller.get("voice-mute").click();
  await phoneHears("anna", VISITOR);
  await withoutMicrophone(caller);
  await caller.reload();
  await until("the page is in the call again", async () => /in a call/.test((await caller.get("voice-state").textContent().catch(() => "")) ?? ""));
  await hears(caller.page, PHONE);
  await phoneHears("anna", VISITOR);
}

async function rewrittenInCall(house) {
  if (!PHONES) return ONLY;
  const { caller } = house.cast;
  await caller.get("voice-mute").click();
  await phoneSilent("anna", VISITOR);
  await caller.page.evaluate(() => {
    document.open();
    document.write('<!doctype html><html lang="en"><head><title>Written anew</title></head><body><h1>Written anew</h1></body></html>');
    document.close();
  });
  await until("the page is in the call again, and muted", async () => /muted/.test((await caller.get("voice-state").textContent().catch(() => "")) ?? ""));
  await hears(caller.page, PHONE);
  await phoneSilent("anna", VISITOR);
  await caller.get("voice-mute").click();
  await phoneHears("anna", VISITOR);
  await caller.page.goto(`${house.url}/demo/`);
  await until("the page is in the call again", async () => /in a call/.test((await caller.get("voice-state").textContent().catch(() => "")) ?? ""));
  await phoneHears("anna", VISITOR);
}

/** Its page is loaded again in a browser that allows no microphone, and then does. */
async function withoutMicrophone(caller) {
  await caller.page.addInitScript(() => {
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (wanted) => (localStorage.getItem("refused") ? Promise.reject(new DOMException("no", "NotAllowedError")) : real(wanted));
  });
  await caller.page.evaluate(() => localStorage.setItem("refused", "1"));
  await caller.reload();
  await caller.get("voice-error").filter({ hasText: "not allowed" }).waitFor();
  await caller.get("voice-drop").waitFor();
  await caller.house.axe(caller.page, "widget, a call that goes on, without a microphone");
  await caller.house.shot(caller.page, "41-call-without-microphone");
  await caller.page.evaluate(() => localStorage.removeItem("refused"));
  await caller.get("voice-start").click();
  await hears(caller.page, PHONE);
  await phoneHears("anna", VISITOR);
}

/** A browser notices that its way is lost after some seconds only. */
const NOTICED = 90_000;

async function networkChanged(house) {
  if (!PHONES) return ONLY;
  const { caller, anna } = house.cast;
  const way = () => caller.page.evaluate(() => globalThis.tandemCall());
  const interaction = await anna.get("conversation").getAttribute("data-interaction");
  // The browser tells the page of it, or does not.
  for (const told of [true, false]) {
    const before = await way();
    house.air.leave();
    if (told) await caller.page.evaluate(() => dispatchEvent(new Event("online")));
    await until("the call takes another way", async () => {
      const { port, packets } = await way();
      return port !== undefined && port !== before.port && packets > before.packets + 50;
    }, NOTICED);
    await hears(caller.page, PHONE);
    await phoneHears("anna", VISITOR);
    assert.equal((await way()).hears, "audio/opus");
  }
  assert.equal(await anna.get("conversation").getAttribute("data-interaction"), interaction);
  assert.equal(await anna.get("call").getAttribute("data-call"), "connected");
}

/** Whether a line is poor is judged by two reports in a row, and so is that it is fair again. */
const JUDGED = 40_000;

async function poorLine(house) {
  if (!PHONES) return ONLY;
  const { caller, anna } = house.cast;
  house.air.lose(0.2);
  const warning = anna.page.locator('[data-testid="poor-line"][data-line="customer"]');
  await warning.waitFor({ timeout: JUDGED });
  assert.match(await warning.textContent(), /customer's line is poor: \d+ %/);
  await hears(caller.page, PHONE);
  await phoneHears("anna", VISITOR);
  await house.axe(anna.page, "console, a poor line");
  await house.shot(anna.page, "44-poor-line");
  house.air.lose(0);
  await warning.waitFor({ state: "detached", timeout: JUDGED });
}

async function socketLost(house) {
  if (!PHONES) return ONLY;
  const { caller, anna } = house.cast;
  caller.house.cut(caller.window);
  await until("the page knows", async () => (await caller.get("banner").textContent()) !== "");
  await hears(caller.page, PHONE);
  await phoneHears("anna", VISITOR);
  await goesOn(caller.page, PHONE, 7_000);
  const apart = tenths("anna", VISITOR).slice(0, 60);
  assert.ok(apart.filter(Boolean).length > 50, `the phone heard the page all the while: ${apart.map(Number).join("")}`);
  assert.ok(caller.window.cable.broken && (await caller.get("banner").isVisible()), "the page had no connection all the while");
  caller.window.cable.mend();
  await until("the page is connected again", async () => !(await caller.get("banner").isVisible()));
  await hears(caller.page, PHONE);
  await phoneHears("anna", VISITOR);
  house.cast.called = await anna.get("conversation").getAttribute("data-interaction");
  await caller.get("voice-hang-up").click();
  // Nobody wrote: it was no chat.
  await caller.page.locator('[data-what="call"]', { hasText: "you hung up" }).waitFor();
  await caller.get("status").filter({ hasText: "The call has ended" }).waitFor();
  assert.doesNotMatch(await caller.get("log").textContent(), /chat/);
  await anna.get("wrap-up").waitFor();
  const worth = anna.page.locator('[data-testid="line-quality"][data-line="customer"]');
  assert.ok(Number(await worth.getAttribute("data-mos")) > 100);
  await house.shot(anna.page, "45-line-was");
  await anna.end();
}

/** A tone is heard in the page for so long; a moment in which the machine is busy is none that it was missing. */
async function goesOn(page, hertz, millis) {
  const end = Date.now() + millis;
  let [all, missed] = [0, 0];
  while (Date.now() < end) {
    all += 1;
    if ((await level(page, hertz)) < -60) missed += 1;
    await new Promise((again) => setTimeout(again, 100));
  }
  assert.ok(missed * 10 <= all, `${hertz} Hz was missing in ${missed} of ${all} moments`);
}

/** From now on a page offers one codec alone, and keys. */
const only = (codec) => {
  const offer = RTCPeerConnection.prototype.createOffer;
  RTCPeerConnection.prototype.createOffer = function (...given) {
    const all = RTCRtpReceiver.getCapabilities("audio").codecs;
    const wanted = all.filter(({ mimeType, clockRate }) => clockRate === 8_000 && [codec, "audio/telephone-event"].includes(mimeType));
    for (const transceiver of this.getTransceivers()) transceiver.setCodecPreferences(wanted);
    return offer.apply(this, given);
  };
};

async function telephoneCodecs(house) {
  if (!PHONES) return ONLY;
  const { anna } = house.cast;
  for (const codec of ["audio/PCMU", "audio/PCMA"]) {
    const visitor = await (await house.booth(VISITOR)).visitor();
    await visitor.page.evaluate(only, codec);
    await calls(visitor);
    await visitor.get("voice-start").click();
    await answered(house);
    await connected(anna);
    await hears(visitor.page, PHONE);
    await phoneHears("anna", VISITOR);
    await speaks(visitor.page, codec);
    await visitor.get("voice-hang-up").click();
    await anna.get("wrap-up").waitFor();
    await anna.end();
    await visitor.window.close();
  }
}

async function chatToCall(house) {
  if (!PHONES) return ONLY;
  const { anna } = house.cast;
  await anna.presence("ready");
  const visitor = await (await house.booth(VISITOR)).visitor();
  await visitor.begin("May I ask by voice?", named("Vera"));
  await anna.offer(named("Vera")).waitFor();
  await anna.accept(named("Vera"));
  await anna.show(named("Vera"));
  const interaction = await anna.get("conversation").getAttribute("data-interaction");
  await visitor.get("call-here").filter({ visible: true }).click();
  await visitor.get("voice-start").click();
  await anna.get("offer").first().getByTestId("accept").click();
  await connected(anna);
  await hears(visitor.page, PHONE);
  await phoneHears("anna", VISITOR);
  assert.equal(await anna.get("conversation").getAttribute("data-interaction"), interaction);
  await anna.get("hang-up").click();
  await until("the page says that it is over", async () => /ended/.test((await visitor.get("voice-error").textContent()) ?? ""));
  await visitor.write("Thank you!");
  await anna.shows("Thank you!");
  await anna.end();
}

/** A visitor in a call with Ben's headset. */
async function byHeadset(house) {
  await house.cast.anna.presence("away:Short break");
  const desk = await (await house.booth(AGENT)).console();
  await desk.signIn("ben");
  await desk.onDesk();
  await desk.get("headset").click();
  await until("calls ring at the console", async () => (await desk.get("headset").getAttribute("data-on")) === "true");
  await desk.presence("ready");
  const visitor = await (await house.booth(BRIGHT)).visitor();
  await calls(visitor);
  await visitor.get("voice-start").click();
  await desk.get("offer").first().getByTestId("accept").click();
  await connected(desk);
  await hears(visitor.page, AGENT);
  await hears(desk.page, BRIGHT);
  return { desk, visitor };
}

/** That call is over, and Ben's calls ring at the phone. */
async function hungUp(desk, visitor) {
  await desk.get("hang-up").click();
  await until("the page says that it is over", async () => /ended/.test((await visitor.get("voice-error").textContent()) ?? ""));
  await desk.end();
  await desk.get("headset").click();
  await desk.presence("away:Short break");
  await visitor.window.close();
  await desk.window.close();
}

async function headset(house) {
  if (!PHONES) return ONLY;
  const { desk, visitor } = await byHeadset(house);
  for (const { page } of [visitor, desk]) await speaks(page, "audio/opus");
  await desk.house.axe(desk.page, "console, in a call by headset");
  await house.shot(desk.page, "42-headset");
  for (const list of await desk.get("headset-bar").locator("select").all()) assert.deepEqual(await list.evaluate(cut), [], "names of devices are whole");
  await desk.get("mic").click();
  await silent(visitor.page);
  await desk.get("mic").click();
  await hears(visitor.page, AGENT);
  await desk.get("mute").click();
  await silent(visitor.page);
  await desk.get("mute").click();
  await hears(visitor.page, AGENT);
  await desk.get("mic").click();
  await silent(visitor.page);
  await desk.reload();
  await desk.get("held").waitFor();
  await hears(desk.page, BRIGHT);
  await silent(visitor.page);
  await desk.get("mic").click();
  await hears(visitor.page, AGENT);
  await hungUp(desk, visitor);
}

async function signedOutInCall(house) {
  if (!PHONES) return ONLY;
  const { desk, visitor } = await byHeadset(house);
  const token = await desk.page.evaluate(() => JSON.parse(sessionStorage.getItem("tandem.session")).token);

  const { status } = await fetch(`${house.url}/api/v1/login`, { method: "DELETE", headers: { authorization: `Bearer ${token}` } });
  assert.equal(status, 204);

  await desk.get("password-again").waitFor();
  await house.axe(desk.page, "console, signed out in a call");
  await house.shot(desk.page, "42-headset-signed-out");
  await stays();
  await hears(visitor.page, AGENT);
  await hears(desk.page, BRIGHT);
  await desk.get("password-again").fill(house.password);
  await desk.page.keyboard.press("Enter");
  await desk.get("dialog").waitFor({ state: "detached" });
  await desk.get("banner").waitFor({ state: "detached" });
  await connected(desk);
  await hears(visitor.page, AGENT);
  await hears(desk.page, BRIGHT);
  await hungUp(desk, visitor);
}

/** As long as no browser rights itself without a new exchange. */
const AWAY = 20_000;

async function headsetAway(house) {
  if (!PHONES || !house.air) return ONLY;
  const { desk, visitor } = await byHeadset(house);
  desk.house.cut(desk.window);
  house.air.die(true);
  try {
    await until("the console knows", async () => (await desk.get("held").getAttribute("data-state")) === "lost", NOTICED);
    await new Promise((done) => setTimeout(done, AWAY));
  } finally {
    house.air.die(false);
    desk.window.cable.mend();
  }
  await until("the console says that it is back", async () => (await desk.get("held").getAttribute("data-state")) === "connected", NOTICED);
  await hears(desk.page, BRIGHT);
  await hears(visitor.page, AGENT);
  await hungUp(desk, visitor);
}

async function headsetRefused(house) {
  if (!PHONES) return ONLY;
  await house.cast.anna.presence("away:Short break");
  const desk = await (await house.booth(AGENT)).console();
  await desk.signIn("ben");
  await desk.onDesk();
  await desk.get("headset").click();
  await until("calls ring at the console", async () => (await desk.get("headset").getAttribute("data-on")) === "true");
  await desk.presence("ready");
  await desk.page.evaluate(() => {
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (wanted) => (globalThis.allowed ? real(wanted) : Promise.reject(new DOMException("no", "NotAllowedError")));
  });
  const visitor = await (await house.booth(BRIGHT)).visitor();
  await calls(visitor);
  await visitor.get("voice-start").click();
  await desk.get("offer").first().getByTestId("accept").click();
  await desk.get("held-refused").waitFor();
  await desk.house.axe(desk.page, "console, a call by headset without a microphone");
  await house.shot(desk.page, "42-headset-refused");
  await desk.page.evaluate(() => (globalThis.allowed = true));
  await desk.get("answer").click();
  await connected(desk);
  await hears(visitor.page, AGENT);
  await hears(desk.page, BRIGHT);
  await hungUp(desk, visitor);
}

/** Longer than a browser takes to notice that nobody answers it, and to ask for its call again. */
const STAYS = 15_000;
const stays = () => new Promise((done) => setTimeout(done, STAYS));

async function elsewhere(house) {
  if (!PHONES) return ONLY;
  const { desk, visitor } = await byHeadset(house);
  const other = await (await house.booth(BOSS)).console();
  await other.signIn("ben");
  await other.onDesk();
  await other.get("answer").click();
  await hears(visitor.page, BOSS);
  await desk.get("held").waitFor({ state: "detached" });
  await house.shot(desk.page, "42-headset-elsewhere");
  await stays();
  await hears(visitor.page, BOSS);
  await lacks(visitor.page, AGENT);
  await hears(other.page, BRIGHT);
  await desk.get("answer").click();
  await hears(visitor.page, AGENT);
  await other.get("held").waitFor({ state: "detached" });
  // A window that a page opens of itself has what the page kept, as a tab that is duplicated has.
  const [copy] = await Promise.all([visitor.window.context.waitForEvent("page"), visitor.page.evaluate(() => void window.open(location.href))]);
  const second = visitor.house.visitorOn(visitor.window, copy);
  await second.get("voice-question").filter({ hasText: "in another tab" }).waitFor();
  await second.house.axe(second.page, "widget, a call in another tab");
  await house.shot(second.page, "41-call-elsewhere");
  await hears(visitor.page, AGENT);
  await second.get("voice-start").click();
  await hears(second.page, AGENT);
  await visitor.get("voice-question").filter({ hasText: "in another tab" }).waitFor();
  await stays();
  await hears(second.page, AGENT);
  await hears(desk.page, BRIGHT);
  await other.window.close();
  await hungUp(desk, second);
}

async function byProgram(house) {
  if (!PHONES) return ONLY;
  await house.cast.anna.presence("away:Short break");
  const program = await Program.open(await house.booth(AGENT), "ben");
  await program.ask("PUT", `/console/${program.console}/headset`, { on: true });
  await program.ask("PUT", "/presence", { is: "ready" });
  const visitor = await (await house.booth(BRIGHT)).visitor();
  await calls(visitor);
  await visitor.get("voice-start").click();
  const interaction = await program.until("the offer", ({ change }) => change?.offer?.interaction);
  await program.ask("POST", `/offers/${interaction}/accept`);
  await program.take();
  await hears(visitor.page, AGENT);
  await hears(program.page, BRIGHT);
  await program.ask("POST", `/contacts/${interaction}/mute`, { on: true });
  await silent(visitor.page);
  await program.ask("POST", `/contacts/${interaction}/mute`, { on: false });
  await hears(visitor.page, AGENT);
  await program.ask("POST", `/contacts/${interaction}/end`);
  await until("the page says that it is over", async () => /ended/.test((await visitor.get("voice-error").textContent()) ?? ""));
  await program.ask("POST", `/contacts/${interaction}/wrap-up`, {});
  await program.ask("PUT", "/presence", { is: "away", reason: "Short break" });
  await program.close();
}

/** A visitor of a booth in a call with Anna's phone. */
async function begun(house) {
  const { anna } = house.cast;
  await anna.presence("ready");
  const visitor = await (await house.booth(VISITOR)).visitor();
  visitor.frames = [];
  visitor.page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => visitor.frames.push(String(payload))));
  await calls(visitor);
  await visitor.get("voice-start").click();
  await answered(house);
  await connected(anna);
  return visitor;
}

async function supervised(house) {
  if (!PHONES) return ONLY;
  const { anna } = house.cast;
  const visitor = await begun(house);
  const sam = await (await house.booth(BOSS)).board();
  await sam.signIn("sam");
  await sam.get("tiles").waitFor();
  await sam.get("headset").click();
  await until("calls ring at the board", async () => (await sam.get("headset").getAttribute("data-on")) === "true");
  await sam.get("supervise-listen").first().click();
  await sam.get("held").waitFor();
  for (const tone of [VISITOR, PHONE]) await hearsToo(sam.page, tone);
  await speaks(sam.page, "audio/opus");
  await lacks(visitor.page, BOSS);
  await phoneSilent("anna", BOSS, 0.05);
  await sam.house.axe(sam.page, "board, listening by headset");
  await house.shot(sam.page, "43-board-headset");
  await inWriting(house, sam, visitor);
  await sam.get("supervise-whisper").first().click();
  await phoneHearsToo("anna", BOSS);
  await phoneHearsToo("anna", VISITOR);
  await lacks(visitor.page, BOSS);
  await sam.get("supervise-barge").first().click();
  for (const tone of [BOSS, PHONE]) await hearsToo(visitor.page, tone);
  for (const tone of [VISITOR, PHONE]) await hearsToo(sam.page, tone);
  await sam.reload();
  await sam.get("held").waitFor();
  await hearsToo(sam.page, VISITOR);
  await sam.get("supervise-stop").first().click();
  await sam.get("held").waitFor({ state: "detached" });
  await lacks(visitor.page, BOSS);
  await hears(visitor.page, PHONE);
  await visitor.get("voice-hang-up").click();
  await anna.get("wrap-up").waitFor();
  await anna.end();
  await sam.get("headset").click();
  await kept(sam, house.cast.called);
}

/** What a supervisor writes to the agent of a call is on the desk and in the record; the customer neither sees nor hears it. */
async function inWriting(house, sam, visitor) {
  const { anna } = house.cast;
  const text = "Offer her the blue glaze";
  await sam.get("watch-held").filter({ hasText: "call" }).first().click();
  await sam.get("oversee-text").fill(text);
  await sam.get("oversee-text").press("Enter");
  await anna.get("whisper").filter({ hasText: text }).waitFor();
  await sam.get("whispered").filter({ hasText: text }).waitFor();
  await sam.house.axe(sam.page, "board, a note to the agent of a call");
  await house.shot(sam.page, "43-board-call-note");
  await sam.page.setViewportSize({ width: 390, height: 780 });
  await sam.page.emulateMedia({ colorScheme: "dark" });
  await house.shot(sam.page, "43-board-call-note-phone-dark");
  await sam.page.setViewportSize({ width: 1280, height: 800 });
  await sam.page.emulateMedia({ colorScheme: "light" });
  await house.shot(anna.page, "43-console-call-note");
  await sam.get("watch-close").click();
  await lacks(visitor.page, BOSS);
  assert.equal(await visitor.page.getByText("blue glaze").count(), 0);
  assert.ok(visitor.frames.length > 0, "what the visitor's page is told is looked at");
  assert.deepEqual(visitor.frames.filter((frame) => frame.includes("blue glaze")), []);
}

async function takenOver(house) {
  if (!PHONES) return ONLY;
  const { anna } = house.cast;
  const visitor = await begun(house);
  const sam = await (await house.booth(BOSS)).board();
  await sam.signIn("sam");
  await sam.get("tiles").waitFor();
  await sam.get("headset").click();
  await until("calls ring at the board", async () => (await sam.get("headset").getAttribute("data-on")) === "true");
  await sam.get("supervise-listen").first().click();
  await sam.get("held").waitFor();
  await hearsToo(sam.page, VISITOR);
  await sam.get("supervise-take_over").first().click();
  await hears(visitor.page, BOSS);
  await hears(sam.page, VISITOR);
  await lacks(visitor.page, PHONE);
  await until("the agent is out of it", async () => (await anna.page.locator('[data-testid="call"][data-call="connected"]').count()) === 0);
  await house.shot(sam.page, "44-board-took-call");
  await visitor.get("voice-hang-up").click();
  // Who has a contact finishes it at the console.
  await sam.page.goto(`${house.url}/console/`);
  await sam.get("agent").fill("sam");
  await sam.get("password").fill(house.password);
  await sam.get("sign-in").click();
  await sam.get("contact").first().click();
  await sam.get("wrap-up").waitFor();
  await house.shot(sam.page, "44-console-took-call");
  await sam.get("disposition").selectOption({ index: 1 });
  await sam.get("finish").click();
  await sam.get("contact").first().waitFor({ state: "detached" });
  await visitor.window.close();
  await sam.window.close();
}

async function followed(house) {
  if (!PHONES) return ONLY;
  const { anna } = house.cast;
  const ben = await house.console();
  await ben.signIn("ben");
  await ben.onDesk();
  await ben.presence("away:Short break");
  const visitor = await begun(house);
  const sam = await (await house.booth(BOSS)).board();
  await sam.signIn("sam");
  await sam.get("tiles").waitFor();
  await sam.get("headset").click();
  await until("calls ring at the board", async () => (await sam.get("headset").getAttribute("data-on")) === "true");
  // The supervisor's own desk tells it, too.
  const desk = await house.console({ locale: "de-DE" });
  await desk.signIn("sam");
  await desk.onDesk();
  const listens = async (agent) => {
    await sam.get("supervise-listen").first().click();
    await sam.get("held").waitFor();
    for (const tone of [VISITOR, agent]) await hearsToo(sam.page, tone);
  };
  const told = (there, text) => there.get("notices").getByText(text).waitFor();
  const forgets = async () => {
    for (const there of [sam, desk]) await there.get("notices").locator("button").last().click();
    for (const there of [sam, desk]) await until("it is dismissed", async () => (await there.get("notices").locator("button").count()) === 0);
  };
  await listens(PHONE);
  await anna.get("transfer").click();
  await anna.get("transfer-to").selectOption("agent:ben");
  await anna.get("ask-first").click();
  await until("the colleague is on the line", async () => (await anna.get("consulting").getAttribute("data-joined")) === "true");
  await anna.get("complete").click();
  await ben.get("contact").first().click();
  await ben.get("call").waitFor();
  await lacks(sam.page, PHONE);
  for (const tone of [VISITOR, COLLEAGUE]) await hearsToo(sam.page, tone);
  for (const there of [sam, desk]) assert.equal(await there.get("notices").locator("button").count(), 0, "nothing is told of a call that one went with");
  await house.shot(sam.page, "44-board-went-with-call");

  await anna.presence("away:Short break");
  await ben.get("transfer").click();
  await ben.get("transfer-to").selectOption("queue:support");
  await ben.get("confirm").click();
  await told(sam, "The call in which you took part went to support. Your part in it is over.");
  await told(desk, "er ging an support, und Ihre Teilnahme ist zu Ende.");
  await sam.get("held").waitFor({ state: "detached" });
  await house.axe(sam.page, "board, a call that went on without its supervisor");
  await house.shot(sam.page, "44-board-call-moved");
  await house.shot(desk.page, "44-console-call-moved-german");
  await forgets();

  await answered(house);
  await connected(anna);
  await listens(PHONE);
  await visitor.get("voice-hang-up").click();
  await told(sam, /^The call in which you took part is over: /);
  await told(desk, /er ist zu Ende: /);
  await house.shot(sam.page, "44-board-call-over");
  await house.shot(desk.page, "44-console-call-over-german");
  await forgets();
  await anna.get("wrap-up").waitFor();
  await anna.end();
  await sam.get("headset").click();
  for (const { window } of [visitor, desk, ben, sam]) await window.close();
}

/** What the legs of an earlier call of a page were worth, in its record and its vCon. */
async function kept(sam, interaction) {
  const ask = (path) =>
    sam.page.evaluate(async (of) => {
      const { token } = JSON.parse(sessionStorage.getItem("tandem.board"));
      return (await fetch(`/api/v1/interactions/${of}`, { headers: { authorization: `Bearer ${token}` } })).json();
    }, path);
  const record = await ask(interaction);
  const quality = record.legs.find(({ kind }) => kind === "customer_browser")?.quality;
  assert.ok(quality?.codec === "opus" && quality.lost > 100 && quality.party_lost > 100 && quality.mos < 440, JSON.stringify(record.legs));
  const vcon = await ask(`${interaction}/vcon?form=unsigned`);
  assert.deepEqual(vcon.analysis[0].body.legs.find(({ kind }) => kind === "customer_browser")?.quality, quality);
}

/** Longer than `web_rtc.page_gone` of the house and what is waited for a packet, shorter than its `web_rtc.absence`. */
const CLOSED = 28_000;

async function closedWhileOffered(house) {
  if (!PHONES || !house.air) return ONLY;
  const { anna } = house.cast;
  await anna.presence("ready");
  const visitor = await (await house.booth(VISITOR)).visitor();
  await calls(visitor);
  await visitor.get("voice-start").click();
  await anna.get("offer").first().waitFor();
  const interaction = await anna.get("offer").first().getAttribute("data-interaction");
  const leg = async () => (await recordOf(anna, interaction)).legs?.find(({ kind }) => kind === "customer_browser");
  const clock = () => anna.page.evaluate(() => performance.now());

  // A network that is lost closes no page, however long its call rings.
  const lost = await clock();
  house.cut(visitor.window);
  house.air.die(true);
  try {
    await until("more is over than a closed page is waited for", async () => (await clock()) - lost > CLOSED, GONE);
    assert.equal((await leg()).reason, null, JSON.stringify(await leg()));
  } finally {
    visitor.window.cable.mend();
    house.air.die(false);
  }
  // As the browser says where its network is back; by itself the page tries again within half a minute, and the call is over by then.
  await visitor.page.evaluate(() => dispatchEvent(new Event("online")));
  await until("the page is connected again", async () => !(await visitor.get("banner").isVisible()), GONE);
  // Nor does one that is loaded again.
  await visitor.reload();
  const loaded = await clock();
  await until("the page is in the call again", async () => (await visitor.get("voice-state").textContent().catch(() => "")) !== "");
  await until("more is over than a closed page is waited for", async () => (await clock()) - loaded > CLOSED, GONE);
  assert.equal((await leg()).reason, null, JSON.stringify(await leg()));

  // The page alone: what it says when it goes has to get through its cable.
  await visitor.page.close();

  await until("the call is over, since its visitor left", async () => (await leg())?.reason === "the visitor left the page", CLOSED);
  await until("it is offered to nobody", async () => (await anna.get("offer").count()) === 0);
  await visitor.window.close();
}

/** Longer than `web_rtc.absence` of the house. */
const GONE = 90_000;

async function silentEnd(house) {
  if (!PHONES || !house.air) return ONLY;
  const { anna } = house.cast;
  const visitor = await begun(house);
  await hears(visitor.page, PHONE);
  const interaction = await anna.get("conversation").getAttribute("data-interaction");
  visitor.window.wasCut = true;
  visitor.window.cable.freeze();
  house.air.die(true);
  try {
    await until("the page knows", async () => /lost/.test((await visitor.get("voice-state").textContent()) ?? ""), NOTICED);
    assert.equal(await anna.get("call").getAttribute("data-call"), "connected", "it is waited for");
    await anna.get("page-away").waitFor({ timeout: CLOSED });
    await anna.get("wrap-up").waitFor({ timeout: GONE });
    await house.shot(anna.page, "48-page-gone");
  } finally {
    house.air.die(false);
  }
  const record = await recordOf(anna, interaction);
  const leg = record.legs.find(({ kind }) => kind === "customer_browser");
  assert.equal(leg.reason, "the browser gave no sign of life for too long", JSON.stringify(record.legs));
  await anna.end();
  await visitor.window.close();
}

const recordOf = (anna, interaction) =>
  anna.page.evaluate(async (of) => {
    const { token } = JSON.parse(sessionStorage.getItem("tandem.session"));
    return (await fetch(`/api/v1/interactions/${of}`, { headers: { authorization: `Bearer ${token}` } })).json();
  }, interaction);

async function noMicrophone(house) {
  if (!process.env.TANDEM_URL) return ONLY;
  const visitor = await house.visitor();
  await visitor.page.evaluate(() => (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"))));
  await calls(visitor);
  await visitor.get("voice-start").click();
  await until("a sentence", async () => /not allowed/.test((await visitor.get("voice-error").textContent()) ?? ""));
  await house.axe(visitor.page, "widget, microphone refused");
}
