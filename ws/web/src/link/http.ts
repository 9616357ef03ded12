// The HTTP interface, as whoever is signed in by a credential asks it.

/** Sends a request, `body` as JSON; nothing where the server cannot be reached. */
export function request(token: string, method: string, path: string, body?: unknown): Promise<Response | undefined> {
  const headers: Record<string, string> = { authorization: `Bearer ${token}` };
  if (body !== undefined) headers["content-type"] = "application/json";
  const asked: RequestInit = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  return fetch(path, asked).catch(() => undefined);
}
