// What was done, and why where that is known: it may be erased.

/** Says what was done and why. */
export function because(what: string, why: string | null): string {
  return why ? `${what}: ${why}` : what;
}
