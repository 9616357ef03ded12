// A part of the chat that is loaded when it is first needed.

/** The first and the longest pause before it is tried to be loaded again. */
const PAUSE = 2_000;
const LONGEST = 60_000;

/** Where it cannot be loaded what it is told waits, in order, and loading it is tried again and again. */
export class Later<T> {
  #trying: Promise<T> | undefined;
  #there: Promise<T> | undefined;

  constructor(private readonly load: () => Promise<T>) {}

  /** Whether something was told to it, or is while it is being loaded. */
  get wanted(): boolean {
    return (this.#there ?? this.#trying) !== undefined;
  }

  /** Tells it something; with `lost` only if it can be loaded now, as what somebody pressed is not done when they are at something else. */
  tell(what: (it: T) => void, lost?: () => void): void {
    // What it throws while it is told is its own fault: a second one beside it would make it worse.
    void (lost ? this.#try().then(what, lost) : (this.#there ??= this.#wait()).then(what));
  }

  #try(): Promise<T> {
    return (this.#trying ??= this.load().catch((error: unknown) => {
      this.#trying = undefined;
      throw error;
    }));
  }

  async #wait(): Promise<T> {
    for (let pause = PAUSE; ; pause = Math.min(2 * pause, LONGEST)) {
      try {
        return await this.#try();
      } catch {
        await new Promise((again) => setTimeout(again, pause));
      }
    }
  }
}
