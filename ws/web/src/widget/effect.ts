// What an entry changes for a visitor besides that it stands in the conversation.

import type { Entry } from "../protocol";

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
