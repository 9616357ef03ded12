// Fetches the sound of a recording with a person's credential. It goes into the browser's memory, since an address that
// opens a recording would be a credential in an address.

import { request } from "../link/http";
import { problem } from "../text/staff";
import { words } from "./words";

/** The most that is fetched, in megabytes: two hours as WAV, a day as Opus. */
export const MOST = 512;

const MEGABYTE = 1024 * 1024;
/** What is gathered before it is handed to the browser, which may put it on the disk. */
const PIECE = 8 * MEGABYTE;

/** Fetches a recording; `told` hears how much of it is there, from 0 to 1. Throws an error with a sentence. */
export async function fetchSound(token: string, path: string, told: (share: number) => void, gone: AbortSignal): Promise<Blob> {
  const answer = await request(token, "GET", path, undefined, gone);
  if (!answer) throw new Error(words.unreachable);
  if (!answer.ok || !answer.body) throw new Error(problem(await answer.json().catch(() => ({}))) || String(answer.status));
  const length = Number(answer.headers.get("content-length") ?? 0);
  const reader = answer.body.getReader();
  const parts: Blob[] = [];
  let [piece, size, all]: [Uint8Array<ArrayBuffer>[], number, number] = [[], 0, 0];
  for (;;) {
    if (Math.max(length, all) > MOST * MEGABYTE) {
      void reader.cancel();
      throw new Error(words.tooLarge(MOST));
    }
    const { done, value } = await reader.read().catch(() => {
      throw new Error(words.unreachable);
    });
    if (value) {
      piece.push(value);
      size += value.length;
      all += value.length;
      if (length > 0) told(Math.min(1, all / length));
    }
    if (done || size >= PIECE) {
      parts.push(new Blob(piece));
      [piece, size] = [[], 0];
    }
    if (done) break;
  }
  // A server that ends early has said how much there should be.
  if (all < length) throw new Error(words.unreachable);
  return new Blob(parts, { type: answer.headers.get("content-type") ?? "" });
}
