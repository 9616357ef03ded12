// What arrived and what was seen, told in gathered receipts, so that they stay below the server's limit.

const AFTER = 300;
const AGAIN = 2_000;

/** How far one side is. */
export interface Receipt {
  delivered: number;
  read: number;
}

/** Returns the further of two, in each. */
export function highest(a: Receipt, b: Receipt): Receipt {
  return { delivered: Math.max(a.delivered, b.delivered), read: Math.max(a.read, b.read) };
}

/** The receipts of one chat. */
export class Receipts {
  #told = { delivered: 0, read: 0 };
  #due: number | undefined;

  /** Something arrived or was seen: many entries at once are acknowledged together. */
  gather(now: number): void {
    this.#due ??= now + AFTER;
  }

  /** Returns whether a receipt is due, once. */
  take(now: number): boolean {
    if (this.#due === undefined || this.#due > now) return false;
    this.#due = undefined;
    return true;
  }

  /** Returns what was not told yet, if anything. */
  news(delivered: number, seen: number): { delivered: number; read: number } | undefined {
    const read = Math.min(seen, delivered);
    if (delivered <= this.#told.delivered && read <= this.#told.read) return undefined;
    this.#told = { delivered, read };
    return this.#told;
  }

  /** The server takes no more for now. */
  handleLimited(now: number): void {
    this.#told = { delivered: 0, read: 0 };
    this.#due = now + AGAIN;
  }

  /** The socket is gone: what was told may not have arrived. */
  handleLost(): void {
    this.forget();
    this.#due = undefined;
  }

  /** The chat is left. */
  forget(): void {
    this.#told = { delivered: 0, read: 0 };
  }

  pollTimeout(): number | undefined {
    return this.#due;
  }
}
