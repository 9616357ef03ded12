// How the pages of contacts are shared, and where what they show goes.

import { signal } from "@preact/signals";
import type { AgentNews, Sharing } from "../../generated/protocol";
import { Wardrobe } from "./wardrobe";

/** Nothing is shared and nothing asked. */
export const NOTHING: Sharing = { asked: [], by: null, until: null, granted: [], since: null, page: null, title: null, viewers: [] };

/** How the page of each contact is shared. */
export const sharings = signal<ReadonlyMap<string, Sharing>>(new Map());
/** Where what comes of a page goes. */
interface Place {
  show(stream: string, fresh: boolean, events: string, sheets: [name: string, text: string][]): void;
  /** The page is to be asked for anew. */
  again(): void;
}

/** Who shows a code for a contact, and is told when it is good no more. */
const codes = new Map<string, () => void>();

const shown = new Map<string, { place: Place; wardrobe: Wardrobe }>();

export function sharingOf(interaction: string): Sharing {
  return sharings.value.get(interaction) ?? NOTHING;
}

/** Says where the customer is. */
export function whereOf({ title, page }: Sharing): string {
  return [title, page].filter(Boolean).join(" · ");
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
    case "batch": {
      const { place, wardrobe } = shown.get(interaction) ?? {};
      const sheets = wardrobe?.fetch(news.fresh, news.sheets, () => place?.again());
      if (sheets) place?.show(news.stream, news.fresh, news.events, sheets);
      return;
    }
    case "sheet":
      return shown.get(interaction)?.wardrobe.keep(news.sheet, news.text);
    case "behind":
      return shown.get(interaction)?.place.again();
    case "lapsed":
      return codes.get(interaction)?.();
  }
}

/** The connection is back: what is shared comes anew. */
export function reset(): void {
  sharings.value = new Map();
}

/** Shows what comes of a page until what is returned is called. */
export function follow(interaction: string, place: Place): () => void {
  shown.set(interaction, { place, wardrobe: new Wardrobe() });
  return () => void shown.delete(interaction);
}

/** Tells when the code of a contact was replaced, until what is returned is called. */
export function heed(interaction: string, lapsed: () => void): () => void {
  codes.set(interaction, lapsed);
  return () => void codes.delete(interaction);
}

/** Returns the names of the style sheets that are known of a page that is followed. */
export function known(interaction: string): string[] {
  return shown.get(interaction)?.wardrobe.names ?? [];
}
