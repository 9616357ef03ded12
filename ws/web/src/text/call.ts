// How a call stands, in the words of whoever reads it.

import type { CallState } from "../generated/protocol";

/** What is said of a call. */
export interface CallWords {
  dialling: (number: string) => string;
  ringing: string;
  connected: string;
  callEnded: (reason: string) => string;
  callFailed: (reason: string) => string;
}

/** Says how a call stands; `say` puts a reason into the words of whoever reads it. */
export function callTold(call: CallState, words: CallWords, say: (reason: string) => string): string {
  switch (call.is) {
    case "dialling":
      return words.dialling(call.number);
    case "ringing":
      return words.ringing;
    case "connected":
      return words.connected;
    case "ended":
      return words.callEnded(say(call.reason));
    case "failed":
      return words.callFailed(say(call.reason));
  }
}
