// The conversation as a text file, for the visitor to keep.

import { revisions, type Revision } from "../link/timeline";
import type { Entry } from "../generated/protocol";
import { fullTime } from "../text/when";
import { isPromised } from "./effect";
import { told, type Message } from "./told";
import type { OverWords } from "./words/over";
import type { Lang, Words } from "./words";

/** Writes a timeline as text, one line an entry. */
export function transcript(entries: readonly Entry[], words: Words, lang: Lang): string {
  const names = new Map<string, string>();
  const revised = revisions(entries);
  const chat = entries.some(({ what }) => what === "message");
  const lines = entries.flatMap((entry) => {
    const text = entry.what === "message" || entry.what === "file" ? `${writer(entry.from, words)}: ${said(entry, revised.get(entry.seq), words)}` : told(entry, names, words, lang, chat, () => isPromised(entries));
    return text === undefined ? [] : [`[${fullTime(entry.at, lang)}] ${text}\r\n`];
  });
  return lines.join("");
}

function said(entry: Message, revision: Revision | undefined, words: Words): string {
  if (revision && revision.text === undefined) return `[${words.deleted}]`;
  return entry.what === "file" ? `[${entry.file.name}]` : (revision?.text ?? entry.text).replace(/\r?\n/g, "\r\n    ");
}

function writer(from: Extract<Entry, { what: "message" }>["from"], words: Words): string {
  switch (from.party) {
    case "customer":
      return words.you;
    case "agent":
      return from.name;
    case "program":
    case "system":
      return "–";
  }
}

/** Has the browser keep it as a file. */
export function keep(entries: readonly Entry[], words: Words & OverWords, lang: Lang): void {
  const link = document.createElement("a");
  // The mark makes editors that guess take it for UTF-8.
  const address = URL.createObjectURL(new Blob(["\ufeff", transcript(entries, words, lang)], { type: "text/plain;charset=utf-8" }));
  link.href = address;
  link.download = words.transcriptFile;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
