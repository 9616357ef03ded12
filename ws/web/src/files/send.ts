// A file on its way to the server: its bytes as the body, its name and the credential in headers, nothing of it in an address.

/** Why the server did not take it, in its own words where it has any. */
export class NotTaken extends Error {}

/** Sends a file; resolves when it is in the conversation. */
export async function send(address: URL, token: string, file: File, mid: string): Promise<void> {
  address.searchParams.set("mid", mid);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/octet-stream", "x-file-name": encodeURIComponent(file.name).slice(0, 3_000).replace(/%.?$/, "") };
  const response = await fetch(address, { method: "POST", credentials: "omit", referrerPolicy: "origin", headers, body: file });
  if (response.ok) return;
  const told = (await response.json().catch(() => ({}))) as { detail?: string };
  throw new NotTaken(told.detail ?? `${response.status}`);
}

/** Fetches a file's bytes. */
export async function fetched(address: URL, token: string): Promise<Blob> {
  const response = await fetch(address, { credentials: "omit", referrerPolicy: "origin", headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new NotTaken(`${response.status}`);
  return response.blob();
}
