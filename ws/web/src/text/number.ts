// Telephone numbers as people type them.

/** What came of a typed number. */
export type TypedNumber = { is: "number"; number: string } | { is: "empty" | "letters" | "short" | "long" };

/** Reads a number the way the server does: an optional `+` and digits; spaces, dots, dashes, slashes and brackets do
 * not count, nor the (0) behind a country code. Fewer than 3 digits are more likely a slip than a number. */
export function readNumber(typed: string): TypedNumber {
  const whole = /^\s*(\+|00)/.test(typed) ? typed.replaceAll("(0)", "") : typed;
  const kept = whole.replace(/[\s.\-()/]/g, "");
  if (kept === "") return { is: "empty" };
  if (!/^\+?\d*$/.test(kept)) return { is: "letters" };
  const digits = kept.replace("+", "").length;
  if (digits < 3) return { is: "short" };
  if (digits > 15) return { is: "long" };
  return { is: "number", number: kept };
}
