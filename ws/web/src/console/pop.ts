// The page of another system, such as a CRM, that belongs to a contact: behind a link, or opened when the contact is taken.

import { signal } from "@preact/signals";
import type { Card } from "../generated/protocol";

const KEPT = "tandem.pop";

/** Whether this browser opens it without being asked. */
export const popsByItself = signal(typeof localStorage !== "undefined" && localStorage.getItem(KEPT) === "on");

export function setPops(wanted: boolean): void {
  popsByItself.value = wanted;
  try {
    localStorage.setItem(KEPT, wanted ? "on" : "off");
  } catch {
    // Then it counts until the next reload.
  }
}

/** Its address; only the web's are followed. */
export function pageOf({ screen_pop: address }: Card): string | undefined {
  return address && /^https?:\/\//i.test(address) ? address : undefined;
}

/** Opens it for a contact that was just taken. A browser lets that happen right after the key or the button that took it. */
export function pop(card: Card): void {
  const page = pageOf(card);
  if (page && popsByItself.value) window.open(page, "_blank", "noopener,noreferrer");
}
