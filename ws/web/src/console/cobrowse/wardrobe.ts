// The style sheets of a page that is looked at, which the server tells once each.

/** How many are kept, and characters of them; a page needs 64 of 2 MiB together at most, and the next one as much. */
const MOST = 128;
const CHARACTERS = 4 * 1024 * 1024;

/** What is known of them here. */
export class Wardrobe {
  readonly #texts = new Map<string, string>();
  #stale = false;
  #characters = 0;

  /** Their names, the newest ones, as the server is told them. */
  get names(): string[] {
    return [...this.#texts.keys()].slice(-64);
  }

  keep(name: string, text: string): void {
    this.#drop(name);
    this.#texts.set(name, text);
    this.#characters += text.length;
    for (const oldest of this.#texts.keys()) {
      if (this.#texts.size <= MOST && this.#characters <= CHARACTERS) return;
      this.#drop(oldest);
    }
  }

  #drop(name: string): void {
    this.#characters -= this.#texts.get(name)?.length ?? 0;
    this.#texts.delete(name);
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
