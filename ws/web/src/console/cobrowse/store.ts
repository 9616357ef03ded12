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

/** The code of each contact that has one, with the time of this browser at which it is good no more. */
export const codes = signal<ReadonlyMap<string, { code: string; by: number }>>(new Map());

const shown = new Map<string, { place: Place; wardrobe: Wardrobe }>();

export function sharingOf(interaction: string): Sharing {
  return sharings.value.get(interaction) ?? NOTHING;
}

/** Says where the customer is. */
export function whereOf({ title, page }: Sharing): string {
  return [title, page].filter(Boolean).join(" · ");
}

/** Takes in what the server says, whose clock is `ahead` of this browser's. */
export function handle(interaction: string, news: AgentNews, ahead: number): void {
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
      return drop(interaction);
    case "code":
      return keep(interaction, news.code, news.until - ahead);
  }
}

/** Keeps the code of a contact, in place of the one before. */
export function keep(interaction: string, code: string, by: number): void {
  codes.value = new Map(codes.value).set(interaction, { code, by });
}

/** The code of a contact is good no more. */
export function drop(interaction: string): void {
  const kept = new Map(codes.value);
  if (kept.delete(interaction)) codes.value = kept;
}

/** The connection is back: what is shared comes anew, and so do codes; those that do not are good no more. */
export function reset(): void {
  sharings.value = new Map();
  codes.value = new Map();
}

/** Shows what comes of a page until what is returned is called. */
export function follow(interaction: string, place: Place): () => void {
  shown.set(interaction, { place, wardrobe: new Wardrobe() });
  return () => void shown.delete(interaction);
}

/** Returns the names of the style sheets that are known of a page that is followed. */
export function known(interaction: string): string[] {
  return shown.get(interaction)?.wardrobe.names ?? [];
}
