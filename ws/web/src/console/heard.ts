// What of a contact is said to an agent who does not look. Pure.

import type { Consulted, Contact, Entry, Memo } from "../generated/protocol";
import type { AgentOutput } from "./asks";
import { actTold } from "./cobrowse/words";
import type { Line } from "./line";
import { words } from "./words";
import { companyWords } from "./words/company";
import { fileWords } from "./words/files";

/** Returns what is said of an entry, if anything is: what was said to somebody else, before the contact came, is its history and no news. */
export function heardOf(entry: Entry, line: Line, contact: Contact | undefined): AgentOutput | undefined {
  if (!contact || entry.seq <= line.seen || entry.at < contact.since) return undefined;
  const { interaction } = contact;
  const from = line.name || words.unnamed;
  if (entry.what === "ended" && entry.by.party === "customer" && contact.chat) return { do: "over", interaction, text: words.endedIt(from) };
  if (entry.what === "cobrowse" && isNews(entry)) return { do: "over", interaction, text: `${from}: ${actTold(entry.by, entry.act)}` };
  if ((entry.what !== "message" && entry.what !== "file") || entry.from.party !== "customer") return undefined;
  return { do: "heard", interaction, from, text: entry.what === "file" ? fileWords.last(entry.file.name) : entry.text };
}

// What came of the question for the customer's page, and its end where no agent ended it.
function isNews({ by, act }: Extract<Entry, { what: "cobrowse" }>): boolean {
  return act.is === "granted" || act.is === "declined" || act.is === "revoked" || act.is === "unanswered" || (act.is === "stopped" && by.party !== "agent");
}

/** Returns that what was said is not said any more. */
export function unsaidOf(said: Entry | undefined): AgentOutput | undefined {
  return said?.what === "message" ? { do: "unsaid", text: said.text } : undefined;
}

/** Returns what was whispered in a contact since it was known as it was, if anything was. */
export function whisperIn({ interaction, whispers = [] }: Contact, before: Contact | undefined): AgentOutput | undefined {
  const last = whispers.slice(before?.whispers?.length ?? 0).at(-1);
  if (!last) return undefined;
  return { do: "heard", interaction, from: last.by.party === "agent" || last.by.party === "program" ? last.by.name : words.system, text: last.text };
}

/** Returns what is said of somebody who was asked about a call, or was in it, and is gone since it was known as it was, if anybody is. */
export function partedIn({ parted }: Contact, before: Contact | undefined): string | undefined {
  return before && parted && parted.leg !== before.parted?.leg ? companyWords.parted[parted.why](parted.name) : undefined;
}

/** Returns that a colleague asks about a call, or takes the agent into one, where that is new and rings. */
export function askedBy(asked: Consulted | null, before: Consulted | undefined): AgentOutput | undefined {
  if (!asked || asked.joined || asked.interaction === before?.interaction) return undefined;
  return { do: "asked", interaction: asked.interaction, text: asked.conference ? words.joinAsked(asked.name) : words.asks(asked.name), queue: asked.queue };
}

/** Returns what a colleague wrote last, where somebody but the agent did. */
export function memoIn(memos: readonly Memo[], agent: string | undefined): AgentOutput | undefined {
  const came = memos.filter(({ by }) => by !== agent).at(-1);
  return came && { do: "memo", from: came.name, text: came.text };
}
