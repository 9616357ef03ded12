// What is looked for on the pages beside the desk, and which callback is shown: kept for a reload and for whoever comes back from the desk, in this tab alone,
// until the sign-in is given back. Names and numbers are in it, so that it is in no address.

import { signal } from "@preact/signals";
import { store, stored } from "../signing/stored";
import type { Wanted } from "./callbacks";
import type { Place } from "./place";

const KEPT = "tandem.sought";

/** What is looked for; what is empty does not count. */
export interface Search {
  text: string;
  name: string;
  number: string;
  mail: string;
  queue: string;
  agent: string;
  /** Days, as a date field writes them. */
  from: string;
  to: string;
  live: boolean;
}

export const NOTHING: Search = { text: "", name: "", number: "", mail: "", queue: "", agent: "", from: "", to: "", live: false };

/** Which callbacks are listed. */
export interface Listed {
  whose: "mine" | "all";
  queue: string;
  state: Wanted["state"];
}

interface Sought {
  history: Search;
  callbacks: Listed;
  /** The callback that is shown beside the list. */
  callback?: string | undefined;
}

const AT_FIRST: Sought = { history: NOTHING, callbacks: { whose: "mine", queue: "", state: "open" } };

export const sought = signal(read());

/** Something else is looked for, or listed. */
export function seek(change: Partial<Sought>): void {
  sought.value = { ...sought.value, ...change };
  store(KEPT, sought.value);
}

/** Where the callbacks are, with the one that was shown last. */
export function atCallbacks(): Place {
  const { callback } = sought.value;
  return { is: "callbacks", ...(callback && { callback }) };
}

/** What was looked for is not for whoever comes next. */
export function forgetSought(): void {
  seek({ ...AT_FIRST, callback: undefined });
}

function read(): Sought {
  const { history, callbacks, callback } = stored<Partial<Sought>>(KEPT) ?? {};
  return { callback, history: { ...NOTHING, ...history }, callbacks: { ...AT_FIRST.callbacks, ...callbacks } };
}
