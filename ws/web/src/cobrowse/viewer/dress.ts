// Puts style sheets back where their names stand. Pure.

import { BETWEEN, NAMED } from "../sheets";

type Json = Record<string, any>;

/** What is known of the style sheets of a recording. */
export type Known = ReadonlyMap<string, string>;

/** Puts the texts of style sheets into an event, in place of their names. */
export function dress({ type, data }: { type: number; data: Json }, known: Known): void {
  if (type === 2) node(data["node"], known);
  if (type !== 3) return;
  // Rules come to a style sheet as nodes do to a page.
  for (const { node: come } of data["adds"] ?? []) if (come) node(come, known);
  for (const { attributes } of data["attributes"] ?? []) put(attributes, known);
  for (const made of data["styles"] ?? []) {
    const text = textOf(made.rules, known);
    if (text !== undefined) made.rules = text.split(BETWEEN).map((rule, index) => ({ rule, index }));
  }
}

function node(shown: Json, known: Known): void {
  if (shown["attributes"]) put(shown["attributes"], known);
  for (const child of shown["childNodes"] ?? []) node(child, known);
}

function put(attributes: Json, known: Known): void {
  const text = textOf(attributes["_cssText"], known);
  if (text !== undefined) attributes["_cssText"] = text;
}

function textOf(said: unknown, known: Known): string | undefined {
  return typeof said === "string" && said.startsWith(NAMED) ? (known.get(said.slice(NAMED.length)) ?? "") : undefined;
}
