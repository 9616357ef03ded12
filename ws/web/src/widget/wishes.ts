// What a visitor asked for about calls, until it was answered. None of it is asked twice by itself: a call is not a
// message, and whether it was begun shows in the timeline.

import type { Refusal, Wish as Wished } from "../generated/protocol";

/** A wish that waits for its answer. */
export type Wish =
  | { op: "call"; number: string }
  | { op: "callback"; number: string; at: number | null; wish?: Wished }
  | { op: "cancel_callback"; callback: string }
  | { op: "end" }
  | { op: "rate"; interaction: string; score: number | null; comment: string | null };

/** A wish that can begin a contact. */
export type CallWish = Extract<Wish, { op: "call" | "callback" }>;

/** Why the last wish was not fulfilled. */
export interface Notice {
  about: Wish["op"];
  why: { is: "refused"; text: string } | { is: "lost" };
}

/** The wish under way and those that wait for a chat to be made in. */
export class Wishes {
  current: Wish | undefined;
  notice: Notice | undefined;
  #waiting: Wish[] = [];

  add(wish: Wish): void {
    this.notice = undefined;
    this.current = wish;
    this.#waiting.push(wish);
  }

  /** Returns what can be asked now that there is a chat. */
  take(): Wish[] {
    return this.#waiting.splice(0);
  }

  handleDone(): void {
    this.current = undefined;
  }

  handleRefused(wish: Wish, refusal: Refusal): void {
    this.current = undefined;
    this.notice = { about: wish.op, why: { is: "refused", text: refusal.text } };
  }

  /** The socket is gone: what was asked has an unknown outcome, what waits still waits. */
  handleLost(): void {
    if (!this.current || this.#waiting.includes(this.current)) return;
    this.notice = { about: this.current.op, why: { is: "lost" } };
    this.current = undefined;
  }

  /** The chat they were made in is left; those that open the next one stay. */
  forget(): void {
    this.#waiting = this.#waiting.filter((wish) => wish.op === "call" || wish.op === "callback");
  }
}
