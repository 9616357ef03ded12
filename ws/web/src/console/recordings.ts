// Where the recordings of contacts are heard, and who may: agents those of their own contacts, supervisors all.

import { may } from "./may";
import { session } from "./model";

/** Returns the number of a recording in its interaction, by its id. */
export function numberOf(recording: string): string {
  return recording.split(".r").at(-1) ?? "";
}

/** Where agents hear a recording of a contact they have or had. */
export function ownPath(interaction: string, n: number | string): string {
  return `/api/v1/agents/${encodeURIComponent(session.value?.agent ?? "")}/contacts/${interaction}/recordings/${n}`;
}

/** Where those hear it who may hear everything. */
export function anyPath(interaction: string, n: number | string): string {
  return `/api/v1/interactions/${interaction}/recordings/${n}`;
}

/** Tells whether who is signed in may hear every recording. */
export const hearsAll = (): Promise<boolean> => may("read:recordings");
