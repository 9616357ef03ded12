// Files in chats: sent by picking, dropping and pasting; shown and saved.

import { signal } from "@preact/signals";
import { drawn } from "../files/picture";
import { fetched, NotTaken, send } from "../files/send";
import { size } from "../files/size";
import { newMid } from "../link/mid";
import type { SharedFile } from "../generated/protocol";
import { refused } from "../text/staff";
import { lineOf, session } from "./model";
import { lang, words } from "./words";

/** A file on its way, or why it did not arrive. */
export interface Sending {
  mid: string;
  interaction: string;
  file: File;
  name: string;
  size: string;
  trouble: string | undefined;
}

export const sendings = signal<readonly Sending[]>([]);

/** Sends files into a chat, one after the other; not while a note is written, which is for colleagues. */
export async function sendFiles(interaction: string, files: readonly File[]): Promise<void> {
  if (lineOf(interaction)?.drafts.mode === "note") return;
  const all = files.map((file) => ({ file, mid: newMid(), interaction, name: file.name, size: size(file.size, lang), trouble: undefined }));
  sendings.value = [...sendings.value, ...all];
  for (const sending of all) await go(sending);
}

/** Sends one again, as the same: where it had arrived after all, it stands there once. */
export function sendAgain(sending: Sending): void {
  fail(sending.mid, undefined);
  void go(sending);
}

async function go({ mid, interaction, file }: Sending): Promise<void> {
  const { agent, token } = session.value ?? { agent: "", token: "" };
  const address = new URL(`/api/v1/agents/${encodeURIComponent(agent)}/contacts/${interaction}/files`, location.href);
  try {
    await send(address, token, file, mid);
    forget(mid);
  } catch (error) {
    fail(mid, error instanceof NotTaken ? refused({ code: error.code, text: error.message }) : words.unreachable);
  }
}

function fail(mid: string, trouble: string | undefined): void {
  sendings.value = sendings.value.map((each) => (each.mid === mid ? { ...each, trouble } : each));
}

/** Takes a file that did not arrive off the list. */
export function forget(mid: string): void {
  sendings.value = sendings.value.filter((each) => each.mid !== mid);
}

/** Fetches what is in a file. */
export function fetchFile(interaction: string, { file }: SharedFile): Promise<Blob> {
  return fetched(new URL(`/api/v1/interactions/${interaction}/files/${file}`, location.href), session.value?.token ?? "");
}

/** So many pictures are kept as they are drawn: a row that comes back into view shows its own at once. */
const PICTURES = 24;
const pictures = new Map<string, Promise<HTMLCanvasElement>>();

/** Draws a picture of a conversation. */
export function picture(interaction: string, file: SharedFile): Promise<HTMLCanvasElement> {
  const known = pictures.get(file.file) ?? fetchFile(interaction, file).then((blob) => drawn(blob, 320, 240));
  pictures.delete(file.file);
  pictures.set(file.file, known);
  known.catch(() => pictures.delete(file.file));
  for (const oldest of pictures.keys()) if (pictures.size > PICTURES) pictures.delete(oldest);
  return known;
}

session.subscribe(() => pictures.clear());

/** The files of something that was dropped or pasted. */
export function filesIn(transfer: DataTransfer | null): File[] {
  return [...(transfer?.files ?? [])];
}

export function sizeOf(file: SharedFile): string {
  return size(file.bytes, lang);
}
