import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { adopt, lang, parts } from "../src/text/language";
import { overlaid } from "../src/text/overlay";
import { callTold } from "../src/text/call";
import { because, reasons } from "../src/text/reasons";
import { reasonIn, refusedIn as refusedToStaff } from "../src/text/staff";
import { catalogues, template, whole } from "../src/text/template";
import { told } from "../src/widget/told";
import { refusedIn, wordsOf } from "../src/widget/words";
import { overWords } from "../src/widget/words/over";

function shape(words: unknown, at = ""): string[] {
  if (typeof words === "function") return [`${at}()`];
  if (Array.isArray(words)) return words.flatMap((each, n) => shape(each, `${at}[${n}]`));
  if (typeof words === "object" && words !== null) return Object.entries(words).flatMap(([key, own]) => shape(own, `${at}.${key}`));
  return [at];
}

test("each catalogue has each key, in both languages that are built in", () => {
  assert.ok(Object.keys(catalogues).length >= 14);
  for (const [name, { en, de }] of Object.entries(catalogues)) assert.deepEqual(shape(de).sort(), shape(en).sort(), name);
});

test("no text is empty, and what is filled in stands in both languages", () => {
  const places = (text: unknown): string[] => [...new Set(JSON.stringify(text).match(/\{\d\}/g) ?? [])].sort();
  for (const [name, { en, de }] of Object.entries(catalogues)) {
    for (const [key, own] of Object.entries(en)) {
      const [english, other] = [template(own), template((de as Record<string, unknown>)[key])];
      assert.ok(JSON.stringify(other) !== '""', `${name}.${key}`);
      if (typeof own === "function") assert.deepEqual(places(other), places(english), `${name}.${key}`);
    }
  }
});

test("texts of another language are laid over the English ones key by key", () => {
  const texts = { widget: { start: "Commencer", position: "Vous êtes numéro {0}", scores: ["a", "b"], refused: { end: "Impossible." }, dialog: 7, other: "x" } };

  const words = wordsOf("fr", texts as never);

  assert.equal(words.start, "Commencer");
  assert.equal(words.position(3), "Vous êtes numéro 3");
  assert.equal(words.refused.end, "Impossible.");
  assert.equal(words.refused.rate, "Your answer was not taken.");
  assert.equal(words.dialog, "Chat with us");
  assert.equal(overWords("fr", texts as never).scores.length, 5);
  assert.ok(!("other" in words));
});

test("the template of a language is a language", () => {
  const texts = JSON.parse(JSON.stringify(whole()));

  assert.deepEqual(overlaid(wordsOf("en"), texts.widget).position(4), "You are number 4 in line");
  assert.ok(texts.console.desk.title && texts.console.history && texts.board.title && texts.memos.title && texts.staff.because["busy"]);
});

test("what a catalogue inherits is no text", () => {
  assert.equal(overlaid({ toString: "own" }, {}).toString, "own");
});

test("why something was refused is told in the visitor's language", () => {
  const closed = { code: "conflict", text: "it is outside the opening hours; try again later" } as const;
  const field = { code: "out_of_range", text: "„Thema“ muss ausgefüllt werden" } as const;
  const over = { code: "conflict", text: "the contact is over" } as const;

  assert.equal(refusedIn(closed, wordsOf("en"), "en"), "We are closed at the moment.");
  assert.equal(refusedIn(closed, wordsOf("de"), "de"), "Wir haben gerade geschlossen.");
  assert.equal(refusedIn(over, wordsOf("en"), "en"), over.text);
  assert.equal(refusedIn(over, wordsOf("de"), "de"), "Das ist gerade nicht möglich.");
  assert.equal(refusedIn(field, wordsOf("de"), "de"), field.text);
});

test("what happened in a call alone is told to who called, and nothing of a chat", () => {
  const entries = [
    { seq: 1, at: 1, what: "joined", agent: "anna", name: "Anna" },
    { seq: 2, at: 1, what: "call", leg: null, call: { is: "ended", reason: "the customer hung up" } },
    { seq: 3, at: 1, what: "ended", by: { party: "customer" }, reason: "the customer hung up" },
    { seq: 4, at: 1, what: "left", agent: "anna" },
    { seq: 5, at: 1, what: "ended", by: { party: "system" }, reason: "the wait became too long" },
  ] as const;
  const said = (lang: string, chat: boolean) => entries.map((entry) => told(entry as never, new Map([["anna", "Anna"]]), wordsOf(lang), lang, chat, () => false));

  assert.deepEqual(said("en", false), ["You are talking to Anna", "The call ended: you hung up", undefined, undefined, "The call ended: the wait became too long"]);
  assert.deepEqual(said("de", false), ["Sie sprechen mit Anna", "Der Anruf ist beendet: Sie haben aufgelegt", undefined, undefined, "Der Anruf ist beendet: die Wartezeit wurde zu lang"]);
  assert.deepEqual(said("en", true), ["Anna joined the chat", "The call ended: you hung up", "You ended the chat", "Anna left the chat", "The chat ended: the wait became too long"]);
});

test("of a promise alone that is taken back it is told that the call will not take place, and of no chat", () => {
  const entries = [
    { seq: 2, at: 1, what: "callback", callback: "c1", number: "+12125550100", state: { is: "ended", reason: "it was taken back" } },
    { seq: 3, at: 1, what: "ended", by: { party: "customer" }, reason: "it was taken back" },
    { seq: 3, at: 1, what: "ended", by: { party: "system" }, reason: "it was taken back" },
  ] as const;
  const said = (lang: string) => entries.map((entry) => told(entry as never, new Map(), wordsOf(lang), lang, true, () => true));

  assert.deepEqual(said("en"), ["The callback will not take place: it was taken back", undefined, undefined]);
  assert.deepEqual(said("de").slice(1), [undefined, undefined]);
  assert.deepEqual(["en", "de"].map((lang) => wordsOf(lang).promiseOver), ["No call is promised any more", "Es ist kein Anruf mehr vereinbart"]);
});

test("reasons of the server are told in German, and what is not known as it came", () => {
  const german = (reason: string) => because(reason, wordsOf("de").because);

  assert.equal(callTold({ is: "failed", reason: "busy" } as never, wordsOf("de"), german), "Der Anruf hat nicht geklappt: besetzt");
  assert.equal(german("toString"), "toString");
  assert.equal(german("a carrier's own words"), "a carrier's own words");
  assert.equal(because("busy", reasons.en), "busy");
});

test("how a callback ends is told to visitors in German, whatever the end", () => {
  const source = readFileSync("../../gateway/hub/src/event/end.rs", "utf8");
  const words = /impl CallbackEnd[\s\S]*?fn words[\s\S]*?\n    }/.exec(source)![0];
  const ends = [...words.matchAll(/"([a-z ]+)"/g)].map(([, end]) => end!);

  assert.ok(ends.length >= 8, `${ends}`);
  for (const end of ends) assert.notEqual(because(end, wordsOf("de").because), end, end);
});

test("who takes part in a contact, and why, is told in words, whoever it is", () => {
  const source = readFileSync("../../gateway/hub/src/event/leg.rs", "utf8");
  const variants = (name: string) => [...new RegExp(`pub enum ${name} {([\\s\\S]*?)\n}`).exec(source)![1]!.matchAll(/^    ([A-Z]\w+)/gm)].map(([, each]) => each!.replace(/(?!^)[A-Z]/g, "_$&").toLowerCase());
  const words = variants("LegCause").concat(variants("Party"));

  assert.ok(words.length >= 20, `${words}`);
  const { en, de } = catalogues["console.desk"] as Record<"en" | "de", { legWords: Record<string, string> }>;
  for (const word of words) assert.ok(en.legWords[word] && de.legWords[word], word);
});

test("reasons are told in a language that is not built in", () => {
  const words = wordsOf("fr", { widget: { because: { busy: "occupé" } } });

  assert.equal(because("busy", words.because), "occupé");
  assert.equal(because("hung up", words.because), "hung up");
});

test("how a contact turned out, and why somebody is away, is told in German too", () => {
  const { de } = catalogues["staff"] as never as { de: { because: Record<string, string> } };
  const source = readFileSync("../../gateway/hub/src/interaction/outcome.rs", "utf8");
  const outcomes = [...source.matchAll(/"([a-z ]+)"/g)].map(([, outcome]) => outcome!);

  assert.ok(outcomes.length >= 6);
  for (const outcome of outcomes) assert.notEqual(reasonIn(outcome, de), outcome, outcome);
  assert.equal(reasonIn("missed 3 offers in a row", de), "3 Angebote hintereinander verpasst");
  assert.equal(reasonIn("room 12 is closed", de), "room 12 is closed");
});

test("why something was refused is told to staff by the sentence, then by its kind, and of a value as it came", () => {
  const { de, en } = catalogues["staff"] as never;

  assert.equal(refusedToStaff("conflict", "you are in another call", "de", de), "Sie sind in einem anderen Gespräch.");
  assert.equal(refusedToStaff("conflict", "something new", "de", de), "Das geht gerade nicht.");
  assert.equal(refusedToStaff("full", "ben is in the wrap-up of another call", "de", de), "ben ist in der Nacharbeit eines anderen Gesprächs.");
  assert.equal(refusedToStaff("conflict", "Ben Roth takes no chats in the wrap-up of a call; choose somebody else", "de", de), "Ben Roth nimmt in der Nacharbeit eines Anrufs keine Chats. Wählen Sie jemand anderen.");
  assert.equal(refusedToStaff("out_of_range", "a name has at most 40 characters", "de", de), "a name has at most 40 characters");
  assert.equal(refusedToStaff("conflict", "something new", "en", en), "something new");
  assert.equal(refusedToStaff("unauthorized", "the credential has expired; get a new one", "en", en), "Your sign-in has ended. Please sign in again.");
});

test("console and board take texts of their own part, and stay English without any", () => {
  adopt("console", { console: { desk: { signIn: "Connexion" } }, memos: { title: "Notes" }, staff: { because: { busy: "occupé" } } });
  const used = (name: string) => parts.get(name)?.used as Record<string, string>;
  assert.equal(used("console.desk")["signIn"], "Connexion");
  assert.ok(used("console.desk")["title"]);
  assert.equal(used("memos")["title"], "Notes");
  assert.equal(used("board")["title"], "Tandem board");

  adopt("board", { console: {} });

  assert.equal(lang, "en");
});

test("why somebody was chosen, and what came of it, is told to staff in German", () => {
  const { de } = catalogues["staff"] as unknown as { de: { because: Record<string, string> } };
  const hub = (name: string) => readFileSync(`../../gateway/hub/src/event/${name}.rs`, "utf8");
  const chosen = /impl Why \{[^]*?\n\}/.exec(hub("route"))![0];
  const ends = /impl OfferEnd \{[^]*?\n\}/.exec(hub("end"))![0];
  const said = [...`${chosen}${ends}`.matchAll(/=> "([^"]+)"/g)].map(([, words]) => words!);

  assert.ok(said.length > 12);
  for (const words of said) assert.notEqual(because(words, de.because), words, words);
});

test("how those stood who were looked at is told to staff in German", () => {
  const { de } = catalogues["route"] as unknown as { de: { verdicts: Record<string, string> } };
  const words = /pub fn word\(&self\)[^]*?\n    \}/.exec(readFileSync("../../gateway/hub/src/event/route.rs", "utf8"))![0];
  const kinds = [...words.matchAll(/=> "(\w+)"/g)].map(([, kind]) => kind!);

  assert.deepEqual(kinds.filter((kind) => kind !== "free" && kind !== "lacks").sort(), Object.keys(de.verdicts).sort());
});

/** What no agent or supervisor is told: visitors' widgets, programs, trunks and phones are, or whoever writes a client. */
const NOT_STAFF = [
  /^(a receipt has read|another contact goes on at this website|ask for the callback in your own chat|begin with the whole page)/,
  /^(headsets are worn by people|pages are shown to people|which matters are one is the house's|the record of a customer is the house's|who calls, and in which order)/,
  /^(it is too late to rate|nobody asked how this contact|only the customer rates|no chat waits in this interaction|no mails are sent)/,
  /^(only what was asked for|nothing is shared; what|the batch is not whole|the style sheet is not whole|there is no room for more style sheets|what a page shows is for)/,
  /^(the credential was given|the page names another zone|only a page of a zone's website|the pass is for|there is no contact that could be followed|there is no such pass|this pass is another's|too many visitors are on)/,
  /^(only a trunk may|that call is not one of|the leg whose place|this trunk is not trusted|this interaction id is taken|too many messages are waiting|the agent's phone cannot be reached; ask)/,
];

test("each sentence by which the hub refuses, or says why something ended, is told to staff in German", () => {
  const { de } = catalogues["staff"] as never as { de: { because: Record<string, string> } };
  const { de: ends } = catalogues["console.sharing"] as never as { de: Record<string, string> };
  const hub = "../../gateway/hub/src";
  const files = (readdirSync(hub, { recursive: true }) as string[]).filter((name) => name.endsWith(".rs") && !/(^|\/)tests?(\/|\.rs)/.test(name));
  const sentences = files.flatMap((name) => {
    const [product = ""] = readFileSync(`${hub}/${name}`, "utf8").split("#[cfg(test)]");
    return [...product.matchAll(/\b(?:refuse|refused|cause)\(\s*(?:[\w:.&]+,\s*)*"((?:[^"\\]|\\[^])*)"/g)].map(([, text]) => text!.replace(/\\\n\s*/g, ""));
  });
  const told = [...new Set(sentences)].filter((text) => !NOT_STAFF.some((pattern) => pattern.test(text)));

  assert.ok(told.length > 110, `${told.length} were found`);
  assert.deepEqual(told.filter((text) => !Object.hasOwn(de.because, text) && !Object.hasOwn(ends, text)), []);
  for (const pattern of NOT_STAFF) assert.ok(sentences.some((text) => pattern.test(text)), `nothing is ${pattern}`);
});
