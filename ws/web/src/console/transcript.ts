// A contact's timeline as a text file: what a customer or a colleague can be given.

import type { Entry } from "../protocol";
import { authorName, told } from "./told";
import { lang, words } from "./words";

/** Writes a timeline as text, one line an entry. */
export function transcript(interaction: string, entries: readonly Entry[]): string {
  const head = `${words.interaction} ${interaction}`;
  return `${[head, "", ...entries.map(line)].join("\r\n")}\r\n`;
}

function line(entry: Entry): string {
  const at = new Intl.DateTimeFormat(lang, { dateStyle: "short", timeStyle: "medium" }).format(entry.at);
  return entry.what === "message" ? `[${at}] ${authorName(entry.from)}: ${entry.text.replace(/\r?\n/g, "\r\n    ")}` : `[${at}] ${told(entry)}`;
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
