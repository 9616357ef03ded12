// What must not leave in a page's addresses and style sheets. Pure.

import { LOOKS } from "./looks";
import { clean } from "./secret";
import { cover, place } from "../text/secret";

/** Takes what follows `?` and `#` off an address; of other schemes than http, https and small pictures nothing is left. */
export function address(url: string, base: string): string {
  if (/^data:image\/svg/i.test(url)) return isPlain(url) ? url : "";
  if (url.startsWith("data:image/")) return url.length <= 20_000 ? url : "";
  try {
    const where = new URL(url, base);
    // Files are named by hashes, which look like keys.
    return where.protocol === "https:" || where.protocol === "http:" ? place(where, false) : "";
  } catch {
    return "";
  }
}

/** A drawing longer than this may be a code to be read by a camera. */
const DRAWING = 2_000;
/** What of a drawing can be read, or leads elsewhere. */
const SAYS = /<!|<\?(?!xml )|>\s*[^\s<]|<(?:\w+:)?(?:text|tspan|title|desc|foreignobject|metadata|style|script|image)\b|\b(?:aria-|data-)[\w-]+\s*=/i;

// Whether a drawing is a small one without texts.
function isPlain(url: string): boolean {
  if (url.length > DRAWING) return false;
  try {
    const [, kind, data = ""] = /^([^,]*),([^]*)$/.exec(url) ?? [];
    const read = decodeURIComponent(data);
    return !SAYS.test(/;base64$/i.test(kind?.trim() ?? "") ? atob(read) : read);
  } catch {
    return false;
  }
}

/** An escape, an address, a string, a comment. */
const TOKEN = /\\[^]|\burl\([^)"']*\)|"(?:\\[^]|[^"\\\n\r\f])*"|'(?:\\[^]|[^'\\\n\r\f])*'|\/\*[^]*?(?:\*\/|$)/g;
/** Of blanks, those that CSS knows: a longer list would let a name be read in many ways. */
const BLANK = String.raw`[ \t\r\n\f]`;
/** The same, and what a selector asks of an attribute: its name, with namespace and escapes, how, and for what. */
const FOR = String.raw`${BLANK}*("(?:\\[^]|[^"\\])*"?|'(?:\\[^]|[^'\\])*'?|(?:\\[0-9a-f]{1,6}${BLANK}?|\\[^]|[^\]\s\\])*)`;
const ASKED = new RegExp(String.raw`\[${BLANK}*((?:\\[0-9a-f]{1,6}${BLANK}|\\[^]|[\w|*-]|[^\0-\x7f])+?)${BLANK}*([~|^$*]?=)${FOR}|${TOKEN.source}`, "gi");
/** What it asks of an attribute whose name has no escapes, or that there is one. */
const ASKS = new RegExp(String.raw`\[${BLANK}*([\w-]+)${BLANK}*(?:(~?=)${FOR}|[|^$*]=|(?=\]))|${TOKEN.source}`, "gi");
/** Attributes of which it may be said what is asked, besides those that say how something looks: the others are not in what is shown. */
const SEEN = /^(?:rel|start|min|max|step|maxlength)$/;

/** Says what stands for the value that a style sheet asks of an attribute, if it is told. */
export type Told = (name: string, how: string, value: string) => string | undefined;

/** Tells which attributes a style sheet asks for, each with the value where it asks for a whole one. */
export function asks(css: string, tell: (name: string, value?: string) => void): void {
  if (!css.includes("[")) return;
  for (const [, name, how, value = ""] of css.matchAll(ASKS)) if (name) tell(name.toLowerCase(), how && bared(value));
}

/**
 * Cleans a style sheet: comments go, addresses lose their queries, and texts that it shows or asks for are blank beyond a
 * few characters a declaration; names that fonts and grids go by stay, and what `told` says of attributes.
 */
export function style(css: string, base: string, told?: Told): string {
  const said = (name: string, how: string, asked: string) => (SEEN.test(name) || LOOKS.has(name.toLowerCase()) ? clean(asked) : `"${told?.(name.toLowerCase(), how, bared(asked)) ?? ""}"`);
  return css
    // First, since they may stand within what is asked.
    .replace(TOKEN, (token) => (token.startsWith("/*") ? "" : token))
    .replace(ASKED, (token, name?: string, how = "", asked = "") => (name ? `[${name}${how}${said(name, how, asked)}` : token))
    .replace(PART, shown(base))
    .replace(CUSTOM, (_, name: string, value: string) => name + value.replace(BARE, bare));
}

// What is asked for, without quotes and escapes.
function bared(asked: string): string {
  return plain(asked.replace(/^(["'])([^]*?)\1?$/, "$2"));
}

/** Cleans what a property is set to. */
export function declared(property: string, value: string, base: string): string {
  const whole = style(`${property}:${value}`, base);
  return whole.slice(whole.indexOf(":") + 1);
}

/** An escape, an address with what it is in quotes or not, a string, a word or how a function begins, what parts declarations. */
const PART = /\\[^]|\burl\(\s*(?:"((?:\\[^]|[^"\\\n\r\f])*)"|'((?:\\[^]|[^'\\\n\r\f])*)'|([^)"']*))\s*\)|"((?:\\[^]|[^"\\\n\r\f])*)"?|'((?:\\[^]|[^'\\\n\r\f])*)'?|[\w-]+\(?|[()[\]{};]/gi;
const ESCAPE = /\\(?:([0-9a-f]{1,6})[ \t\r\n\f]?|\r\n|([^]))/gi;
/** As many characters of text may one declaration have: marks, quotes, separators. */
const MARKS = 8;
/** What a declaration is for, as it begins. */
const NAME = /\s*(@?[\w-]+)/y;
/** Where strings are names that a style needs. */
const NAMES = /^(?:font|font-family|font-(?:feature|variation)-settings|grid|grid-[\w-]+|src|syntax|@charset|@layer|@font-feature-values)$/i;
/** Where strings are addresses. */
const LEADS = /^(?:@import|@namespace)$/i;
const LEADING = /^(?:url|src|(?:-webkit-)?image-set|image|-webkit-cross-fade|cross-fade)\($/i;
/** A custom property with its value, addresses and strings read whole. */
const CUSTOM = /(?<![\w-])(--[\w-]+\s*:)((?:url\("(?:\\[^]|[^"\\])*"\)|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|[^;{}"'])*)/g;
/** The same, and what stands between. */
const BARE = /url\("(?:\\[^]|[^"\\])*"\)|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|(?:(?!url\()[^"'])+/g;

// Says what is left of each part, as they come: strings are blanked but where they are addresses or names.
function shown(base: string): (...found: any[]) => string {
  let begin = 0;
  let marks = 0;
  let within: string[] = [];
  return (token: string, a?: string, b?: string, c?: string, double?: string, single?: string, ...rest: any[]) => {
    const [at, css] = rest as [number, string];
    const url = a ?? b ?? c;
    if (url !== undefined) return url.startsWith("#") ? `url(${quoted(url)})` : `url(${quoted(address(plain(url).trim(), base))})`;
    const text = double ?? single;
    if (text === undefined) {
      if (/^[{};]$/.test(token)) [begin, marks, within] = [at + 1, 0, []];
      else if (/[([]$/.test(token) && !token.startsWith("\\")) within.push(token);
      else if (token === ")" || token === "]") within.pop();
      return token;
    }
    // What is asked of an attribute is cleaned already.
    if (within.at(-1) === "[" && css[at - 1] === "=") return token;
    NAME.lastIndex = begin;
    const name = NAME.exec(css)?.[1] ?? "";
    if (LEADS.test(name) || within.some((one) => LEADING.test(one))) return isType(css, at) ? token : quoted(address(plain(text), base));
    if (NAMES.test(name) || within.at(-1)?.toLowerCase() === "format(") return clean(token);
    marks += [...plain(text)].length;
    return marks > MARKS ? '""' : token;
  };
}

// Whether a string is the type of a picture, as in `image-set(… type("image/png"))`.
function isType(css: string, at: number): boolean {
  return /\btype\(\s*$/i.test(css.slice(Math.max(0, at - 10), at));
}

function plain(text: string): string {
  return text.replace(ESCAPE, (_, code?: string, sign?: string) => {
    if (code === undefined) return sign === undefined || sign === "\n" ? "" : sign;
    const point = parseInt(code, 16);
    return point === 0 || point > 0x10ffff ? "\ufffd" : String.fromCodePoint(point);
  });
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&").replace(/[\r\n\f]+/g, "")}"`;
}

/** As long as a word with letters and digits may be that is no key. */
const KEY = 16;

// Words of a custom property that may be keys, and what else must not be read; names of other properties stay.
function bare(text: string): string {
  if (/^(?:url\(|["'])/.test(text)) return text;
  return clean(text, false).replace(/[\w-]+/g, (word) => (word.length >= KEY && !word.startsWith("--") && /\d/.test(word) && /[a-z]/i.test(word) ? cover(word) : word));
}
