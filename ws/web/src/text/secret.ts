// What must not be read, wherever it stands in a text or an address: found by its form and covered. Pure.

const COVER = "•";
/** As long as the shortest mail address. */
const SHORTEST = 6;

/** Covers every character but blanks. */
export function cover(text: string): string {
  return text.replace(/\S/g, COVER);
}

const FORMS: RegExp[] = [
  // Mail addresses.
  /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g,
  // Signed tokens.
  /\beyJ[\w-]+\.[\w-]+\.?[\w-]*/g,
  // Bank accounts (ISO 13616).
  /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b/g,
  // Keys of Amazon's cloud: of people and of sessions.
  /(?<![A-Za-z0-9])A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])/g,
  // Social security numbers.
  /\b\d{3}-\d{2}-\d{4}\b/g,
];
/** Long mixtures of letters and digits, such as keys. */
const KEYS = /\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{24,}/g;
const DIGITS = /\d(?:[ .\-_\u00a0\u2009\u202f]?\d){12,18}/g;

/** Groups of a card's number as a part of a path has them. */
const GROUPS = /^\d{4,6}(?:[ .\-_/]\d{4,6})*$/;

/** Covers cards, accounts, tokens and addresses in a text, and what may be a key, unless `keys` says otherwise. */
export function clean(text: string, keys = true): string {
  return forms(text, keys).replace(DIGITS, (found) => (luhn(found.replace(/\D/g, "")) ? cover(found) : found));
}

/** The same but for cards. */
export function forms(text: string, keys = true): string {
  if (text.length < SHORTEST) return text;
  let out = text;
  for (const form of keys ? [...FORMS, KEYS] : FORMS) out = out.replace(form, cover);
  return out;
}

/** Whether digits are right by the Luhn formula (ISO/IEC 7812-1, annex B). */
export function luhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Says where a page is: without what follows `?` and `#`, and with what its path should not say covered. */
export function place({ origin, pathname }: { origin: string; pathname: string }, keys = true): string {
  const parts = pathname.split("/");
  const read = parts.map(decoded);
  const shown = spread(read);
  const out = read.map((text, at) => {
    const cleaned = shown.has(at) ? text.replace(/\d/g, COVER) : clean(text, keys);
    return cleaned === text ? parts[at]! : cleaned;
  });
  return (origin + out.join("/")).slice(0, 2_000);
}

/** Returns which parts of a path are a card's number together, wherever among other numbers it begins. */
function spread(parts: string[]): Set<number> {
  const found = new Set<number>();
  for (let from = 0; from < parts.length; from++) {
    let digits = "";
    for (let to = from; to < parts.length && GROUPS.test(parts[to]!) && digits.length < 19; to++) {
      digits += parts[to]!.replace(/\D/g, "");
      if (digits.length >= 13 && digits.length <= 19 && luhn(digits)) for (let at = from; at <= to; at++) found.add(at);
    }
  }
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
