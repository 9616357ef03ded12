// Fetching the visitor's credential, again and again until there is one.

const WAITS = [2_000, 5_000, 15_000, 30_000];
const LONGEST = 30_000;

/** The attempts to fetch a credential. */
export class Credential {
  /** Why the last attempt failed, while none succeeded since. */
  trouble: string | undefined;
  /** What the visitor is told of whom it is refused for good, while none succeeded since: it is fetched when somebody asks for it. */
  refused: string | undefined;
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
    this.trouble = this.refused = undefined;
  }

  handleRefused(told: string): void {
    this.#fetching = false;
    this.refused = told;
  }

  handleFailed(why: string, now: number): void {
    this.#fetching = false;
    this.trouble = why;
    this.#again = now + (WAITS[this.#attempt] ?? LONGEST);
    this.#attempt += 1;
  }

  /** Returns when the next attempt is due. */
  pollTimeout(): number | undefined {
    return this.#again;
  }
}
