// Whoever does something in a page does not wait long for its connection.

import type { LinkState } from "./link";

/** As much of a link as is asked. */
export interface Waiting {
  state: LinkState;
  start(now: number): void;
}

/** Has a link that waits for its next try make it soon, whenever somebody does something in this page; called once. */
export function eager(step: (tell: (link: Waiting, now: number) => void) => void): void {
  const hurry = () =>
    step((link, now) => {
      if (link.state.is === "waiting") link.start(now);
    });
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, hurry, true);
}
