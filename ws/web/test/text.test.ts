import assert from "node:assert/strict";
import { test } from "node:test";
import { inOrder, shape } from "../src/console/record";
import { hashOf, placeIn } from "../src/console/place";
import { told } from "../src/console/told";
import { asked, filled, fitting, type Reply } from "../src/console/replies";
import { Rows } from "../src/console/rows";
import { holdOf, holdTold } from "../src/text/route";
import { ownZone } from "../src/text/whereabouts";
import { pieces } from "../src/text/links";
import { readNumber } from "../src/text/number";
import { transcript } from "../src/widget/transcript";
import { wordsOf } from "../src/widget/words";
import type { Entry } from "../src/generated/protocol";
import { answered } from "../src/text/answer";
import { fieldTime, fullTime, moment, span, written } from "../src/text/when";

type Told = Exclude<Entry, { what: "message" }>;

test("numbers are read as people type them", () => {
  assert.deepEqual(readNumber(" +49 (30) 12/34-56 "), { is: "number", number: "+4930123456" });
  assert.deepEqual(readNumber("+49 (0)30 123456"), { is: "number", number: "+4930123456" });
  assert.deepEqual(readNumber("112"), { is: "number", number: "112" });
  for (const [typed, is] of [["", "empty"], ["  ", "empty"], ["call me", "letters"], ["49+30", "letters"], ["+1", "short"], ["1".repeat(16), "long"]] as const) {
    assert.equal(readNumber(typed).is, is, typed);
  }
});

test("times asked for are moments ahead", () => {
  const now = new Date(2026, 10, 23, 15, 30).getTime();

  assert.equal(moment("now", "", now), undefined);
  assert.equal(moment("minutes20", "", now), now + 1_200_000);
  assert.equal(moment("tomorrow", "", now), new Date(2026, 10, 24, 10, 0).getTime());
  assert.equal(moment("chosen", fieldTime(now), now), now);
  assert.equal(moment("chosen", "soon", now), undefined);
});

test("times are written as in the browser's country, where the text is in its language", () => {
  assert.deepEqual(["en-GB", "en", "de-AT", "fr-CA", "", "en-US@posix", "C"].map((own) => written("en", own)), ["en-GB", "en", "en", "en", "en", "en", "en"]);
  assert.equal(written("de", "de-AT"), "de-AT");
  for (const own of ["en-GB", "zh-Hant-TW", "es-419"]) assert.doesNotThrow(() => new Intl.DateTimeFormat(written(own.slice(0, 2), own)));
  const at = new Date(2026, 10, 9, 18, 45, 5).getTime();
  assert.match(fullTime(at, "xx"), /2026/);
  const full = { dateStyle: "medium", timeStyle: "medium" } as const;
  assert.equal(new Intl.DateTimeFormat(written("en", "en-GB"), full).format(at), "9 Nov 2026, 18:45:05");
});

test("answers to a form are read in the reader's language, where the form has it", () => {
  const topic = { field: "topic", label: "Topic", value: "repair", words: "A repair", labels: { de: "Thema" }, wordings: { de: "Eine Reparatur" } };

  assert.deepEqual([answered(topic, "de"), answered(topic, "fr")], [["Thema", "Eine Reparatur"], ["Topic", "A repair"]]);
  assert.deepEqual(answered({ field: "order", label: "Order", value: "A-1" }, "de"), ["Order", "A-1"]);
});

test("spans show hours only when there are some", () => {
  assert.deepEqual([span(-5), span(65_000), span(3_725_000)], ["0:00", "1:05", "1:02:05"]);
});

test("only http addresses become links", () => {
  assert.deepEqual(pieces("see https://a.example/x?y=1, or javascript:alert(1)"), [
    { text: "see " },
    { text: "https://a.example/x?y=1", href: "https://a.example/x?y=1" },
    { text: ", or javascript:alert(1)" },
  ]);
});

test("pain_38 of five thousand rows only those in view are drawn", () => {
  const rows = new Rows(64, 5_000);
  rows.measure(new Map([[0, 100], [1, 20]]));

  assert.deepEqual([rows.top(2), rows.total], [120, 120 + 4_998 * 64]);
  assert.deepEqual([rows.at(0), rows.at(99), rows.at(100), rows.at(120)], [0, 0, 1, 2]);
  const [from, to] = rows.window(rows.total - 640, 640);
  assert.equal(to, 5_000);
  assert.ok(to - from < 30);
  assert.equal(rows.measure(new Map([[0, 100]])), false);
});

test("an agent leaves under the name they joined under", () => {
  const entries: Entry[] = [
    { seq: 1, at: 1, what: "joined", agent: "anna", name: "Anna" },
    { seq: 2, at: 2, what: "left", agent: "anna" },
  ];

  assert.deepEqual([told(entries[0] as Told, entries), told(entries[1] as Told, entries), told(entries[1] as Told, [])], ["Anna joined", "Anna left", "anna left"]);
});

test("a record with parts missing is shown as far as it goes", () => {
  const record = shape({ opened_at: "2026-11-23T04:00:00Z", legs: [{ leg: "x.1", party: { kind: "agent_phone", agent: "ben" }, reason: { kind: "busy" } }, null], outcome: "Solved" }, "x");

  assert.deepEqual([record.interaction, record.legs.map(({ kind, who, reason }) => [kind, who, reason]), record.outcome, record.timeline], ["x", [["agent_phone", "ben", "busy"]], "Solved", []]);
  assert.equal(record.opened_at, Date.UTC(2026, 10, 23, 4));
});

test("a record is told in order, with the offer between what came before and after it", () => {
  const record = shape(
    {
      legs: [{ leg: "x.1", kind: "customer_phone", party: "+4930123", cause: "inbound", started_at: 10, ended_at: 90 }],
      offers: [{ agent: "anna", at: 20, why: "is free", end: "taken", route: { waited_ms: 8, considered: 3, candidates: [{ agent: "ben", is: "lacks", skill: "french", least: 3, has: 1 }] } }],
      timeline: [{ seq: 1, at: 10, what: "queued", queue: "support" }, { seq: 2, at: 30, what: "joined", agent: "anna", name: "Anna" }],
      assignments: [{ agent: "anna", started_at: 30, ended_at: 95, note: "asked twice" }, { agent: "ben", started_at: 96, ended_at: 97 }],
    },
    "x",
  );

  assert.deepEqual(inOrder(record).map(({ at, is }) => `${at} ${is}`), ["10 entry", "10 leg_began", "20 offer", "30 entry", "90 leg_ended", "95 note"]);
  assert.deepEqual(record.legs.map(({ kind, who }) => [kind, who]), [["customer_phone", "+4930123"]]);
  assert.deepEqual(record.offers[0]?.candidates, [{ agent: "ben", is: "lacks", leaning: "", skill: "french", least: 3, has: 1, load: 0, idle: 0 }]);
});

test("a conference stands in a record where it happened: who was asked, came and left", () => {
  const step = (at: number, details: object) => ({ at, event: "in_call", details });
  const record = shape(
    {
      legs: [
        { leg: "x.3", kind: "agent_phone", party: "ben", cause: "consult", started_at: 20, ended_at: 50 },
        { leg: "x.4", kind: "outside_phone", party: "+4930200", cause: "consult", started_at: 60, ended_at: 61 },
      ],
      happenings: [
        step(20, { step: "consult_started", agent: "anna", to: { agent: "ben" }, leg: "x.3" }),
        step(30, { step: "consult_joined", leg: "x.3" }),
        step(35, { step: "held", on: true }),
        step(40, { step: "conference_joined", leg: "x.3" }),
        step(50, { step: "conference_left", leg: "x.3", left: "ben", cause: { kind: "normal", status: null, text: "they left the call" }, own: true }),
        step(60, { step: "consult_started", agent: "anna", to: { number: "+4930200" }, leg: "x.4" }),
        step(61, { step: "consult_ended", leg: "x.4", consulted: null, cause: { kind: "busy", status: 486, text: "" } }),
      ],
    },
    "x",
  );

  const lines = inOrder(record).flatMap((line) => (line.is === "asked" ? [[line.at, line.asked.step, line.asked.by.agent, line.asked.whom.agent || line.asked.whom.name, line.asked.why]] : [[line.at, line.is]]));
  assert.deepEqual(lines, [
    [20, "consult_started", "anna", "ben", ""],
    [20, "leg_began"],
    [30, "consult_joined", "", "ben", ""],
    [35, "step"],
    [40, "conference_joined", "", "ben", ""],
    [50, "conference_left", "", "ben", "they left the call"],
    [50, "leg_ended"],
    [60, "consult_started", "anna", "+4930200", ""],
    [60, "leg_began"],
    [61, "consult_ended", "", "+4930200", "busy"],
    [61, "leg_ended"],
  ]);
});

test("a record names agents by id, with the name they had then, and programs and queues by name", () => {
  const happened = (event: string, details: object) => ({ at: 1, event, details });
  const record = shape(
    {
      happenings: [
        happened("noted", { by: { party: "agent", agent: "anna", name: "Anna" }, text: "vip" }),
        happened("noted", { by: { party: "program", name: "crm" }, text: "paid" }),
        happened("handed_over", { agent: "anna", name: "Anna", to: { queue: "sales" }, note: "wants a refund" }),
        happened("handed_over", { agent: "anna", to: { agent: "ben" } }),
        happened("in_chat", { step: "invited", by: { party: "agent", agent: "ben", name: "Ben" }, agent: "carl", note: null }),
      ],
    },
    "x",
  );

  const anna = { agent: "anna", name: "Anna" };
  assert.deepEqual(record.notes.map(({ by }) => by), [anna, { agent: "", name: "crm" }, anna]);
  assert.deepEqual(record.handOvers.map(({ from, to }) => [from, to]), [[anna, { agent: "", name: "sales" }], [{ agent: "anna", name: "" }, { agent: "ben", name: "" }]]);
  assert.deepEqual(record.invitations.map(({ from, to }) => [from, to]), [[{ agent: "ben", name: "Ben" }, { agent: "carl", name: "" }]]);
});

test("a record says whether it waits, and what was answered to the form; why it waits is told in a sentence", () => {
  const wait = (left_at: number | null) => ({ queue: "night", left_at });
  const record = shape({ waits: [wait(4), wait(null)], answers: [{ field: "topic", label: "Topic", value: "repair", words: "A repair" }, { field: "order", label: "Order", value: "A-1" }] }, "x");

  assert.deepEqual(record.answers, [{ label: "Topic", text: "A repair" }, { label: "Order", text: "A-1" }]);
  assert.deepEqual([record.waits, shape({ waits: [wait(4)] }, "x").waits, shape({}, "x").waits], [true, false, false]);
  const now = new Date(2026, 10, 23, 4).getTime();
  const told = (route: object) => {
    const hold = holdOf(route as Record<string, unknown>);
    return hold && holdTold(hold, now, "en-GB");
  };
  assert.match(told({ out_of_hours: true, held_until: now + 3_600_000, barred: false }) ?? "", /closed until .*5:00/);
  assert.equal(told({ out_of_hours: true, held_until: null }), "a message; closed");
  assert.match(told({ held_back: true }) ?? "", /quiet/);
  assert.equal(told({ queue_unknown: true, barred: false }), "the queue is not configured, and nobody serves it");
  assert.match(told({ barred: true }) ?? "", /must not be dialled/);
  assert.equal(told({ barred: false, out_of_hours: false, held_back: false, held_until: null }), null);
});

test("a record tells what became of its recordings, and where they are silent", () => {
  const step = (at: number, details: object) => ({ at, event: "recording", details });
  const record = shape(
    {
      recordings: [
        { n: 1, started_at: 1_000, ended_at: 60_000, ms: 59_000, mediatype: "audio/ogg", cut: true, lost_ms: 40, message_left_at: 61_000 },
        { n: 2, started_at: 70_000, ended_at: 80_000, failed: "no room" },
      ],
      happenings: [step(11_000, { step: "paused", n: 1 }), step(21_000, { step: "resumed", n: 1 }), step(31_000, { step: "paused", n: 1 }), step(71_000, { step: "paused", n: 2 }), step(90_000, { step: "refused" })],
    },
    "x",
  );

  const [kept, failed] = record.recordings;
  assert.deepEqual(kept, { n: 1, started_at: 1_000, ms: 59_000, there: true, failed: "", cut: true, lost: 40, left_at: 61_000, pauses: [{ from: 10_000, to: 20_000 }, { from: 30_000, to: 59_000 }] });
  assert.deepEqual([failed?.there, failed?.failed, failed?.ms, failed?.pauses], [false, "no room", null, [{ from: 1_000, to: 10_000 }]]);
  assert.equal(record.refused_at, 90_000);
});

test("places are read from and written to the address", () => {
  const id = "0af7651916cd43dd8448eb211c80319c";
  for (const hash of ["#desk", "#callbacks", `#callbacks/${id}.c12`, "#history", `#history/${id}`, `#customer/${id}`]) assert.equal(hashOf(placeIn(hash)), hash);
  for (const hash of ["", "#nonsense", "#customer", "#customer/../../x"]) assert.deepEqual(placeIn(hash), { is: "desk" }, hash);
  assert.deepEqual(placeIn("#history/short"), { is: "history" });
  assert.deepEqual(placeIn(`#callbacks/${id}`), { is: "callbacks" });
});

const REPLIES: Reply[] = [
  { name: "hello", queues: [], language: "de", text: "Guten Tag {customer}" },
  { name: "hello", queues: [], language: "en", text: "Hello {customer}, I am {agent}" },
  { name: "post", queues: ["support"], language: "en", text: "Parcels say hello on Mondays" },
];

test("replies are found by name, then by text, the own language first, and only those of the queue", () => {
  const found = (queue: string, typed: string) => fitting(REPLIES, queue, typed, "en").map(({ name, language }) => `${name} ${language}`);

  assert.deepEqual(found("support", "hel"), ["hello en", "hello de", "post en"]);
  assert.deepEqual(found("sales", ""), ["hello en", "hello de"]);
  assert.deepEqual(found("sales", "xyz"), []);
  assert.deepEqual(["/", "/he", "/he llo", "a/he", ""].map(asked), ["", "he", undefined, undefined, undefined]);
});

test("placeholders are filled in, and one that is not known goes with its space", () => {
  const filling = { customer: "", agent: "Anna", queue: "support" };

  assert.equal(filled("Hello {customer}, I am {agent} of {queue}.", filling), "Hello, I am Anna of support.");
  assert.equal(filled("Hello {customer}!", { ...filling, customer: "$& Ada" }), "Hello $& Ada!");
  assert.equal(filled("{nothing} stays", filling), "{nothing} stays");
});

test("a conversation is kept as text, in the visitor's words and without what they are not told", () => {
  const at = new Date(2026, 10, 23, 15, 30, 5).getTime();
  const anna = { party: "agent", agent: "anna", name: "Anna" };
  const entries = [
    { what: "message", from: { party: "customer" }, mid: "m1", text: "Hello?\nIs it you?" },
    { what: "joined", agent: "anna", name: "Anna" },
    { what: "message", from: anna, mid: "a1", text: "It is." },
    { what: "left", agent: "anna" },
    { what: "rating_asked", until: at },
    { what: "ended", by: anna, reason: "the agent ended it" },
  ].map((entry, n) => ({ seq: n + 1, at, ...entry })) as unknown as Entry[];

  const lines = transcript(entries, wordsOf("en"), "en").replaceAll(/^\[[^\]]*\] /gm, "").split("\r\n");

  assert.deepEqual(lines, ["You: Hello?", "    Is it you?", "Anna joined the chat", "Anna: It is.", "Anna left the chat", "Anna ended the chat", ""]);
  assert.match(transcript(entries, wordsOf("de"), "de"), /^\[23\.11\.2026, 15:30:05\] Sie: Hello\?\r\n/);
});

test("a transcript has what was said last", () => {
  const at = new Date(2026, 10, 23, 15, 30, 5).getTime();
  const by = { party: "customer" } as const;
  const entries = [
    { seq: 1, at, what: "message", from: by, mid: "m1", text: "Helo" },
    { seq: 2, at, what: "message", from: by, mid: "m2", text: "My password" },
    { seq: 3, at, what: "edited", by, of: 1, text: "Hello" },
    { seq: 4, at, what: "deleted", by, of: 2 },
  ] as const;

  const lines = transcript(entries, wordsOf("en"), "en").replaceAll(/^\[[^\]]*\] /gm, "").split("\r\n");

  assert.deepEqual(lines, ["You: Hello", "You: [This message was deleted]", ""]);
});

test("a browser's time zone is told where it says where somebody is", () => {
  for (const name of ["America/New_York", "Europe/Berlin", "America/Argentina/Buenos_Aires", "America/Port-au-Prince"]) assert.equal(ownZone(name), name);
  for (const name of ["UTC", "Etc/Unknown", "Etc/GMT+5", "+02:00", "CET", ""]) assert.equal(ownZone(name), undefined, name);
});
