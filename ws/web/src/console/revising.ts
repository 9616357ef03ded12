// A message of the agent's own that is written anew or taken back.

import type { Entry } from "../generated/protocol";
import { act, compose, desk, lineOf, notice, now } from "./model";

/** What somebody wrote or sent. */
export type Said = Extract<Entry, { what: "message" | "file" }>;

/** Puts a message into the field to be written anew. */
export function edit(interaction: string, mid: string, text: string): void {
  compose(interaction, (drafts) => drafts.edit(mid, text));
  const field = document.getElementById("composer") as HTMLTextAreaElement | null;
  if (field) field.value = text;
  field?.focus();
}

/** Sends what a message says from now on; it stays in the field until that is done. */
export function saveEdit(interaction: string, mid: string, text: string): void {
  act({ op: "revise", interaction, mid, text }, (error) => {
    if (error === undefined) return compose(interaction, (drafts) => drafts.edited === mid && drafts.turn("reply"));
    notice("revise", error);
  });
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

/** Whether there is time left to write a message anew or to take it back; whoever asks follows the clock. */
export function isInTime(entry: Said): boolean {
  return now.value <= entry.at + (desk.value?.revise ?? 0) * 1000;
}

/** Puts the agent's last message into the field; tells whether there is one. */
export function editLast(interaction: string): boolean {
  const timeline = lineOf(interaction)?.timeline;
  const last = timeline?.entries.findLast((entry) => entry.what === "message" && isOwn(interaction, entry) && isInTime(entry));
  if (last?.what !== "message") return false;
  edit(interaction, last.mid, timeline?.revised.get(last.seq)?.text ?? last.text);
  return true;
}
