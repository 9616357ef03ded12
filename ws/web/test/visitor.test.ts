import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "../src/generated/protocol";
import { Refused, settle } from "../src/widget/admission";
import { Alerts } from "../src/widget/alerts";
import type { Launcher } from "../src/widget/loader";
import { seen } from "../src/widget/heard";
import { BLANK, recall, remember, type Memory } from "../src/widget/memory";
import { asked } from "../src/widget/question";
import { Visitor, type VisitorOutput } from "../src/widget/visitor";
import { Known } from "../src/widget/zone";
import { seeded, World } from "./world";

const I = "0af7651916cd43dd8448eb211c80319c";
const AGENT = { party: "agent", agent: "anna", name: "Anna" } as const;

type VisitorWorld = World<VisitorOutput> & { machine: Visitor };

function arrive(memory: Partial<Memory> = {}): VisitorWorld {
  return new World<VisitorOutput>(new Visitor("shop", { ...BLANK, token: "t", ...memory }, seeded(7))) as VisitorWorld;
}

function welcome(world: VisitorWorld, interaction: string | null = null, epoch = "e1"): void {
  world.say({ re: world.take("hello").id, ok: { done: "welcome", visitor: "v", epoch, interaction, at: world.now + 600_000 } });
}

function message(seq: number, text: string, mid = `a${seq}`, from: object = AGENT): object {
  return { push: "entry", interaction: I, entry: { seq, at: 1, what: "message", from, mid, text } };
}

/** A chat with its first message, in the journal and in the timeline. */
function chatting(): VisitorWorld {
  const world = arrive();
  world.tell((now) => world.machine.open(now));
  welcome(world);
  world.tell((now) => world.machine.write("hello", "m1", now));
  world.say({ re: world.take("open").id, ok: { done: "written", interaction: I, mid: "m1", seq: 1 } });
  world.say(message(1, "hello", "m1", { party: "customer" }));
  return world;
}

const texts = ({ machine }: VisitorWorld) => machine.timeline?.entries.map((entry) => (entry.what === "message" ? entry.text : entry.what));

test("a visitor's clock that is ten minutes slow is known to be", () => {
  const world = arrive();
  world.tell((now) => world.machine.open(now));

  welcome(world);

  assert.equal(world.machine.ahead, 600_000);
});

test("a code of the pages that is told is good by this browser's clock", () => {
  const world = arrive();
  world.tell((now) => world.machine.open(now));
  welcome(world);

  world.say({ push: "cobrowse", news: { is: "code", code: "042517", until: world.now + 900_000 } });

  assert.deepEqual(world.outputs.filter((output) => output.do === "cobrowse").map(({ news }) => news), [{ is: "code", code: "042517", until: world.now + 300_000 }]);
});

test("a call that is promised alone is no chat until something more comes", () => {
  const state = { is: "promised", due: 1 };
  const promise = { what: "callback", callback: `${I}.c1`, number: "+12125550100", state };
  const joined = { what: "joined", agent: "anna", name: "Anna" };
  const written = { what: "message", mid: "m2", from: { party: "customer" }, text: "Is anybody there?" };
  const ended = { what: "ended", by: { party: "customer" }, reason: "it was taken back" };
  for (const [entries, alone] of [
    [[promise], true],
    [[promise, { what: "queued" }], true],
    [[promise, { what: "queued" }, joined], false],
    [[promise, written], false],
    [[promise, { what: "held", opens: null }], false],
    [[{ what: "queued" }, promise], null],
    [[joined, promise], null],
    [[], null],
  ] as const) {
    const world = chatting();
    [...entries, ended].forEach((entry, at) => world.say({ push: "entry", interaction: I, entry: { seq: at + 2, at: 1, ...entry } }));
    assert.deepEqual([world.machine.promised, world.machine.ended], [alone, true], JSON.stringify(entries));
  }
});

test("nothing connects before the panel is opened", () => {
  const world = arrive();

  world.pass(60_000);

  assert.equal(world.connects, 0);
});

test("a page whose call another one takes is told so by what it asked of it last", () => {
  const world = chatting();
  const told: unknown[] = [];
  for (const n of [1, 2]) world.tell((now) => world.machine.voice({ act: "media", leg: `${I}.1`, sdp: "v=0" }, (...what) => told.push([n, ...what]), now));
  for (let n = 0; n < 2; n += 1) world.say({ re: world.take("voice").id, ok: { done: "media", leg: `${I}.1`, sdp: "v=1" } });
  told.length = 0;

  world.say({ push: "elsewhere", interaction: I, leg: `${I}.1` });

  assert.deepEqual(told, [[2, "", "elsewhere", `${I}.1`]]);
});

const WANTED = { number: "+4930100", at: 9_000_000 };

test("who wants to be called later opens a contact that is that alone, and asks once however often the socket is lost, or the page", () => {
  const world = arrive();
  world.tell((now) => world.machine.open(now));
  welcome(world);
  world.tell((now) => world.machine.write("Please call me back", "m1", now, WANTED));
  assert.deepEqual(world.take("open")["callback"], WANTED);

  world.drop();
  world.pass(60_000);
  welcome(world);
  const again = world.take("open");
  const other = arrive(world.machine.memory);
  other.tell((now) => other.machine.open(now));
  welcome(other);

  assert.deepEqual([again["mid"], again["callback"], other.take("open")["callback"]], ["m1", WANTED, WANTED]);
});

test("of a call that could not be promised the next message says nothing, and it is asked for again as it was", () => {
  const world = arrive();
  world.tell((now) => world.machine.open(now));
  welcome(world);
  world.tell((now) => world.machine.write("Please call me back", "m1", now, WANTED));
  world.say({ re: world.take("open").id, error: { code: "suppressed", text: "no" } });

  world.tell((now) => world.machine.write("Then in writing", "m2", now));
  const chat = world.take("open");
  world.say({ re: chat.id, error: { code: "conflict", text: "closed" } });
  world.tell((now) => world.machine.startOver(now));
  world.tell((now) => world.machine.retry("m1", now));

  assert.deepEqual([chat["mid"], "callback" in chat], ["m2", false]);
  assert.deepEqual([world.take("open")["callback"]], [WANTED]);
});

test("pain_28 what is written, or who comes to the panel, does not wait for the next try", () => {
  const acts = {
    write: (machine: Visitor, now: number) => machine.write("still there?", "m2", now),
    ask: (machine: Visitor, now: number) => machine.aside({ op: "cobrowse", act: { do: "code" } }, undefined, now),
    hurry: (machine: Visitor, now: number) => machine.hurry(now),
  };
  for (const act of ["write", "ask", "hurry"] as const) {
    const world = chatting();
    world.reachable = false;
    world.drop();
    world.pass(60_000);
    for (let n = 0; n < 60 && world.machine.pollTimeout()! < world.now + 5_000; n++) world.pass(1_000);
    assert.ok(world.machine.pollTimeout()! > world.now + 4_000);
    world.reachable = true;

    world.tell((now) => acts[act](world.machine, now));
    world.pass(2_000);
    welcome(world, I);

    assert.deepEqual([world.count("message"), world.count("cobrowse")], [act === "write" ? 1 : 0, act === "ask" ? 1 : 0], act);
  }
});

test("a first visit fetches a credential, and only then connects", () => {
  const world = arrive({ token: null });
  world.tell((now) => world.machine.open(now));
  assert.deepEqual([world.outputs.filter((output) => output.do === "fetch_token").length, world.connects], [1, 0]);

  world.tell((now) => world.machine.handleToken("t2", now));

  assert.equal(world.take("hello")["token"], "t2");
});

test("a credential that cannot be had is asked for again", () => {
  const world = arrive({ token: null });
  world.tell((now) => world.machine.open(now));
  world.tell((now) => world.machine.handleTokenFailed("503", now));
  assert.equal(world.machine.credential.trouble, "503");

  world.pass(2_000);

  assert.equal(world.outputs.filter((output) => output.do === "fetch_token").length, 2);
});

test("who is not let in is told so once, and let in when they try again", () => {
  const world = arrive({ token: null });
  const fetches = () => world.outputs.filter((output) => output.do === "fetch_token").length;
  world.tell((now) => world.machine.write("hello", "m1", now));
  world.tell((now) => world.machine.handleTokenFailed("403", now, "Please sign in again."));

  world.pass(600_000);

  assert.deepEqual([fetches(), world.machine.credential.refused, world.machine.outbox.items[0]?.state], [1, "Please sign in again.", { is: "refused", text: "Please sign in again." }]);
  world.tell((now) => world.machine.retry("m1", now));
  assert.equal(fetches(), 2);
  world.tell((now) => world.machine.handleToken("t2", now));
  welcome(world);
  assert.deepEqual([world.machine.credential.refused, world.take("open")["mid"]], [undefined, "m1"]);
});

test("who is nobody in particular any more is not called as the one before, unless they wrote already", () => {
  for (const wrote of [false, true]) {
    const world = arrive({ token: null });
    world.machine.introduce("Ada", "ada@example.org");
    world.machine.goOnAs("42");
    if (wrote) world.tell((now) => world.machine.write("hello", "m1", now));
    world.machine.goOnAs(undefined);
    const { who, name, mail } = world.machine.memory;
    assert.deepEqual([who, name, mail], wrote ? [undefined, "Ada", "ada@example.org"] : [undefined, "", ""]);
  }
});

test("an identity that is not taken is told of, and nobody in particular is let in", async (context) => {
  const warned: string[] = [];
  context.mock.method(console, "warn", (what: string) => warned.push(what));
  let disowned = 0;
  const answer = (status: number) => Response.json(status === 201 ? { token: "t" } : { detail: "it is expired" }, { status });
  const door = (anonymous: number) => ({ lang: "en", texts: {}, ask: () => Promise.resolve(answer(anonymous)), disown: () => void disowned++ as undefined });

  for (const refusal of [401, 422]) assert.equal(await settle(answer(refusal), "jwt", door(201)), "t");
  assert.deepEqual([disowned, warned], [2, ["401", "422"].map((status) => `Tandem: the identity that this page told is not taken: ${status} it is expired`)]);
  for (const [status, identity, anonymous] of [[401, "jwt", 403], [403, "jwt", 201], [404, undefined, 201], [401, undefined, 201]] as const) {
    await assert.rejects(settle(answer(status), identity, door(anonymous)), (error) => error instanceof Refused && error.told.includes("sign in again"));
  }
  assert.equal(disowned, 3);
  const asked: (string | undefined)[] = [];
  const ask = (identity?: string) => Promise.resolve(answer((asked.push(identity), identity === "newer" ? 201 : 403)));
  assert.equal(await settle(answer(401), "jwt", { lang: "en", texts: {}, ask, disown: () => "newer" }), "t");
  assert.deepEqual(asked, ["newer"], "the page has told another since");
  for (const later of [408, 429, 500, 503]) await assert.rejects(settle(answer(later), "jwt", door(201)), (error) => !(error instanceof Refused));
  await assert.rejects(settle(answer(401), "jwt", door(503)), (error) => !(error instanceof Refused));
});

test("a page whose identity was refused knows nobody until it tells another", () => {
  globalThis.tandem = undefined;
  const known = new Known(() => {});
  const jwt = (sub: string) => `h.${btoa(JSON.stringify({ sub }))}.s`;
  globalThis.tandem!.push({ identity: jwt("42") });
  assert.equal(known.who, "42");

  known.refuse(known.proof!);
  assert.deepEqual([known.who, known.proof], [undefined, undefined]);

  globalThis.tandem!.push({ identity: jwt("43") });
  assert.equal(known.who, "43");
});

test("the first message opens the chat and the second waits for it", () => {
  const world = arrive({ name: "Ada", mail: "ada@example.org" });
  world.tell((now) => world.machine.open(now));
  welcome(world);

  world.tell((now) => world.machine.write("one", "m1", now));
  world.tell((now) => world.machine.write("two", "m2", now));

  const opening = world.take("open");
  assert.deepEqual([opening["name"], opening["mail"], opening["text"], world.count("message")], ["Ada", "ada@example.org", "one", 0]);
  world.say({ re: opening.id, ok: { done: "written", interaction: I, mid: "m1", seq: 1 } });
  assert.equal(world.take("message")["mid"], "m2");
});

test("pain_11 a message whose answer was lost goes out again with the same mid, and shows once", () => {
  const world = chatting();
  world.tell((now) => world.machine.write("again?", "m2", now));
  assert.equal(world.take("message")["mid"], "m2");

  world.drop();
  world.pass(500);
  welcome(world, I);
  assert.equal(world.take("message")["mid"], "m2");
  world.say(message(2, "again?", "m2", { party: "customer" }));
  world.say({ re: 99, ok: { done: "written", interaction: I, mid: "m2", seq: 2 } });

  assert.deepEqual(texts(world), ["hello", "again?"]);
  assert.deepEqual(world.machine.outbox.items, []);
});

test("pain_10 a dropped socket takes the timeline up where it was left", () => {
  const world = chatting();
  world.say(message(2, "two"));

  world.drop();
  world.pass(500);

  assert.deepEqual(world.sent.find((frame) => frame.op === "hello")?.["resume"], { interaction: I, epoch: "e1", seq: 2 });
  welcome(world, I);
  world.say(message(2, "two"));
  world.say(message(3, "three"));
  assert.deepEqual(texts(world), ["hello", "two", "three"]);
});

test("what was not sent when a chat ended opens the next one, by trying again or by starting over", () => {
  for (const go of ["retry", "startOver"] as const) {
    const world = chatting();
    world.drop();
    world.tell((now) => world.machine.write("and the saucer?", "m2", now));
    world.pass(500);
    welcome(world, I);
    world.say({ push: "entry", interaction: I, entry: { seq: 2, at: 1, what: "ended", by: AGENT, reason: null } });
    world.sent = [];
    assert.equal(world.machine.outbox.items[0]?.state.is, "refused");

    world.tell((now) => (go === "retry" ? world.machine.retry("m2", now) : world.machine.startOver(now)));

    const opening = world.take("open");
    assert.deepEqual([opening["mid"], opening["text"]], ["m2", "and the saucer?"], go);
  }
});

test("pain_12 two tabs keep each other's unsent messages, and one credential", () => {
  const shared = new Map<string, string>();
  const drawer = { getItem: (key: string) => shared.get(key) ?? null, setItem: (key: string, value: string) => void shared.set(key, value), removeItem: () => {} };
  const kept = (world: VisitorWorld) => world.outputs.flatMap((output) => (output.do === "remember" ? [output.memory] : []));
  let before: Memory = { ...BLANK, token: "t", interaction: I, epoch: "e1" };
  remember(drawer, "shop", before);
  const [a, b] = [arrive(before), arrive(before)];
  const flush = (world: VisitorWorld, last: Memory) => kept(world).reduce((earlier, memory) => (remember(drawer, "shop", memory, earlier), memory), last);

  // Both are offline; what one has written is there still when the other is back.
  a.tell((now) => a.machine.write("from the first tab", "m1", now));
  const ofA = flush(a, before);
  b.tell((now) => b.machine.open(now));
  welcome(b, I, "e2");
  before = flush(b, before);
  assert.deepEqual(recall(drawer, "shop").unsent.map(({ mid }) => mid), ["m1"]);
  assert.equal(recall(drawer, "shop").epoch, "e2");

  // It is through: nothing brings it back.
  a.outputs = [];
  welcome(a, I, "e2");
  a.say(message(1, "from the first tab", "m1", { party: "customer" }));
  flush(a, ofA);
  assert.deepEqual(recall(drawer, "shop").unsent, []);

  // The credential expired in both: the second finds the one that the first fetched.
  b.outputs = [];
  b.tell((now) => b.machine.handleClose(now, 4003));
  b.tell((now) => b.machine.handleToken("t2", now));
  flush(b, before);
  const memory = a.machine.memory;
  a.outputs = [];
  a.tell((now) => a.machine.handleClose(now, 4003));
  flush(a, memory);

  assert.deepEqual([recall(drawer, "shop").token, a.machine.refused], ["t2", "t"]);
});

test("a message that is too long for the server is refused, and not sent for ever", () => {
  const world = arrive({ token: "t" });
  world.tell((now) => world.machine.open(now));
  welcome(world);
  world.tell((now) => world.machine.write("€".repeat(4_000), "m1", now));
  assert.equal(world.count("open"), 1);

  world.tell((now) => world.machine.handleClose(now, 1009));
  world.sent = [];
  world.pass(60_000);
  if (world.count("hello") > 0) welcome(world);

  assert.equal(world.count("open"), 0);
  assert.equal(world.machine.outbox.items[0]?.state.is, "refused");
});

test("somebody else at the browser finds nothing of the chat, and writes as themselves", () => {
  const world = chatting();
  world.say(message(2, "your account"));
  world.tell((now) => world.machine.write("mine", "m2", now));

  world.tell((now) => {
    world.machine.turn({ ...BLANK, who: "ben" });
    world.machine.open(now);
  });

  assert.deepEqual([world.open, world.machine.timeline, world.machine.outbox.items, world.machine.unread], [false, undefined, [], 0]);
  assert.deepEqual(world.outputs.findLast((output) => output.do === "remember"), { do: "remember", memory: { ...BLANK, who: "ben" } });
  assert.equal(world.outputs.filter((output) => output.do === "fetch_token").length, 1);
  world.tell((now) => world.machine.handleToken("t2", now));
  const hello = world.take("hello");
  assert.deepEqual([hello["token"], hello["resume"]], ["t2", null]);
});

test("a code for a call comes with how long it is good by the server's clock", () => {
  const world = chatting();
  const told: unknown[] = [];
  world.tell((now) => world.machine.cobrowse({ do: "code" }, (...answer) => told.push(answer), now));

  world.say({ re: world.take("cobrowse").id, ok: { done: "code", code: "042517", until: world.now + 600_000 + 300_000 } });

  assert.deepEqual(told, [[undefined, "042517", "300000"]]);
});

test("that the page came into a call by a code is told, with the call's other entries", () => {
  const world = arrive();
  world.tell((now) => world.machine.open(now));
  welcome(world);

  world.say({ push: "entry", interaction: I, entry: { seq: 1, at: 1, what: "queued", queue: "support" } });
  world.say({ push: "entry", interaction: I, entry: { seq: 2, at: 1, what: "cobrowse", by: { party: "customer" }, act: { is: "paired" } } });

  assert.deepEqual(world.outputs.filter((output) => output.do === "cobrowse"), [{ do: "cobrowse", news: { is: "paired" } }]);
});

test("a hole in the stream is noticed and filled by another hello, asked once", () => {
  const world = chatting();

  world.say(message(3, "three"));
  world.say(message(4, "four"));

  assert.equal(world.count("hello"), 1);
  assert.deepEqual(texts(world), ["hello"]);
  welcome(world, I);
  for (const [seq, text] of [[2, "two"], [3, "three"], [4, "four"]] as const) world.say(message(seq, text));
  assert.deepEqual(texts(world), ["hello", "two", "three", "four"]);
});

test("pain_26 a ping that knows more than arrived leads to another hello", () => {
  const world = chatting();

  world.say({ push: "ping", seq: 1 });
  assert.equal(world.count("hello"), 0);
  world.say({ push: "ping", seq: 2 });

  assert.equal(world.count("hello"), 1);
  assert.equal(world.count("pong"), 2);
});

test("a journal begun anew replaces what was known", () => {
  const world = chatting();
  world.drop();
  world.pass(500);

  welcome(world, I, "e2");
  world.say(message(1, "restored", "m1", { party: "customer" }));

  assert.deepEqual(texts(world), ["restored"]);
});

test("pain_37 a reload keeps the chat, the unsent message and its mid", () => {
  const drawer = new Map<string, string>();
  const storage = { getItem: (key: string) => drawer.get(key) ?? null, setItem: (key: string, value: string) => void drawer.set(key, value), removeItem: (key: string) => void drawer.delete(key) };
  const world = chatting();
  world.drop();
  world.tell((now) => world.machine.write("offline", "m2", now));
  for (const output of world.outputs) if (output.do === "remember") remember(storage, "shop", output.memory);

  const reloaded = arrive(recall(storage, "shop"));
  assert.equal(reloaded.machine.lives, true);
  reloaded.tell((now) => reloaded.machine.open(now));

  assert.deepEqual(reloaded.sent.find((frame) => frame.op === "hello")?.["resume"], { interaction: I, epoch: "e1", seq: 0 });
  welcome(reloaded, I);
  assert.equal(reloaded.take("message")["mid"], "m2");
});

test("an expired credential is replaced, and nothing of the old chat is kept", () => {
  const world = chatting();
  world.drop();
  world.pass(500);

  world.say({ re: world.take("hello").id, error: { code: "unauthorized", text: "expired" } });

  assert.equal(world.machine.timeline, undefined);
  assert.ok(world.outputs.some((output) => output.do === "fetch_token"));
});

test("a refusal for now is tried again, one for good is shown", () => {
  const world = chatting();
  world.tell((now) => world.machine.write("quick", "m2", now));
  world.say({ re: world.take("message").id, error: { code: "rate_limited", text: "slow down" } });
  assert.equal(world.count("message"), 0);
  world.pass(2_000);
  world.say({ re: world.take("message").id, error: { code: "out_of_range", text: "too long" } });

  assert.deepEqual(world.machine.outbox.items[0]?.state, { is: "refused", text: "too long" });
  world.pass(5_000);
  assert.equal(world.count("message"), 0);
  world.tell((now) => world.machine.retry("m2", now));
  assert.equal(world.take("message")["mid"], "m2");
});

const FULL = { code: "full", text: "too many are waiting; try again later" };

test("an opening that finds the queue full knocks ever more slowly, with the same mid", () => {
  const world = arrive();
  world.tell((now) => world.machine.open(now));
  welcome(world);
  world.tell((now) => world.machine.write("hello", "m1", now));
  const waits: number[] = [];

  for (let knock = 0; knock < 8; knock++) {
    const { id, mid } = world.take("open");
    assert.equal(mid, "m1");
    world.say({ re: id, error: FULL });
    const from = world.now;
    for (let second = 0; second < 100 && world.count("open") === 0; second++) {
      world.say({ push: "ping", seq: 0 });
      world.say({ re: world.take("pong").id, ok: { done: "ok" } });
      world.pass(1_000);
    }
    waits.push(world.now - from);
  }

  assert.deepEqual(waits, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

test("a chat that has grown too long takes no more, however often it is asked", () => {
  const world = chatting();
  world.tell((now) => world.machine.write("more", "m2", now));

  world.say({ re: world.take("message").id, error: FULL });

  assert.deepEqual(world.machine.outbox.items[0]?.state, { is: "refused", text: FULL.text });
  world.pass(30_000);
  assert.equal(world.count("message"), 0);
});

const J = "1bf7651916cd43dd8448eb211c80319d";

/** The answer to a message was lost; the chat is over, and another lives when the socket is back. */
function elsewhere(): VisitorWorld {
  const world = chatting();
  world.tell((now) => world.machine.write("again?", "m2", now));
  assert.equal(world.take("message")["interaction"], I);
  world.drop();
  world.pass(500);
  welcome(world, J);
  return world;
}

test("a message of a chat that is over goes out for that chat, and is not written in the next", () => {
  const world = elsewhere();

  const again = world.take("message");
  assert.deepEqual([again["mid"], again["interaction"]], ["m2", I]);
  world.say({ re: again.id, ok: { done: "written", interaction: I, mid: "m2", seq: 2 } });

  assert.equal(world.machine.timeline?.interaction, J);
  assert.deepEqual(world.machine.outbox.items, []);
});

test("what the chat that is over never got is shown as not sent, and goes into the next when the writer says so", () => {
  const world = elsewhere();

  world.say({ re: world.take("message").id, error: { code: "conflict", text: "it is over" } });
  assert.deepEqual(world.machine.outbox.items[0]?.state, { is: "refused", text: "it is over" });
  world.tell((now) => world.machine.retry("m2", now));

  assert.equal(world.take("message")["interaction"], J);
});

test("what was seen in another tab is not unread here", () => {
  const world = chatting();
  for (let seq = 2; seq <= 4; seq++) world.say(message(seq, `${seq}`));
  assert.equal(world.machine.unread, 3);

  world.say({ push: "receipt", interaction: I, agent: null, delivered: 4, read: 3 });

  assert.equal(world.machine.unread, 1);
});

test("receipts are gathered and only ever grow", () => {
  const world = chatting();
  world.pass(1_000);
  world.sent = [];

  for (let seq = 2; seq <= 50; seq++) world.say(message(seq, `${seq}`));
  world.tell((now) => world.machine.saw(50, now));
  world.pass(1_000);

  assert.equal(world.count("receipt"), 1);
  const { delivered, read } = world.take("receipt");
  assert.deepEqual([delivered, read], [50, 50]);
});

test("unread counts the other side's messages that were not on screen", () => {
  const world = chatting();
  world.say(message(2, "two"));
  world.say({ push: "entry", interaction: I, entry: { seq: 3, at: 1, what: "left", agent: "anna" } });
  world.say(message(4, "four"));
  assert.equal(world.machine.unread, 2);

  world.tell((now) => world.machine.saw(4, now));

  assert.equal(world.machine.unread, 0);
});

test("the other side's typing fades when its end was lost", () => {
  const world = chatting();
  world.say({ push: "typing", interaction: I, from: AGENT, on: true });
  assert.equal(world.machine.writer, "Anna");

  world.pass(6_000);

  assert.equal(world.machine.writer, undefined);
});

test("own typing is told at most every three seconds, its end once", () => {
  const world = chatting();
  const type = (on: boolean) => world.tell((now) => world.machine.typing(on, now));

  for (let key = 0; key < 10; key++) type(true);
  type(false);
  type(false);

  assert.equal(world.count("typing"), 2);
});

test("a wish before the first message waits for the interaction", () => {
  const world = arrive();
  world.tell((now) => world.machine.write("please call", "m1", now));
  world.tell((now) => world.machine.want({ op: "call", number: "+4930" }, now));
  welcome(world);
  assert.equal(world.count("call"), 0);

  world.say({ re: world.take("open").id, ok: { done: "written", interaction: I, mid: "m1", seq: 1 } });

  const call = world.take("call");
  world.say({ re: call.id, error: { code: "conflict", text: "nobody is free" } });
  assert.deepEqual(world.machine.wishes.notice, { about: "call", why: { is: "refused", text: "nobody is free" } });
});

test("a wish whose answer was lost is not asked twice by itself", () => {
  const world = chatting();
  world.tell((now) => world.machine.want({ op: "call", number: "+4930" }, now));
  world.take("call");

  world.drop();
  world.pass(500);
  welcome(world, I);

  assert.equal(world.count("call"), 0);
  assert.deepEqual(world.machine.wishes.notice?.why, { is: "lost" });
});

test("pain_29 an end that came while away closes the chat and marks what was unsent", () => {
  const world = chatting();
  world.drop();
  world.tell((now) => world.machine.write("too late", "m2", now));
  world.pass(500);

  welcome(world, null);
  world.say({ push: "entry", interaction: I, entry: { seq: 2, at: 1, what: "ended", by: { party: "system" }, reason: "idle" } });

  assert.equal(world.machine.ended, true);
  assert.equal(world.machine.outbox.items[0]?.state.is, "refused");
  world.tell((now) => world.machine.startOver(now));
  assert.equal(world.take("open")["text"], "too late");
});

test("pain_30 entries of another interaction are not shown", () => {
  const world = chatting();

  world.say({ push: "entry", interaction: "f".repeat(32), entry: { seq: 2, at: 1, what: "message", from: AGENT, mid: "x", text: "not yours" } });

  assert.deepEqual(texts(world), ["hello"]);
});

test("whatever the network does, the timeline is what the server wrote and every message went in once", () => {
  for (let seed = 1; seed <= 200; seed++) storm(seed);
});

/** A server that keeps the rules, behind a network that does not. */
function storm(seed: number): void {
  const random = seeded(seed);
  const world = arrive();
  const journal: Entry[] = [];
  const mids = new Map<string, number>();
  const append = (entry: object) => journal.push({ seq: journal.length + 1, at: 1, ...entry } as Entry);
  let told = 0;
  const push = () => {
    for (; world.open && told < journal.length; told++) {
      // Some frames vanish, as when a full outbox drops them.
      if (random() < 0.9) world.say({ push: "entry", interaction: I, entry: journal[told] });
    }
  };
  const answer = () => {
    const [frame] = world.sent.splice(0, 1);
    if (!frame) return;
    if (frame.op === "hello") {
      const resume = frame["resume"] as { seq: number } | null;
      world.say({ re: frame.id, ok: { done: "welcome", visitor: "v", epoch: "e1", interaction: journal.length ? I : null } });
      for (const entry of journal.slice(resume?.seq ?? 0)) world.say({ push: "entry", interaction: I, entry });
      told = journal.length;
    } else if (frame.op === "open" || frame.op === "message") {
      const mid = String(frame["mid"]);
      const seq = mids.get(mid) ?? append({ what: "message", from: { party: "customer" }, mid, text: String(frame["text"]) });
      mids.set(mid, seq);
      if (random() < 0.5) push();
      world.say({ re: frame.id, ok: { done: "written", interaction: I, mid, seq } });
    } else world.say({ re: frame.id, ok: { done: "ok" } });
  };
  let written = 0;
  const deeds = [
    () => world.tell((now) => world.machine.write(`w${++written}`, `m${written}`, now)),
    () => journal.length > 0 && append({ what: "message", from: AGENT, mid: `a${journal.length}`, text: "reply" }),
    () => world.open && world.drop(),
    () => world.pass(random() * 20_000),
    answer, answer, answer, push,
  ];
  for (let step = 0; step < 150; step++) deeds[Math.floor(random() * deeds.length)]!();
  // The storm is over: the server pings, the client settles.
  for (let calm = 0; calm < 60; calm++) {
    world.pass(1_000);
    while (world.sent.length) answer();
    if (world.open && calm % 5 === 0 && journal.length) world.say({ push: "ping", seq: journal.length });
    while (world.sent.length) answer();
  }

  assert.deepEqual(world.machine.timeline?.entries ?? [], journal, `seed ${seed}`);
  const own = journal.flatMap((entry) => (entry.what === "message" && entry.from.party === "customer" ? [entry.text] : []));
  assert.deepEqual(own, Array.from({ length: written }, (_, n) => `w${n + 1}`), `seed ${seed}`);
  assert.deepEqual(world.machine.outbox.items, [], `seed ${seed}`);
}

function over(): VisitorWorld {
  const world = chatting();
  world.say({ push: "entry", interaction: I, entry: { seq: 2, at: 1, what: "joined", agent: "anna", name: "Anna" } });
  world.say({ push: "entry", interaction: I, entry: { seq: 3, at: 1, what: "ended", by: AGENT, reason: "done" } });
  world.say({ push: "entry", interaction: I, entry: { seq: 4, at: 1, what: "rating_asked", channel: "chat", until: 600_000 } });
  return world;
}

test("the question how it was is asked after the end, answered once, and shown again after a reload", () => {
  const world = over();
  assert.deepEqual(asked(world.machine.timeline), { rated: undefined });

  world.tell((now) => world.machine.rate(4, "kind", now));

  const request = world.take("rate");
  assert.deepEqual([request["interaction"], request["score"], request["comment"]], [I, 4, "kind"]);
  world.say({ push: "entry", interaction: I, entry: { seq: 5, at: 1, what: "rated", score: 4, comment: "kind" } });
  world.say({ re: request.id, ok: { done: "ok" } });
  assert.deepEqual(asked(world.machine.timeline), { rated: { score: 4, comment: "kind" } });
});

test("a caller's question is not for the widget, and one that was turned down is gone", () => {
  const world = over();
  world.say({ push: "entry", interaction: I, entry: { seq: 5, at: 1, what: "rating_declined" } });
  assert.equal(asked(world.machine.timeline), undefined);

  const called = chatting();
  called.say({ push: "entry", interaction: I, entry: { seq: 2, at: 1, what: "rating_asked", channel: "voice", until: 9 } });
  assert.equal(asked(called.machine.timeline), undefined);
});

test("who begins a new chat without answering has turned the question down", () => {
  const world = over();

  world.tell((now) => world.machine.startOver(now));

  assert.equal(world.take("rate")["score"], null);
  world.say({ push: "entry", interaction: I, entry: { seq: 5, at: 1, what: "rating_declined" } });
  assert.equal(world.machine.timeline, undefined, "the chat that was left stays left");
});

test("an answer lost on the way is told, not sent twice by itself", () => {
  const world = over();
  world.tell((now) => world.machine.rate(2, null, now));
  world.take("rate");

  world.drop();

  assert.deepEqual(world.machine.wishes.notice, { about: "rate", why: { is: "lost" } });
  assert.equal(world.count("rate"), 0);
});

test("a message is written anew in the chat it stands in, and what it says now is known", () => {
  const world = chatting();
  const told: (string | undefined)[] = [];
  world.tell((now) => world.machine.revise("m1", "hello again", (error) => told.push(error), now));
  const ask = world.take("revise");
  assert.deepEqual([ask["mid"], ask["text"], ask["interaction"]], ["m1", "hello again", I]);

  world.say({ re: ask.id, ok: { done: "ok" } });
  world.say({ push: "entry", interaction: I, entry: { seq: 2, at: 1, what: "edited", by: { party: "customer" }, of: 1, text: "hello again" } });
  assert.deepEqual(world.machine.timeline?.revised.get(1), { text: "hello again" });
  world.say({ push: "entry", interaction: I, entry: { seq: 3, at: 1, what: "deleted", by: { party: "customer" }, of: 1 } });

  assert.deepEqual(world.machine.timeline?.revised.get(1), { text: undefined });
  assert.deepEqual(told, [undefined]);
});

test("whoever is not connected is told that nothing was changed", () => {
  const world = chatting();
  const told: (string | undefined)[] = [];
  world.drop();

  world.tell((now) => world.machine.revise("m1", null, (error) => told.push(error), now));

  assert.deepEqual(told, ["lost"]);
});

test("a colleague's message is heard once, and one that was seen already is not", () => {
  const world = chatting();
  world.say(message(2, "Good day"));
  world.say(message(2, "Good day"));
  world.tell((now) => world.machine.saw(2, now));
  const heard = () => world.outputs.filter((output) => output.do === "heard").map(({ seq, from, text }) => [seq, from, text]);

  assert.deepEqual(heard(), [[2, "Anna", "Good day"]]);
});

test("of several pages of one visitor one sounds", async () => {
  withLocks(undefined);
  const kept = new Map<string, string>();
  let sounds = 0;
  const drawer = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void (sounds++, kept.set(key, value)), removeItem: (key: string) => void kept.delete(key) };
  const launcher = { zone: "shop" } as Launcher;
  const pages = [new Alerts(drawer, launcher, () => false), new Alerts(drawer, launcher, () => false)];
  const hear = (seq: number, text: string) => {
    for (const page of pages) void page.heard(I, seq, "Anna", () => text);
    return settled();
  };

  await hear(2, "Good day");
  assert.equal(sounds, 1);
  await hear(3, "Are you there?");

  assert.equal(sounds, 2);

  // The third is on screen in a page that is looked at.
  seen(drawer, "shop", I, 4);
  await hear(4, "Yes?");
  assert.equal(sounds, 3);
});

/** A page that nobody looks at, with what it notifies of; `look` is what follows when its badge was drawn. */
function noticing() {
  const world = { focused: 0, pressed: 0, looks: new Set<() => void>() };
  const notices: FakeNotice[] = [];
  class FakeNotice {
    static permission = "granted";
    closed = false;
    onclick?: () => void;
    onclose?: () => void;
    constructor(
      readonly title: string,
      readonly options: NotificationOptions,
    ) {
      notices.push(this);
    }
    close(): void {
      this.closed = true;
      this.onclose?.();
    }
  }
  class FakeObserver {
    constructor(private readonly tell: () => void) {}
    observe(): void {
      world.looks.add(this.tell);
    }
    disconnect(): void {
      world.looks.delete(this.tell);
    }
  }
  withLocks(undefined);
  Object.assign(globalThis, { Notification: FakeNotice, MutationObserver: FakeObserver, window: { focus: () => (world.focused += 1) } });
  const badge = { hidden: false };
  const button = { getAttribute: () => "false", click: () => (world.pressed += 1) };
  const kept = new Map<string, string>();
  const drawer = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value), removeItem: (key: string) => void kept.delete(key) };
  const alerts = new Alerts(drawer, { zone: "shop", badge, button } as unknown as Launcher, () => true);
  return { alerts, notices, badge, world, look: () => [...world.looks].forEach((tell) => tell()) };
}

test("a notification goes when its message is taken back, tells it anew when it was written anew, and is not shown when it is gone before", async () => {
  const { alerts, notices, look, world } = noticing();
  const bodies = () => notices.map(({ options: { body }, closed }) => [body, closed]);
  let said: string | undefined = "The password is hunter2";

  void alerts.heard(I, 2, "Anna", () => said);
  await settled();
  said = "The password is in your mail";
  look();
  assert.deepEqual(bodies(), [["The password is hunter2", true], ["The password is in your mail", false]]);
  said = undefined;
  look();
  assert.deepEqual(bodies().slice(1), [["The password is in your mail", true]]);
  void alerts.heard(I, 3, "Anna", () => undefined);
  await settled();
  assert.equal(notices.length, 2);

  // Who put it away is not told again.
  let other = "Good day";
  void alerts.heard(I, 4, "Anna", () => other);
  await settled();
  notices[2]!.close();
  other = "Good morning";
  look();

  assert.deepEqual([notices.length, world.looks.size], [3, 0]);
});

test("a notification of a message leads to the chat when it is pressed, and goes when the message is read", async () => {
  const { alerts, notices, badge, look, world } = noticing();

  void alerts.heard(I, 2, "Anna", () => "Good day");
  await settled();
  notices[0]?.onclick?.();
  assert.deepEqual([world.focused, world.pressed, notices[0]?.closed], [1, 1, true]);

  void alerts.heard(I, 3, "Anna", () => "Are you there?");
  await settled();
  look();
  assert.equal(notices[1]?.closed, false);
  badge.hidden = true;
  look();
  assert.equal(notices[1]?.closed, true);
});

// Everything that waits for nothing but other promises has gone on.
const settled = () => new Promise((done) => setImmediate(done));

function withLocks(locks: object | undefined): void {
  Object.defineProperty(globalThis, "navigator", { value: { locks }, configurable: true, writable: true });
}

test("of pages that hear of a message at one moment one tells, though what it keeps takes a while to stand in the others'", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const told: string[] = [];
  Object.assign(globalThis, { MutationObserver: class { observe(): void {} disconnect(): void {} }, Notification: class { static permission = "granted"; constructor(_: string, { body }: NotificationOptions) { told.push(body ?? ""); } } });
  let last: Promise<unknown> = Promise.resolve();
  withLocks({ query: async () => ({}), request: (_: string, run: () => unknown) => (last = last.then(run)) });
  const drawers = [new Map<string, string>(), new Map<string, string>()];
  const pages = drawers.map((own) => {
    const setItem = (key: string, value: string) => {
      own.set(key, value);
      setTimeout(() => drawers.forEach((each) => each.set(key, value)), 5);
    };
    const drawer = { getItem: (key: string) => own.get(key) ?? null, setItem, removeItem: () => {} };
    return new Alerts(drawer, { zone: "shop", badge: {}, button: {} } as unknown as Launcher, () => true);
  });

  for (const page of pages) void page.heard(I, 2, "Anna", () => "Good day");
  await settled();
  t.mock.timers.tick(200);
  await settled();
  for (const page of pages.toReversed()) void page.heard(I, 3, "Anna", () => "Are you there?");
  await settled();

  assert.deepEqual(told, ["Good day", "Are you there?"]);
});

test("answers go with the opening, again after a reload, and are forgotten once the chat is there", () => {
  const form = { lang: "en", later: false, answers: { order: "4712" } };
  const first = arrive();
  first.tell((now) => first.machine.open(now));
  welcome(first);
  first.tell((now) => {
    first.machine.introduce("Ada", "", form);
    first.machine.write("hello", "m1", now);
  });
  assert.deepEqual(first.take("open")["form"], form);

  const world = arrive(first.machine.memory);
  world.tell((now) => world.machine.open(now));
  welcome(world);
  const again = world.take("open");
  world.say({ re: again.id, ok: { done: "written", interaction: I, mid: "m1", seq: 1 } });

  assert.deepEqual(again["form"], form);
  assert.equal(world.machine.memory.form, undefined);
});

test("a zone without a form is answered nothing", () => {
  const world = arrive();
  world.tell((now) => world.machine.open(now));
  welcome(world);

  world.tell((now) => world.machine.write("hello", "m1", now));

  assert.equal(world.take("open")["form"], null);
});

test("who left a message is told until when it waits, and no place in a line", () => {
  const world = chatting();
  const position = { push: "position", interaction: I, queue: "support", position: 1, wait: null };
  world.say({ push: "entry", interaction: I, entry: { seq: 2, at: 1, what: "held", opens: 5 } });
  world.say(position);
  assert.deepEqual([world.machine.held, world.machine.position], [true, undefined]);

  world.say({ push: "entry", interaction: I, entry: { seq: 3, at: 6, what: "joined", agent: "anna", name: "Anna" } });

  assert.equal(world.machine.held, false);
});

test("a window whose chat is over shows the one that another window begins", () => {
  const J = "1af7651916cd43dd8448eb211c80319c";
  const world = chatting();
  world.say({ push: "entry", interaction: J, entry: { seq: 1, at: 1, what: "message", from: { party: "customer" }, mid: "n1", text: "of nobody's" } });
  assert.equal(world.machine.timeline?.interaction, I, "a chat that lives is not left");
  world.say({ push: "entry", interaction: I, entry: { seq: 2, at: 1, what: "ended", reason: "over" } });

  world.say({ push: "entry", interaction: J, entry: { seq: 1, at: 1, what: "message", from: { party: "customer" }, mid: "n1", text: "once more" } });
  world.say({ push: "entry", interaction: J, entry: { seq: 2, at: 1, what: "message", from: AGENT, mid: "n2", text: "gladly" } });

  assert.deepEqual([world.machine.timeline?.interaction, texts(world), world.machine.ended], [J, ["once more", "gladly"], false]);
});
