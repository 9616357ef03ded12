// The fields of a page, in the order in which they came to be known: what they hold is not shown where the page writes it out.

import type { Beside, Echo } from "./echo";
import { isUnpainted, TYPED, type Rules } from "./rules";
import { digits, mayBecomeCard } from "./secret";

/** Fields of which nothing that is typed is secret: times, choices, and what a page keeps for itself. */
const OTHERS = /^(?:date|time|datetime-local|month|week|range|color|checkbox|radio|hidden|file|submit|button|reset|image)$/;
const FIELDS = ["input", "textarea", "select"];
/** Characters of a field's content that are looked at. */
export const LONGEST = 20_000;
/** Characters around what changed in it that are looked at again; shorter contents are looked at as a whole. */
const BESIDE = 100;
/** Characters of a field that may be one of several for one number, and fields before and after it that are looked at. */
const SHORT = 4;
const ROW = 12;
/** Fields that are gone may be so many until they are forgotten. */
const GONE = 64;

/** The fields of a page. */
export class Fields {
  #known: Element[] = [];
  readonly #places = new Map<Element, number>();
  readonly #held = new WeakMap<Element, string>();

  constructor(
    private readonly rules: Rules,
    private readonly echo: Echo,
    /** Of what was chosen from lists. */
    private readonly chosen: Echo,
  ) {}

  /** Begins with those of a document and what people write into there; those within shadows are told. */
  begin(inside: ParentNode): void {
    this.#forget(() => false);
    this.arrived(inside);
    for (const place of inside.querySelectorAll("[contenteditable]")) this.typed(place);
  }

  /** Something came into the page. */
  arrived(inside: ParentNode): void {
    this.add(inside);
    for (const field of inside.querySelectorAll(FIELDS.join())) this.add(field);
  }

  add(field: unknown): void {
    if (field instanceof Element && isField(field.localName) && !this.#places.has(field)) this.#places.set(field, this.#known.push(field) - 1);
  }

  /** Programs fill fields in too, and nothing tells of it. */
  sweep(): void {
    let gone = 0;
    for (const field of this.#known) {
      if (field.isConnected) this.typed(field);
      else gone += 1;
    }
    if (gone > GONE) this.#forget((field) => field.isConnected);
  }

  /** Takes what a field holds, before the page can write it out elsewhere. */
  typed(field: unknown): void {
    if (!(field instanceof Element)) return;
    const value = contentOf(field);
    const before = this.#held.get(field);
    if (value === (before ?? "")) return;
    this.#held.set(field, value);
    this.add(field);
    this.rules.remember(field);
    if (!this.rules.shows(field)) this.#hold(field, value, before ?? "");
    if (isShort(field)) this.#join(field);
  }

  #hold(field: Element, value: string, before: string): void {
    if (field instanceof HTMLSelectElement) return this.chosen.hold(value);
    this.echo.hold(changed(before, value));
    if (!this.rules.isSecret(field)) return;
    this.echo.holdShort(value);
    if (this.rules.isPassword(field)) this.echo.keep(value);
  }

  // One number may be typed into several fields: digit by digit, or in groups.
  #join(field: Element): void {
    const row = this.#row(field);
    const parts = row.map((one) => digits(contentOf(one)));
    const whole = parts.join("");
    if (mayBecomeCard(whole, TYPED)) for (const one of row) this.rules.suspect(one);
    if (row.every((one) => this.rules.shows(one))) return;
    this.echo.hold(whole);
    for (let first = 0; first < parts.length; first++) {
      let number = "";
      for (let last = first; last < parts.length && number.length < SHORT; last++) {
        number += parts[last]!;
        if (last > first || isBox(row[first]!)) this.echo.holdShort(number);
      }
    }
    const boxes = row.filter(isBox);
    if (boxes.length > 1) this.echo.keep(boxes.map(contentOf).join(""));
  }

  #row(field: Element): Element[] {
    const at = this.#places.get(field)!;
    let [from, to] = [at, at + 1];
    while (from > 0 && at - from < ROW && isShort(this.#known[from - 1]!)) from -= 1;
    while (to < this.#known.length && to - at < ROW && isShort(this.#known[to]!)) to += 1;
    return this.#known.slice(from, to);
  }

  #forget(stays: (field: Element) => boolean): void {
    this.#known = this.#known.filter(stays);
    this.#places.clear();
    this.#known.forEach((field, at) => this.#places.set(field, at));
  }
}

/** Whether an element of this name is a field. */
export function isField(name: unknown): boolean {
  return FIELDS.includes(name as string);
}

function isShort(field: Element): boolean {
  return field instanceof HTMLInputElement && !OTHERS.test(field.type) && field.isConnected && field.value.length <= SHORT;
}

// As it is for a part of a number.
function isBox(field: Element): boolean {
  return field instanceof HTMLInputElement && field.maxLength > 0 && field.maxLength <= SHORT;
}

// What somebody typed or chose; nothing where nobody does.
function contentOf(field: Element): string {
  if (field instanceof HTMLInputElement) return OTHERS.test(field.type) ? "" : field.value.slice(0, LONGEST);
  if (field instanceof HTMLTextAreaElement) return field.value.slice(0, LONGEST);
  if (field instanceof HTMLSelectElement) return [...field.selectedOptions].filter(isChosen).map(({ value, text }) => `${value} ${text}`).join(" ");
  return field instanceof HTMLElement && field.isContentEditable ? (field.textContent ?? "").slice(0, LONGEST) : "";
}

// Not as the page came.
function isChosen(option: HTMLOptionElement): boolean {
  return !option.defaultSelected && option.index > 0;
}

function changed(before: string, value: string): string {
  const least = Math.min(before.length, value.length);
  let from = 0;
  while (from < least && before[from] === value[from]) from += 1;
  let tail = 0;
  while (tail < least - from && before[before.length - 1 - tail] === value[value.length - 1 - tail]) tail += 1;
  return value.slice(Math.max(0, from - BESIDE), value.length - tail + BESIDE);
}

/** Characters beside a text that are looked at, and nodes on the way to them. */
const FAR = 80;
const STEPS = 100;
/** Behind such ends no number goes on. */
const ENDS = /\p{L}|[^\p{Nd}]{4}/u;
const BLOCKS = /^(?:td|th|tr|div|p|li|dt|dd|h[1-6]|section|article|br|hr|ul|ol|table)$/i;

/** Returns what stands beside a text, as far as a number in it may go on there; or anything may, when `wide`. */
export function beside(node: Node | null, text: string, wide: boolean): Beside {
  if (!node) return { before: "", after: "" };
  const back = wide || /^[^\p{L}\p{Nd}]{0,3}\p{Nd}/u.test(text.trimStart());
  const on = wide || /\p{Nd}[^\p{L}\p{Nd}]{0,3}$/u.test(text.trimEnd());
  return { before: back ? gathered(node, false, wide) : "", after: on ? gathered(node, true, wide) : "" };
}

function gathered(from: Node, forward: boolean, wide: boolean): string {
  const skips = (node: Node) => (node instanceof Element && isUnpainted(node.tagName.toLowerCase()) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  const walker = document.createTreeWalker(from.getRootNode(), NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, skips);
  walker.currentNode = from;
  let text = "";
  for (let steps = 0; steps < STEPS && text.length < FAR; steps++) {
    const node = forward ? walker.nextNode() : walker.previousNode();
    if (!node) break;
    const said = node instanceof Text ? (forward ? node.data.slice(0, FAR) : node.data.slice(-FAR)) : BLOCKS.test((node as Element).tagName) ? " " : "";
    text = (forward ? text + said : said + text).replace(/\s+/g, " ");
    if (!wide && ENDS.test(text)) break;
  }
  return text;
}
