// What is said to screen readers.

import { signal } from "@preact/signals";

/** Said last; each time it has another number, since what is the same as before is not read out. */
export const announcement = signal({ n: 0, text: "" });

export function announce(text: string): void {
  announcement.value = { n: announcement.value.n + 1, text };
}

/** What ends with `text` is not said any more. */
export function unsay(text: string): void {
  if (announcement.value.text.endsWith(text)) announce("");
}
