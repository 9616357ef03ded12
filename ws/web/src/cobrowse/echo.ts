// What was typed, where a page writes it out: digits of a number that is not whole yet, or whose groups stand in elements of their
// own, have no form of their own, and passwords never have one. Pure. It is kept in the page alone.

import { cards, digits, groupsOf, isCard, RUN } from "./secret";
import { cover } from "../text/secret";

/** So many digits in a row of what a field holds are not shown, nor so many characters of a password. */
const PART = 4;
/** As short as cards' numbers are. */
const SHORTEST = 13;
const DIGIT = /\p{Nd}/u;

/** What stands before and after a text, where it goes on in other elements. */
export interface Beside {
  before: string;
  after: string;
}

const ALONE: Beside = { before: "", after: "" };

/** What the fields of a page hold, and held since it is shown: of numbers no more than ten thousand parts, since there are no more. */
export class Echo {
  readonly #parts = new Set<string>();
  readonly #short = new Set<string>();
  /** By how they begin, without blanks. */
  readonly #secrets = new Map<string, string[]>();
  readonly #brief = new Set<string>();

  /** Takes what a field holds. */
  hold(value: string): void {
    const held = digits(value);
    for (let at = 0; at + PART <= held.length; at++) this.#parts.add(held.slice(at, at + PART));
  }

  /** Takes a number of two or three digits, which is covered where it stands by itself. */
  holdShort(value: string): void {
    const held = digits(value);
    if (held.length > 1 && held.length < PART) this.#short.add(held);
  }

  /** Takes what is covered whatever signs it has. */
  keep(secret: string): void {
    const bare = secret.replace(/\s+/g, "");
    if (bare === "") return;
    if (bare.length < PART) return void this.#brief.add(bare);
    const begins = bare.slice(0, PART);
    const like = this.#secrets.get(begins) ?? [];
    // The longest stands for those that it goes on from: of each its beginnings are covered.
    if (!like.some((known) => known.startsWith(bare))) this.#secrets.set(begins, [...like.filter((known) => !bare.startsWith(known)), bare]);
  }

  /** Whether there is anything that is covered whatever signs it has. */
  get keeps(): boolean {
    return this.#secrets.size + this.#brief.size > 0;
  }

  /** Whether a text may be a part of what is covered whatever signs it has. */
  goesOn(text: string): boolean {
    const bare = text.replace(/\s+/g, "");
    const within = (secret: string) => secret.includes(bare);
    return bare !== "" && ([...this.#brief].some(within) || [...this.#secrets.values()].some((like) => like.some(within)));
  }

  /** Covers what of a text a field holds, or is a card's number, alone or with what stands beside it. */
  cover(text: string, beside: Beside = ALONE): string {
    return this.#cover(text, beside, 2, PART);
  }

  /** Covers in a name that a page made up what a field holds, but for what is so short that names have it by chance. */
  coverName(name: string): string {
    return this.#cover(name, ALONE, PART - 1, 0);
  }

  #cover(text: string, { before, after }: Beside, least: number, brief: number): string {
    const numbers = DIGIT.test(text);
    if (!numbers && !this.keeps) return text;
    const { plain, places } = squeezed(text);
    const whole = before + plain + after;
    const hidden = new Set<number>();
    if (numbers) for (const { 0: run, index } of whole.matchAll(RUN)) this.#number(run, index, hidden, least);
    this.#secret(whole, hidden, plain.trim().length < brief);
    if (hidden.size === 0) return text;
    return text.replace(/\S/g, (sign, at: number) => (hidden.has(before.length + places[at]!) ? cover(sign) : sign));
  }

  /** Covers in what is no text of the page, such as a size, what is covered whatever signs it has, from four on. */
  coverKept(text: string): string {
    if (!this.keeps) return text;
    const hidden = new Set<number>();
    this.#secret(text, hidden, false);
    return hidden.size === 0 ? text : text.replace(/\S/g, (sign, at: number) => (hidden.has(at) ? cover(sign) : sign));
  }

  #number(run: string, begins: number, hidden: Set<number>, least: number): void {
    const hide = (from: number, to: number) => {
      for (let at = from; at < to; at++) hidden.add(begins + at);
    };
    if (run.length < 2) return;
    const groups = groupsOf(run);
    const number = groups.map((group) => group.number).join("");
    const places = [...run.matchAll(/\p{Nd}/gu)].map(({ 0: sign, index }) => [index, index + sign.length] as const);
    if (this.#parts.size > 0) for (let at = 0; at + PART <= number.length; at++) if (this.#parts.has(number.slice(at, at + PART))) hide(places[at]![0], places[at + PART - 1]![1]);
    if (this.#short.size > 0) {
      for (let first = 0; first < groups.length; first++) {
        let held = "";
        for (let last = first; last < groups.length && held.length < PART; last++) {
          held += groups[last]!.number;
          if (held.length >= least && this.#short.has(held)) hide(groups[first]!.from, groups[last]!.to);
        }
      }
    }
    if (number.length < SHORTEST) return;
    for (const [from, to] of cards(run)) hide(from, to);
    if (isCard(number)) hide(0, run.length);
  }

  // Of fewer characters than a part only what stands in so short a text is covered.
  #secret(whole: string, hidden: Set<number>, brief: boolean): void {
    if (!this.keeps) return;
    const places: number[] = [];
    const bare = whole.replace(/\S/g, (sign, at: number) => (places.push(at), sign)).replace(/\s+/g, "");
    let upTo = 0;
    for (let at = 0; at + PART <= bare.length; at++) {
      for (const secret of this.#secrets.get(bare.slice(at, at + PART)) ?? []) {
        let end = at + PART;
        while (end - at < secret.length && bare[end] === secret[end - at]) end += 1;
        for (let sign = Math.max(at, upTo); sign < end; sign++) hidden.add(places[sign]!);
        upTo = Math.max(upTo, end);
      }
    }
    if (!brief) return;
    for (const secret of this.#brief) {
      for (let at = bare.indexOf(secret); at >= 0; at = bare.indexOf(secret, at + 1)) for (let sign = 0; sign < secret.length; sign++) hidden.add(places[at + sign]!);
    }
  }
}

/** What was typed into a page, and what was chosen there from lists. */
export class Typed {
  readonly echo = new Echo();
  readonly chosen = new Echo();
}

// Blanks count once.
function squeezed(text: string): { plain: string; places: number[] } {
  const places: number[] = [];
  let plain = "";
  for (const sign of text.match(/\s+|\S/g) ?? []) {
    for (let n = 0; n < sign.length; n++) places.push(plain.length);
    plain += sign.trim() === "" ? " " : sign;
  }
  return { plain, places };
}
