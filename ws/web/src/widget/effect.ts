// What an entry changes for a visitor besides that it stands in the conversation.

import type { Entry } from "../generated/protocol";
import type { VisitorOutput } from "./output";

/** Nobody waits in a line any more; the chat is over; else nothing. */
export type Effect = "no_line" | "over";

export function effect({ what }: Entry): Effect | undefined {
  return what === "joined" || what === "held" ? "no_line" : what === "ended" ? "over" : undefined;
}

/** Tells whether it is a message that waits for an agent: who left one stands in no line. */
export function isHeld(entries: readonly Entry[]): boolean {
  return entries.findLast((entry) => entry.what === "held" || entry.what === "joined")?.what === "held";
}

/** Tells whether what began as a call that was promised was never more; null of what began otherwise. */
export function isPromised(entries: readonly Entry[]): boolean | null {
  const began = /^(message,)*callback(.*(held|joined|message))?/.exec(`${entries.map(({ what }) => what)}`);
  return began && !began[2];
}

/** Returns how many of these the visitor has to see still. */
export function unseen(entries: readonly Entry[]): number {
  return entries.filter((entry) => (entry.what === "message" || entry.what === "file") && entry.from.party !== "customer").length;
}

/** Returns what is told of an entry when it comes: what an agent wrote or sent, a page they suggest, or that the page came into a call. */
export function newsOf(entry: Entry): VisitorOutput | undefined {
  if (entry.what === "cobrowse") {
    const { by, act } = entry;
    if (act.is === "paired") return { do: "cobrowse", news: { is: act.is } };
    return act.is === "pushed" && by.party === "agent" ? { do: "suggested", name: by.name, url: act.url, title: act.title } : undefined;
  }
  if ((entry.what !== "message" && entry.what !== "file") || entry.from.party !== "agent") return undefined;
  return { do: "heard", seq: entry.seq, from: entry.from.name, text: entry.what === "file" ? entry.file.name : entry.text };
}
