import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { callsOf } from "../src/console/voice/calls";
import type { AgentVoice, Consulted, Headset } from "../src/generated/protocol";
import { install, settle } from "./browser";

type Told = (error: string | undefined, answer?: string) => void;

const browser = install();
const headset = await import("../src/console/voice/headset");
const asked: { act: AgentVoice; told: Told }[] = [];
let awake = 0;
const LEG = "i.2";
const HELD = "tandem.held";

/** Calls at this agent's consoles. */
const desk = (taken: boolean): Headset => ({ on: true, calls: [{ interaction: "i", leg: LEG, taken, name: "Ada", number: null }] });

/** A console is loaded, with what its tab keeps. */
function load(t: TestContext, kept: string, calls: Headset) {
  t.mock.timers.reset();
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  t.after(() => headset.leave());
  asked.length = 0;
  browser.tab.setItem(HELD, kept);
  headset.serve({ kept: "tandem.headset", voice: (act, told) => void asked.push({ act, told }), calls: () => calls, awake: () => void (awake += 1) });
  headset.follow(calls, undefined);
}

const kept = () => browser.tab.getItem(HELD);
const leave = () => browser.page.dispatchEvent(new Event("pagehide"));

// What makes sound is loaded by the first call.
async function loaded(): Promise<void> {
  await import("../src/voice/talk");
  await settle();
}

async function answered(): Promise<void> {
  await loaded();
  const next = asked.shift();
  assert.equal(next?.act.act, "media");
  next.told(undefined, "v=1");
  await settle();
  browser.peers.at(-1)!.becomes("connected");
}

test("a console that is loaded again goes on with its call, and a copy of its tab does when that is asked for", async (t) => {
  load(t, `${LEG} left`, desk(true));
  await loaded();
  assert.equal(kept(), LEG, "a copy made from now on is not the page that was left");
  await answered();
  assert.equal(headset.held.value?.talk.state.is, "connected");
  leave();
  assert.equal(kept(), `${LEG} left`);
  headset.leave();

  load(t, LEG, desk(true));
  await loaded();
  assert.deepEqual([headset.held.value, asked], [undefined, []]);
  leave();
  assert.equal(kept(), "", "it was not here");
  void headset.take(LEG);
  await answered();
  assert.equal(headset.held.value?.talk.state.is, "connected");
});

test("where sound comes again after the network was away the console tries at once to connect", async (t) => {
  load(t, `${LEG} left`, desk(true));
  await answered();
  awake = 0;
  browser.peers.at(-1)!.becomes("disconnected");
  assert.deepEqual([headset.held.value?.talk.state.is, awake], ["lost", 0]);
  browser.peers.at(-1)!.becomes("connected");
  assert.deepEqual([headset.held.value?.talk.state.is, awake], ["connected", 1]);
});

test("a microphone that was switched off stays so when the console is loaded again", async (t) => {
  load(t, `${LEG} left`, desk(true));
  await answered();
  headset.mute(true);
  assert.equal(kept(), `${LEG} muted`);
  leave();
  const left = kept()!;
  headset.leave();

  load(t, left, desk(true));
  leave();
  assert.equal(kept(), left, "left again before it was taken");
  await answered();

  assert.deepEqual([headset.held.value?.talk.muted, browser.peers.at(-1)!.sender.track?.enabled], [true, false]);
  headset.mute(false);
  assert.equal(browser.peers.at(-1)!.sender.track?.enabled, true);
  headset.mute(true);
  headset.elsewhere(LEG);
  void headset.take(LEG);
  await answered();
  assert.equal(headset.held.value?.talk.muted, true, "taken back from where it was");
});

test("a call that comes while no microphone is allowed rings on, and is answered once one is", async (t) => {
  const rings = { ...desk(false), calls: [{ ...desk(false).calls[0]!, leg: "i.7" }] };
  load(t, "", rings);
  const allow = browser.devices.answer;
  let asks = 0;
  browser.devices.answer = async () => {
    asks += 1;
    throw new DOMException("no", "NotAllowedError");
  };
  void headset.take("i.7");
  await loaded();
  assert.deepEqual(headset.held.value?.talk.state, { is: "refused", why: "denied" });

  headset.answerNext("i");
  for (let frame = 0; frame < 3; frame += 1) headset.follow(rings, "i");
  await loaded();
  assert.equal(asks, 1, "the browser asks again only when the agent wants to");
  browser.devices.answer = allow;
  void headset.take("i.7");
  await answered();

  assert.equal(headset.held.value?.talk.state.is, "connected");
});

test("a console whose call another one took stops, and asks for it no more", async (t) => {
  for (const how of ["told", "refused"]) {
    load(t, `${LEG} left`, desk(true));
    await answered();
    const peer = browser.peers.at(-1)!;
    headset.elsewhere("i.9");
    assert.equal(peer.closed, false, "that is another leg");

    if (how === "told") headset.elsewhere(LEG);
    else {
      peer.becomes("disconnected");
      t.mock.timers.tick(1_500);
      await settle();
      asked.shift()?.told("this call goes on in another page", "conflict");
    }
    await settle();

    assert.deepEqual([headset.held.value, peer.closed, kept(), headset.trouble.value], [undefined, true, "", ""], how);
    t.mock.timers.tick(60_000);
    headset.back();
    headset.follow(desk(true), undefined);
    await loaded();
    assert.deepEqual(asked.filter(({ act }) => act.act === "media"), [], how);
  }
});

test("a microphone that was switched off stays so when the first try to take the call again fails", async (t) => {
  const allow = browser.devices.answer;
  for (const fails of ["refused", "lost"]) {
    load(t, `${LEG} left muted`, { on: true, calls: [] });
    if (fails === "refused") {
      browser.devices.answer = async () => {
        throw new DOMException("no", "NotAllowedError");
      };
    }
    headset.follow(desk(true), undefined);
    await loaded();
    browser.devices.answer = allow;
    if (fails === "lost") asked.shift()?.told("lost");
    await settle();
    void headset.take(LEG);
    await answered();

    assert.deepEqual([headset.held.value?.talk.muted, browser.peers.at(-1)!.sender.track?.enabled], [true, false], fails);
  }
});

test("a call that a colleague asks about is named after the colleague", () => {
  const call = { interaction: "i", leg: "i.2", taken: false, name: null, number: null };

  assert.deepEqual(callsOf({ on: true, calls: [call] }, { interaction: "i", name: "Ben" } as Consulted).map(({ name }) => name), ["Ben"]);
  assert.deepEqual(callsOf({ on: true, calls: [call] }, { interaction: "j", name: "Ben" } as Consulted).map(({ name }) => name), [null]);
});
