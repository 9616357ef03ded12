// What who is signed in may do by the API beyond what agents may.

import { ask } from "./api";
import { session } from "./model";

let told: { token: string; scopes: Promise<string[]> } | undefined;

/** Tells whether a scope is theirs. It is asked once, since a credential does not change. */
export function may(scope: string): Promise<boolean> {
  const token = session.value?.token ?? "";
  if (told?.token !== token) {
    const scopes = ask<{ scopes?: string[] }>("GET", "/api/v1/me").then((me) => me.scopes ?? []);
    told = { token, scopes };
    // What could not be asked is asked again.
    scopes.catch(() => (told = undefined));
  }
  return told.scopes.then((scopes) => scopes.includes(scope));
}
