// What is typed in a wrap-up and not sent, and when it has to be. Pure.

import type { Action } from "./asks";

/** What survives a reload of the console. */
export interface KeptWrapUp {
  disposition: string;
  note: string;
  solved: boolean;
}

/** How long before the server ends a wrap-up what is typed goes out: 2 seconds, for the way there and a slow clock. */
const BEFORE_THE_END = 2_000;

/** The wrap-up of one contact. */
export class WrapUpDraft {
  #kept: KeptWrapUp;
  // The end before which it was sent; a wrap-up that is extended has another.
  #sentBefore: number | undefined;

  constructor(kept?: KeptWrapUp) {
    this.#kept = { disposition: "", note: "", solved: false, ...kept };
  }

  get kept(): KeptWrapUp {
    return this.#kept;
  }

  get isEmpty(): boolean {
    const { disposition, note, solved } = this.#kept;
    return !disposition && !note.trim() && !solved;
  }

  write(change: Partial<KeptWrapUp>): void {
    this.#kept = { ...this.#kept, ...change };
  }

  clear(): void {
    this.#kept = { disposition: "", note: "", solved: false };
  }

  /** Returns when it has to go out, where the wrap-up ends at `until`: milliseconds of the clock `until` is of. */
  due(until: number): number | undefined {
    return this.isEmpty || this.#sentBefore === until ? undefined : until - BEFORE_THE_END;
  }

  /** It goes out because the wrap-up ends at `until`: once, whatever comes of it. */
  handleDue(until: number): void {
    this.#sentBefore = until;
  }

  /** What finishes the wrap-up of a contact. */
  finish(interaction: string): Extract<Action, { op: "wrap_up" }> {
    const { disposition, note, solved } = this.#kept;
    return { op: "wrap_up", interaction, disposition: disposition || null, note: note.trim() || null, solved: solved || null };
  }
}
