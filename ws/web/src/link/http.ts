// The HTTP interface, as whoever is signed in by a credential asks it.

import { json } from "./json";

/** Sends a request, `body` as JSON; nothing where the server cannot be reached, or when `gone` says that nobody waits. */
export function request(token: string, method: string, path: string, body?: unknown, gone?: AbortSignal): Promise<Response | undefined> {
  const headers: Record<string, string> = { authorization: `Bearer ${token}` };
  if (body !== undefined) headers["content-type"] = "application/json";
  const asked: RequestInit = { method, headers, ...(body !== undefined && { body: json(body) }), ...(gone && { signal: gone }) };
  return fetch(path, asked).catch(() => undefined);
}

/** Returns where the next page of a list is (RFC 8288): </api/v1/…>; rel="next". */
export function next(response: Response): string | undefined {
  return /<([^>]+)>\s*;\s*rel="?next"?/.exec(response.headers.get("link") ?? "")?.[1];
}
