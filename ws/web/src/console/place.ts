// Where in the console the agent is: the desk or one of the pages beside it. Kept in the address, so that a reload and
// the browser's back button find the way.

import { signal } from "@preact/signals";

/** A place in the console. */
export type Place = { is: "desk" } | { is: "callbacks"; callback?: string } | { is: "history"; interaction?: string } | { is: "customer"; customer: string };

const ID = /^[0-9a-f]{32}$/;
const CALLBACK = /^[0-9a-f]{32}\.c\d{1,9}$/;

/** Reads a place out of an address's hash; what means nothing is the desk. */
export function placeIn(hash: string): Place {
  const [is, id = ""] = hash.replace(/^#/, "").split("/");
  if (is === "callbacks") return CALLBACK.test(id) ? { is, callback: id } : { is };
  if (is === "history") return ID.test(id) ? { is, interaction: id } : { is };
  if (is === "customer" && ID.test(id)) return { is, customer: id };
  return { is: "desk" };
}

/** Writes a place as a hash. */
export function hashOf(place: Place): string {
  switch (place.is) {
    case "desk":
      return "#desk";
    case "callbacks":
      return place.callback ? `#callbacks/${place.callback}` : "#callbacks";
    case "history":
      return place.interaction ? `#history/${place.interaction}` : "#history";
    case "customer":
      return `#customer/${place.customer}`;
  }
}

export const place = signal<Place>(typeof location === "undefined" ? { is: "desk" } : placeIn(location.hash));

/** Goes somewhere. */
export function go(to: Place): void {
  if (hashOf(to) === hashOf(place.value)) return;
  place.value = to;
  history.pushState(null, "", hashOf(to));
}

/** Follows the browser's buttons. */
export function followAddress(): void {
  addEventListener("popstate", () => (place.value = placeIn(location.hash)));
}
