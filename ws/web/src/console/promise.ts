// What an agent may wish of a call that is promised, beside number and time.

import type { Order, Wish } from "../generated/protocol";
import type { Callback, Revision } from "./callbacks";

/** Whom a call may dial first; as the queue has it when none is chosen. */
export const ORDERS: readonly Order[] = ["together", "agent_first", "customer_first"];

/** How many seconds before the call the customer may be reminded; 0 is not at all. */
export const REMINDERS: readonly number[] = [0, 600, 1_800, 7_200, 86_400];

/** The fields of the form, as they are typed and chosen; what is empty is not wished. */
export interface Typed {
  until: string;
  zone: string;
  owner: string;
  order: string;
  remind: string;
}

/** What is wrong with which field. */
export type Fault = { field: "until"; is: "none" | "early" } | { field: "zone"; is: "unknown" };

/** Returns the time zones that a browser knows, by their IANA names. */
export function zones(): string[] {
  return Intl.supportedValuesOf?.("timeZone") ?? [];
}

/** Reads what is wished of a call that is made at `at` at the earliest; null where nothing is. An end that was typed in part is `incomplete`. */
export function read(typed: Typed, at: number, incomplete = false): { wish: Wish | null } | Fault {
  const until = typed.until ? new Date(typed.until).getTime() : null;
  if (incomplete || Number.isNaN(until)) return { field: "until", is: "none" };
  if (until !== null && until <= at) return { field: "until", is: "early" };
  const zone = typed.zone.trim() || null;
  if (zone && !isZone(zone)) return { field: "zone", is: "unknown" };
  const owner = typed.owner || null;
  const order = ORDERS.find((one) => one === typed.order) ?? null;
  const remind = typed.remind ? Number(typed.remind) : null;
  const plain = until === null && !zone && !owner && !order && remind === null;
  return { wish: plain ? null : { until, zone, owner, order, remind, keep_place: false } };
}

/** Returns the change that moves a promise to `at`; its window stays as long as it is. */
export function moved({ due, until }: Pick<Callback, "due" | "until">, at: number): Revision {
  return until !== null && until > due ? { at, until: at + until - due } : { at };
}

function isZone(zone: string): boolean {
  try {
    // An offset, such as +02:00, is no zone.
    return /^[A-Za-z]/.test(zone) && new Intl.DateTimeFormat("en", { timeZone: zone }) !== null;
  } catch {
    return false;
  }
}
