import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { start, type ContactView, type VoiceHost, type VoiceTold } from "../src/voice/pane";
import type { VisitorVoice } from "../src/generated/protocol";
import { install, settle } from "./browser";
import { draw, FakeElement } from "./dom";

const LEG = "i.1";
const CALM: ContactView = { call: { leg: LEG, at: 1, call: { is: "connected" } }, waits: false };

/** A page of a tab that keeps `kept`; loaded again with `again`. */
function page(t: TestContext, kept = "", again = false) {
  if (!again) t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  const browser = install(again);
  draw();
  const slot = new FakeElement();
  const asked: { act: VisitorVoice; told: VoiceTold }[] = [];
  let heard: VoiceTold | undefined;
  const tab = { kept, slot, asked, browser };
  const host = {
    lang: "en",
    root: { adoptedStyleSheets: [] },
    slot,
    introduce: () => ({ zone: "shop" }),
    ask: (act: VisitorVoice, told: VoiceTold) => void asked.push({ act, told: (heard = told) }),
    keep: (text: string) => (tab.kept = text),
  };
  const voice = start(host as unknown as VoiceHost);
  return Object.assign(tab, {
    voice,
    /** Takes the next thing that was asked. */
    async next() {
      await settle();
      const next = asked.shift();
      assert.ok(next, "something is asked");
      return next;
    },
    /** Answers the next offer, and connects. */
    async answers(act: string, is: "connected" | "new" = "connected") {
      const { act: asks, told } = await this.next();
      assert.equal(asks.act, act);
      told(undefined, "v=1", LEG);
      await settle();
      if (is === "connected") this.peer().becomes("connected");
      voice.follow(CALM);
      return asks;
    },
    peer() {
      return browser.peers.at(-1)!;
    },
    says: (id: string) => slot.get(id).textContent,
    sees: (id: string) => slot.get(id).seen,
    press: (id: string) => slot.get(id).click(),
    elsewhere: (leg: string) => heard?.("", "elsewhere", leg),
    leave: () => browser.page.dispatchEvent(new Event("pagehide")),
  });
}

type Page = ReturnType<typeof page>;

/** A page in a call. */
async function inCall(t: TestContext): Promise<Page> {
  const made = page(t);
  made.voice.open();
  made.press("voice-start");
  await made.answers("call");
  assert.match(made.says("voice-state"), /in a call/);
  return made;
}

test("a page that is loaded again goes on with its call by itself, and a copy of its tab asks first", async (t) => {
  const first = await inCall(t);
  const copied = first.kept;
  first.leave();
  const left = first.kept;

  const reloaded = page(t, "", true);
  reloaded.voice.resume(left);
  assert.deepEqual([reloaded.kept, await reloaded.answers("media")], [copied, { act: "media", leg: LEG, sdp: "offer 1" }]);

  const copy = page(t, "", true);
  copy.voice.resume(copied);
  await settle();
  assert.deepEqual(copy.asked, []);
  assert.equal(copy.says("voice-question"), "Your call is in another tab.");
  assert.equal(copy.says("voice-start"), "Take the call here");
  copy.press("voice-start");
  await copy.answers("media");
  assert.match(copy.says("voice-state"), /in a call/);
});

test("a call whose page was loaded again without a microphone can be hung up, and goes on once there is one", async (t) => {
  const first = await inCall(t);
  first.leave();
  const { plugged } = first.browser.devices;
  first.browser.devices.plugged = [];
  const next = page(t, "", true);
  next.voice.resume(first.kept);
  next.voice.follow(CALM);
  await settle();

  assert.match(next.says("voice-error"), /No microphone was found/);
  assert.equal(next.says("voice-question"), "You are in a call. It can go on here.");
  assert.deepEqual(["voice-start", "voice-drop", "voice-back"].map(next.sees), [true, true, false]);
  assert.deepEqual(next.asked, []);
  next.browser.devices.plugged = plugged;
  next.press("voice-start");
  assert.equal((await next.answers("media")).act, "media");
  assert.match(next.says("voice-state"), /in a call/);

  next.leave();
  next.browser.devices.plugged = [];
  const last = page(t, "", true);
  last.voice.resume(next.kept);
  await settle();
  last.press("voice-drop");
  assert.equal((await last.next()).act.act, "hang_up");
  assert.equal(last.says("voice-error"), "The call has ended.");
  assert.equal(last.kept, "");
});

test("a call that could not be taken up is taken up when that is asked for again, unless it is over", async (t) => {
  const first = await inCall(t);
  first.leave();
  const next = page(t, "", true);
  next.voice.resume(first.kept);

  (await next.next()).told("lost");
  await settle();
  assert.match(next.says("voice-error"), /did not work: the connection was lost/);
  assert.deepEqual(["voice-start", "voice-close"].map(next.sees), [true, false]);
  next.press("voice-start");
  (await next.next()).told("there is no such call here, or it is over", "not_found");
  await settle();

  assert.equal(next.says("voice-error"), "The call has ended.");
  assert.deepEqual(["voice-start", "voice-close"].map(next.sees), [false, true]);
  assert.equal(next.kept, "");
});

test("what is answered after the call was hung up brings nothing of it back", async (t) => {
  const made = page(t);
  made.voice.open();
  made.press("voice-start");
  const call = await made.next();
  made.press("voice-hang-up");
  assert.equal((await made.next()).act.act, "hang_up");

  call.told(undefined, "v=1", LEG);
  await settle();

  assert.equal(made.kept, "");
  assert.equal(made.says("voice-error"), "The call has ended.");
});

test("who is muted stays so when the page is loaded again, and in a copy of its tab", async (t) => {
  const first = await inCall(t);
  first.press("voice-mute");
  const copied = first.kept;
  first.leave();

  for (const kept of [first.kept, copied]) {
    const next = page(t, "", true);
    next.voice.resume(kept);
    await settle();
    if (kept === copied) next.press("voice-start");
    await next.answers("media");
    assert.equal(next.peer().sender.track?.enabled, false, kept);
    assert.equal(next.says("voice-state"), "You are muted");
    next.press("voice-mute");
    assert.equal(next.peer().sender.track?.enabled, true);
    next.leave();
    assert.equal(next.kept, `${LEG} left`);
  }
});

test("a page whose call another one took stops, keeps nothing that takes it back, and takes it again where that is wished", async (t) => {
  for (const how of ["told", "refused"]) {
    const made = await inCall(t);
    const before = made.peer();
    if (how === "told") made.elsewhere(LEG);
    else {
      before.becomes("disconnected");
      t.mock.timers.tick(1_500);
      (await made.next()).told("this call goes on in another page", "conflict");
    }
    await settle();

    assert.equal(before.closed, true);
    assert.equal(made.says("voice-question"), "Your call is in another tab.");
    t.mock.timers.tick(60_000);
    made.browser.page.dispatchEvent(new Event("online"));
    made.voice.back();
    await settle();
    assert.deepEqual(made.asked, [], how);
    made.leave();
    assert.equal(made.kept, `${LEG} away`);
    made.press("voice-start");
    await made.answers("media");
    assert.notEqual(made.peer(), before);
    t.mock.timers.reset();
  }
});

test("of a call that another page has, its end is told", async (t) => {
  const made = await inCall(t);
  made.elsewhere("i.9");
  assert.equal(made.peer().closed, false, "that is another leg");
  made.elsewhere(LEG);

  made.voice.follow({ call: { leg: LEG, at: 2, call: { is: "ended" } as never }, waits: false });

  assert.equal(made.says("voice-error"), "The call has ended.");
  assert.equal(made.kept, "");
});

test("who is at the controls of a call that another page takes is at what takes it back, and is told where it is", async (t) => {
  const made = await inCall(t);
  let focused = 0;
  made.slot.contains = () => true;
  made.slot.get("voice-start").focus = () => void (focused += 1);
  const asks = made.slot.get("voice-question");
  assert.deepEqual([asks.seen, asks.textContent, asks.attributes.get("role")], [true, "", "status"], "a live region is there before it is said");

  made.elsewhere(LEG);

  assert.deepEqual([focused, asks.textContent], [1, "Your call is in another tab."]);
});

test("what another page has is not kept for who comes next", async (t) => {
  const made = await inCall(t);
  made.elsewhere(LEG);

  made.voice.leave();

  assert.deepEqual([made.kept, made.asked], ["", []]);
  made.voice.open();
  assert.notEqual(made.says("voice-question"), "Your call is in another tab.");
  made.press("voice-start");
  await made.answers("call");
});

test("a call whose page was loaded again can be hung up while the microphone is asked for", async (t) => {
  const first = await inCall(t);
  first.leave();
  first.browser.devices.answer = () => new Promise(() => {});
  const next = page(t, "", true);
  next.voice.resume(first.kept);
  await settle();

  assert.deepEqual([next.sees("voice-hang-up"), next.sees("voice-mute")], [true, true]);
  next.press("voice-hang-up");

  assert.equal((await next.next()).act.act, "hang_up");
  assert.equal(next.kept, "");
});

test("a call that is begun once more leaves nothing of what was refused", async (t) => {
  const made = page(t);
  const listening = new Set<unknown>();
  const of = (change: (listener: unknown) => void) => (kind: string, listener: unknown) => void (kind === "online" && change(listener));
  Object.assign(globalThis, { addEventListener: of((listener) => listening.add(listener)), removeEventListener: of((listener) => listening.delete(listener)) });
  made.browser.devices.plugged = [];
  made.voice.open();
  for (let tries = 0; tries < 3; tries += 1) {
    made.press("voice-start");
    await settle();
    assert.match(made.says("voice-error"), /No microphone was found/);
  }

  assert.equal(listening.size, 1);
});
