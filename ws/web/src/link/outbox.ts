// Messages written but not yet in the journal. One is under way at a time, so that they arrive in the order they were
// written; each keeps its `mid` over every retry, reload and reconnect, so that none arrives twice.

import type { Refusal, WantedCall } from "../generated/protocol";

/** A message on its way out. */
export interface Unsent {
  mid: string;
  text: string;
  /** When it was written, milliseconds since 1970. */
  at: number;
  /** The interaction it was written in; none is what it opens, or whatever is shown when it goes out. */
  interaction?: string;
  /** The call that is wanted later, where it begins a contact that is nothing else. */
  callback?: WantedCall;
  /** How often it was refused for the moment. */
  tries?: number;
  state: UnsentState;
}

/** How far a message got. */
export type UnsentState =
  | { is: "waiting"; after: number }
  | { is: "under_way" }
  | { is: "written"; seq: number }
  | { is: "refused"; text: string };

const RETRY_AFTER = 2_000;
const LONGEST_RETRY = 60_000;
const RETRYABLE: ReadonlySet<string> = new Set(["rate_limited", "unavailable", "full"]);

/** The line of messages on their way. */
export class Outbox {
  items: Unsent[];

  constructor(kept: readonly Unsent[] = []) {
    this.items = kept.map((item) => ({
      ...item,
      state: item.state.is === "refused" ? item.state : { is: "waiting", after: 0 },
    }));
  }

  /** Puts a message at the end of the line, for the interaction it is written in, if there is one yet. */
  add(mid: string, text: string, at: number, interaction?: string, callback?: WantedCall): void {
    this.items.push({ mid, text, at, ...(interaction && { interaction }), ...(callback && { callback }), state: { is: "waiting", after: 0 } });
  }

  /** Returns the message to send now, if the one before it is through. */
  next(now: number): Unsent | undefined {
    const first = this.#line();
    return first?.state.is === "waiting" && first.state.after <= now ? first : undefined;
  }

  /** Returns when {@link next} will have something that it does not have yet. */
  pollTimeout(now: number): number | undefined {
    const first = this.#line();
    return first?.state.is === "waiting" && first.state.after > now ? first.state.after : undefined;
  }

  /** It went out, into this interaction, or to open one: from now on it goes nowhere else. */
  handleSent(mid: string, interaction?: string): void {
    const item = this.#find(mid);
    if (!item) return;
    if (interaction !== undefined) item.interaction ??= interaction;
    item.state = { is: "under_way" };
  }

  /** It is in the journal; it stays until its timeline entry is there. */
  handleWritten(mid: string, seq: number): void {
    this.#set(mid, { is: "written", seq });
  }

  /** Its entry is in the timeline. */
  handleSeen(mid: string): void {
    this.items = this.items.filter((item) => item.mid !== mid);
  }

  /** It was refused: for the moment, and tried again later each time, or for good. */
  handleRefused(mid: string, refusal: Refusal, now: number): void {
    const item = this.#find(mid);
    if (!item) return;
    // A queue that is full has room again; a chat that has grown too long has not.
    const lasts = refusal.code === "full" && item.interaction !== undefined;
    if (lasts || !RETRYABLE.has(refusal.code)) {
      item.state = { is: "refused", text: refusal.text };
      return;
    }
    const tries = item.tries ?? 0;
    item.tries = tries + 1;
    item.state = { is: "waiting", after: now + Math.min(LONGEST_RETRY, RETRY_AFTER * 2 ** Math.min(tries, 16)) };
  }

  /** What they were written in is out of reach: they open a new one. */
  unbind(): void {
    for (const item of this.items) delete item.interaction;
  }

  /** The socket is gone: what was under way goes out again, with the same `mid`. */
  handleLost(): void {
    for (const item of this.items) {
      if (item.state.is === "under_way") item.state = { is: "waiting", after: 0 };
    }
  }

  /** What was under way is longer than the server takes. */
  handleTooLong(text: string): void {
    for (const item of this.items) if (item.state.is === "under_way") item.state = { is: "refused", text };
  }

  /** Nothing can be written any more: everything unsent is refused. */
  close(text: string): void {
    for (const item of this.items) {
      if (item.state.is !== "written") item.state = { is: "refused", text };
    }
  }

  /** The writer wants a refused message tried again, in what is shown now. */
  retry(mid: string): void {
    const item = this.#find(mid);
    if (!item) return;
    delete item.interaction;
    delete item.tries;
    item.state = { is: "waiting", after: 0 };
  }

  /** The writer gives a refused message up. */
  discard(mid: string): void {
    this.items = this.items.filter((item) => item.mid !== mid || item.state.is !== "refused");
  }

  /** Returns what has to survive a reload. */
  kept(): Unsent[] {
    return this.items.filter((item) => item.state.is !== "written");
  }

  #line(): Unsent | undefined {
    return this.items.find((item) => item.state.is === "waiting" || item.state.is === "under_way");
  }

  #set(mid: string, state: UnsentState): void {
    const item = this.#find(mid);
    if (item) item.state = state;
  }

  #find(mid: string): Unsent | undefined {
    return this.items.find((candidate) => candidate.mid === mid);
  }
}
