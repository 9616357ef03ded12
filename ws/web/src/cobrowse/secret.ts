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
  const parts = text.split(/(\p{Nd}+)/u);
  const groups = parts.filter((_, at) => at % 2 === 1).map(digits);
  const gaps = parts.filter((_, at) => at % 2 === 0).slice(1);
  return groups.some(isWithin) || groups.some((_, from) => {
    let number = "";
    for (let to = from; to < groups.length; to++) {
      number += groups[to];
      if (number.length > 19) return false;
      if (number.length >= 13 && isSpelled(groups.slice(from, to + 1), gaps.slice(from, to)) && isCard(number)) return true;
    }
    return false;
  });
}

// As it is printed; digit by digit; or parted alike throughout, with slashes and commas in groups of three or more. Dates, telephone
// numbers and two numbers with a slash each are parted otherwise.
function isSpelled(groups: string[], gaps: string[]): boolean {
  const [first = 0, ...rest] = groups.map(({ length }) => length);
  const sizes = [first, ...rest];
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
