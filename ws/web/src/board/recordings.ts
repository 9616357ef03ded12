// Recordings as `/api/v1/recordings` finds them.

import { next, request } from "../link/http";
import { problem } from "../text/staff";
import { session } from "./model";
import { words } from "./words";

/** One recording, with whose it is. */
export interface Found {
  recording: string;
  interaction: string;
  n: number;
  started_at: number;
  ended_at: number | null;
  /** None where there is no file. */
  mediatype: string | null;
  ms: number | null;
  lost_ms: number | null;
  cut: boolean;
  failed: string | null;
  /** When it became a message that its caller left. */
  message_left_at: number | null;
  queue: string;
  agents: string[];
  number: string | null;
  name: string | null;
}

/** What is looked for; what is empty does not count. */
export interface Wanted {
  queue: string;
  agent: string;
  number: string;
  /** Days, as a date field writes them. */
  from: string;
  to: string;
  whole: boolean;
}

/** A page of what was found, and where the next one is. */
export interface Page {
  found: Found[];
  next: string | undefined;
}

/** Searches; the newest come first. */
export function find({ number, from, to, whole, ...rest }: Wanted): Promise<Page> {
  const values = { ...rest, number: number.replace(/[\s()/-]/g, ""), from: day(from, 0), to: day(to, 1), state: whole ? "whole" : "", limit: "25" };
  const given = Object.entries(values).filter(([, value]) => value !== "");
  return more(`/api/v1/recordings?${new URLSearchParams(given)}`);
}

/** Fetches the page that begins at an address; throws an error with the server's sentence. */
export async function more(path: string): Promise<Page> {
  const answer = await request(session.value?.token ?? "", "GET", path);
  if (!answer) throw new Error(words.unreachable);
  const body: unknown = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(problem(body) || String(answer.status));
  return { found: (body as { recordings: Found[] }).recordings, next: next(answer) };
}

// The begin of a day here, or of the one after it.
function day(text: string, after: number): string {
  const parts = /^(\d+)-(\d+)-(\d+)$/.exec(text);
  return parts ? String(new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]) + after).getTime()) : "";
}
