// What agents read about pages seen together, in each language.

import type { Misfit } from "../../cobrowse/fits";
import type { Kind } from "../../cobrowse/viewer/words";
import type { Act, Author, Grant } from "../../generated/protocol";
import { catalogue } from "../../text/language";
import { because, said } from "../../text/reasons";
import { refused } from "../../text/staff";

const en = {
  ask: "See the customer's page",
  askFor: "Ask for",
  more: "Ask for more",
  grants: { view: "Seeing", point: "Pointing", push: "Suggesting pages", control: "Filling in" } satisfies Record<Grant, string>,
  asking: "The customer is asked…",
  takeBack: "Take back",
  pane: "The customer's page",
  paneKeys: "The customer's page. With a tool chosen, the arrow keys go from one thing to the next, Enter does what the tool does, Page Up and Page Down scroll.",
  look: "Look",
  point: "Point",
  draw: "Draw",
  fill: "Fill in",
  clear: "Clear marks",
  stop: "Stop",
  push: "Suggest a page",
  pushUrl: "Address",
  send: "Send",
  fieldValue: (label: string) => `Fill in ${label || "this field"}`,
  misfits: {
    long: (most: number) => `This field takes ${most} characters at most.`,
    number: (_: number) => "This field takes a number.",
    kind: (_: number) => "This field does not take that.",
  } satisfies Record<Misfit, unknown>,
  watchers: (names: string) => `Seen by ${names}`,
  waiting: "Waiting for the page…",
  heavy: "This page is too heavy to be shown. You see where the customer is and where they point.",
  veiled: "The customer cannot stop it now: something on their page covers the bar. You see the page again when they can.",
  misread: "Everything on this page is covered: what the configuration masks or leaves out on it cannot be read (cobrowse.mask, cobrowse.block).",
  kinds: { field: "a field", button: "a button", link: "a link", heading: "a heading", picture: "a picture", table: "a table", list: "a list", text: "a paragraph", part: "a part of the page" } satisfies Record<Kind, string>,
  pair: "Connect a page",
  pairHint: "The customer's page shows six digits. Type them, or tell the customer this code to type.",
  pairCode: "Six digits",
  connect: "Connect",
  ourCode: (code: string) => `Our code: ${code}`,
  lapsed: "Our code is not good any more. Make another one.",
  openPage: "Open page",
  newCode: "Make a code",
  close: "Close",
};

type Words = typeof en;

const de: Words = {
  ask: "Die Seite des Kunden sehen",
  askFor: "Bitten um",
  more: "Um mehr bitten",
  grants: { view: "Sehen", point: "Zeigen", push: "Seiten vorschlagen", control: "Ausfüllen" },
  asking: "Der Kunde wird gefragt …",
  takeBack: "Zurücknehmen",
  pane: "Die Seite des Kunden",
  paneKeys: "Die Seite des Kunden. Ist ein Werkzeug gewählt, gehen die Pfeiltasten vom einen zum nächsten, die Eingabetaste tut, was das Werkzeug tut, Bild auf und Bild ab blättern.",
  look: "Ansehen",
  point: "Zeigen",
  draw: "Zeichnen",
  fill: "Ausfüllen",
  clear: "Markierungen löschen",
  stop: "Beenden",
  push: "Seite vorschlagen",
  pushUrl: "Adresse",
  send: "Senden",
  fieldValue: (label) => `${label || "Dieses Feld"} ausfüllen`,
  misfits: {
    long: (most) => `Dieses Feld nimmt höchstens ${most} Zeichen.`,
    number: () => "Dieses Feld nimmt eine Zahl.",
    kind: () => "Dieses Feld nimmt das nicht.",
  },
  watchers: (names) => `Gesehen von ${names}`,
  waiting: "Die Seite wird erwartet …",
  heavy: "Diese Seite ist zu groß, um gezeigt zu werden. Sie sehen, wo der Kunde ist und wohin er zeigt.",
  veiled: "Der Kunde kann das Teilen gerade nicht beenden: Etwas auf seiner Seite verdeckt die Leiste. Sie sehen die Seite wieder, sobald er es kann.",
  misread: "Alles auf dieser Seite ist verdeckt: Was die Konfiguration darauf maskiert oder auslässt, ist nicht lesbar (cobrowse.mask, cobrowse.block).",
  kinds: { field: "ein Feld", button: "eine Schaltfläche", link: "eine Verknüpfung", heading: "eine Überschrift", picture: "ein Bild", table: "eine Tabelle", list: "eine Liste", text: "eine Textstelle", part: "eine Stelle der Seite" },
  pair: "Seite verbinden",
  pairHint: "Die Seite des Kunden zeigt sechs Ziffern. Tippen Sie sie ein, oder nennen Sie dem Kunden diesen Code.",
  pairCode: "Sechs Ziffern",
  connect: "Verbinden",
  ourCode: (code) => `Unser Code: ${code}`,
  lapsed: "Unser Code gilt nicht mehr. Erzeugen Sie einen neuen.",
  openPage: "Seite öffnen",
  newCode: "Code erzeugen",
  close: "Schließen",
};

export const pageWords: Words = catalogue("console.cobrowse", en, de);

const acts = {
  en: {
    who: { customer: "The customer", system: "Tandem" },
    asked: (who: string, what: string) => `${who} asked for: ${what}`,
    unanswered: "The question about the page went unanswered",
    granted: (what: string) => `The customer allowed: ${what}`,
    declined: (what: string) => `The customer did not allow: ${what}`,
    revoked: (what: string) => `The customer took back: ${what}`,
    stopped: (why: string) => `The page is not shared any more: ${why}`,
    page: (url: string) => `The customer is on ${url}`,
    skipped: (told: string, count: number) => `${told}, after ${count === 1 ? "another page" : `${count} others`}`,
    pushed: (who: string, url: string) => `${who} suggested ${url}`,
    joined: (who: string) => `${who} sees the page`,
    left: (who: string) => `${who} sees the page no more`,
    marked: (who: string, what: string) => `${who} marked ${what || "something"}`,
    drawn: (who: string) => `${who} drew on the page`,
    filled: (who: string, what: string) => `${who} filled in ${what || "a field"}`,
    pressed: (who: string, what: string) => `${who} pressed ${what || "something"}`,
    undone: (what: string) => `The page did not do that: ${what || "something"}`,
    paired: "The customer's page was connected by a code",
    astray: (why: string) => `The customer keyed a code, and no page came: ${why}`,
  },
  de: {
    who: { customer: "Der Kunde", system: "Tandem" },
    asked: (who: string, what: string) => `${who} bat um: ${what}`,
    unanswered: "Die Frage nach der Seite blieb ohne Antwort",
    granted: (what: string) => `Der Kunde erlaubte: ${what}`,
    declined: (what: string) => `Der Kunde erlaubte nicht: ${what}`,
    revoked: (what: string) => `Der Kunde nahm zurück: ${what}`,
    stopped: (why: string) => `Die Seite wird nicht mehr geteilt: ${why}`,
    page: (url: string) => `Der Kunde ist auf ${url}`,
    skipped: (told: string, count: number) => `${told}, nach ${count === 1 ? "einer weiteren" : `${count} weiteren`}`,
    pushed: (who: string, url: string) => `${who} schlug ${url} vor`,
    joined: (who: string) => `${who} sieht die Seite`,
    left: (who: string) => `${who} sieht die Seite nicht mehr`,
    marked: (who: string, what: string) => `${who} markierte ${what || "etwas"}`,
    drawn: (who: string) => `${who} zeichnete auf der Seite`,
    filled: (who: string, what: string) => `${who} füllte aus: ${what || "ein Feld"}`,
    pressed: (who: string, what: string) => `${who} drückte ${what || "etwas"}`,
    undone: (what: string) => `Die Seite hat das nicht getan: ${what || "etwas"}`,
    paired: "Die Seite des Kunden wurde durch einen Code verbunden",
    astray: (why: string) => `Der Kunde tippte einen Code, und es kam keine Seite: ${why}`,
  },
};

const told = catalogue("console.acts", acts.en, acts.de);

const ends = {
  "the customer stopped it": "der Kunde hat es beendet",
  "the agent stopped it": "der Agent hat es beendet",
  "the visitor went to a website that is not shown": "der Besucher ging auf eine Website, die nicht gezeigt wird",
  "the visitor left the page": "der Besucher hat die Seite verlassen",
  "nobody looked any more": "niemand sah mehr zu",
  "it lasted as long as it may": "es dauerte so lange, wie es darf",
  "the agent left the contact": "der Agent hat den Kontakt verlassen",
  "the contact is over": "der Kontakt ist beendet",
  "pages are not seen together any more": "Seiten werden nicht mehr zusammen angesehen",
};

const why: Record<string, string> = catalogue("console.sharing", said(ends), ends);

/** Says what was done about a page. */
export function actTold(by: Author, act: Act): string {
  const who = by.party === "agent" || by.party === "program" ? by.name : told.who[by.party];
  const kinds = (grants: Grant[]) => grants.map((grant) => pageWords.grants[grant]).join(", ");
  switch (act.is) {
    case "asked":
      return told.asked(who, kinds(act.grants));
    case "granted":
      return told.granted(kinds(act.grants));
    case "declined":
      return told.declined(kinds(act.grants));
    case "revoked":
      return told.revoked(kinds(act.grants));
    case "stopped":
      return told.stopped(because(act.reason, why));
    case "page": {
      const page = told.page(act.title ? `${act.title} (${act.url})` : act.url);
      return act.skipped > 0 ? told.skipped(page, act.skipped) : page;
    }
    case "pushed":
      return told.pushed(who, act.title ? `${act.title} (${act.url})` : act.url);
    case "joined":
      return told.joined(act.name);
    case "left":
      return told.left(who);
    case "marked":
      return told.marked(who, act.label ?? "");
    case "filled":
      return told.filled(who, act.label ?? "");
    case "pressed":
      return told.pressed(who, act.label ?? "");
    case "undone":
      return told.undone(act.label ?? "");
    case "drawn":
      return told.drawn(who);
    case "unanswered":
      return told.unanswered;
    case "paired":
      return told.paired;
    case "astray":
      return told.astray(refused({ code: "conflict", text: act.reason }));
  }
}
