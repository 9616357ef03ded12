// Whose the calls at a console are.

import type { Consulted, Headset, HeadsetCall } from "../../generated/protocol";

/** Returns them under the names of who is to be heard: one that a colleague asks about is the colleague's. */
export function callsOf(headset: Headset | undefined, asked: Consulted | undefined): HeadsetCall[] {
  return (headset?.calls ?? []).map((call) => (call.interaction === asked?.interaction ? { ...call, name: asked.name } : call));
}
