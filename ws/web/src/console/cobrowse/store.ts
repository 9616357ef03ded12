// How the pages of contacts are shared, and where what they show goes.

import { signal } from "@preact/signals";
import type { AgentNews, Sharing } from "../../protocol";

/** Nothing is shared and nothing asked. */
export const NOTHING: Sharing = { asked: [], by: null, until: null, granted: [], since: null, page: null, viewers: [] };

type Batch = Extract<AgentNews, { is: "batch" }>;

/** How the page of each contact is shared. */
export const sharings = signal<ReadonlyMap<string, Sharing>>(new Map());
const shown = new Map<string, { show(batch: Batch): void; again(): void }>();

export function sharingOf(interaction: string): Sharing {
  return sharings.value.get(interaction) ?? NOTHING;
}

/** Takes in what the server says. */
export function handle(interaction: string, news: AgentNews): void {
  switch (news.is) {
    case "state": {
      const next = new Map(sharings.value);
      next.set(interaction, news.sharing);
      sharings.value = next;
      return;
    }
    case "batch":
      return shown.get(interaction)?.show(news);
    case "behind":
      return shown.get(interaction)?.again();
  }
}

/** The connection is back: what is shared comes anew. */
export function reset(): void {
  sharings.value = new Map();
}

/** Shows what comes of a page until what is returned is called. */
export function follow(interaction: string, where: { show(batch: Batch): void; again(): void }): () => void {
  shown.set(interaction, where);
  return () => void shown.delete(interaction);
}
