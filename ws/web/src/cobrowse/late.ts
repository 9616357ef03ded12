// What style sheets that came later ask of what was told before: it is told then, and no more than that. Pure but for what it asks
// of elements.

import type { Ask } from "./asked";

/** More attributes than these are told with the whole page. */
const MOST = 2_000;

/** What is to be told of a page. */
export class Late {
  readonly #names = new Map<Element, Set<string>>();
  #size = 0;

  /** The whole page is told anew. */
  begin(): void {
    this.#names.clear();
    this.#size = 0;
  }

  /** Takes what is asked of elements in `roots`, of which `was` says that it is shown; returns whether that is little enough. */
  ask(asks: Ask[], roots: Iterable<ParentNode>, was: (element: Element, name: string) => boolean): boolean {
    if (asks.length === 0) return true;
    for (const root of roots) {
      for (const { name, value } of asks) {
        for (const element of root.querySelectorAll(`[${name}]`)) {
          if (!isAsked(element.getAttribute(name) ?? "", value) || !was(element, name)) continue;
          this.#add(element, name);
          if (this.#size <= MOST) continue;
          this.begin();
          return false;
        }
      }
    }
    return true;
  }

  /** Returns what a recorder would have told of it, if anything is to be told. */
  take(told: (element: Element, name: string) => { id: number; value: string } | undefined): { source: 0; texts: []; removes: []; adds: []; attributes: { id: number; attributes: Record<string, string> }[] } | undefined {
    const attributes = [];
    for (const [element, names] of this.#names) {
      const found = [...names].flatMap((name) => ({ name, ...told(element, name) }));
      const id = found.find((each) => each.id !== undefined)?.id;
      if (id !== undefined) attributes.push({ id, attributes: Object.fromEntries(found.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))) });
    }
    this.begin();
    return attributes.length > 0 ? { source: 0, texts: [], removes: [], adds: [], attributes } : undefined;
  }

  #add(element: Element, name: string): void {
    const names = this.#names.get(element) ?? new Set();
    this.#names.set(element, names);
    if (!names.has(name)) this.#size += 1;
    names.add(name);
  }
}

// Whether an attribute is so, in whole or by one of its words.
function isAsked(whole: string, value: string | undefined): boolean {
  return value === undefined || whole.trim() === value || whole.split(/\s+/).includes(value);
}
