// What visitors are told who are not let in.

import { overlaid, type Texts } from "../../text/overlay";

const en = {
  refused: "No chat can be opened on this page. If you have an account here, please sign in again.",
};

/** The catalogue's shape. */
export type AdmissionWords = typeof en;

const de: AdmissionWords = {
  refused: "Auf dieser Seite lässt sich kein Chat beginnen. Wenn Sie hier ein Konto haben, melden Sie sich bitte neu an.",
};

/** Returns the catalogue of a language. */
export function admissionWords(lang: string, texts?: Texts): AdmissionWords {
  return CATALOGUE[lang] ?? overlaid(en, texts?.["admission"]);
}

/** The catalogues that are built in. */
export const CATALOGUE: Record<string, AdmissionWords> = { en, de };
