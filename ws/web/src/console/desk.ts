// The desk as the server tells it: a snapshot and ordered changes, nothing inferred.

import type { Change, Contact, Desk, Offer } from "../generated/protocol";
import { words } from "./words";

/** Returns the desk after a change. */
export function changed(desk: Desk, change: Change): Desk {
  switch (change.change) {
    case "offered":
      return { ...desk, offers: [...without(desk.offers, change.offer.interaction), change.offer] };
    case "offer_gone":
      return { ...desk, offers: without(desk.offers, change.interaction) };
    case "contact":
      return { ...desk, contacts: replaced(desk.contacts, change.contact) };
    case "released":
      return { ...desk, contacts: without(desk.contacts, change.interaction) };
    case "presence":
      return { ...desk, presence: change.presence, ...(change.since !== undefined && { presence_since: change.since }) };
    case "phone":
      return { ...desk, phone: change.reachable };
    case "own": {
      const { own: _, ...rest } = desk;
      return change.own.length > 0 ? { ...rest, own: change.own } : rest;
    }
    case "consulted": {
      const { consulted: _, ...rest } = desk;
      return change.consulted ? { ...rest, consulted: change.consulted } : rest;
    }
    case "supervised": {
      const { supervised: _, ...rest } = desk;
      return change.supervised.length > 0 ? { ...rest, supervised: change.supervised } : rest;
    }
    case "memos": {
      const { memos, read, unread } = change.memos;
      return { ...desk, memos: { memos: [...(desk.memos?.memos ?? []), ...memos].slice(-50), read, unread } };
    }
    case "headset":
      return { ...desk, headset: change.headset };
  }
}

function without<T extends Offer | Contact>(items: readonly T[], interaction: string): T[] {
  return items.filter((item) => item.interaction !== interaction);
}

function replaced(contacts: readonly Contact[], contact: Contact): Contact[] {
  const at = contacts.findIndex((held) => held.interaction === contact.interaction);
  return at < 0 ? [...contacts, contact] : contacts.with(at, contact);
}

/** What the customer of an offer is called. */
export function whoAsked(desk: Desk | undefined, interaction: string): string {
  const card = desk?.offers.find((offer) => offer.interaction === interaction)?.card;
  return card?.name || card?.number || card?.mail || words.unnamed;
}
