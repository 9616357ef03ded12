// Where the recordings of contacts are heard, and who may: agents those of their own contacts, supervisors all.

import { ask } from "./api";
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

let told: { token: string; all: Promise<boolean> } | undefined;

/** Tells whether who is signed in may hear every recording. It is asked once, since a credential does not change. */
export function hearsAll(): Promise<boolean> {
  const token = session.value?.token ?? "";
  if (told?.token === token) return told.all;
  const all = ask<{ scopes?: string[] }>("GET", "/api/v1/me").then((me) => (me.scopes ?? []).includes("read:recordings"));
  told = { token, all };
  // What could not be asked is asked again.
  all.catch(() => (told = undefined));
  return all;
}
