// Whoever does something in a page does not wait long for its connection.

/** Has a link that waits for its next try make it soon, whenever somebody does something in this page; called once. */
export function eager(step: (tell: (link: { hurry(now: number): void }, now: number) => void) => void): void {
  const hurry = () => step((link, now) => link.hurry(now));
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, hurry, true);
}
