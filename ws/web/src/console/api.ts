// Asks the HTTP interface as the agent who is signed in. A refusal is thrown with a sentence that says why.

import { next, request } from "../link/http";
import { problem } from "../text/staff";
import { session, signedOut } from "./model";
import { words } from "./words";

/** Why the server did not do it, in the reader's words. */
export class Problem extends Error {
  constructor(
    text: string,
    readonly status: number,
  ) {
    super(text);
  }
}

/** One page of a long list, and where the next one is. */
export interface Page<T> {
  body: T;
  next: string | undefined;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Asks for something; `body` is sent as JSON. */
export async function ask<T>(method: Method, path: string, body?: unknown): Promise<T> {
  return (await send<T>(method, path, body)).body;
}

/** Asks for a page of a list. */
export function page<T>(path: string): Promise<Page<T>> {
  return send<T>("GET", path);
}

/** Writes a query of what is not empty. */
export function query(values: Record<string, string | number | undefined>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  return given.length > 0 ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : "";
}

async function send<T>(method: Method, path: string, body?: unknown): Promise<Page<T>> {
  const asked = session.value;
  const response = await request(asked?.token ?? "", method, path, body);
  // Whoever is not signed in any more is asked to do that, not to try again.
  if (response?.status === 401 && asked === session.value) signedOut(words.signedOut);
  if (!response) throw new Problem(words.unreachable, 0);
  const answer: unknown = await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem(problem(answer) || `${response.status}`, response.status);
  return { body: answer as T, next: next(response) };
}
