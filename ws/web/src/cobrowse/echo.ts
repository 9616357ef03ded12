// Digits that a page writes out while they are typed: a number that is not whole yet, or whose groups stand in elements of
// their own, has no form of its own. Pure.

import { digits, hasCard, isCard } from "./secret";
import { cover } from "../text/secret";

/** So many digits in a row of what a field holds are not shown. */
const PART = 4;
/** As much of a field's content is looked at. */
const LONGEST = 200;
/** Digits with what may stand between those of one number. */
const RUN = /\p{Nd}(?:[^\p{L}\p{Nd}]{0,3}\p{Nd})*/gu;

/** What the fields of a page hold, and held since it is shown: no more than ten thousand parts, since there are no more. */
export class Echo {
  readonly #parts = new Set<string>();

  /** Takes what a field holds. */
  hold(value: string): void {
    if (value.length < PART) return;
    const held = digits(value.slice(0, LONGEST));
    for (let at = 0; at + PART <= held.length; at++) this.#parts.add(held.slice(at, at + PART));
  }

  /**
   * Covers the digits of a text that a field holds. `around` are the texts of what it stands in, from the nearest on: where
   * one of them has such digits, or is a card's number, all digits of the text are covered.
   */
  cover(text: string, around: readonly string[]): string {
    if (!/\p{Nd}/u.test(text)) return text;
    const covered = text.replace(RUN, (run) => (this.#has(digits(run)) ? cover(run) : run));
    if (covered !== text || !around.some((whole) => this.#tells(whole))) return covered;
    return text.replace(/\p{Nd}/gu, cover);
  }

  #tells(whole: string): boolean {
    const runs = whole.replace(/\s+/g, " ").match(RUN) ?? [];
    return runs.some((run) => this.#has(digits(run)) || isCard(digits(run)) || hasCard(run));
  }

  #has(run: string): boolean {
    for (let at = 0; at + PART <= run.length; at++) if (this.#parts.has(run.slice(at, at + PART))) return true;
    return false;
  }
}

/** Fields of which nothing that is typed is secret: times, choices, and what a page keeps for itself. */
const OTHERS = /^(?:date|time|datetime-local|month|week|range|color|checkbox|radio|hidden|file|submit|button|reset|image)$/;
/** Elements around a text that are looked at, and how long one may be to be one number. */
const LEVELS = 4;
const WHOLE = 120;

/** Returns what somebody typed into a field; nothing where nobody types. */
export function typed(field: unknown): string {
  if (field instanceof HTMLInputElement) return OTHERS.test(field.type) ? "" : field.value;
  return field instanceof HTMLTextAreaElement ? field.value : "";
}

/** Returns the texts of what a node stands in, from the nearest on, as far as they are short. */
export function around(node: Node | null): string[] {
  const found: string[] = [];
  for (let at = node?.parentNode; at && found.length < LEVELS; at = at.parentNode) {
    const whole = short(at);
    if (whole === undefined) break;
    found.push(whole);
  }
  return found;
}

// Blanks between elements do not count.
function short(place: Node): string | undefined {
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  let text = "";
  for (let steps = 0; walker.nextNode(); steps++) {
    text += (walker.currentNode as Text).data.slice(0, WHOLE + 1).replace(/\s+/g, " ");
    if (text.length > WHOLE || steps > WHOLE) return undefined;
  }
  return text;
}
