import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Talk } from "../src/voice/talk";
import { install, settle } from "./browser";

/** A call that is connected, and how the server answers its later offers. */
async function connected(t: TestContext) {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  const browser = install();
  const server = { answer: async (sdp: string) => `answer to ${sdp}` };
  const talk = new Talk({ offer: (sdp) => server.answer(sdp), changed: () => {} });
  t.after(() => talk.stop());
  await talk.begin();
  const peer = browser.peers[0]!;
  peer.becomes("connected");
  const pass = async (milliseconds: number) => {
    for (let passed = 0; passed < milliseconds; passed += 100) {
      t.mock.timers.tick(100);
      await settle();
    }
  };
  return { browser, server, talk, peer, pass };
}

test("a microphone that is allowed after the call was hung up, or after another was chosen, is closed", async (t) => {
  const { browser, talk, peer } = await connected(t);
  browser.devices.plugged = ["default", "desk", "headset"];
  const allow = new Map<string, () => void>();
  browser.devices.answer = (wanted) => new Promise((done) => allow.set(wanted, done));
  const states = () => browser.devices.given.map(({ device, readyState }) => `${device} ${readyState}`);

  void talk.useMicrophone("desk");
  void talk.useMicrophone("headset");
  await settle();
  for (const device of ["headset", "desk"]) {
    allow.get(device)!();
    await settle();
  }
  assert.deepEqual(states(), ["default ended", "headset live", "desk ended"]);
  assert.equal(peer.sender.track?.device, "headset");
  assert.equal(talk.chosen.microphone, "headset");

  void talk.useMicrophone("desk");
  await settle();
  talk.stop();
  allow.get("desk")!();
  await settle();
  assert.deepEqual(states().slice(1), ["headset ended", "desk ended", "desk ended"]);
});

test("a microphone that comes while the call ends is closed", async (t) => {
  const { browser, talk, peer } = await connected(t);
  browser.devices.plugged = ["default", "desk"];
  peer.sender.replaceTrack = async () => {
    talk.stop();
    throw new DOMException("the connection is closed", "InvalidStateError");
  };

  await talk.useMicrophone("desk");

  assert.deepEqual(browser.devices.given.map(({ readyState }) => readyState), ["ended", "ended"]);
});

test("a microphone that is plugged in is offered, one that is gone gives way to another, and the chosen one is taken again", async (t) => {
  const { browser, talk, peer } = await connected(t);
  browser.devices.plug("default", "headset");
  await settle();
  assert.deepEqual(talk.microphones.map(({ deviceId }) => deviceId), ["default", "headset"]);
  assert.equal(peer.sender.track?.device, "default", "it is offered, not taken");

  await talk.useMicrophone("headset");
  talk.mute(true);
  browser.devices.plug("default");
  peer.sender.track?.end();
  await settle();
  assert.deepEqual([peer.sender.track?.device, peer.sender.track?.enabled, talk.chosen.microphone], ["default", false, "headset"]);

  browser.devices.plug();
  peer.sender.track?.end();
  await settle();
  assert.equal(peer.sender.track?.readyState, "ended", "there is none");
  browser.devices.plug("default");
  await settle();
  assert.deepEqual([peer.sender.track?.device, peer.sender.track?.readyState], ["default", "live"]);

  browser.devices.plug("default", "headset");
  await settle();
  assert.equal(peer.sender.track?.device, "headset");
  assert.deepEqual(browser.devices.given.filter(({ readyState }) => readyState === "live").map(({ device }) => device), ["headset"]);
  talk.stop();
  browser.devices.plug("default");
  await settle();
  assert.deepEqual(browser.devices.given.filter(({ readyState }) => readyState === "live"), []);
});

test("a call that is hung up before it began does not begin", async (t) => {
  const browser = install();
  const talk = new Talk({ offer: async () => assert.fail("nothing is offered"), changed: () => {} });
  const { devices } = browser;
  const list = devices.enumerateDevices.bind(devices);
  devices.enumerateDevices = async () => {
    talk.stop();
    return list();
  };

  await talk.begin();

  assert.deepEqual([talk.state.is, browser.peers.length, devices.given.map(({ readyState }) => readyState)], ["over", 0, ["ended"]]);
  t.after(() => talk.stop());
});

test("a loudspeaker that is gone gives way to the standard one, and is taken again", async (t) => {
  const { browser, talk } = await connected(t);
  const { devices, sounds } = browser;
  const plug = async (...speakers: string[]) => {
    devices.speakers = speakers;
    devices.plug("default");
    await settle();
    return sounds[0]!.sink;
  };
  await plug("default", "headset");
  assert.equal(talk.hasSpeakers, true);
  await talk.useSpeaker("headset");

  assert.deepEqual([await plug("default"), await plug("default", "headset")], ["", "headset"]);
});

test("a call whose new offers are not answered for long keeps its streams and goes on with the first that is", async (t) => {
  const { server, talk, peer, pass } = await connected(t);
  server.answer = async () => Promise.reject(new Error("lost"));

  peer.becomes("disconnected");
  await pass(20_000);
  const tried = peer.offers.length;
  server.answer = async (sdp) => `answer to ${sdp}`;
  await pass(5_000);
  peer.becomes("connected");

  assert.ok(tried > 3, `${tried} offers`);
  assert.equal(peer.rolledBack, false);
  assert.equal(peer.signalingState, "stable");
  assert.ok(peer.offers.slice(1).every(({ iceRestart }) => iceRestart));
  assert.equal(talk.state.is, "connected");
});
