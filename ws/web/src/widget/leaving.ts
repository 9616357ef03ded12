// The place of who reads further up in the conversation, kept in this tab while another page comes.

import type { Visitor } from "./visitor";

const AT_END = 48;

/** Keeps it from now on whenever the page goes, under `key` and the interaction: in which row the view begins, how far from that
 *  one's top, and which entry was the last, with commas between; nothing where the end is in view, or the conversation is not. */
export function keepPlace(root: ShadowRoot, visitor: Visitor, key: string): void {
  addEventListener("pagehide", () => {
    const log = root.querySelector(".scroller");
    const timeline = visitor.timeline;
    if (!log || !timeline) return;
    const named = `${key}.place.${timeline.interaction}`;
    try {
      const [, , last = 0] = (sessionStorage.getItem(named) ?? "").split(",").map(Number);
      // The place of before was not found again yet.
      if (timeline.last < last) return;
      const place = placeIn(log);
      if (place) sessionStorage.setItem(named, [...place, timeline.last].join());
      else sessionStorage.removeItem(named);
    } catch {
      // Costs only that the next page shows the end.
    }
  });
}

function placeIn(log: Element): [row: number, into: number] | undefined {
  const { scrollTop: top, scrollHeight, clientHeight } = log;
  if (scrollHeight - clientHeight - top < AT_END) return undefined;
  const rows = [...log.querySelectorAll("li")];
  const at = rows.findIndex((row) => row.offsetTop + row.offsetHeight > top);
  return [at, top - (rows[at]?.offsetTop ?? 0)];
}
