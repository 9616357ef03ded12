// What follows when a page's visitor was not let in as they came: as nobody in particular, where it was who they are that does not
// hold. Loaded when that happens.

import type { Texts } from "../text/overlay";
import { admissionWords } from "./words/admission";

/** Whoever asks is not let in, however often they ask. */
export class Refused extends Error {
  /** What the visitor is told. */
  constructor(readonly told: string) {
    super(told);
  }
}

/** What it is settled with. */
export interface Door {
  lang: string;
  texts: Texts;
  /** Asks to be let in as whom an identity says, or as nobody in particular. */
  ask(identity: string | undefined): Promise<Response>;
  /** An identity is not taken; returns the one that the page has told since, if it has. */
  disown(identity: string): string | undefined;
}

/** Returns the credential of who is let in all the same; throws {@link Refused}, and another error where asking again may help. */
export async function settle(answer: Response, identity: string | undefined, door: Door): Promise<string> {
  if (answer.ok) return String((await answer.json())["token"]);
  const { status } = answer;
  if (status >= 500 || status === 429 || status === 408) throw new Error(`${status}`);
  const { detail }: { detail?: unknown } = await answer.json().catch(() => ({}));
  const why = `${status} ${detail ?? ""}`.trim();
  if (identity !== undefined && (status === 401 || status === 422)) {
    console.warn(`Tandem: the identity that this page told is not taken: ${why}`);
    const next = door.disown(identity);
    return settle(await door.ask(next), next, door);
  }
  console.warn(`Tandem: no chat is opened on this page: ${why}`);
  throw new Refused(admissionWords(door.lang, door.texts).refused);
}
