// What must not be read in a page's text, wherever it stands: found by its form and covered. Pure.

const COVER = "•";

/** Covers every character but blanks. */
export function cover(text: string): string {
  return text.replace(/\S/g, COVER);
}

const FORMS: RegExp[] = [
  // Mail addresses.
  /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g,
  // Signed tokens, and long mixtures of letters and digits such as keys.
  /\beyJ[\w-]+\.[\w-]+\.?[\w-]*/g,
  /\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{24,}/g,
  // Bank accounts (ISO 13616).
  /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b/g,
  // Social security numbers.
  /\b\d{3}-\d{2}-\d{4}\b/g,
];
const DIGITS = /\d(?:[ .\-_\u00a0\u2009\u202f]?\d){12,18}/g;

/** Covers cards, accounts, tokens and addresses in a text. */
export function clean(text: string): string {
  if (text.length < 9) return text;
  let out = text;
  for (const form of FORMS) out = out.replace(form, cover);
  return out.replace(DIGITS, (found) => (luhn(found.replace(/\D/g, "")) ? cover(found) : found));
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Takes what follows `?` and `#` off an address; of other schemes than http, https and small pictures nothing is left. */
export function address(url: string, base: string): string {
  if (url.startsWith("data:image/")) return url.length <= 20_000 ? url : "";
  try {
    const { protocol, origin, pathname } = new URL(url, base);
    return protocol === "https:" || protocol === "http:" ? origin + pathname : "";
  } catch {
    return "";
  }
}

/** An escape, an address, a string, a comment. */
const TOKEN = /\\[^]|\burl\([^)"']*\)|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|\/\*[^]*?(?:\*\/|$)/g;
/** Of blanks, those that CSS knows: a longer list would let a name be read in many ways. */
const BLANK = String.raw`[ \t\r\n\f]`;
/** The same, and what a selector asks of an attribute: its name, with namespace and escapes, how, and for what. */
const ASKED = new RegExp(String.raw`\[${BLANK}*((?:\\[0-9a-f]{1,6}${BLANK}|\\[^]|[\w|*-]|[^\0-\x7f])+?)${BLANK}*([~|^$*]?=)${BLANK}*("(?:\\[^]|[^"\\])*"?|'(?:\\[^]|[^'\\])*'?|(?:\\[0-9a-f]{1,6}${BLANK}?|\\[^]|[^\]\s\\])*)|${TOKEN.source}`, "gi");
/** Attributes of which it may be said what is asked: the others are not in what is shown. */
const SEEN = /^(?:class|id|dir|lang|role|hidden|type|rows|cols|size|disabled|open|align|valign|media|rel)$/;

/** Cleans a style sheet: comments go, addresses lose their queries, and so do long texts that it shows or asks for. */
export function style(css: string, base: string): string {
  return css
    // First, since they may stand within what is asked.
    .replace(TOKEN, (token) => (token.startsWith("/*") ? "" : token))
    .replace(ASKED, (token, name?: string, how?: string, asked = "") => (name ? `[${name}${how}${SEEN.test(name) ? clean(asked) : '""'}` : token))
    .replace(/url\(\s*(?:"([^"]*)"|'([^']*)'|([^)\s]*))\s*\)/gi, (_, a: string, b: string, c: string) => {
      const url = a ?? b ?? c ?? "";
      return url.startsWith("#") ? `url("${url}")` : `url("${address(url, base)}")`;
    })
    .replace(/\bcontent\s*:\s*(?:"[^"]{9,}"|'[^']{9,}')/gi, 'content: ""')
    .replace(/(--[\w-]+\s*:\s*)(?:"[^"]{9,}"|'[^']{9,}')/gi, '$1""');
}
