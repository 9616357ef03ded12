// What a press of keys asks for. Pure.

/** The keys of a press that say what is meant. */
export type Press = Pick<KeyboardEvent, "key" | "code" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey">;

/**
 * Returns the letter or digit that a press asks for with Alt. Where Alt types signs instead of letters the key's place counts; in a
 * field the sign is meant, unless Control is held too, which elsewhere is how such signs are typed (AltGr).
 */
export function letterOf({ key, code, altKey, ctrlKey, metaKey, shiftKey }: Press, written: boolean, mac: boolean): string | undefined {
  if (!altKey || metaKey || shiftKey || (ctrlKey && !mac)) return undefined;
  if (/^[a-z0-9]$/i.test(key)) return key.toLowerCase();
  // `AltLeft` is no letter.
  return written && !ctrlKey ? undefined : /^(?:Key|Digit)(.)$/.exec(code)?.[1]?.toLowerCase();
}
