// What a page asks whoever comes from another website with a chat.

import { overlaid, type Texts } from "../../text/overlay";

const en = {
  label: "Your chat",
  ask: (from: string) => `Go on with your chat from ${from}?`,
  why: "Choose No if you did not chat there.",
  go: "Go on here",
  no: "No",
};

/** The catalogue's shape. */
export type ArrivalWords = typeof en;

const de: ArrivalWords = {
  label: "Ihr Chat",
  ask: (from) => `Ihren Chat von ${from} hier fortsetzen?`,
  why: "Wählen Sie Nein, wenn Sie dort nicht gechattet haben.",
  go: "Hier fortsetzen",
  no: "Nein",
};

/** Returns the catalogue of a language. */
export function arrivalWords(lang: string, texts?: Texts): ArrivalWords {
  return CATALOGUE[lang] ?? overlaid(en, texts?.["arrival"]);
}

/** The catalogues that are built in. */
export const CATALOGUE: Record<string, ArrivalWords> = { en, de };
