// Puts style sheets back where their names stand. Pure.

import { BETWEEN, NAMED } from "../sheets";

type Json = Record<string, any>;

/** What is known of the style sheets of a recording. */
export type Known = ReadonlyMap<string, string>;

/** What a style sheet asks of the colours that somebody likes. */
const LIKED = /\(\s*prefers-color-scheme\s*(?::\s*(dark|light)\s*)?\)/gi;

/** Puts the texts of style sheets into an event, in place of their names; what they ask of the colours that somebody likes is answered
 *  as for the visitor, where it is known whether these are dark. */
export function dress({ type, data }: { type: number; data: Json }, known: Known, dark?: boolean): void {
  const answered = (css: string) => (dark === undefined ? css : css.replace(LIKED, (_, liked = "light") => (liked.toLowerCase() === "dark") === dark ? "(min-width: 0px)" : "(max-width: -1px)"));
  const told = (css: unknown) => (typeof css === "string" ? answered(textOf(css, known) ?? css) : css);
  if (type === 2) node(data["node"], told);
  if (type !== 3) return;
  // Rules come to a style sheet as nodes do to a page.
  for (const come of data["adds"] ?? []) {
    if (come.node) node(come.node, told);
    else rule(come, told);
  }
  for (const { attributes } of data["attributes"] ?? []) put(attributes, told);
  for (const made of data["styles"] ?? []) {
    const text = textOf(made.rules, known);
    if (text !== undefined) made.rules = text.split(BETWEEN).map((rule, index) => ({ rule, index }));
    for (const one of made.rules ?? []) rule(one, told);
  }
  for (const name of ["replace", "replaceSync"]) if (name in data) data[name] = told(data[name]);
}

type Tell = (css: unknown) => unknown;

function rule(one: Json, told: Tell): void {
  if (one["rule"] !== undefined) one["rule"] = told(one["rule"]);
}

function node(shown: Json, told: Tell): void {
  if (shown["attributes"]) put(shown["attributes"], told);
  for (const child of shown["childNodes"] ?? []) {
    if (shown["tagName"] === "style") child["textContent"] = told(child["textContent"]);
    node(child, told);
  }
}

function put(attributes: Json, told: Tell): void {
  for (const name of ["_cssText", "media"]) if (name in attributes) attributes[name] = told(attributes[name]);
}

function textOf(said: unknown, known: Known): string | undefined {
  return typeof said === "string" && said.startsWith(NAMED) ? (known.get(said.slice(NAMED.length)) ?? "") : undefined;
}
