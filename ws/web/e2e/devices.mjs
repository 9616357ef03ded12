// Microphones and loudspeakers of a call in the page: which one is used is heard, and where nothing is heard the page says so.
import assert from "node:assert/strict";
import { until } from "./house.mjs";
import { ONLY, PHONES, answered, calls, connected, hears, phoneHears, phoneSilent } from "./voice.mjs";

export const DEVICES = [["by ear: the microphone that is chosen is heard, and the page says where nothing is", devices]];

const PHONE = 440;
const [FIRST, SECOND] = [520, 1_040];
/** Of the browser's own fake microphones the first two are tones, and the third hears nothing. */
const TONES = [FIRST, SECOND, 0];

/** Runs in the page: what is heard depends on the device that is asked for. */
function microphones(tones) {
  const media = navigator.mediaDevices;
  if (!media) return;
  const ask = media.getUserMedia.bind(media);
  media.getUserMedia = async (wanted) => {
    for (const track of (await ask(wanted)).getTracks()) track.stop();
    const inputs = (await media.enumerateDevices()).filter(({ kind }) => kind === "audioinput");
    const at = Math.max(0, inputs.findIndex(({ deviceId }) => deviceId === wanted.audio.deviceId?.ideal));
    const context = new AudioContext();
    const source = new OscillatorNode(context, { frequency: tones[at] || 1 });
    const out = context.createMediaStreamDestination();
    source.connect(new GainNode(context, { gain: tones[at] ? 0.3 : 0 })).connect(out);
    source.start();
    return out.stream;
  };
  const sink = HTMLMediaElement.prototype.setSinkId;
  HTMLMediaElement.prototype.setSinkId = function (id) {
    globalThis.tandemSink = id;
    return sink.call(this, id);
  };
}

const choices = (visitor, id) => visitor.get(id).locator("option").evaluateAll((options) => options.map(({ value }) => value));

async function devices(house) {
  if (!PHONES || !house.air) return ONLY;
  const { anna } = house.cast;
  await anna.presence("ready");
  const visitor = await (await house.booth(FIRST)).visitor();
  await visitor.window.context.addInitScript(microphones, TONES);
  await visitor.reload();
  await calls(visitor);
  await visitor.get("voice-start").click();
  await answered(house);
  await connected(anna);
  await phoneHears("anna", FIRST);
  await hears(visitor.page, PHONE);
  await chosen(house, visitor);
  await warned(house, visitor);
  await visitor.get("voice-hang-up").click();
  await anna.get("wrap-up").waitFor();
  await anna.end();
  await visitor.window.close();
}

async function chosen(house, visitor) {
  const [, second] = await choices(visitor, "voice-microphone");
  await visitor.get("voice-microphone").selectOption(second);
  await phoneHears("anna", SECOND);
  await phoneSilent("anna", FIRST);
  const [, speaker] = await choices(visitor, "voice-speaker");
  await visitor.get("voice-speaker").selectOption(speaker);
  await until("the sound goes there", async () => (await visitor.page.evaluate(() => globalThis.tandemSink)) === speaker);
  await hears(visitor.page, PHONE);
  await visitor.house.axe(visitor.page, "widget, in a call with devices to choose");
  await house.shot(visitor.page, "47-devices");
  await visitor.reload();
  await until("the page is in the call again", async () => /in a call/.test((await visitor.get("voice-state").textContent().catch(() => "")) ?? ""));
  await phoneHears("anna", SECOND);
  await until("the sound goes there after a reload", async () => (await visitor.page.evaluate(() => globalThis.tandemSink)) === speaker);
  assert.equal(await visitor.get("voice-microphone").inputValue(), second);
  assert.equal(await visitor.get("voice-speaker").inputValue(), speaker);
}

async function warned(house, visitor) {
  const warning = visitor.get("voice-warning");
  const gone = () => until("the warning is gone", async () => !(await warning.isVisible()));
  assert.equal(await warning.isVisible(), false);
  const [, second, third] = await choices(visitor, "voice-microphone");
  await visitor.get("voice-microphone").selectOption(third);
  await warning.filter({ hasText: "Nothing is heard of your microphone." }).waitFor();
  await visitor.house.axe(visitor.page, "widget, nothing is heard of the microphone");
  await house.shot(visitor.page, "47-nothing-heard");
  await visitor.get("voice-microphone").selectOption(second);
  await gone();
  await phoneHears("anna", SECOND);
  house.air.hush(true);
  await warning.filter({ hasText: "Nothing comes from the other side" }).waitFor();
  await house.shot(visitor.page, "47-nothing-comes");
  house.air.hush(false);
  await gone();
  await hears(visitor.page, PHONE);
}
