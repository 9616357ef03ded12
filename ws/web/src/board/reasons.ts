// The reasons of a choice, out of the record of an interaction or the answer about its route. Lenient: what is missing is
// left out.

import type { DecisionView, Hold } from "../generated/protocol";
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
  if (last) return offered(last);
  const next = fields(body["next"]);
  return { agent: text(next["agent"]), why: text(next["words"]) || text(next["why"]), hold: holdOf(body), lookedAt: lookedAt(body["candidates"]) };
}

/** Takes one choice out of the record, and what the board has of it where the record does not have it yet. */
export function chosen(record: Record<string, unknown>, { agent, at, why }: DecisionView): Reasons {
  const found = list(record["offers"]).find((one) => one["agent"] === agent && one["at"] === at);
  return found ? offered(found) : { agent, why, hold: null, lookedAt: [] };
}

function offered(offer: Record<string, unknown>): Reasons {
  return { agent: text(offer["agent"]), why: text(offer["why"]), hold: null, lookedAt: lookedAt(fields(offer["route"])["candidates"]) };
}

function lookedAt(candidates: unknown): Reasons["lookedAt"] {
  return list(candidates)
    .map((one) => ({ agent: text(one["agent"]), ...standOf(one) }))
    .filter(({ agent }) => agent !== "");
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
