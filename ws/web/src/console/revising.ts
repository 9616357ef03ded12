// A message of the agent's own that is written anew or taken back.

import { signal } from "@preact/signals";
import type { Entry } from "../generated/protocol";
import { act, desk, draftIn, lineOf } from "./model";

/** What somebody wrote or sent. */
export type Said = Extract<Entry, { what: "message" | "file" }>;

/** The message that is written anew, and what was in the field before. */
export const editing = signal<{ interaction: string; mid: string; draft: string } | undefined>(undefined);

/** Puts a message into the field to be written anew. */
export function edit(interaction: string, mid: string, text: string): void {
  const draft = editing.peek()?.interaction === interaction ? editing.peek()!.draft : (lineOf(interaction)?.draft ?? "");
  editing.value = { interaction, mid, draft };
  draftIn(interaction, text, true);
  document.getElementById("composer")?.focus();
}

/** Leaves a message as it was, and goes on with what was in the field. */
export function cancelEdit(): void {
  const left = editing.peek();
  editing.value = undefined;
  if (left) draftIn(left.interaction, left.draft, true);
}

/** Sends what a message says from now on. */
export function saveEdit(text: string): void {
  const edited = editing.peek();
  cancelEdit();
  if (edited) act({ op: "revise", interaction: edited.interaction, mid: edited.mid, text });
}

export function remove(interaction: string, mid: string): void {
  act({ op: "revise", interaction, mid, text: null });
}

/** Whether a message is the agent's own, and not taken back yet. */
export function isOwn(interaction: string, entry: Said): boolean {
  const revision = lineOf(interaction)?.timeline.revised.get(entry.seq);
  const over = desk.value?.contacts.find((held) => held.interaction === interaction)?.wrap_up_until !== null;
  return !over && entry.from.party === "agent" && entry.from.agent === desk.value?.agent && !(revision && revision.text === undefined);
}

/** Puts the agent's last message into the field; tells whether there is one. */
export function editLast(interaction: string): boolean {
  const timeline = lineOf(interaction)?.timeline;
  const last = timeline?.entries.findLast((entry) => entry.what === "message" && isOwn(interaction, entry));
  if (last?.what !== "message") return false;
  edit(interaction, last.mid, timeline?.revised.get(last.seq)?.text ?? last.text);
  return true;
}
