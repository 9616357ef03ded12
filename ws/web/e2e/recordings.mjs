// Recordings in the browser: played by who may hear them, by ear, and a sentence for what is not there.
import assert from "node:assert/strict";
import { until } from "./house.mjs";
import { at, press, tabTo } from "./keyboard.mjs";

/** The folder of the agents' phones; without it nobody calls. */
const PHONES = process.env.TANDEM_PHONES;
const ONLY = "only with a daemon and phones";
const VISITOR = 520;
const PHONE = 440;

export const RECORDINGS = [
  ["recordings: a recorded call is heard in the console once it is over: played, sought, by keys, one voice alone", heard],
  ["recordings: its record has it with its pause, and says what failed, was refused, deleted or cut", inRecord],
  ["recordings: whoever never had the contact is told who may listen", strangers],
  ["recordings: supervisors find and hear them on the board, and come to the record", onBoard],
];

const player = (side) => side.get("player").last();
const is = (side, state) => until(`the player is ${state}`, async () => (await player(side).getAttribute("data-state")) === state);
const sound = (side, ask, given) => player(side).locator("audio").evaluate(ask, given);
const position = (side) => sound(side, (audio) => audio.currentTime);

// Ears on what leaves for the loudspeakers by way of the page's own mixer, left and right.
function ears() {
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to === this.context.destination) {
      const sides = new ChannelSplitterNode(this.context, { numberOfOutputs: 2 });
      connect.call(this, sides);
      globalThis.tandemEars = [0, 1].map((at) => {
        const ear = new AnalyserNode(this.context, { fftSize: 4096, smoothingTimeConstant: 0 });
        connect.call(sides, ear, at);
        return ear;
      });
    }
    return connect.call(this, to, ...rest);
  };
  globalThis.tandemSides = () =>
    (globalThis.tandemEars ?? []).map((ear) => {
      const bins = new Float32Array(ear.frequencyBinCount);
      ear.getFloatFrequencyData(bins);
      const at = bins.reduce((best, level, n) => (level > bins[best] ? n : best), 0);
      return bins[at] > -60 ? Math.round((at * ear.context.sampleRate) / ear.fftSize) : 0;
    });
}

const sides = (side, left, right) =>
  until(`${left} Hz on the left, ${right} Hz on the right`, async () => {
    const tones = await side.page.evaluate(() => globalThis.tandemSides());
    return tones.length === 2 && [left, right].every((hertz, at) => (hertz === 0 ? tones[at] === 0 : Math.abs(tones[at] - hertz) < 15));
  });

// The tone of each channel of a file, in the second after `from`.
const tones = (side, interaction, from) =>
  side.page.evaluate(
    async ([id, at]) => {
      const { token, agent } = JSON.parse(sessionStorage.getItem("tandem.session"));
      const answer = await fetch(`/api/v1/agents/${agent}/contacts/${id}/recordings/1`, { headers: { authorization: `Bearer ${token}` } });
      const decoded = await new OfflineAudioContext(2, 16_000, 16_000).decodeAudioData(await answer.arrayBuffer());
      return [0, 1].map((channel) => {
        const data = decoded.getChannelData(channel).subarray(at * 16_000, (at + 1) * 16_000);
        let [crossings, energy] = [0, 0];
        data.forEach((sample, n) => {
          energy += sample * sample;
          if (n > 0 && data[n - 1] < 0 && sample >= 0) crossings += 1;
        });
        return energy / data.length > 1e-5 ? crossings : 0;
      });
    },
    [interaction, from],
  );

const near = (found, wanted) => found.every((hertz, at) => Math.abs(hertz - wanted[at]) < 12);

async function call(house, act) {
  const { anna } = house.cast;
  await anna.presence("ready");
  const visitor = await (await house.booth(VISITOR)).visitor();
  await visitor.open();
  await visitor.get("call-here").filter({ visible: true }).click();
  await visitor.get("voice-start").click();
  await anna.get("offer").first().waitFor();
  await anna.get("offer").first().getByTestId("accept").click();
  await anna.get("offer").waitFor({ state: "detached" });
  await anna.get("contact").filter({ hasText: "Unnamed visitor" }).last().click();
  await anna.get("call").waitFor();
  await until("the call is connected", async () => (await anna.get("call").getAttribute("data-call")) === "connected");
  const interaction = await anna.get("conversation").getAttribute("data-interaction");
  await anna.get("record-start").click();
  await anna.get("record-pause").waitFor();
  await act(anna, visitor);
  await visitor.get("voice-hang-up").click();
  await anna.get("wrap-up").waitFor();
  return { visitor, interaction };
}

const pass = (milliseconds) => new Promise((passed) => setTimeout(passed, milliseconds));

async function heard(house) {
  if (!PHONES) return ONLY;
  const { anna } = house.cast;
  await anna.page.evaluate(ears);
  const { visitor, interaction } = await call(house, async () => {
    await pass(4_000);
    await anna.get("record-pause").click();
    await anna.get("record-resume").waitFor();
    await pass(2_000);
    await anna.get("record-resume").click();
    await anna.get("record-pause").waitFor();
    await pass(2_000);
  });
  house.cast.recorded = { interaction, page: anna.page };
  await player(anna).waitFor();
  await house.axe(anna.page, "console, a recording that was not fetched");
  await house.shot(anna.page, "90-recording-idle");
  await press(anna.page, "player-play");
  await is(anna, "playing");
  await until("time passes", async () => (await position(anna)) > 0.5);
  await house.axe(anna.page, "console, a recording that is played");
  await house.shot(anna.page, "91-recording-plays");
  const duration = await sound(anna, (audio) => audio.duration);
  assert.ok(duration > 7 && duration < 14, `it lasts ${duration} s`);
  const found = await tones(anna, interaction, 2);
  assert.ok(near(found, [VISITOR, PHONE]), `customer and agent are at ${found} Hz`);
  await player(anna).getByTestId("player-voice").selectOption("customer");
  await sound(anna, (audio) => (audio.currentTime = 0.5));
  await sides(anna, VISITOR, VISITOR);
  await player(anna).getByTestId("player-voice").selectOption("agent");
  await sound(anna, (audio) => (audio.currentTime = 0.5));
  await sides(anna, PHONE, PHONE);
  await player(anna).getByTestId("player-voice").selectOption("both");
  await sound(anna, (audio) => (audio.currentTime = 0.5));
  await sides(anna, VISITOR, PHONE);
  await player(anna).getByTestId("player-speed").selectOption("2");
  assert.equal(await sound(anna, (audio) => audio.playbackRate), 2);
  await byKeys(anna);
  await visitor.window.close();
}

async function byKeys(anna) {
  const slider = player(anna).getByTestId("player-position");
  await tabTo(anna.page, at("player-position"));
  await anna.page.keyboard.press("Space");
  await is(anna, "there");
  await anna.page.keyboard.press("Home");
  await until("it is at the begin", async () => (await position(anna)) === 0);
  await anna.page.keyboard.press("ArrowRight");
  await until("it is five seconds on", async () => Math.abs((await position(anna)) - 5) < 0.2);
  assert.match(await slider.getAttribute("aria-valuetext"), /^0:05 of 0:\d\d$/);
  await anna.page.keyboard.press("ArrowLeft");
  await until("it is at the begin again", async () => (await position(anna)) === 0);
  await slider.fill("6");
  await until("it is at six seconds", async () => Math.abs((await position(anna)) - 6) < 0.2);
  await anna.page.keyboard.press("Space");
  await is(anna, "playing");
  await is(anna, "there");
}

async function inRecord(house) {
  if (!PHONES) return ONLY;
  const { anna, recorded } = house.cast;
  await anna.end();
  const { interaction } = recorded;
  await anna.page.goto(`${house.url}/console/#history/${interaction}`);
  await anna.page.reload();
  await anna.get("recorded-paused").waitFor();
  assert.match(await anna.get("recorded-paused").textContent(), /paused from 0:0\d to 0:0\d/);
  await player(anna).getByTestId("player-play").click();
  await is(anna, "playing");
  await house.axe(anna.page, "record, a recording");
  await house.shot(anna.page, "92-record-recording");
  await anna.page.setViewportSize({ width: 390, height: 780 });
  await player(anna).scrollIntoViewIfNeeded();
  await house.shot(anna.page, "93-record-recording-phone");
  const wide = await anna.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  assert.ok(wide, "nothing lies beside a telephone's page");
  await anna.page.setViewportSize({ width: 820, height: 1100 });
  await anna.page.emulateMedia({ colorScheme: "dark" });
  await house.axe(anna.page, "record, a recording, tablet, dark");
  await house.shot(anna.page, "93-record-recording-tablet-dark");
  await anna.page.emulateMedia({ colorScheme: "light" });
  await anna.page.setViewportSize({ width: 1280, height: 800 });
  await withoutSound(house, interaction);
  await refusal(house);
}

// What became of other recordings, as the server tells it.
async function withoutSound(house, interaction) {
  const { anna } = house.cast;
  const address = `**/api/v1/interactions/${interaction}`;
  const one = (n, fields) => ({ n, recording: `${interaction}.r${n}`, leg: `${interaction}.1`, started_at: Date.now(), ended_at: Date.now(), mediatype: null, ms: null, bytes: null, lost_ms: 0, cut: false, sha512: null, failed: null, ...fields });
  await anna.page.route(address, async (route) => {
    const answer = await route.fetch();
    const record = await answer.json();
    record.recordings = [one(1, { failed: "its file could not be finished after a crash: no sound" }), one(2, { ms: 4_000 }), one(3, {}), { ...record.recordings[0], cut: true, lost_ms: 3_000 }];
    await route.fulfill({ response: answer, json: record });
  });
  await anna.reload();
  const none = anna.get("recorded-none");
  await none.nth(2).waitFor();
  const texts = await none.allTextContents();
  assert.match(texts[0], /lost: its file could not be finished after a crash/);
  assert.match(texts[1], /deleted, as the rules/);
  assert.match(texts[2], /goes on/);
  await anna.get("recorded").getByText("A crash cut it").waitFor();
  await anna.get("recorded").getByText("0:03 of it are missing").waitFor();
  await house.axe(anna.page, "record, recordings that are not there");
  await house.shot(anna.page, "94-record-without-sound");
  await anna.page.unroute(address);
  anna.window.expected.push(/net::ERR_FAILED/);
  await anna.page.route("**/recordings/1", (route) => route.abort());
  await anna.reload();
  await player(anna).getByTestId("player-play").click();
  await anna.get("player-failed").getByText("Tandem cannot be reached").waitFor();
  await house.axe(anna.page, "record, a recording that cannot be fetched");
  await house.shot(anna.page, "95-recording-failed");
  await anna.page.unroute("**/recordings/1");
  await anna.get("player-again").click();
  await is(anna, "playing");
}

async function refusal(house) {
  const { anna } = house.cast;
  await anna.page.goto(`${house.url}/console/#desk`);
  const { visitor, interaction } = await call(house, async () => {
    await anna.get("record-refuse").click();
    await until("it is refused", async () => (await anna.get("recording").getAttribute("data-recording")) === "refused");
  });
  await anna.end();
  await anna.page.goto(`${house.url}/console/#history/${interaction}`);
  await anna.page.reload();
  await anna.get("recorded-refused").getByText("did not want to be recorded").waitFor();
  await house.shot(anna.page, "96-record-refused");
  await anna.page.goto(`${house.url}/console/#desk`);
  await anna.presence("away:Short break");
  await visitor.window.close();
}

async function strangers(house) {
  if (!PHONES) return ONLY;
  const { recorded } = house.cast;
  const ben = await house.console({ locale: "de-DE" });
  ben.window.expected.push(/status of 403/);
  await ben.signIn("ben");
  await ben.onDesk();
  await ben.page.goto(`${house.url}/console/#history/${recorded.interaction}`);
  await ben.page.reload();
  await ben.get("recorded-not-yours").getByText("Anhören können sie die Leitung").waitFor();
  assert.equal(await ben.get("player").count(), 0);
  await house.axe(ben.page, "record, somebody else's recording");
  await house.shot(ben.page, "97-record-not-yours-de");
  const status = await ben.page.evaluate(async (id) => {
    const { token } = JSON.parse(sessionStorage.getItem("tandem.session"));
    return (await fetch(`/api/v1/interactions/${id}/recordings/1`, { headers: { authorization: `Bearer ${token}` } })).status;
  }, recorded.interaction);
  assert.equal(status, 403);
  await ben.window.close();
  const sam = await house.console();
  await sam.signIn("sam");
  await sam.onDesk();
  await sam.page.goto(`${house.url}/console/#history/${recorded.interaction}`);
  await sam.page.reload();
  await player(sam).getByTestId("player-play").click();
  await is(sam, "playing");
  await sam.window.close();
}

async function onBoard(house) {
  if (!PHONES) return ONLY;
  const { recorded } = house.cast;
  const sam = await house.board();
  await sam.signIn("sam");
  await sam.get("tab-recordings").click();
  const line = sam.page.locator(`[data-recording="${recorded.interaction}.r1"]`);
  await line.waitFor();
  await sam.get("recordings").getByText("0:0").first().waitFor();
  await house.axe(sam.page, "board, recordings");
  await house.shot(sam.page, "98-board-recordings");
  await tabTo(sam.page, `(element) => element?.dataset.testid === "recording-listen" && element.closest("[data-recording]")?.dataset.recording === "${recorded.interaction}.r1"`);
  await sam.page.keyboard.press("Enter");
  await is(sam, "playing");
  await house.axe(sam.page, "board, a recording that is played");
  await house.shot(sam.page, "99-board-recording-plays");
  const form = sam.get("recordings-form");
  await form.getByLabel("Agent").selectOption("ben");
  await sam.get("recordings-find").click();
  await line.waitFor({ state: "detached" });
  await sam.page.getByText("No recording fits all of this").waitFor();
  await form.getByLabel("Agent").selectOption("anna");
  await form.getByLabel("Those without sound too").check();
  await sam.get("recordings-find").click();
  await line.waitFor();
  await sam.get("queue").selectOption("night");
  await line.waitFor({ state: "detached" });
  await sam.get("queue").selectOption("");
  await line.waitFor();
  const opened = sam.window.context.waitForEvent("page");
  await line.getByTestId("recording-record").click();
  const record = await opened;
  assert.equal(new URL(record.url()).hash, `#history/${recorded.interaction}`);
  await record.close();
  await elsewhere(house, sam, line);
  await sam.window.close();
}

async function elsewhere(house, sam, line) {
  await sam.page.setViewportSize({ width: 834, height: 1112 });
  await sam.page.emulateMedia({ colorScheme: "dark" });
  await line.getByTestId("recording-listen").click();
  await is(sam, "playing");
  await house.axe(sam.page, "board, recordings, tablet, dark");
  await house.shot(sam.page, "99-board-recordings-tablet-dark");
  await sam.page.setViewportSize({ width: 390, height: 780 });
  await house.shot(sam.page, "99-board-recordings-phone-dark");
  const wide = await sam.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  assert.ok(wide, "nothing lies beside a telephone's page");
  const german = await house.board({ locale: "de-DE" });
  await german.signIn("sam");
  await german.get("tab-recordings").click();
  await german.get("recording-listen").first().click();
  await is(german, "playing");
  await house.shot(german.page, "99-board-recordings-german");
  await german.window.close();
}
