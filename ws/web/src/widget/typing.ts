// Who is writing, on either side. Pure.

/** How long somebody counts as writing after their last sign of it. */
const LASTS = 6_000;
/** How often the visitor's own writing is told. */
const EVERY = 3_000;

/** Signs of writing. */
export class Typing {
  /** Who is writing on the other side. */
  writer: string | undefined;
  #until = 0;
  #told = 0;

  /** The other side writes, or stopped. */
  hear(name: string | undefined, now: number): void {
    this.writer = name;
    this.#until = now + LASTS;
  }

  /** Whether the visitor's own writing, or its end, is to be told now. */
  tells(on: boolean, now: number): boolean {
    if (on ? now - this.#told < EVERY : this.#told === 0) return false;
    this.#told = on ? now : 0;
    return true;
  }

  /** The visitor's writing became a message, or was not heard of. */
  rest(): void {
    this.#told = 0;
  }

  handleTimeout(now: number): void {
    if (this.#until <= now) this.writer = undefined;
  }

  pollTimeout(): number | undefined {
    return this.writer ? this.#until : undefined;
  }
}
