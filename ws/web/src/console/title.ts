// What the tab of the console says.

import type { Desk } from "../generated/protocol";
import { words } from "./words";

/** Says it of a desk on which `unseen` messages are unread. */
export function titleOf(desk: Desk | undefined, unseen: number): string {
  if (desk?.consulted && !desk.consulted.joined) return words.titleAsked;
  if (desk && desk.offers.length > 0) return words.titleOffer(desk.offers.length);
  return desk && unseen > 0 ? words.titleUnread(unseen) : words.title;
}
