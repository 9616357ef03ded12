// The record of an interaction as `GET /api/v1/interactions/{id}` gives it. The front end is lenient here: a record
// may come from an older server, and what is missing is left out.

import type { Channel, Entry } from "../protocol";

/** What of a record is shown. */
export interface InteractionRecord {
  interaction: string;
  opened_at: number | null;
  sealed_at: number | null;
  channel: Channel | null;
  queue: string | null;
  legs: RecordLeg[];
  assignments: RecordStay[];
  timeline: Entry[];
  outcome: string;
}

/** One agent's stay. */
export interface RecordStay {
  name: string;
  disposition: string;
  note: string;
}

/** One party's participation. */
export interface RecordLeg {
  leg: string;
  /** Whose, and on what: `customer_phone`, `agent_chat` and so on. */
  kind: string;
  /** The number or agent. */
  who: string;
  cause: string;
  started_at: number | null;
  ended_at: number | null;
  reason: string;
}

/** Fetches a record; throws an error with the server's sentence. */
export async function fetchRecord(interaction: string, token: string): Promise<InteractionRecord> {
  const response = await fetch(`/api/v1/interactions/${interaction}`, { headers: { authorization: `Bearer ${token}` } });
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (!response.ok) throw new Error(text(body["detail"]) || text(body["title"]) || `${response.status}`);
  return shape(body, interaction);
}

/** Brings what came into the shape that is shown. */
export function shape(body: Record<string, unknown>, interaction: string): InteractionRecord {
  return {
    interaction: text(body["interaction"]) || interaction,
    opened_at: time(body["opened_at"]),
    sealed_at: time(body["sealed_at"]),
    channel: body["channel"] === "voice" || body["channel"] === "chat" ? body["channel"] : null,
    queue: text(body["queue"]) || null,
    legs: list(body["legs"]).map(leg),
    assignments: list(body["assignments"]).map(stay),
    timeline: list(body["timeline"]).filter((entry) => typeof entry["what"] === "string") as unknown as Entry[],
    outcome: text(body["outcome"]),
  };
}

function stay(each: Record<string, unknown>): RecordStay {
  return { name: text(each["name"]) || text(each["agent"]), disposition: text(each["disposition"]), note: text(each["note"]) };
}

function leg(each: Record<string, unknown>): RecordLeg {
  const party = fields(each["party"]);
  return {
    leg: text(each["leg"]),
    kind: text(party["kind"]),
    who: text(party["number"]) || text(party["agent"]),
    cause: text(each["cause"]),
    started_at: time(each["started_at"]),
    ended_at: time(each["ended_at"]),
    reason: text(each["reason"]) || text(fields(each["reason"])["text"]) || text(fields(each["reason"])["kind"]),
  };
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "object" && each !== null) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function time(value: unknown): number | null {
  if (typeof value === "number") return value;
  const parsed = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? null : parsed;
}
