// Promised calls, as `/api/v1/callbacks` gives and takes them.

import { ask, page, query, type Page } from "./api";

/** How many callbacks are fetched at a time. */
export const AT_ONCE = 50;

/** One promised call. */
export interface Callback {
  callback: string;
  interaction: string;
  queue: string;
  number: string;
  name: string | null;
  due: number;
  until: number | null;
  zone: string | null;
  owner: string | null;
  order: string | null;
  remind: number | null;
  promised_at: number;
  state: "promised" | "dialling" | "retrying" | "ended";
  attempts: number;
  end: string | null;
  ended_at: number | null;
}

/** One dialling of a promise. */
export interface Attempt {
  attempt: number;
  at: number;
  agent: string;
  ended_at: number | null;
  result: string | null;
  status: number | null;
  reason: string | null;
}

/** Which callbacks are wanted; what is empty does not count. */
export interface Wanted {
  owner: string;
  queue: string;
  state: "open" | Callback["state"] | "";
}

/** What is to be changed of a promise; `owner: null` is whoever is free. */
export interface Revision {
  at?: number;
  /** A window that ended otherwise goes with `at`, where none is given. */
  until?: number;
  owner?: string | null;
  /** Whose it is as far as is known here; where that is not so any more it is refused. */
  owner_was?: string | null;
}

/** Returns whether a promise may still be changed. */
export function changeable({ state }: Callback): boolean {
  return state === "promised" || state === "retrying";
}

/** Finds callbacks: the next due first of those that are open, the latest first of those that are over. */
export async function findCallbacks(wanted: Wanted): Promise<Page<Callback[]>> {
  const open = wanted.state !== "" && wanted.state !== "ended";
  const found = await page<{ callbacks: Callback[] }>(`/api/v1/callbacks${query({ ...wanted, order: open ? "soonest" : "", limit: AT_ONCE })}`);
  return { body: found.body.callbacks, next: found.next };
}

export async function moreCallbacks(next: string): Promise<Page<Callback[]>> {
  const found = await page<{ callbacks: Callback[] }>(next);
  return { body: found.body.callbacks, next: found.next };
}

export function oneCallback(callback: string): Promise<Callback & { history: Attempt[] }> {
  return ask("GET", `/api/v1/callbacks/${callback}`);
}

export function revise(callback: string, revision: Revision): Promise<unknown> {
  return ask("PATCH", `/api/v1/callbacks/${callback}`, revision);
}

export function takeBack(callback: string): Promise<unknown> {
  return ask("DELETE", `/api/v1/callbacks/${callback}`);
}
