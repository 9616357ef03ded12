import assert from "node:assert/strict";
import { test } from "node:test";
import type { Board } from "../src/generated/protocol";
import { resolved } from "../src/board/figures";
import { chosen, shape } from "../src/board/reasons";
import { stood } from "../src/text/route";
import { changed, Watcher, type WatcherOutput } from "../src/board/watcher";
import { seeded, World } from "./world";

const EMPTY: Board = { at: 1, since: 1, queues: [], agents: [], waiting: [], callbacks: [], decisions: [], ratings: [], day: [], tolls: [], trunks: [] };
const AGENT = { agent: "anna", name: "Anna", presence: { is: "ready" }, since: 1, activity: { is: "ready" }, activity_since: 1, today: [], phone: true, chat_slots: 6, queues: ["support"], holds: [] } as const;

function watching(): World<WatcherOutput> & { machine: Watcher } {
  const world = new World<WatcherOutput>(new Watcher("t", seeded(7))) as World<WatcherOutput> & { machine: Watcher };
  world.tell((now) => world.machine.start(now));
  world.say({ re: world.take("hello").id, ok: { done: "welcome", agent: "sam", desk_epoch: "d", epoch: "e", at: 1_600_000 } });
  world.say({ re: world.take("watch").id, ok: { done: "ok" } });
  world.say({ push: "board", seq: 3, board: EMPTY });
  return world;
}

test("changes are applied in order, and a hole in the stream is asked for anew", () => {
  const world = watching();
  world.say({ push: "board_change", seq: 4, at: 2, changes: [{ change: "agent", agent: AGENT }] });
  assert.deepEqual([world.machine.board?.agents.length, world.machine.board?.at], [1, 2]);

  world.say({ push: "board_change", seq: 6, at: 3, changes: [{ change: "agent_gone", agent: "anna" }] });

  assert.equal(world.machine.board, undefined);
  assert.equal(world.take("watch")["resume"], null);
});

test("a hole in what is read along is asked for once, however much comes after it", () => {
  const world = watching();
  world.say({ push: "desk", seq: 1, desk: { agent: "sam", name: "Sam", skills: [], presence: { is: "ready" }, phone: true, chat_slots: 6, offers: [], contacts: [], queues: [] } });

  for (const seq of [3, 4, 5, 6, 7]) world.say({ push: "change", seq, interaction: null, change: { change: "phone", reachable: false } });

  assert.equal(world.count("hello"), 1);
  world.say({ re: world.take("hello").id, ok: { done: "welcome", agent: "sam", desk_epoch: "d", epoch: "e", at: 1_600_000 } });
  world.say({ push: "change", seq: 9, interaction: null, change: { change: "phone", reachable: false } });
  assert.equal(world.count("hello"), 1);
});

test("pain_27 a ping that knows more than arrived leads to another hello, and what arrived is what is answered", () => {
  const world = watching();
  world.say({ push: "desk", seq: 1, desk: { agent: "sam", name: "Sam", skills: [], presence: { is: "ready" }, phone: true, chat_slots: 6, offers: [], contacts: [], queues: [] } });

  world.say({ push: "ping", seq: 2 });

  assert.deepEqual([world.take("pong")["seq"], world.count("hello")], [1, 1]);
  world.say({ push: "change", seq: 3, interaction: null, change: { change: "phone", reachable: false } });
  assert.equal(world.count("hello"), 1);
});

test("agents are sent away with the reasons that are configured", () => {
  const world = watching();
  assert.deepEqual(world.machine.reasons, []);

  world.say({ push: "desk", seq: 1, desk: { agent: "sam", name: "Sam", skills: [], presence: { is: "ready" }, reasons: [{ code: "lunch", words: "At lunch" }], phone: true, chat_slots: 6, offers: [], contacts: [], queues: [] } });

  assert.deepEqual(world.machine.reasons, ["At lunch"]);
});

test("after a lost socket the board is taken up where it was", () => {
  const world = watching();
  world.drop();
  world.pass(2_000);
  world.say({ re: world.take("hello").id, ok: { done: "welcome", agent: "sam", desk_epoch: "d", epoch: "e", at: 1_600_000 } });

  assert.deepEqual(world.take("watch")["resume"], { epoch: "d", seq: 3 });
});

test("a board that was stopped goes on by the next credential, and one that runs says hello by it once", () => {
  const world = watching();
  world.tell(() => world.machine.stop());

  world.tell((now) => world.machine.goOnBy("u", now));

  const hello = world.take("hello");
  assert.equal(hello["token"], "u");
  world.say({ re: hello.id, ok: { done: "welcome", agent: "sam", desk_epoch: "d", epoch: "e", at: 1_600_000 } });
  assert.deepEqual(world.take("watch")["resume"], { epoch: "d", seq: 3 });
  world.tell((now) => world.machine.goOnBy("v", now));
  assert.deepEqual([world.take("hello")["token"], world.machine.board?.at], ["v", 1]);
});

test("who is no supervisor is told so", () => {
  const world = new World<WatcherOutput>(new Watcher("t", seeded(7))) as World<WatcherOutput> & { machine: Watcher };
  world.tell((now) => world.machine.start(now));
  world.say({ re: world.take("hello").id, ok: { done: "welcome", agent: "ben", desk_epoch: "d", epoch: "e", at: 1_600_000 } });
  world.say({ re: world.take("watch").id, error: { code: "forbidden", text: "only supervisors may do this" } });

  assert.equal(world.machine.refused, "only supervisors may do this");
});

test("a row replaces the one of the same name and keeps its place", () => {
  const two = changed(changed(EMPTY, { change: "agent", agent: { ...AGENT, today: [], queues: [...AGENT.queues], holds: [] } }), { change: "agent", agent: { ...AGENT, today: [], agent: "ben", queues: [], holds: [] } });

  const after = changed(two, { change: "agent", agent: { ...AGENT, today: [], phone: false, queues: [], holds: [] } });

  assert.deepEqual(after.agents.map(({ agent, phone }) => [agent, phone]), [["anna", false], ["ben", true]]);
});

test("the reasons of a choice come out of the answer about a route, and out of a record", () => {
  const away = { is: "away", leaning: "", skill: "", least: 0, has: 0, load: 0, idle: 0 };
  const route = shape({ next: { agent: "anna", why: "least_busy", words: "is the least busy" }, candidates: [{ agent: "ben", is: "away", words: "is away" }] });
  assert.deepEqual(route, { agent: "anna", why: "is the least busy", hold: null, lookedAt: [{ agent: "ben", ...away }] });

  const free = { agent: "cy", is: "free", leaning: "prefers", load: 4, idle_ms: 65_000 };
  const record = shape({ offers: [{ agent: "ben", why: "old" }, { agent: "anna", why: "is free", route: { candidates: [free, "nonsense"] } }] });
  assert.deepEqual([record.agent, record.why, record.lookedAt.map(stood)], ["anna", "is free", ["free: load 4, idle for 1:05, prefers this channel"]]);
});

test("a row of the decisions tells of its own choice, and of what the record does not have yet what the board has", () => {
  const offer = (agent: string, at: number, why: string) => ({ agent, at, why, route: { candidates: [{ agent, is: "free", load: at }] } });
  const record = { offers: [offer("anna", 100, "is the least busy"), offer("ben", 200, "was asked next"), offer("anna", 300, "was asked before")], next: { agent: "cy" } };
  const decision = (agent: string, at: number) => ({ at, interaction: "i", channel: "chat", agent, why: "by the board", passed_over: 0, end: null }) as const;
  const told = (agent: string, at: number) => {
    const { agent: whom, why, lookedAt } = chosen(record, decision(agent, at));
    return [whom, why, lookedAt.map(({ load }) => load)];
  };

  assert.deepEqual(told("anna", 100), ["anna", "is the least busy", [100]]);
  assert.deepEqual(told("ben", 200), ["ben", "was asked next", [200]]);
  assert.deepEqual(told("anna", 300), ["anna", "was asked before", [300]]);
  assert.deepEqual(told("ben", 400), ["ben", "by the board", []]);
});

test("a share of contacts that were enough tells after how many the customer came again", () => {
  assert.equal(resolved({ of: 200, count: 171 }), "86% of 200; 29 came again");
  assert.equal(resolved({ of: 1, count: 1 }), "100% of 1; 0 came again");
  assert.equal(resolved(null), "–");
});

test("a chat is read along in order, and what was written is told to its writer", () => {
  const world = watching();
  const card = { customer: null, name: "Ada", number: null, mail: null, verified: false, page: null, earlier: [], screen_pop: null, note: null };
  const one = { interaction: "i", queue: "support", how: "listen", agent: "anna", name: "Anna", card, whispers: [] };
  world.say({ push: "desk", seq: 1, desk: { agent: "sam", name: "Sam", skills: [], presence: { is: "ready" }, phone: true, chat_slots: 6, offers: [], contacts: [], queues: [] } });
  world.tell((now) => world.machine.supervise("i", "listen", "chat", now));
  assert.equal(world.take("supervise")["channel"], "chat");

  world.say({ push: "change", seq: 2, interaction: null, change: { change: "supervised", supervised: [one] } });
  for (const seq of [1, 2]) world.say({ push: "entry", interaction: "i", entry: { seq, at: seq, what: "queued", queue: "support" } });
  world.say({ push: "entry", interaction: "other", entry: { seq: 1, at: 1, what: "queued", queue: "support" } });

  assert.deepEqual([world.machine.said("i").length, world.machine.said("other").length], [2, 0]);
  let told: string | undefined = "nothing yet";
  world.tell((now) => world.machine.write("i", "psst", undefined, (error) => (told = error), now));
  world.say({ re: world.take("whisper").id, error: { code: "full", text: "a contact holds 50 whispers" } });
  assert.equal(told, "a contact holds 50 whispers");
  world.say({ push: "entry", interaction: "i", entry: { seq: 4, at: 4, what: "queued", queue: "support" } });
  assert.deepEqual(world.take("hello")["timelines"], [{ interaction: "i", epoch: "e", seq: 2 }]);
});

test("who may not look at a page is told why, and who looks no more asks for nothing", () => {
  const world = watching();
  const told: (string | undefined)[] = [];
  world.tell((now) => world.machine.look("i", [], (error) => void told.push(error), now));
  world.say({ re: world.take("cobrowse").id, error: { code: "conflict", text: "nothing is shared" } });

  assert.deepEqual(told, ["nothing is shared"]);
});

test("a board is told of a call that another page took", () => {
  const world = watching();

  world.say({ push: "elsewhere", interaction: "i", leg: "i.3" });

  assert.deepEqual(world.outputs.at(-1), { do: "voice_elsewhere", leg: "i.3" });
});

test("a supervisor is told where the call went in which they took part", () => {
  const world = watching();

  world.say({ push: "call_moved", interaction: "i", to: { queue: "support" } });

  const { notices } = world.machine;
  assert.deepEqual(notices, [{ n: 1, went: { queue: "support" }, text: "" }]);
});

test("a supervisor is told why the call is over in which they took part", () => {
  const world = watching();

  world.say({ push: "call_over", interaction: "i", reason: "the customer hung up" });

  const { notices } = world.machine;
  assert.deepEqual(notices, [{ n: 1, over: true, text: "the customer hung up" }]);
});

test("an offer for a call at the board is answered, refused, or lost with the connection", () => {
  const world = watching();
  const told: unknown[] = [];
  const ask = () => world.tell((now) => world.machine.voice({ act: "media", leg: "i.3", sdp: "v=0" }, (...what) => told.push(what), now));
  ask();
  world.say({ re: world.take("voice").id, ok: { done: "media", leg: "i.3", sdp: "v=1" } });
  ask();
  world.say({ re: world.take("voice").id, error: { code: "not_found", text: "there is no such call here, or it is over" } });
  ask();
  world.drop();
  ask();

  assert.deepEqual(told, [[undefined, "v=1"], ["there is no such call here, or it is over", "not_found"], ["lost"], ["lost"]]);
});

test("a chat that ended while it was read along is over, with its last words, and one that was lost or refused is not asked for without end", () => {
  const world = watching();
  const desk = { agent: "sam", name: "Sam", skills: [], presence: { is: "ready" }, phone: true, chat_slots: 6, offers: [], contacts: [], queues: [] };
  const card = { customer: null, name: "Ada", number: null, mail: null, verified: false, page: null, earlier: [], screen_pop: null, note: null };
  const one = { interaction: "i", queue: "support", how: "listen", agent: "anna", name: "Anna", card, whispers: [] };
  const supervised = (seq: number, ...all: object[]) => world.say({ push: "change", seq, interaction: null, change: { change: "supervised", supervised: all } });
  world.say({ push: "desk", seq: 1, desk });
  supervised(2, one);
  world.say({ push: "entry", interaction: "i", entry: { seq: 1, at: 1, what: "queued", queue: "support" } });
  assert.equal(world.machine.lapsed("i"), false);

  world.say({ push: "entry", interaction: "i", entry: { seq: 2, at: 2, what: "ended", by: { party: "customer" }, reason: "the customer ended it" } });
  supervised(3);

  assert.deepEqual([world.machine.lapsed("i"), world.machine.said("i").at(-1)?.what], [true, "ended"]);
  world.machine.forget("i");
  assert.deepEqual([world.machine.lapsed("i"), world.machine.said("i")], [false, []]);

  supervised(4, one);
  world.tell((now) => world.machine.supervise("i", "stop", "chat", now));
  world.machine.forget("i");
  world.say({ re: world.take("supervise").id, ok: { done: "ok" } });
  supervised(5);
  assert.equal(world.machine.lapsed("i"), false, "it was left");

  supervised(6, one);
  world.drop();
  world.pass(2_000);
  world.say({ re: world.take("hello").id, ok: { done: "welcome", agent: "sam", desk_epoch: "d", epoch: "e", at: 1_600_000 } });
  world.say({ push: "desk", seq: 9, desk });
  assert.equal(world.machine.lapsed("i"), true, "it ended meanwhile");

  world.tell((now) => world.machine.supervise("j", "listen", "chat", now));
  assert.equal(world.machine.lapsed("j"), false);
  world.say({ re: world.take("supervise").id, error: { code: "conflict", text: "there is no chat in this interaction that goes on" } });
  assert.equal(world.machine.lapsed("j"), true);
});
