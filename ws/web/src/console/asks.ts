// What an agent's console asks, what came of it, and what its machine asks of the world.

import type { LinkOutput } from "../link/link";
import type { AgentDone, AgentNews, AgentPush, AgentRequest, Guide, Offer } from "../generated/protocol";
import type { Left } from "./left";
import type { KeptLine } from "./line";

/** What the agent's machine asks of the world besides the socket. */
export type AgentOutput =
  | LinkOutput
  | { do: "remember"; lines: Record<string, KeptLine>; left: readonly Left[] }
  | { do: "offered"; offer: Offer }
  | { do: "heard"; interaction: string; from: string; text: string }
  /** The customer ended a chat. */
  | { do: "over"; interaction: string; text: string }
  /** What was heard with this text is no longer said. */
  | { do: "unsaid"; text: string }
  /** A colleague asks about a call. */
  | { do: "asked"; interaction: string; text: string; queue: string }
  | { do: "memo"; from: string; text: string }
  | { do: "cobrowse"; interaction: string; news: AgentNews }
  | { do: "cobrowse_reset" }
  | { do: "voice_back" }
  | { do: "voice_elsewhere"; leg: string }
  | { do: "unsupervised"; push: Extract<AgentPush, { push: "call_moved" | "call_over" }> }
  | { do: "consents"; customers: readonly string[] }
  | { do: "signed_out"; text: string };

/** Is told what came of something about a shared page or a call: why not, or the code that was asked for and for how
 *  many milliseconds it is good, or what was answered. */
export type Told = (error: string | undefined, answer?: string, left?: number) => void;

/** Is told what came of something that a person asked for: done, or why not. */
export type Done = (error: string | undefined) => void;

/** A request that a person made and that may be refused. */
export type Action = Extract<
  AgentRequest,
  { op: "presence" | "accept" | "decline" | "escalate" | "callback" | "cancel_callback" | "consent" | "hang_up" | "transfer" | "consult" | "complete" | "take_back" | "conference" | "dismiss" | "hold" | "mute" | "digits" | "record" | "end" | "wrap_up" | "extend_wrap_up" | "park" | "unpark" | "note" | "hand_over" | "invite" | "withdraw" | "leave" | "revise" }
>;

/** Something to tell the agent until they dismiss it, or go on. */
export interface Notice {
  n: number;
  about: Action["op"] | "offer_gone" | "not_in_chat" | "taken_over" | "supervised" | "parted" | "cobrowse";
  /** Which offer is gone. */
  offer?: string;
  text: string;
}

/** What a request that was sent is about. */
export type Ask =
  | { is: "hello" }
  | { is: "write"; interaction: string; mid: string }
  /** `noticed` is the number of the last notice when it was asked for. */
  | { is: "action"; action: Action; told: Done | undefined; noticed: number }
  | { is: "receipt"; interaction: string }
  | { is: "cobrowse"; told: Told | undefined }
  | { is: "voice"; told: Told }
  | { is: "other" };

/** Tells whether what guides on a shared page is of no use a moment later. */
export function isPassing(guide: Guide): boolean {
  return guide.how === "pointer" || guide.how === "scroll";
}

/** Returns what was answered to who asked; `now` is the server's time. */
export function given(done: AgentDone, now: number): [answer?: string, left?: number] {
  if (done.done === "code") return [done.code, done.until - now];
  return done.done === "media" ? [done.sdp] : [];
}

/** Names an action, so that its button can show that it is under way. */
export function actionKey(action: Action): string {
  if (action.op === "presence") return action.op;
  if (action.op === "withdraw") return `withdraw:${action.interaction}:${action.agent}`;
  return `${action.op}:${action.op === "cancel_callback" ? action.callback : action.interaction}`;
}
