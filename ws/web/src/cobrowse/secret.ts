// What must not be read in a page that is shown: as in addresses, and numbers in whatever way pages write them. Pure.

import { cover, forms, luhn } from "../text/secret";

/** As bank accounts are, in small letters: words look like them. */
const ACCOUNT = /\b[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,4})?\b/gi;
/** Digits of any script, and what may stand between two of one number; commas without blanks, as in amounts. */
const NUMBER = /\p{Nd}(?:(?:[ .\-_/\u00a0\u2000-\u2015\u202f\u2060\u2212]{0,3}|,)\p{Nd}){12,}/gu;
/** The groups in which cards have their digits printed, and how long others may be. */
const PRINTED = ["4,4,4,4", "4,6,5", "4,6,4", "4,4,5", "4,4,4,4,3"];
const LONGEST = 6;

/** Covers what must not be read in a page, and what may be a key, unless `keys` says otherwise. */
export function clean(text: string, keys = true): string {
  return forms(text, keys)
    .replace(ACCOUNT, (found) => (isAccount(found) ? cover(found) : found))
    .replace(NUMBER, (found) => (hasCard(found) ? cover(found) : found));
}

/** Whether a card's number is in digits and what stands between them: in digits that nothing parts, or in groups as cards have them. */
export function hasCard(text: string): boolean {
  return cards(text).length > 0;
}

/** Where in digits and what stands between them cards' numbers are: from where and up to where, each. */
export function cards(text: string): [from: number, to: number][] {
  const groups = groupsOf(text);
  const gaps = groups.slice(1).map(({ from }, at) => text.slice(groups[at]!.to, from));
  const found = groups.filter(({ number }) => isWithin(number)).map(({ from, to }): [number, number] => [from, to]);
  for (let first = 0; first < groups.length; first++) {
    let number = "";
    for (let last = first; last < groups.length; last++) {
      number += groups[last]!.number;
      if (number.length > 19) break;
      const sizes = groups.slice(first, last + 1).map((group) => group.number.length);
      if (number.length >= 13 && isSpelled(sizes, gaps.slice(first, last)) && isCard(number)) found.push([groups[first]!.from, groups[last]!.to]);
    }
  }
  return found;
}

interface Group {
  number: string;
  from: number;
  to: number;
}

/** Returns the digits of a text that nothing parts. */
export function groupsOf(text: string): Group[] {
  return [...text.matchAll(/\p{Nd}+/gu)].map(({ 0: found, index }) => ({ number: digits(found), from: index, to: index + found.length }));
}

/** Digits with what may stand between those of one number. */
export const RUN = /\p{Nd}(?:[^\p{L}\p{Nd}]{0,3}\p{Nd})*/gu;
/** How the numbers of cards begin. */
const BEGUN = /^(?:4|5[0-8]|2[2-7]|3[04-9]|6|8[12])/;

/** Whether more than `most` digits of a text may be how a card's number begins; behind a plus sign a telephone's is. */
export function mayBecomeCard(text: string, most: number): boolean {
  return [...text.matchAll(RUN)].some(({ 0: run, index }) => {
    if (text[index - 1] === "+") return false;
    const groups = groupsOf(run).map(({ number }) => number);
    return groups.some((group, at) => group.length < 20 && BEGUN.test(group + (groups[at + 1] ?? "")) && groups.slice(at).join("").length > most);
  });
}

// As it is printed; digit by digit; or parted alike throughout, with slashes and commas in groups of three or more. Dates, telephone
// numbers and two numbers with a slash each are parted otherwise.
function isSpelled(sizes: number[], gaps: string[]): boolean {
  const [first = 0, ...rest] = sizes;
  if (sizes.every((size) => size === 1)) return true;
  const [gap = "", between = ""] = gaps;
  const alike = gaps.every((other) => other === gap);
  const listed = /[/,]/.test(gap);
  const two = listed && /\s/.test(between) && gaps.length === 3 && gaps[2] === gap;
  if (PRINTED.includes(sizes.join())) return alike || !two;
  if (!alike || rest.length < 2 || Math.max(...sizes) > LONGEST) return false;
  const even = rest.every((size, at) => size === first || (at === rest.length - 1 && size < first));
  return rest.every((size) => size >= 3) || (even && !listed);
}

/** Returns the digits of a text, whatever their script, as 0 to 9. */
export function digits(text: string): string {
  return text.replace(/[^]/gu, (sign) => (sign >= "0" && sign <= "9" ? sign : DIGIT.test(sign) ? String(valueOf(sign)) : ""));
}

const DIGIT = /^\p{Nd}$/u;

// Every script's ten digits follow each other, from zero on (Unicode, section 4.6).
function valueOf(sign: string): number {
  const code = sign.codePointAt(0)!;
  let before = 0;
  while (DIGIT.test(String.fromCodePoint(code - before - 1))) before++;
  return before % 10;
}

// All of it proves right, or a part of it is what a scheme in use gives out.
function isWithin(number: string): boolean {
  if (number.length >= 13 && number.length <= 19 && luhn(number)) return true;
  for (let from = 0; from + 13 <= number.length; from++) {
    for (let to = from + 13; to <= Math.min(number.length, from + 19); to++) if (isCard(number.slice(from, to))) return true;
  }
  return false;
}

/** Whether digits are a card's: begun and as long as schemes in use say, and right by the Luhn formula (ISO/IEC 7812-1). */
export function isCard(number: string): boolean {
  const issued = /^(?:4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3[0689]\d{12,17}|(?:35|6\d|8[12])\d{14,17}|(?:50|5[6-8])\d{11,17})$/;
  return issued.test(number) && luhn(number);
}

// By ISO 7064, MOD 97-10; what follows an account's number may look as if it belonged to it.
function isAccount(text: string): boolean {
  const signs = text.replace(/ /g, "").toUpperCase();
  for (let length = Math.min(signs.length, 34); length >= 15; length--) {
    const moved = signs.slice(4, length) + signs.slice(0, 4);
    let rest = 0;
    for (const sign of moved) for (const digit of String(parseInt(sign, 36))) rest = (rest * 10 + Number(digit)) % 97;
    if (rest === 1) return true;
  }
  return false;
}
