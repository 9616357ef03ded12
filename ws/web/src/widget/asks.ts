// What was asked on this socket and is not answered yet.

import type { Told } from "./output";
import type { Wish } from "./wishes";

/** What a request that was sent is about. */
export type Ask =
  | { is: "hello" }
  | { is: "receipt" }
  | { is: "write"; mid: string; interaction: string | undefined }
  | { is: "wish"; wish: Wish }
  | { is: "aside"; told: Told | undefined }
  | { is: "other" };

/** The requests of one socket by their numbers. */
export class Asks {
  readonly #open = new Map<number, Ask>();

  add(id: number, ask: Ask): void {
    this.#open.set(id, ask);
  }

  /** Returns what is answered, once. */
  take(id: number): Ask | undefined {
    const ask = this.#open.get(id);
    this.#open.delete(id);
    return ask;
  }

  /** The socket is gone, and with it every answer; who waits for one is told. */
  lost(): void {
    for (const ask of this.#open.values()) if (ask.is === "aside") ask.told?.("lost");
    this.#open.clear();
  }
}

/** Returns the earliest of these times. */
export function earliest(...times: (number | undefined)[]): number | undefined {
  const due = times.filter((time) => time !== undefined);
  return due.length > 0 ? Math.min(...due) : undefined;
}
