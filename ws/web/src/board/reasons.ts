// The reasons of a choice, out of the record of an interaction or the answer about its route. Lenient: what is missing is
// left out.

/** Who was chosen and why, and why others were not. */
export interface Reasons {
  agent: string;
  why: string;
  passedOver: { agent: string; why: string; score: string }[];
}

/** Brings what came into the shape that is shown. */
export function shape(body: Record<string, unknown>): Reasons {
  const offers = list(body["offers"]).concat(list(body["decisions"]));
  const last = offers.at(-1) ?? fields(body["last"]);
  const waiting = list(body["candidates"]);
  const passed = waiting.length > 0 ? waiting : list(last["candidates"]).concat(list(last["passed_over"]));
  return {
    agent: text(last["agent"]),
    why: text(last["why"]),
    passedOver: passed.map(one).filter(({ agent }) => agent !== ""),
  };
}

function one(each: unknown): Reasons["passedOver"][number] {
  if (Array.isArray(each)) return { agent: text(each[0]), why: text(each[1]), score: "" };
  const found = fields(each);
  const out = found["out"] ?? found["why"] ?? found["reason"];
  return { agent: text(found["agent"]), why: Array.isArray(out) ? out.map(text).join(", ") : text(out), score: text(found["score"]) };
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}
