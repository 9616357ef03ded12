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
