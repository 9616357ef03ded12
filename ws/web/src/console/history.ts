// Interactions on record, as `/api/v1/interactions` finds them.

import type { Hold } from "../generated/protocol";
import { holdOf } from "../text/route";
import { ask, page, query, type Page } from "./api";
import { shape, type InteractionRecord } from "./record";
import type { Search } from "./sought";

/** One found interaction. */
export interface Found {
  interaction: string;
  opened_at: number;
  ended_at: number | null;
  sealed_at: number | null;
  channel: string;
  queue: string;
  customer: string;
  /** What the customer is called, where anything of them is known. */
  who: string | null;
  outcome: string | null;
}

/** How many are fetched at once. */
const AT_ONCE = 50;

/** Searches; the newest come first. */
export async function search({ live, from, to, ...rest }: Search): Promise<Page<Found[]>> {
  const values = { ...rest, number: rest.number.replace(/[\s()/-]/g, ""), state: live ? "live" : "", from: day(from, 0), to: day(to, 1), limit: AT_ONCE };
  return more(`/api/v1/interactions${query(values)}`);
}

/** Fetches a record; throws an error with the server's sentence. */
export async function fetchRecord(interaction: string): Promise<InteractionRecord> {
  return shape(await ask<Record<string, unknown>>("GET", `/api/v1/interactions/${interaction}`), interaction);
}

/** Tells why who waits is put before nobody for now; nothing where they may be. */
export async function fetchHold(interaction: string): Promise<Hold | null> {
  return holdOf(await ask<Record<string, unknown>>("GET", `/api/v1/interactions/${interaction}/route`));
}

/** Finds all interactions of one customer, with everything that was merged into them; the newest come first. */
export function ofCustomer(customer: string): Promise<Page<Found[]>> {
  return more(`/api/v1/interactions${query({ customer, limit: AT_ONCE })}`);
}

/** Fetches the next page of what was found. */
export async function more(next: string): Promise<Page<Found[]>> {
  const found = await page<{ interactions: Found[] }>(next);
  return { body: found.body.interactions, next: found.next };
}

// The begin of a day here, or of the one after it.
function day(text: string, after: number): number | undefined {
  const parts = /^(\d+)-(\d+)-(\d+)$/.exec(text);
  return parts ? new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]) + after).getTime() : undefined;
}
