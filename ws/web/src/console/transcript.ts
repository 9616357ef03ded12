// A contact's timeline as a text file: what a customer or a colleague can be given.

import { revisions, type Revision } from "../link/timeline";
import type { Entry } from "../generated/protocol";
import { fullTime } from "../text/when";
import { authorName, told } from "./told";
import { lang, words } from "./words";
import { revisingWords } from "./words/revising";

/** Writes a timeline as text, one line an entry. */
export function transcript(interaction: string, entries: readonly Entry[]): string {
  const head = `${words.interaction} ${interaction}`;
  const revised = revisions(entries);
  const lines = entries.filter((entry) => entry.what !== "edited" && entry.what !== "deleted").map((entry) => line(entry, entries, revised.get(entry.seq)));
  return `${[head, "", ...lines].join("\r\n")}\r\n`;
}

function line(entry: Entry, entries: readonly Entry[], revision: Revision | undefined): string {
  const at = fullTime(entry.at, lang);
  if (revision && revision.text === undefined && (entry.what === "message" || entry.what === "file")) return `[${at}] ${authorName(entry.from)}: [${revisingWords.gone}]`;
  return entry.what === "message" ? `[${at}] ${authorName(entry.from)}: ${(revision?.text ?? entry.text).replace(/\r?\n/g, "\r\n    ")}` : `[${at}] ${told(entry, entries)}`;
}

/** Has the browser keep it as a file. */
export function download(interaction: string, entries: readonly Entry[]): void {
  const link = document.createElement("a");
  // The mark makes editors that guess take it for UTF-8.
  const address = URL.createObjectURL(new Blob(["\ufeff", transcript(interaction, entries)], { type: "text/plain;charset=utf-8" }));
  link.href = address;
  link.download = `tandem-${interaction}.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
