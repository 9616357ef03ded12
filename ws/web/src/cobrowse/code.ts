// The six digits that bring a page into a call: as people type them, and for how long they are good.

/** Returns the code in what was typed, however its digits are set apart; nothing where it is none. */
export function codeIn(typed: string): string | undefined {
  const code = typed.replace(/\D/g, "");
  return code.length === 6 ? code : undefined;
}

const LOOKED_AT = 1_000;

/** Tells that a code is good no more, `left` milliseconds from now; what is returned keeps it from that. */
export function lapse(left: number, told: () => void): () => void {
  const by = Date.now() + left;
  const stop = () => (clearTimeout(due), clearInterval(often));
  const over = () => (stop(), told());
  const due = setTimeout(over, left);
  // While a computer sleeps its timers stand still.
  const often = setInterval(() => Date.now() >= by && over(), LOOKED_AT);
  return stop;
}
