// Whether a field takes what somebody wants to fill in.

import { KINDS, SHAPES } from "./filled";

/** Why it does not. */
export type Misfit = "long" | "number" | "kind";

/** Returns why a field of a kind, with at most so many characters unless that is below zero, does not take a content. */
export function misfit(type: string, most: number, value: string): Misfit | undefined {
  if (!KINDS.test(type) && !SHAPES.test(type)) return most >= 0 && value.length > most ? "long" : undefined;
  if (value === "") return undefined;
  const number = type === "number" || type === "range";
  const probe = document.createElement("input");
  // A slider takes the next best.
  probe.type = number ? "number" : type;
  probe.value = value;
  // So does a colour.
  const taken = type === "color" ? probe.value === value.toLowerCase() : probe.value !== "";
  return taken ? undefined : number ? "number" : "kind";
}
