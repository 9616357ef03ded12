import assert from "node:assert/strict";
import { test } from "node:test";
import { Agent } from "../src/console/agent";
import { announce, announcement, unsay } from "../src/console/announce";
import type { AgentOutput } from "../src/console/asks";
import type { KeptLine } from "../src/console/line";
import type { Card, Change, Contact, Desk, Offer } from "../src/generated/protocol";
import { endsSoon, sessionOf } from "../src/link/signed";
import { seeded, World } from "./world";

const I = "0af7651916cd43dd8448eb211c80319c";
const J = "1af7651916cd43dd8448eb211c80319c";
const CARD: Card = { customer: null, name: "Ada", number: null, mail: null, verified: false, page: null, earlier: [], screen_pop: null, note: null };
const DESK: Desk = { agent: "anna", name: "Anna", skills: [], presence: { is: "ready" }, phone: true, chat_slots: 6, offers: [], contacts: [], queues: [] };

/** How wrong the clock of whoever sits at the console is. */
const AHEAD = -600_000;

/** When worlds begin, by the server's clock. */
const world0 = 1_000_000 + AHEAD;

type AgentWorld = World<AgentOutput> & { machine: Agent };

const contact = (interaction: string, more: Partial<Contact> = {}): Contact => ({ interaction, assignment: `${interaction}.a1`, queue: "support", since: 1, chat: true, call: null, leg: null, callbacks: [], wrap_up_until: null, card: CARD, ...more });
const offer = (interaction: string): Offer => ({ interaction, channel: "chat", queue: "support", deadline: 9, waiting_since: 1, callback: null, card: CARD, why: "idle longest" });

function signedIn(kept: Record<string, KeptLine> = {}): AgentWorld {
  const world = new World<AgentOutput>(new Agent("t", kept, seeded(3))) as AgentWorld;
  world.tell((now) => world.machine.start(now));
  return world;
}

function welcome(world: AgentWorld, deskEpoch = "d1", epoch = "e1"): void {
  world.say({ re: world.take("hello").id, ok: { done: "welcome", agent: "anna", desk_epoch: deskEpoch, epoch, at: world.now + AHEAD } });
}

function atDesk(contacts: Contact[] = [], seq = 10): AgentWorld {
  const world = signedIn();
  welcome(world);
  world.say({ push: "desk", seq, desk: { ...DESK, contacts } });
  return world;
}

const change = (seq: number, what: Change, interaction: string | null = null) => ({ push: "change", seq, interaction, change: what });
const entry = (interaction: string, seq: number, text: string, from: object = { party: "customer" }) => ({ push: "entry", interaction, entry: { seq, at: seq, what: "message", from, mid: `m${seq}`, text } });

test("a console is told of a call that another one took, and by which code an offer for it was refused", () => {
  const world = atDesk([contact(I)]);
  const told: unknown[] = [];
  world.tell((now) => world.machine.voice({ act: "media", leg: `${I}.2`, sdp: "v=0" }, (...what) => told.push(what), now));
  world.say({ push: "elsewhere", interaction: I, leg: `${I}.2` });
  world.say({ re: world.take("voice").id, error: { code: "conflict", text: "this call goes on in another page" } });

  assert.deepEqual(world.outputs.filter(({ do: what }) => what === "voice_elsewhere"), [{ do: "voice_elsewhere", leg: `${I}.2` }]);
  assert.deepEqual(told, [["this call goes on in another page", "conflict"]]);
});

test("what a customer answers about their page is said, and that an agent ended it is not", () => {
  const world = atDesk([contact(I)]);
  const page = (seq: number, by: object, act: object) => world.say({ push: "entry", interaction: I, entry: { seq, at: seq, what: "cobrowse", by, act } });
  page(1, { party: "agent", id: "anna", name: "Anna" }, { is: "asked", grants: ["view"] });
  page(2, { party: "customer" }, { is: "granted", grants: ["view"] });
  page(3, { party: "customer" }, { is: "declined", grants: ["point"] });
  page(4, { party: "agent", id: "anna", name: "Anna" }, { is: "stopped", reason: "the agent stopped it" });
  page(5, { party: "customer" }, { is: "stopped", reason: "the customer stopped it" });

  const said = world.outputs.filter((output) => output.do === "over").map(({ text }) => text);
  assert.equal(said.length, 3, said.join("\n"));
  assert.match(said[0]!, /The customer allowed/);
  assert.match(said[1]!, /did not allow/);
  assert.match(said[2]!, /not shared any more: the customer stopped it/);
});

test("a console is told of whom something was said about contact", () => {
  const world = atDesk([contact(I)]);
  world.say({ push: "consents", customers: ["9b8f", "1b8f"] });

  assert.deepEqual(world.outputs.filter(({ do: what }) => what === "consents"), [{ do: "consents", customers: ["9b8f", "1b8f"] }]);
});

test("pain_25 the desk is the snapshot and the changes, in order", () => {
  const world = atDesk();

  world.say(change(11, { change: "offered", offer: offer(I) }, I));
  assert.deepEqual(world.machine.desk?.offers.map(({ interaction }) => interaction), [I]);
  world.say(change(12, { change: "offer_gone", interaction: I, reason: "accepted" }, I));
  world.say(change(13, { change: "contact", contact: contact(I) }, I));
  world.say(change(14, { change: "contact", contact: contact(I, { call: { is: "ringing" } }) }, I));
  world.say(change(15, { change: "phone", reachable: false }));
  world.say(change(16, { change: "presence", presence: { is: "away", reason: "missed" } }));

  assert.deepEqual(world.machine.desk, { ...DESK, phone: false, presence: { is: "away", reason: "missed" }, contacts: [contact(I, { call: { is: "ringing" } })] });
  world.say(change(17, { change: "released", interaction: I }, I));
  assert.deepEqual([world.machine.desk?.contacts, world.machine.lines.size], [[], 0]);
});

test("a change that came twice is ignored, a missing one leads to another hello", () => {
  const world = atDesk();
  world.say(change(11, { change: "phone", reachable: false }));
  world.say(change(11, { change: "phone", reachable: true }));
  assert.equal(world.machine.desk?.phone, false);

  world.say(change(13, { change: "phone", reachable: true }));
  world.say(change(14, { change: "phone", reachable: true }));

  assert.equal(world.machine.desk?.phone, false);
  const hello = world.take("hello");
  assert.deepEqual([hello["resume"], world.count("hello")], [{ epoch: "d1", seq: 11 }, 0]);
});

test("pain_27 a ping that knows more than arrived leads to another hello", () => {
  const world = atDesk();

  world.say({ push: "ping", seq: 11 });

  assert.equal(world.count("hello"), 1);
});

test("deadlines are the server's, however wrong the clock at the console is", () => {
  const world = atDesk();

  assert.equal(world.machine.ahead, AHEAD);
});

test("a dropped socket takes up the desk and each timeline where they were left", () => {
  const world = atDesk([contact(I), contact(J)]);
  world.say(entry(I, 1, "one"));
  world.say(entry(I, 2, "two"));
  world.say(entry(J, 1, "eins"));

  world.drop();
  world.pass(500);

  const hello = world.sent.find(({ op }) => op === "hello");
  assert.deepEqual(hello?.["resume"], { epoch: "d1", seq: 10 });
  assert.deepEqual(hello?.["timelines"], [
    { interaction: I, epoch: "e1", seq: 2 },
    { interaction: J, epoch: "e1", seq: 1 },
  ]);
  welcome(world);
  world.say(entry(I, 2, "two"));
  world.say(entry(I, 3, "three"));
  assert.equal(world.machine.lines.get(I)?.timeline.last, 3);
});

test("a restarted server's snapshot replaces the desk", () => {
  const world = atDesk([contact(I)]);
  world.drop();
  world.pass(500);

  welcome(world, "d2");
  world.say({ push: "desk", seq: 3, desk: { ...DESK, contacts: [contact(J)] } });
  world.say(change(4, { change: "phone", reachable: false }));

  assert.deepEqual(world.machine.desk, { ...DESK, phone: false, contacts: [contact(J)] });
  assert.deepEqual([...world.machine.lines.keys()], [J]);
});

test("messages of six chats go out beside each other, those of one chat in order", () => {
  const world = atDesk([contact(I), contact(J)]);

  world.tell((now) => world.machine.write(I, "one", "x1", now));
  world.tell((now) => world.machine.write(I, "two", "x2", now));
  world.tell((now) => world.machine.write(J, "eins", "y1", now));

  assert.deepEqual(world.sent.filter(({ op }) => op === "message").map((frame) => frame["mid"]), ["x1", "y1"]);
  world.say({ re: world.take("message").id, ok: { done: "written", interaction: I, mid: "x1", seq: 1 } });
  assert.deepEqual(world.sent.filter(({ op }) => op === "message").map((frame) => frame["mid"]), ["y1", "x2"]);
});

test("a reload keeps drafts and unsent messages with their mid", () => {
  const world = atDesk([contact(I)]);
  world.drop();
  world.tell((now) => world.machine.write(I, "kept", "x1", now));
  world.tell((now) => world.machine.compose(I, (drafts) => drafts.write("half a"), now));
  const kept = world.outputs.findLast((output) => output.do === "remember");
  assert.ok(kept?.do === "remember");

  const reloaded = signedIn(kept.lines);
  welcome(reloaded);
  reloaded.say({ push: "desk", seq: 10, desk: { ...DESK, contacts: [contact(I)] } });

  assert.equal(reloaded.take("message")["mid"], "x1");
  assert.equal(reloaded.machine.lines.get(I)?.drafts.text, "half a");
});

test("a customer sees that the agent writes to them, and nothing of a note", () => {
  const world = atDesk([contact(I)]);
  world.tell((now) => world.machine.compose(I, (drafts) => drafts.turn("note"), now));
  world.tell((now) => world.machine.compose(I, (drafts) => drafts.write("suspect of fraud"), now));
  assert.equal(world.count("typing"), 0);

  world.tell((now) => world.machine.compose(I, (drafts) => drafts.turn("reply"), now));
  world.tell((now) => world.machine.compose(I, (drafts) => drafts.write("Hello"), now));
  assert.equal(world.take("typing")["on"], true);
  world.tell((now) => world.machine.compose(I, (drafts) => drafts.turn("note"), now));

  assert.equal(world.take("typing")["on"], false);
});

test("an action is under way until it is answered, and its refusal is shown", () => {
  const world = atDesk([contact(I)]);
  const call = { op: "escalate", interaction: I, number: "+4930" } as const;
  world.tell((now) => world.machine.act(call, now));
  world.tell((now) => world.machine.act(call, now));
  assert.deepEqual([world.count("escalate"), world.machine.pending.has(`escalate:${I}`)], [1, true]);

  world.say({ re: world.take("escalate").id, error: { code: "conflict", text: "your phone is not reachable" } });

  assert.equal(world.machine.pending.size, 0);
  assert.deepEqual(world.machine.notices.map(({ about, text }) => [about, text]), [["escalate", "your phone is not reachable"]]);
});

test("a refusal is told until the agent goes on with something else that is done", () => {
  const world = atDesk([contact(I)]);
  const call = { op: "escalate", interaction: I, number: "+4930" } as const;
  const failed = { code: "conflict", text: "your phone is not reachable" } as const;
  world.tell((now) => world.machine.act(call, now));
  world.say({ re: world.take("escalate").id, error: failed });
  world.tell((now) => world.machine.act({ ...call, number: "+4931" }, now));
  world.say({ re: world.take("escalate").id, error: failed });
  assert.equal(world.machine.notices.length, 2);

  world.tell((now) => world.machine.act({ op: "park", interaction: I }, now));
  world.tell(() => world.machine.notice("cobrowse", "told meanwhile"));
  world.say({ re: world.take("park").id, ok: { done: "ok" } });

  assert.deepEqual(world.machine.notices.map(({ text }) => text), ["told meanwhile"]);
});

test("nothing of an action shows on the desk before the server says so", () => {
  const world = atDesk();
  world.say(change(11, { change: "offered", offer: offer(I) }, I));

  world.tell((now) => world.machine.act({ op: "accept", interaction: I }, now));
  world.say({ re: world.take("accept").id, ok: { done: "ok" } });

  assert.equal(world.machine.desk?.offers.length, 1);
  assert.equal(world.machine.desk?.contacts.length, 0);
});

test("an offer that goes away by itself is news, one that was answered is not", () => {
  const world = atDesk();
  world.say(change(11, { change: "offered", offer: offer(I) }, I));
  world.say(change(12, { change: "offered", offer: offer(J) }, J));
  world.tell((now) => world.machine.act({ op: "accept", interaction: I }, now));
  world.say({ re: world.take("accept").id, ok: { done: "ok" } });

  world.say(change(13, { change: "offer_gone", interaction: I, reason: "accepted" }, I));
  world.say(change(14, { change: "offer_gone", interaction: J, reason: "the customer left" }, J));

  assert.deepEqual(world.machine.notices.map(({ text }) => text), [`${offer(J).card.name}: the customer left`]);
});

test("an offer that the agent takes at another console is no news at this one", () => {
  const world = atDesk();
  world.say(change(11, { change: "offered", offer: offer(I) }, I));

  world.say(change(12, { change: "offer_gone", interaction: I, reason: "it was taken" }, I));
  world.say(change(13, { change: "contact", contact: contact(I) }, I));

  assert.deepEqual(world.machine.notices, []);
});

test("an action while the socket is down is not kept for later", () => {
  const world = atDesk([contact(I)]);
  world.drop();

  world.tell((now) => world.machine.act({ op: "hang_up", interaction: I }, now));
  world.pass(500);
  welcome(world);

  assert.equal(world.count("hang_up"), 0);
  assert.deepEqual(world.machine.notices.map(({ about }) => about), ["hang_up"]);
});

test("two statements in one contact both go; a button that is pressed twice asks once", () => {
  const world = atDesk([contact(I)]);
  const said = (channel: "voice" | "mail") => ({ op: "consent", interaction: I, channel, given: false, reason: null }) as const;

  for (const channel of ["voice", "mail", "mail"] as const) world.tell((now) => world.machine.act(said(channel), now));

  assert.equal(world.count("consent"), 2);
});

test("a button of a shared page says in a sentence that there is no connection", () => {
  const world = atDesk([contact(I)]);
  const told: (string | undefined)[] = [];
  world.tell((now) => world.machine.cobrowse(I, { do: "code" }, (error) => told.push(error), now));
  world.drop();

  world.tell((now) => world.machine.cobrowse(I, { do: "code" }, (error) => told.push(error), now));
  world.tell((now) => world.machine.cobrowse(I, { do: "stop" }, undefined, now));
  world.tell((now) => world.machine.cobrowse(I, { do: "guide", stream: "s", guide: { how: "pointer", x: 1, y: 1 } }, undefined, now));

  assert.deepEqual(told.map((each) => /connection/.test(each ?? "")), [true, true]);
  assert.deepEqual(world.machine.notices.map(({ about }) => about), ["cobrowse"]);
});

test("a code for a page comes with how long it is good by the server's clock", () => {
  const world = atDesk([contact(I)]);
  const told: unknown[] = [];
  world.tell((now) => world.machine.cobrowse(I, { do: "code" }, (...answer) => told.push(answer), now));

  world.say({ re: world.take("cobrowse").id, ok: { done: "code", code: "042517", until: world.now + world.machine.ahead + 300_000 } });

  assert.deepEqual(told, [[undefined, "042517", 300_000]]);
});

test("what was asked and not answered when the socket fell is told, to who waits or to all", () => {
  const world = atDesk([contact(I)]);
  const told: (string | undefined)[] = [];
  world.tell((now) => world.machine.act({ op: "note", interaction: I, text: "one" }, now, (error) => told.push(error)));
  world.say({ re: world.take("note").id, ok: { done: "ok" } });
  world.tell((now) => world.machine.act({ op: "note", interaction: I, text: "two" }, now, (error) => told.push(error)));
  world.tell((now) => world.machine.act({ op: "wrap_up", interaction: I, disposition: null, note: "asked twice", solved: null }, now));

  world.drop();

  assert.deepEqual([told.length, told[0]], [2, undefined]);
  assert.match(told[1] ?? "", /connection was lost/);
  assert.deepEqual(world.machine.notices.map(({ about }) => about), ["wrap_up"]);
  assert.equal(world.machine.pending.size, 0);
});

test("unread and unanswered are counted from the timeline", () => {
  const world = atDesk([contact(I)]);
  world.say(entry(I, 1, "hello"));
  world.say(entry(I, 2, "anyone?"));
  const line = world.machine.lines.get(I)!;
  assert.deepEqual([line.unread, line.waitingSince], [2, 1]);

  world.tell((now) => world.machine.saw(I, now));
  world.say(entry(I, 3, "yes", { party: "agent", agent: "anna", name: "Anna" }));

  assert.deepEqual([line.unread, line.waitingSince], [0, undefined]);
});

test("five thousand entries are acknowledged in one receipt", () => {
  const world = atDesk([contact(I)]);

  for (let seq = 1; seq <= 5_000; seq++) world.say(entry(I, seq, `${seq}`));
  world.pass(200);

  assert.equal(world.count("receipt"), 1);
  assert.equal(world.take("receipt")["delivered"], 5_000);
});

test("a refused credential ends the session", () => {
  const world = signedIn();

  world.say({ re: world.take("hello").id, error: { code: "unauthorized", text: "expired" } });
  world.pass(60_000);

  assert.ok(world.outputs.some((output) => output.do === "signed_out" && output.text === "expired"));
  assert.equal(world.connects, 1);
});

test("a desk whose credential ended goes on where it was by another", () => {
  const world = atDesk([contact(I)]);
  typed(world, "Just a mo");
  world.say({ push: "ping", seq: 11 });
  world.say({ re: world.take("hello").id, error: { code: "unauthorized", text: "expired" } });
  assert.equal(world.open, false);

  world.tell((now) => world.machine.goOnBy("t2", now));

  const hello = world.take("hello");
  assert.deepEqual([hello["token"], hello["resume"], world.machine.lines.get(I)?.drafts.text], ["t2", { epoch: "d1", seq: 10 }, "Just a mo"]);
});

test("the end of a sign-in is told ten minutes before it, and only where the credential is the last one", () => {
  const last = sessionOf("anna", "t", { renew_at: null, expires_at: 3_600_000 });
  const first = sessionOf("anna", "t", { renew_at: 3_000_000, expires_at: 3_600_000 });

  assert.deepEqual([endsSoon(last, 2_999_999), endsSoon(last, 3_000_000), endsSoon(first, 3_599_999), endsSoon(undefined, 0)], [undefined, 3_600_000, undefined, undefined]);
});

test("what an agent saw at another console is not unread here", () => {
  const world = atDesk([contact(I)]);
  world.say(entry(I, 1, "hello", { party: "customer" }));
  const line = world.machine.lines.get(I)!;
  assert.equal(line.unread, 1);

  world.say({ push: "receipt", interaction: I, agent: "anna", delivered: 1, read: 1 });

  assert.deepEqual([line.unread, line.receipt.read], [0, 0]);
});

test("whose contact a supervisor takes over is told by whom", () => {
  const world = atDesk([contact(I)]);

  world.say(change(11, { change: "released", interaction: I, taken_by: { agent: "sam", name: "Sam" } }, I));

  const [notice] = world.machine.notices;
  assert.equal(notice?.about, "taken_over");
  assert.match(notice.text, /^Sam goes on with /);
});

test("a console tells what became of a call in which its supervisor took part", () => {
  const world = atDesk([]);
  const pushes = [
    { push: "call_moved", interaction: I, to: { queue: "support" } },
    { push: "call_over", interaction: I, reason: "the customer hung up" },
  ] as const;

  for (const push of pushes) world.say(push);

  assert.deepEqual(
    world.outputs.filter((output) => output.do === "unsupervised"),
    pushes.map((push) => ({ do: "unsupervised", push })),
  );
});

test("a colleague in the chat is seen to write until they wrote, and who helps is told when that is over", () => {
  const world = atDesk([contact(I, { owner: { agent: "ben", name: "Ben" } })]);
  const ben = { party: "agent", agent: "ben", name: "Ben" };

  world.say({ push: "typing", interaction: I, from: ben, on: true });
  const line = world.machine.lines.get(I)!;
  assert.deepEqual([line.colleague.name, line.colleague.until > world.now, line.writingUntil], ["Ben", true, 0]);
  world.say(entry(I, 1, "I am Ben", ben));
  assert.equal(line.colleague.until, 0);

  world.say(change(11, { change: "released", interaction: I }, I));
  assert.deepEqual(world.machine.notices.map(({ about }) => about), ["not_in_chat"]);
});

test("who leaves a chat is told nothing of it", () => {
  const world = atDesk([contact(I, { owner: { agent: "ben", name: "Ben" } })]);

  world.tell((now) => world.machine.act({ op: "leave", interaction: I }, now));
  world.say({ re: world.take("leave").id, ok: { done: "ok" } });
  world.say(change(11, { change: "released", interaction: I }, I));

  assert.deepEqual(world.machine.notices, []);
});

test("what was said before a contact came is its history and sounds nowhere; what comes after it does", () => {
  const world = atDesk();
  const heard = () => world.outputs.filter((output) => output.do === "heard").length;

  world.say(change(11, { change: "contact", contact: contact(I, { since: 40 }) }, I));
  for (let seq = 1; seq < 40; seq++) world.say(entry(I, seq, `word ${seq}`));
  assert.equal(heard(), 0);

  world.say(entry(I, 40, "are you there?"));
  assert.equal(heard(), 1);
});

const wrapping = (until: number | null) => contact(I, { wrap_up_until: until });
const leftIn = (world: AgentWorld) => world.machine.lines.left.all.map(({ as, name, text }) => [as, name, text]);
const typed = (world: AgentWorld, text: string) => world.tell((now) => world.machine.compose(I, (drafts) => drafts.write(text), now));
// The server pings meanwhile.
function passAwake(world: AgentWorld, milliseconds: number, seq: number): void {
  for (let left = milliseconds; left > 0; left -= 10_000) {
    world.pass(Math.min(left, 10_000));
    world.say({ push: "ping", seq });
    world.say({ re: world.take("pong").id, ok: { done: "ok" } });
  }
}
const kept = (world: AgentWorld) => world.outputs.filter((output) => output.do === "remember").at(-1)!;

test("what is typed in a wrap-up stands after another contact was shown, and after a reload", () => {
  const world = atDesk([wrapping(world0 + 60_000), contact(J)]);
  world.tell(() => world.machine.wrap(I, { disposition: "sold", note: "the blue one" }));

  const again = signedIn(kept(world).lines);
  welcome(again);
  again.say({ push: "desk", seq: 10, desk: { ...DESK, contacts: [wrapping(world0 + 60_000), contact(J)] } });

  assert.deepEqual(again.machine.lines.get(I)?.wrapUp.kept, { disposition: "sold", note: "the blue one", solved: false });
});

test("what is typed in a wrap-up is sent once before it ends, and before its new end where it was extended", () => {
  const until = world0 + 60_000;
  const world = atDesk([wrapping(until)]);
  world.tell(() => world.machine.wrap(I, { note: "the blue one" }));

  passAwake(world, 30_000, 10);
  assert.equal(world.count("wrap_up"), 0);
  world.say(change(11, { change: "contact", contact: wrapping(until + 60_000) }, I));
  passAwake(world, 87_500, 11);
  assert.equal(world.count("wrap_up"), 0);
  passAwake(world, 1_000, 11);
  assert.equal(world.count("wrap_up"), 1);
  const { id, note, disposition } = world.take("wrap_up");
  assert.deepEqual([note, disposition], ["the blue one", null]);
  world.say(change(12, { change: "released", interaction: I }, I));
  world.say({ re: id, ok: { done: "ok" } });
  world.pass(5_000);

  assert.deepEqual([world.count("wrap_up"), leftIn(world)], [0, []]);
});

test("a wrap-up with nothing in it is not sent", () => {
  const world = atDesk([wrapping(world0 + 20_000)]);

  world.pass(20_000);

  assert.equal(world.count("wrap_up"), 0);
});

test("a wrap-up that came too late, or ended while the socket was away, is left to be copied", () => {
  const world = atDesk([wrapping(world0 + 20_000)]);
  world.tell(() => world.machine.wrap(I, { disposition: "sold", note: "the blue one" }));
  world.pass(18_000);
  const { id } = world.take("wrap_up");
  world.say(change(11, { change: "released", interaction: I }, I));
  assert.deepEqual(leftIn(world), []);
  world.say({ re: id, error: { code: "not_found", text: "There is no such contact." } });
  assert.deepEqual(leftIn(world), [["wrap_up", "Ada", "sold\nthe blue one"]]);

  const other = atDesk([wrapping(world0 + 20_000)]);
  other.tell(() => other.machine.wrap(I, { note: "away" }));
  other.drop();
  other.pass(40_000);
  welcome(other, "d2");
  other.say({ push: "desk", seq: 1, desk: DESK });
  assert.deepEqual(leftIn(other), [["wrap_up", "Ada", "away"]]);
});

test("words that were not sent stand when the contact ends or is taken away, over a reload, until they are dismissed", () => {
  const world = atDesk([contact(I)]);
  typed(world, "Just a mo");
  world.tell((now) => world.machine.compose(I, (drafts) => (drafts.turn("note"), drafts.write("fragile")), now));

  world.say(change(11, { change: "contact", contact: wrapping(world0 + 60_000) }, I));
  assert.deepEqual(leftIn(world), [["reply", "Ada", "Just a mo"], ["note", "Ada", "fragile"]]);
  world.say(change(12, { change: "released", interaction: I }, I));
  assert.equal(leftIn(world).length, 2);

  const { lines, left } = kept(world);
  const again = new World<AgentOutput>(new Agent("t", lines, seeded(3), left)) as AgentWorld;
  again.tell((now) => again.machine.start(now));
  assert.equal(leftIn(again).length, 2);
  again.tell(() => again.machine.changeLeft((words) => words.dismiss(again.machine.lines.left.all[0]!.n)));
  assert.deepEqual(leftIn(again), [["note", "Ada", "fragile"]]);
  assert.deepEqual(kept(again).left.map(({ text }) => text), ["fragile"]);
});

test("words in a contact that went while the page was not open stand when it is", () => {
  const world = atDesk([contact(I)]);
  typed(world, "Just a mo");

  const again = signedIn(kept(world).lines);
  welcome(again);
  again.say({ push: "desk", seq: 10, desk: DESK });

  assert.deepEqual([leftIn(again), again.machine.lines.size], [[["reply", "Ada", "Just a mo"]], 0]);
});

test("a contact that comes again does not bring what was typed in it before it went", () => {
  const world = atDesk([contact(I)]);
  typed(world, "Just a mo");
  const again = signedIn(kept(world).lines);
  welcome(again);
  again.say({ push: "desk", seq: 10, desk: { ...DESK, contacts: [contact(I)] } });
  again.say(change(11, { change: "released", interaction: I }, I));

  again.say(change(12, { change: "contact", contact: contact(I) }, I));

  assert.equal(again.machine.lines.get(I)?.drafts.text, "");
});

test("what was heard and is written anew or taken back is no longer said to screen readers", () => {
  const world = atDesk([contact(I)]);
  world.say(entry(I, 1, "my password is hunter2"));
  assert.equal(world.outputs.filter((output) => output.do === "unsaid").length, 0);

  world.say({ push: "entry", interaction: I, entry: { seq: 2, at: 2, what: "deleted", by: { party: "customer" }, of: 1 } });

  assert.deepEqual(world.outputs.filter((output) => output.do === "unsaid"), [{ do: "unsaid", text: "my password is hunter2" }]);
});

test("it is said who wrote, sent a file or whispered, and that the customer ended the chat", () => {
  const world = atDesk([contact(I)]);
  const whisper = { at: 3, by: { party: "agent" as const, agent: "sam", name: "Sam" }, text: "Offer a refund" };

  world.say(entry(I, 1, "ok"));
  world.say(entry(I, 2, "ok"));
  world.say(change(11, { change: "contact", contact: contact(I, { whispers: [whisper] }) }, I));
  world.say({ push: "entry", interaction: I, entry: { seq: 3, at: 3, what: "ended", by: { party: "customer" }, reason: "the customer ended it" } });

  const said = world.outputs.flatMap((output) => (output.do === "heard" ? `${output.from}: ${output.text}` : output.do === "over" ? output.text : []));
  assert.deepEqual(said, ["Ada: ok", "Ada: ok", "Sam: Offer a refund", "Ada ended the chat"]);
});

test("whoever was asked about a call, or was in it, and goes is told once, with why", () => {
  const world = atDesk([contact(I)]);
  const without = { leg: `${I}/3`, name: "Ben", why: "declined" as const };

  world.say(change(11, { change: "contact", contact: contact(I, { parted: without }) }, I));
  world.say(change(12, { change: "contact", contact: contact(I, { parted: without, held: true }) }, I));
  world.say(change(13, { change: "contact", contact: contact(I) }, I));
  world.say(change(14, { change: "contact", contact: contact(I, { parted: { leg: `${I}/4`, name: "+4930100", why: "busy" } }) }, I));

  world.say(change(15, { change: "contact", contact: contact("2cf7651916cd43dd8448eb211c80319e", { parted: without }) }, "2cf7651916cd43dd8448eb211c80319e"));

  assert.deepEqual(world.machine.notices.map(({ about, text }) => [about, text]), [["parted", "Ben does not want to join now."], ["parted", "+4930100 is busy."]]);
});

test("a colleague who asks about a call is told once, while it rings", () => {
  const world = atDesk();
  const asked = (joined: boolean, conference = false) => ({ interaction: J, by: "ben", name: "Ben", queue: "support", joined, conference, card: CARD });

  world.say(change(11, { change: "consulted", consulted: asked(false) }, J));
  world.say(change(12, { change: "consulted", consulted: asked(true) }, J));
  world.say(change(13, { change: "consulted", consulted: null }, J));
  world.say(change(14, { change: "consulted", consulted: asked(false, true) }, J));

  const told = world.outputs.flatMap((output) => (output.do === "asked" ? output.text : []));
  assert.deepEqual(told, ["Ben asks you about a call", "Ben asks you into a call"]);
});

test("what is said twice is another each time, and what is taken back is not said any more", () => {
  announce("Ada: ok");
  const first = announcement.value;
  announce("Ada: ok");

  assert.equal(announcement.value.text, first.text);
  assert.notEqual(announcement.value.n, first.n);
  unsay("ok");
  assert.equal(announcement.value.text, "");
});

test("what was whispered in a chat that is not shown stays unseen until it is, also over a reload", () => {
  const whisper = (at: number) => ({ at, by: { party: "agent" as const, agent: "sam", name: "Sam" }, text: "Offer a second firing" });
  const world = atDesk([contact(I)]);
  const held = contact(I, { whispers: [whisper(1), whisper(2)] });
  world.say(change(11, { change: "contact", contact: held }, I));
  const line = world.machine.lines.get(I)!;
  assert.equal(line.unheeded(held.whispers), 2);

  world.tell(() => world.machine.heed(I));
  assert.equal(line.unheeded(held.whispers), 0);
  const kept = world.machine.lines.kept();
  const again = signedIn(kept);
  welcome(again);
  again.say({ push: "desk", seq: 10, desk: { ...DESK, contacts: [contact(I, { whispers: [...held.whispers!, whisper(3)] })] } });
  assert.equal(again.machine.lines.get(I)!.unheeded(again.machine.desk?.contacts[0]?.whispers), 1);

  again.say(change(11, { change: "contact", contact: contact(I) }, I));
  again.say(change(12, { change: "contact", contact: contact(I, { whispers: [whisper(4)] }) }, I));
  assert.equal(again.machine.lines.get(I)!.unheeded([whisper(4)]), 1);
});

test("what the agent answered or saw at another console is not unread", () => {
  const world = atDesk([contact(I)]);
  world.say(entry(I, 1, "one"));
  world.say(entry(I, 2, "two"));
  const line = world.machine.lines.get(I)!;
  assert.equal(line.unread, 2);

  world.say(entry(I, 3, "a colleague's", { party: "agent", agent: "ben", name: "Ben" }));
  assert.equal(line.unread, 2);
  world.say(entry(I, 4, "mine", { party: "agent", agent: "anna", name: "Anna" }));
  assert.equal(line.unread, 0);
  const sent = (seq: number, agent: string) => ({ push: "entry", interaction: I, entry: { seq, at: seq, what: "file", from: { party: "agent", agent, name: agent }, mid: `m${seq}`, file: { id: "f", name: "kiln.pdf", size: 1, type: "application/pdf" } } });
  world.say(entry(I, 5, "before the files"));
  world.say(sent(6, "ben"));
  assert.equal(line.unread, 1);
  world.say(sent(7, "anna"));
  assert.equal(line.unread, 0);

  world.say(entry(I, 8, "three"));
  world.say(entry(I, 9, "four"));
  world.tell((now) => world.machine.saw(I, now, 8));
  assert.deepEqual([line.unread, line.seen], [1, 8]);
  world.tell((now) => world.machine.saw(I, now, 3));
  assert.equal(line.seen, 8);
});

test("a renewed credential is shown at once, and the desk goes on where it was", () => {
  const world = atDesk([contact(I)]);
  world.tell((now) => world.machine.compose(I, (drafts) => drafts.write("half a sentence"), now));

  world.machine.token = "t2";
  world.tell((now) => world.machine.resync(now));

  const hello = world.take("hello") as { id: number; token?: string; resume?: unknown };
  assert.deepEqual([hello.token, hello.resume], ["t2", { epoch: "d1", seq: 10 }]);
  world.say({ re: hello.id, ok: { done: "welcome", agent: "anna", desk_epoch: "d1", epoch: "e1", at: world.now + AHEAD } });
  assert.deepEqual(world.machine.desk?.contacts, [contact(I)]);
  assert.equal(world.machine.lines.get(I)?.drafts.text, "half a sentence");
});
