// What was opened from a list has the keyboard, however many rows are between; Escape gives it back to its row.

import { go, hashOf, place, type Place } from "./place";

/** Where something is opened that is not there yet. */
let awaited = "";

/** Goes to a place beside a list, or where it is already. */
export function open(to: Place): void {
  if (hashOf(to) === hashOf(place.value)) return void document.querySelector<HTMLElement>("[data-opened]")?.focus();
  awaited = hashOf(to);
  go(to);
}

/** Takes the keyboard when it comes, where it was opened. */
export function arrive(element: HTMLElement | null): void {
  if (!element || awaited !== hashOf(place.value)) return;
  awaited = "";
  element.focus();
}

/** Listens where a list and what was opened from it stand. */
export function leaves(event: KeyboardEvent): void {
  const { key, target, currentTarget } = event;
  if (key !== "Escape" || document.querySelector("dialog[open]") || !(target as Element).closest(".detail")) return;
  (currentTarget as Element).querySelector<HTMLElement>('.row[aria-pressed="true"]')?.focus();
}
