// A page as it is painted: what stands in a slot is within what the slot stands in, and a shadow is within its host.

/** Returns what a node stands in. */
export function above(node: Node): Element | null {
  return (node as Element).assignedSlot ?? node.parentElement ?? (node.parentNode as ShadowRoot | null)?.host ?? null;
}

/** Returns the nearest element that a selector matches, from an element on. */
export function closest<Found extends Element>(from: Element | null, selector: string): Found | null {
  let at = from;
  while (at && !at.matches(selector)) at = above(at);
  return at as Found | null;
}
