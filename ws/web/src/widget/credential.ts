// Fetching the visitor's credential, again and again until there is one.

const WAITS = [2_000, 5_000, 15_000, 30_000];
const LONGEST = 30_000;

/** The attempts to fetch a credential. */
export class Credential {
  /** Why the last attempt failed, while none succeeded since. */
  trouble: string | undefined;
  /** Whether it was refused for good: it is fetched again when somebody asks for it. */
  refused = false;
  #fetching = false;
  #attempt = 0;
  #again: number | undefined;

  /** Returns whether it is to be fetched now: yes, unless that is under way. */
  fetch(): boolean {
    this.#again = undefined;
    if (this.#fetching) return false;
    this.#fetching = true;
    return true;
  }

  handleFetched(): void {
    this.#fetching = false;
    this.#attempt = 0;
    this.trouble = undefined;
    this.refused = false;
  }

  handleRefused(why: string): void {
    this.#fetching = false;
    this.trouble = why;
    this.refused = true;
  }

  handleFailed(why: string, now: number): void {
    this.#fetching = false;
    this.trouble = why;
    this.refused = false;
    this.#again = now + (WAITS[this.#attempt] ?? LONGEST);
    this.#attempt += 1;
  }

  /** Returns when the next attempt is due. */
  pollTimeout(): number | undefined {
    return this.#again;
  }
}
