// A file on its way to the server: its bytes as the body, its name and the credential in headers, nothing of it in an address.

/** Why the server did not take it, in its own words where it has any, and the word for what kind of refusal it is. */
export class NotTaken extends Error {
  constructor(
    text: string,
    readonly code = "",
  ) {
    super(text);
  }
}

/** How often a file waits for another of the same sender, and for how many milliseconds where the server names no time. */
const WAITS = 20;
const WAIT = 1_000;

/** Sends a file; resolves when it is in the conversation. */
export async function send(address: URL, token: string, file: File, mid: string): Promise<void> {
  address.searchParams.set("mid", mid);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/octet-stream", "x-file-name": encodeURIComponent(file.name).slice(0, 3_000).replace(/%.?$/, "") };
  for (let waits = 0; ; waits++) {
    const response = await fetch(address, { method: "POST", credentials: "omit", referrerPolicy: "origin", headers, body: file });
    if (response.ok) return;
    if (response.status === 429 && waits < WAITS) {
      const seconds = Number(response.headers.get("retry-after"));
      await new Promise((go) => setTimeout(go, seconds > 0 ? seconds * 1_000 : WAIT));
      continue;
    }
    const told = (await response.json().catch(() => ({}))) as { detail?: string; type?: string };
    throw new NotTaken(told.detail ?? `${response.status}`, told.type);
  }
}

/** Fetches a file's bytes. */
export async function fetched(address: URL, token: string): Promise<Blob> {
  const response = await fetch(address, { credentials: "omit", referrerPolicy: "origin", headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new NotTaken(`${response.status}`);
  return response.blob();
}
