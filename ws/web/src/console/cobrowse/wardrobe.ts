// The style sheets of a page that is looked at, which the server tells once each.

/** How many are kept; a server names 64 at most. */
const MOST = 128;

/** What is known of them here. */
export class Wardrobe {
  readonly #texts = new Map<string, string>();
  #stale = false;

  /** Their names, the newest ones, as the server is told them. */
  get names(): string[] {
    return [...this.#texts.keys()].slice(-64);
  }

  keep(name: string, text: string): void {
    this.#texts.delete(name);
    this.#texts.set(name, text);
    for (const oldest of this.#texts.keys()) {
      if (this.#texts.size <= MOST) return;
      this.#texts.delete(oldest);
    }
  }

  /**
   * Returns the style sheets that a batch needs; nothing when the page has to be asked for anew first, and `again` is called for
   * the first such batch.
   */
  fetch(fresh: boolean, names: string[], again: () => void): [name: string, text: string][] | undefined {
    if (!fresh && this.#stale) return undefined;
    const found = names.map((name): [string, string | undefined] => [name, this.#texts.get(name)]);
    this.#stale = found.some(([, text]) => text === undefined);
    if (!this.#stale) return found as [string, string][];
    again();
    return undefined;
  }
}
