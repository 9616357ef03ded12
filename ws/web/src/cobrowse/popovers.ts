// Which popovers of a page are shown: nothing of it stands in their attributes, nor is it told to who records them. Pure but for
// what it asks of them.

/** The attribute of those that are shown. */
export const SHOWN = "tandem-popover";

/** The popovers of what is shown. */
export class Popovers {
  readonly #known = new Map<number, { popover: Element; shown: boolean }>();

  /** The whole page is told anew. */
  begin(): void {
    this.#known.clear();
  }

  /** Takes one by its number; returns whether it is shown. */
  found(id: number, popover: Element | null): boolean {
    if (!popover) return false;
    const shown = isShown(popover);
    this.#known.set(id, { popover, shown });
    return shown;
  }

  /** Returns what a recorder would have told of those that are shown, or hidden, since it was asked last. */
  changed(): { source: 0; texts: []; removes: []; adds: []; attributes: { id: number; attributes: Record<string, string | null> }[] } | undefined {
    const attributes = [];
    for (const [id, { popover, shown }] of this.#known) {
      if (!popover.isConnected) this.#known.delete(id);
      else if (isShown(popover) !== shown) attributes.push({ id, attributes: { [SHOWN]: this.found(id, popover) ? "" : null } });
    }
    return attributes.length > 0 ? { source: 0, texts: [], removes: [], adds: [], attributes } : undefined;
  }
}

function isShown(popover: Element): boolean {
  return CSS.supports("selector(:popover-open)") && popover.matches(":popover-open");
}
