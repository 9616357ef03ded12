// What an entry changes for a visitor besides that it stands in the conversation.

import type { Entry } from "../generated/protocol";
import type { VisitorOutput } from "./output";

/** Nobody waits in a line any more; the chat is over; nothing. */
export type Effect = "no_line" | "over" | "nothing";

export function effect(entry: Entry): Effect {
  switch (entry.what) {
    case "joined":
    case "held":
      return "no_line";
    case "ended":
      return "over";
    case "message":
    case "cobrowse":
    case "file":
    case "edited":
    case "deleted":
    case "queued":
    case "callback_offered":
    case "paused":
    case "resumed":
    case "left":
    case "call":
    case "callback":
    case "rating_asked":
    case "rated":
    case "rating_declined":
      return "nothing";
  }
}

/** Tells whether it is a message that waits for an agent: who left one stands in no line. */
export function isHeld(entries: readonly Entry[]): boolean {
  return entries.findLast((entry) => entry.what === "held" || entry.what === "joined")?.what === "held";
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
