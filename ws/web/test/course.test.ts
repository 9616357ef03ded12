import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inOrder, shape, type Who } from "../src/console/record";
import { walked, type Words } from "../src/console/walked";
import { customerWords } from "../src/console/words/customer";
import { historyWords } from "../src/console/words/history";
import { parts } from "../src/text/language";
import { dayTime } from "../src/text/when";
import { reasonIn } from "../src/text/staff";

const spoken = (lang: "en" | "de"): Words => {
  const part = <T>(name: string, _: T) => parts.get(name)![lang] as T;
  const staff = part<Parameters<typeof reasonIn>[1]>("staff", { because: {} });
  return { history: part("console.history", historyWords), customer: part("console.customer", customerWords), reason: (text) => reasonIn(text, staff), lang };
};
const who = ({ agent, name }: Who) => agent.charAt(0).toUpperCase() + agent.slice(1) || name;

/** What a record tells of its course, in both languages. */
function told(body: Record<string, unknown>): [at: number, en: string, de: string][] {
  const steps = inOrder(shape({ interaction: "i", ...body }, "i")).flatMap((line) => (line.is === "step" ? [line] : []));
  return steps.map(({ at, step }) => [at, walked(step, who, spoken("en")), walked(step, who, spoken("de"))]);
}

const fact = (at: number, event: string, details: Record<string, unknown>) => ({ at, event, details });
const inCall = (at: number, step: string, details: Record<string, unknown> = {}) => fact(at, "in_call", { step, ...details });
const inChat = (at: number, step: string, details: Record<string, unknown> = {}) => fact(at, "in_chat", { step, ...details });

test("a transfer stands in the record with its note, and so does one that was not taken, or went out of the house", () => {
  const legs = [{ leg: "i.3", kind: "agent_phone", party: "ben", cause: "transfer_blind", started_at: 11, ended_at: 20, reason: "busy" }];
  const body = {
    legs,
    happenings: [
      inCall(10, "transferred", { agent: "anna", name: "Anna", to: { agent: "ben" }, queue: "support", leg: "i.3", note: "Wants her money back" }),
      inCall(20, "transfer_failed", { leg: "i.3", cause: { kind: "busy", text: "busy" } }),
      inCall(30, "transferred", { agent: null, name: null, to: { queue: "sales" }, queue: "sales", leg: null, note: null }),
      inCall(40, "handed_out", { number: "+4930123" }),
      inCall(41, "hand_out_failed", { status: 603 }),
    ],
  };

  assert.deepEqual(told(body), [
    [10, "Anna gave the call to Ben", "Anna gab den Anruf an Ben"],
    [20, "Ben did not take the call: busy", "Ben nahm den Anruf nicht an: besetzt"],
    [30, "The house gave the call to sales", "Das Haus gab den Anruf an sales"],
    [40, "The carrier or PBX was asked to take the call to +4930123 over from the house", "Der Anbieter oder die Telefonanlage sollte das Gespräch mit +4930123 vom Haus übernehmen"],
    [41, "It did not do so", "Das geschah nicht"],
  ]);
  const record = shape(body, "i");
  assert.deepEqual(record.notes, [{ at: 10, by: { agent: "anna", name: "Anna" }, text: "Wants her money back" }]);
  assert.deepEqual(inOrder(record).map(({ at, is }) => `${at} ${is}`), ["10 step", "10 internal", "11 leg_began", "20 step", "20 leg_ended", "30 step", "40 step", "41 step"]);
});

test("holds, silence and who listened in stand in the record, by name", () => {
  const happenings = [
    inCall(1, "held", { on: true }),
    inCall(2, "held", { on: false }),
    inCall(3, "muted", { on: true }),
    inCall(4, "muted", { on: false }),
    inCall(5, "supervision_started", { agent: "sam", leg: "i.4", how: "listen" }),
    inCall(6, "supervised", { leg: "i.4", how: "listen" }),
    inCall(7, "supervised", { leg: "i.4", how: "whisper" }),
    inChat(8, "supervision_started", { agent: "sam", leg: "i.5", how: "listen" }),
    inChat(9, "supervised", { leg: "i.5", how: "barge" }),
    inChat(10, "taken_over", { assignment: "i.a1", from: "anna", by: "sam" }),
    fact(11, "parked", { assignment: "i.a2", agent: "sam", by: { party: "system" } }),
    fact(12, "unparked", { assignment: "i.a2", agent: "sam" }),
  ];

  assert.deepEqual(told({ happenings }), [
    [1, "The customer was put on hold", "Der Kunde wurde in die Warteschleife gelegt"],
    [2, "The customer was taken off hold", "Der Kunde kam aus der Warteschleife zurück"],
    [3, "The agent was muted", "Der Agent wurde stumm geschaltet"],
    [4, "The agent was heard again", "Der Agent war wieder zu hören"],
    [6, "Sam listened in from here on", "Sam hörte ab hier mit"],
    [7, "Sam could speak or write to the agent alone from here on", "Sam konnte ab hier nur mit dem Agenten sprechen oder ihm schreiben"],
    [8, "Sam read along from here on", "Sam las ab hier mit"],
    [9, "Sam could speak or write to all from here on", "Sam konnte ab hier mit allen sprechen oder allen schreiben"],
    [10, "Sam took the chat over from Anna", "Sam übernahm den Chat von Anna"],
    [11, "The house parked the chat", "Das Haus parkte den Chat"],
    [12, "Sam took the chat up again", "Sam nahm den Chat wieder auf"],
  ]);
});

test("who waits: what they were told, where they went instead and why, and how long it took stand in the record", () => {
  const body = {
    promised_waits: [
      { queue: "support", channel: "voice", came_at: 1_000, ended_at: 66_000, end: "answered", in_time: false, promises: [{ at: 1_000, position: 2, expected_ms: 45_000 }, { at: 30_000, position: 1, expected_ms: null }], error_ms: 20_000 },
      { queue: "sales", channel: "voice", came_at: 70_000, ended_at: null, end: null, in_time: null, promises: [], error_ms: null },
    ],
    happenings: [fact(40_000, "diverted", { channel: "voice", queue: "support", rule: "late", to: { instead: "queue", queue: "sales" } }), fact(41_000, "diverted", { channel: "voice", queue: "sales", rule: "closed", to: { instead: "voicemail" } })],
  };

  assert.deepEqual(told(body), [
    [1_000, "The customer was told: place 2, about 0:45 to wait", "Dem Kunden wurde gesagt: Platz 2, etwa 0:45 Wartezeit"],
    [30_000, "The customer was told: place 1", "Dem Kunden wurde gesagt: Platz 1"],
    [40_000, "support did not serve it, since the wait became too long: it went to sales", "support bediente ihn nicht (die Wartezeit wurde zu lang): er ging an sales"],
    [41_000, "sales did not serve it, since it was outside its hours: a message could be left", "sales bediente ihn nicht (außerhalb der Öffnungszeiten): es konnte eine Nachricht hinterlassen werden"],
    [66_000, "Waited 1:05 in support: answered, not in time, 0:20 longer than told first", "Wartete 1:05 in support: angenommen, nicht rechtzeitig, 0:20 länger als zuerst gesagt"],
  ]);
});

test("what a menu asked, and where it led, stands in the record", () => {
  const happenings = [
    inCall(1, "menu_entered", { leg: "i.1", menu: "main" }),
    inCall(2, "menu_keyed", { leg: "i.1", menu: "main", keys: "4711" }),
    inCall(3, "menu_left", { leg: "i.1", menu: "main", to: "queue:support", queue: "support", reason: "the caller answered" }),
    inCall(4, "menu_left", { leg: "i.1", menu: "night", to: "voicemail", queue: "support", reason: "the menu is closed at this hour" }),
    inCall(5, "menu_left", { leg: "i.1", menu: "names", to: "agent:anna", queue: "support", reason: "the caller chose so" }),
  ];

  assert.deepEqual(told({ happenings }), [
    [1, "The caller came to the menu main", "Der Anrufer kam in das Menü main"],
    [2, "The caller pressed 4711 in the menu main", "Der Anrufer drückte 4711 im Menü main"],
    [3, "The menu main was over (the caller answered): the call went to support", "Das Menü main war vorbei (vom Anrufer beantwortet): der Anruf ging an support"],
    [4, "The menu night was over (closed at this hour): a message could be left", "Das Menü night war vorbei (um diese Zeit geschlossen): es konnte eine Nachricht hinterlassen werden"],
    [5, "The menu names was over (the caller chose so): the call was for Anna", "Das Menü names war vorbei (vom Anrufer so gewählt): der Anruf war für Anna"],
  ]);
});

test("another way out, what another system told, and whom the gate refused stand in the record", () => {
  const happenings = [
    inCall(1, "rerouted", { leg: "i.1", trunk: "backup", status: 503, left: "TLS 192.0.2.1:5061", why: "refused" }),
    inCall(2, "rerouted", { leg: "i.1", trunk: "backup", status: 0, left: "UDP 192.0.2.2:5060", why: "silent" }),
    inCall(3, "rerouted", { leg: "i.1", trunk: "third", status: 0, why: "passed", passed_over: { trunk: "backup", lack: "max_calls" } }),
    inCall(4, "redirected", { leg: "i.1", number: "+4930777", trunk: "carrier", status: 302 }),
    fact(5, "looked_up", { found: { name: "Ida", note: "prefers mornings" } }),
    fact(6, "looked_up", { found: {} }),
    fact(7, "contact_refused", { channel: "voice", way: "callback", closed: "withdrawn" }),
    fact(8, "contact_refused", { channel: "chat", way: "message", closed: "suppressed" }),
  ];

  assert.deepEqual(told({ happenings }), [
    [1, "The call left TLS 192.0.2.1:5061 (refused, 503) and went on by backup", "Der Anruf verließ TLS 192.0.2.1:5061 (abgelehnt, 503) und ging weiter über backup"],
    [2, "The call left UDP 192.0.2.2:5060 (no answer) and went on by backup", "Der Anruf verließ UDP 192.0.2.2:5060 (keine Antwort) und ging weiter über backup"],
    [3, "The call was not tried by backup (it had as many calls as it may have) and went on by third", "Der Anruf wurde über backup nicht versucht (hatte so viele Anrufe, wie es darf) und ging weiter über third"],
    [4, "Whoever was called named +4930777 in their place", "Wer angerufen wurde, nannte stattdessen +4930777"],
    [5, "Another system was asked who this is. It told: name, note", "Ein anderes System wurde gefragt, wer das ist. Es nannte: Name, Notiz"],
    [6, "Another system was asked who this is. It told nothing", "Ein anderes System wurde gefragt, wer das ist. Es nannte nichts"],
    [7, "Refused: a promised call (By phone), since the customer forbids it", "Abgelehnt: ein versprochener Anruf (Telefonisch), denn der Kunde verbietet es"],
    [8, "Refused: a message of a program (By chat), since this customer must not be contacted", "Abgelehnt: die Nachricht eines Programms (Per Chat), denn dieser Kunde darf nicht angesprochen werden"],
  ]);
});

test("why a promised call waited though its time had come stands in the record", () => {
  const callback = "i.c1";
  const until = new Date(2027, 2, 1, 9, 0).getTime();
  const time = (lang: "en" | "de") => dayTime(until, Date.now(), lang);
  const happenings = [
    fact(1, "callback_waits", { callback, why: "nobody_free" }),
    fact(2, "callback_waits", { callback, why: "agent", agent: "anna" }),
    fact(3, "callback_waits", { callback, why: "gate", closed: "no_room" }),
    fact(4, "callback_waits", { callback, why: "hours", until }),
  ];

  assert.deepEqual(told({ happenings }), [
    [1, "The promised call waits: nobody who serves the queue is free", "Der versprochene Anruf wartet: niemand aus der Warteschlange ist frei"],
    [2, "The promised call waits: Anna is to make it and is not free", "Der versprochene Anruf wartet: Anna soll anrufen und ist nicht frei"],
    [3, "The promised call waits: no line had room for another call", "Der versprochene Anruf wartet: keine Leitung hatte Platz für einen weiteren Anruf"],
    [4, `The promised call waits: the customer is not called at this time of day, until ${time("en")}`, `Der versprochene Anruf wartet: um diese Tageszeit wird der Kunde nicht angerufen, bis ${time("de")}`],
  ]);
});

test("every word the hub has for a step of the record is known in German", () => {
  const of = (file: string, name: string) => {
    const source = readFileSync(`../../gateway/hub/src/${file}`, "utf8");
    const body = source.slice(source.indexOf(`pub enum ${name} {`)).split("\n}")[0]!;
    return [...body.matchAll(/^ {4}([A-Z][A-Za-z]+),$/gm)].map(([, word]) => word!.replace(/(?!^)[A-Z]/g, "_$&").toLowerCase());
  };
  const { history } = spoken("de");
  const all: [string[], Record<string, unknown>][] = [
    [of("callback/waits.rs", "Awaits").filter((word) => word !== "gate"), history.awaits],
    [of("gate.rs", "Closed"), history.closed],
    [of("gate.rs", "Way"), history.ways],
    [of("event/in_call.rs", "Left"), history.left],
    [of("event/in_call.rs", "Lack"), history.lacks],
  ];
  for (const [words, known] of all) {
    assert.ok(words.length > 3, words.join());
    assert.deepEqual(words.filter((word) => !(word in known)), []);
  }
  const turn = readFileSync("../../gateway/hub/src/menu/turn.rs", "utf8");
  const reasons = [...turn.matchAll(/(?:leave_menu|ask_again)\([^;]*?"([^"]+)"\)/g)].map(([, reason]) => reason!);
  assert.ok(reasons.length > 5, reasons.join());
  assert.deepEqual(reasons.filter((reason) => !(reason in history.menuWhy)), []);
});

test("what was said about contact stands in the record, with who said it and why", () => {
  const statement = { subject: "customer:c", channel: "voice", change: "withdrawn", source: "agent", reason: "wants mails only", until: null, agent: "anna", program: null };
  const consents = [{ at: 5, ...statement }, { at: 6, ...statement, channel: "chat", change: "given", source: "keyword", reason: null, agent: null }];

  assert.deepEqual(told({ consents }), [
    [5, "Contact: Customer forbids it (By phone, Anna): wants mails only", "Kontakt: Kunde verbietet es (Telefonisch, Anna): wants mails only"],
    [6, "Contact: Customer allows it (By chat, word in a chat)", "Kontakt: Kunde erlaubt es (Per Chat, Wort im Chat)"],
  ]);
});

test("what is one matter is told as one, in order, with who said so and why, and who took it back", () => {
  const merge = { kept: "i", merged: "j", at: 50, agent: "anna", program: null, reason: "the same kiln", undone_at: 60, undone_agent: null, undone_program: "crm", undone_reason: null };
  const part = { interaction: "j", opened_at: 20, channel: "chat", queue: "sales", timeline: [{ seq: 1, at: 25, what: "message" }], offers: [{ agent: "ben", at: 22 }], merges: [{ ...merge, undone_at: null }] };
  const body = { interaction: "i", opened_at: 10, timeline: [{ seq: 1, at: 10, what: "queued" }, { seq: 2, at: 24, what: "message" }], merges: [merge], merged: [part], repeat_of: "h", solved: false, merged_into: null };

  const record = shape(body, "i");
  assert.deepEqual([record.repeatOf, record.solved, record.partOf, record.parts.map(({ interaction }) => interaction)], ["h", false, "", ["j"]]);
  assert.deepEqual(
    inOrder(record).map(({ at, is, of }) => `${at} ${is} ${of.interaction}`),
    ["10 entry i", "20 part j", "22 offer j", "24 entry i", "25 entry j", "50 step i", "60 step i"],
  );
  assert.deepEqual(told(body), [
    [50, "Anna made another contact part of this one: the same kiln", "Anna machte einen anderen Kontakt zum Teil von diesem: the same kiln"],
    [60, "crm took another contact out of this one", "crm nahm einen anderen Kontakt wieder heraus"],
  ]);
  assert.deepEqual(told({ ...part, merged_into: "i" }), [[50, "Anna made this contact part of another: the same kiln", "Anna machte diesen Kontakt zum Teil eines anderen: the same kiln"]]);
});

test("a record of an older server has no course, and nothing is made up", () => {
  const record = shape({ happenings: [null, fact(1, "in_call", {}), fact(2, "bridged", {}), { event: "diverted" }] }, "i");

  assert.deepEqual([inOrder(record), record.repeatOf, record.solved, record.partOf, record.parts], [[], "", null, "", []]);
});
