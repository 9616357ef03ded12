// What visitors read about sharing their page, in each language.

import type { Grant } from "../generated/protocol";
import { overlaid, type Texts } from "../text/overlay";

const en = {
  asks: (name: string) => `${name} would like to see this page`,
  asksMore: (name: string) => `${name} would like to do more on this page`,
  explain: "What you type is not shown, and neither are passwords and card numbers. You can stop at any time by pressing Escape twice.",
  grants: {
    view: "See this page and the pages of this website I go to",
    point: "Point at things and scroll for me",
    push: "Suggest other pages of this website",
    control: "Fill in fields for me (never passwords or cards)",
  } satisfies Record<Grant, string>,
  allow: "Allow",
  decline: "No, thanks",
  shown: "You are sharing this page",
  seen: (names: string) => `${names} can see this page`,
  veiled: "Nothing is shown while this bar cannot be pressed",
  short: { view: "Seeing", point: "Pointing", push: "Suggesting pages", control: "Filling in" } satisfies Record<Grant, string>,
  revoke: (grant: string) => `Take back: ${grant}`,
  stop: "Stop sharing",
  twice: "or press Esc twice",
  stopped: "Nothing is shared any more.",
  leaves: (host: string) => `${host} is not shown: sharing ends when you go there`,
  failed: "This page cannot be shared.",
  suggested: (name: string) => `${name} suggests a page`,
  open: "Open",
  dismiss: "Dismiss",
  suggest: "Send a page",
  address: "Address of a page of this website",
  send: "Send",
  sent: "The page was sent.",
  code: "Tell us this code on the phone, or key it after the star",
  lapsed: "This code is not good any more.",
  anew: "Show a new code",
  codeHint: "It is good once, for five minutes. Nothing is shared before you allow it.",
  haveCode: "We told you a code?",
  codeField: "Six digits",
  connect: "Connect",
  paired: "This page belongs to your call now.",
  close: "Close",
  wait: "One moment…",
};

/** The catalogue's shape. */
export type ShareWords = typeof en;

const de: ShareWords = {
  asks: (name) => `${name} möchte diese Seite sehen`,
  asksMore: (name) => `${name} möchte auf dieser Seite mehr tun`,
  explain: "Was Sie eingeben, wird nicht gezeigt, Passwörter und Kartennummern auch nicht. Sie können jederzeit aufhören: zweimal Escape drücken.",
  grants: {
    view: "Diese Seite sehen, und die Seiten dieser Website, auf die ich gehe",
    point: "Auf Dinge zeigen und für mich blättern",
    push: "Andere Seiten dieser Website vorschlagen",
    control: "Felder für mich ausfüllen (nie Passwörter oder Karten)",
  },
  allow: "Erlauben",
  decline: "Nein, danke",
  shown: "Sie teilen diese Seite",
  seen: (names) => `${names} kann diese Seite sehen`,
  veiled: "Es wird nichts gezeigt, solange sich diese Leiste nicht drücken lässt",
  short: { view: "Sehen", point: "Zeigen", push: "Seiten vorschlagen", control: "Ausfüllen" },
  revoke: (grant) => `Zurücknehmen: ${grant}`,
  stop: "Teilen beenden",
  twice: "oder zweimal Esc drücken",
  stopped: "Es wird nichts mehr geteilt.",
  leaves: (host) => `${host} wird nicht gezeigt: Das Teilen endet, wenn Sie dorthin gehen`,
  failed: "Diese Seite lässt sich nicht teilen.",
  suggested: (name) => `${name} schlägt eine Seite vor`,
  open: "Öffnen",
  dismiss: "Ausblenden",
  suggest: "Seite senden",
  address: "Adresse einer Seite dieser Website",
  send: "Senden",
  sent: "Die Seite wurde gesendet.",
  code: "Nennen Sie uns diesen Code am Telefon, oder tippen Sie ihn nach dem Stern",
  lapsed: "Dieser Code gilt nicht mehr.",
  anew: "Neuen Code zeigen",
  codeHint: "Er gilt einmal, fünf Minuten lang. Geteilt wird erst, wenn Sie es erlauben.",
  haveCode: "Wir haben Ihnen einen Code genannt?",
  codeField: "Sechs Ziffern",
  connect: "Verbinden",
  paired: "Diese Seite gehört jetzt zu Ihrem Anruf.",
  close: "Schließen",
  wait: "Einen Moment …",
};

/** Returns the catalogue of a language. */
export function wordsOf(lang: string, texts?: Texts): ShareWords {
  return CATALOGUE[lang] ?? overlaid(en, texts?.["share"]);
}

/** The catalogues that are built in. */
export const CATALOGUE: Record<string, ShareWords> = { en, de };
