// How a call stands, in the words of whoever reads it.

import type { CallState } from "../protocol";

/** What is said of a call. */
export interface CallWords {
  dialling: (number: string) => string;
  ringing: string;
  connected: string;
  callEnded: (reason: string) => string;
  callFailed: (reason: string) => string;
}

/** Says how a call stands. */
export function callTold(call: CallState, words: CallWords): string {
  switch (call.is) {
    case "dialling":
      return words.dialling(call.number);
    case "ringing":
      return words.ringing;
    case "connected":
      return words.connected;
    case "ended":
      return words.callEnded(call.reason);
    case "failed":
      return words.callFailed(call.reason);
  }
}
