// The keys of a telephone, in the order of its pad.

export const KEYS: readonly string[] = [..."123456789*0#"];

/** Returns the key of a telephone that somebody pressed on a keyboard, if it is one and nothing else is meant. */
export function keyOf(event: KeyboardEvent): string | undefined {
  const meant = event.ctrlKey || event.metaKey || event.altKey;
  return !meant && KEYS.includes(event.key) ? event.key : undefined;
}
