// The reasons of a choice, out of the record of an interaction or the answer about its route. Lenient: what is missing is
// left out.

import type { Hold } from "../generated/protocol";
import { holdOf, standOf, type Stand } from "../text/route";

/** Who was chosen and why, in the server's words, and how those stood who were looked at. */
export interface Reasons {
  agent: string;
  why: string;
  /** Why it is put before nobody for now. */
  hold: Hold | null;
  lookedAt: (Stand & { agent: string })[];
}

/** Brings what came into the shape that is shown. */
export function shape(body: Record<string, unknown>): Reasons {
  const last = list(body["offers"]).at(-1);
  const chosen = last ?? fields(body["next"]);
  const candidates = last ? fields(last["route"])["candidates"] : body["candidates"];
  const named = list(candidates).map((one) => ({ agent: text(one["agent"]), ...standOf(one) }));
  return { agent: text(chosen["agent"]), why: text(chosen["words"]) || text(chosen["why"]), hold: holdOf(body), lookedAt: named.filter(({ agent }) => agent !== "") };
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
