// What changed on the desk that is said to who does not look: how the agent stands, what came to them unasked, what is parked. Pure.

import type { Contact, Desk, Presence } from "../generated/protocol";
import { reason } from "../text/staff";
import { words } from "./words";

/** Returns it in words, or nothing. `accepted` was taken here just now, and is no news; neither is a desk that is opened. */
export function newsOf(before: Desk | undefined, after: Desk | undefined, accepted: string | undefined): string {
  if (!before || !after || before === after) return "";
  const said: string[] = [];
  if (!same(before.presence, after.presence)) said.push(presenceTold(after.presence));
  for (const contact of after.contacts) {
    const known = before.contacts.find(({ interaction }) => interaction === contact.interaction);
    if (!known && contact.interaction !== accepted) said.push(came(contact));
    if (known && known.parked === undefined && contact.parked !== undefined) said.push(`${named(contact)}: ${words.parkedShort}`);
  }
  return said.join(". ");
}

function same(one: Presence, other: Presence): boolean {
  return one.is === other.is && (one.is !== "away" || other.is !== "away" || one.reason === other.reason);
}

function presenceTold(presence: Presence): string {
  switch (presence.is) {
    case "ready":
      return words.nowReady;
    case "away":
      return words.nowAway(reason(presence.reason));
    case "gone":
      return words.gone;
  }
}

function came(contact: Contact): string {
  const calls = contact.call && contact.call.is !== "ended" && contact.call.is !== "failed";
  return calls ? words.callCame(named(contact)) : words.came(named(contact));
}

function named({ card }: Contact): string {
  return card.name || card.number || card.mail || words.unnamed;
}
