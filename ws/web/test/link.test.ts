import assert from "node:assert/strict";
import { test } from "node:test";
import { eager } from "../src/link/eager";
import { ANSWER_PATIENCE, backoff, CONNECT_PATIENCE, Link, PROBE_PATIENCE, SILENCE } from "../src/link/link";
import { seeded } from "./world";

type Ask = { op: "hello" } | { op: "pong"; seq: number };

function live(now: number, luck = 0.5): Link<Ask> {
  const link = new Link<Ask>(() => luck);
  link.start(now);
  link.handleOpen(now);
  const id = link.ask({ op: "hello" }, now);
  link.handleText(JSON.stringify({ re: id, ok: {} }), now);
  link.welcome(now);
  while (link.pollOutput()) continue;
  return link;
}

test("waits grow to half a minute, and no two clients wait the same", () => {
  const random = seeded(1);

  const waits = Array.from({ length: 12 }, (_, attempt) => backoff(attempt, random));

  for (const [attempt, wait] of waits.entries()) {
    const whole = Math.min(30_000, 500 * 2 ** attempt);
    assert.ok(wait >= whole / 2 && wait <= whole, `${attempt}: ${wait}`);
  }
  assert.equal(new Set(waits).size, waits.length);
});

test("a socket that does not open is given up and tried again", () => {
  const link = new Link<Ask>(() => 0);
  link.start(0);
  assert.deepEqual(link.pollOutput(), { do: "connect" });

  assert.equal(link.pollTimeout(), CONNECT_PATIENCE);
  assert.equal(link.handleTimeout(CONNECT_PATIENCE), true);

  assert.deepEqual(link.pollOutput(), { do: "close" });
  link.handleTimeout(link.pollTimeout()!);
  assert.deepEqual(link.pollOutput(), { do: "connect" });
});

test("an unanswered request means that the socket is dead", () => {
  const link = live(0);
  link.ask({ op: "pong", seq: 1 }, 100);

  assert.equal(link.pollTimeout(), 100 + ANSWER_PATIENCE);
  assert.equal(link.handleTimeout(100 + ANSWER_PATIENCE), true);
  assert.equal(link.state.is, "waiting");
});

test("silence beyond two pings means that the socket is dead", () => {
  const link = live(0);
  link.handleText(JSON.stringify({ push: "ping", seq: 0 }), 25_000);

  assert.equal(link.handleTimeout(SILENCE), false);
  assert.equal(link.handleTimeout(25_000 + SILENCE), true);
});

test("pain_28 a woken page probes its socket and does not sit out its wait", () => {
  const link = live(0);
  link.wake(1_000, { op: "pong", seq: 0 });
  assert.equal(link.pollTimeout(), 1_000 + PROBE_PATIENCE);

  link.handleTimeout(1_000 + PROBE_PATIENCE);
  assert.equal(link.state.is, "waiting");
  link.wake(1_000 + PROBE_PATIENCE, { op: "pong", seq: 0 });

  assert.equal(link.state.is, "connecting");
});

test("pain_28 whoever is at it waits for two seconds at most, and not before its time for a server that sent it away", () => {
  const link = new Link<Ask>(() => 1);
  link.start(0);
  for (let attempt = 0; attempt < 8; attempt++) {
    link.handleTimeout(link.pollTimeout()!);
    link.handleClose(attempt * 60_000);
  }
  const { until, soonest } = link.state as { until: number; soonest: number };
  assert.equal(until - soonest, 28_000);

  link.start(soonest - 1_000);

  assert.deepEqual([link.pollTimeout(), link.state.is], [soonest, "waiting"]);
  link.handleTimeout(soonest);
  assert.equal(link.state.is, "connecting");

  const flooding = live(0);
  flooding.handleClose(1_000, 4029);
  flooding.start(5_000);
  assert.equal(flooding.pollTimeout(), 61_000);
});

test("pain_28 those who are at it when a server goes do not come back to it in one moment", () => {
  const moments = [0, 0.5, 1].map((luck) => {
    const link = live(0, luck);
    link.handleClose(20_000);
    for (let attempt = 0; attempt < 8; attempt++) {
      link.handleTimeout(link.pollTimeout()!);
      link.handleClose(100_000);
    }
    link.hurry(100_000);
    return link.pollTimeout()! - 100_000;
  });

  assert.deepEqual(moments, [1_000, 1_500, 2_000]);
});

test("a link that lived long starts its waits from the shortest", () => {
  const link = new Link<Ask>(() => 1);
  link.start(0);
  for (let attempt = 0, now = 0; attempt < 5; attempt++) {
    link.handleClose(now);
    now = link.pollTimeout()!;
    link.handleTimeout(now);
  }
  link.handleOpen(100_000);
  link.welcome(100_000);

  link.handleClose(200_000);

  assert.equal(link.pollTimeout(), 200_000 + 500);
});

test("what is no JSON object is no frame", () => {
  const link = live(0);

  for (const text of ["", "{", "7", "null", '"x"']) assert.equal(link.handleText(text, 1), undefined, text);
});

test("the server's reason decides how long to stay away", () => {
  const crowded = live(0);
  crowded.handleClose(1_000, 4005);
  assert.equal(crowded.pollTimeout(), Number.POSITIVE_INFINITY);
  crowded.wake(2_000, { op: "pong", seq: 0 });
  assert.equal(crowded.state.is, "connecting");

  const flooding = live(0);
  flooding.handleClose(1_000, 4029);
  assert.equal(flooding.pollTimeout(), 61_000);
});

test("whoever does something in the page has its link wait no longer than two seconds", () => {
  const document = new EventTarget();
  Object.assign(globalThis, { document });
  const link = new Link<Ask>(() => 1);
  let now = 0;
  eager((tell) => tell(link, now));
  document.dispatchEvent(new Event("keydown"));
  assert.equal(link.pollOutput(), undefined, "nobody wants one yet");
  link.start(now);
  for (let attempt = 0; attempt < 8; attempt++) {
    now = link.pollTimeout()!;
    link.handleTimeout(now);
  }
  while (link.state.is !== "waiting") link.handleTimeout((now = link.pollTimeout()!));
  assert.ok(link.pollTimeout()! > now + 2_000);
  document.dispatchEvent(new Event("pointerdown"));
  assert.equal(link.pollTimeout(), now + 2_000);
});
