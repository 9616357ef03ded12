// Which style sheets that programs made the page and its shadow roots have: nothing tells of one that is put beside the others, but
// that they are set is noticed.

type Root = Document | ShadowRoot;

/** Those of one recording. */
export class Dressed {
  readonly #had = new Map<Root, readonly CSSStyleSheet[]>();

  /** All of the page is told, with what it has now. */
  begin(): void {
    this.#had.clear();
    this.found(document);
  }

  /** What it has now is told. */
  found(root: Root | null): void {
    if (root && !this.#had.has(root)) this.#had.set(root, has(root));
  }

  /** Which are known. */
  get roots(): Iterable<Root> {
    return this.#had.keys();
  }

  /** Sets those anew that have others now. */
  look(): void {
    for (const [root, had] of this.#had) {
      if ("host" in root && !root.host.isConnected) {
        this.#had.delete(root);
        continue;
      }
      const now = has(root);
      if (now.length === had.length && now.every((sheet, at) => sheet === had[at])) continue;
      this.#had.set(root, now);
      root.adoptedStyleSheets = now;
    }
  }
}

function has(root: Root): CSSStyleSheet[] {
  return [...(root.adoptedStyleSheets ?? [])];
}
