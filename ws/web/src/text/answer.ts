// What a customer answered to a zone's form, in the reader's language where the form has it.

import type { Answer } from "../generated/protocol";

/** Returns what was asked, and what was answered. */
export function answered({ label, value, words, labels, wordings }: Answer, lang: string): [string, string] {
  return [labels?.[lang] ?? label, wordings?.[lang] ?? words ?? value];
}
