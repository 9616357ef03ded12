// The six digits that bring a page into a call, as people type them.

/** Returns the code in what was typed, however its digits are set apart; nothing where it is none. */
export function codeIn(typed: string): string | undefined {
  const code = typed.replace(/\D/g, "");
  return code.length === 6 ? code : undefined;
}
