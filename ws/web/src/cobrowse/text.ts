// What must not leave in a page's addresses and style sheets. Pure.

import { clean, place } from "../text/secret";

/** Takes what follows `?` and `#` off an address; of other schemes than http, https and small pictures nothing is left. */
export function address(url: string, base: string): string {
  if (url.startsWith("data:image/")) return url.length <= 20_000 ? url : "";
  try {
    const where = new URL(url, base);
    // Files are named by hashes, which look like keys.
    return where.protocol === "https:" || where.protocol === "http:" ? place(where, false) : "";
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
