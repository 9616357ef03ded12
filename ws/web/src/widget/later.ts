// A part of the chat that is loaded when it is first needed.

/** What is told to it meanwhile waits in order; where it could not be loaded, the next try loads it again. */
export class Later<T> {
  #loaded: Promise<T> | undefined;

  constructor(private readonly load: () => Promise<T>) {}

  /** Whether it was needed yet. */
  get wanted(): boolean {
    return this.#loaded !== undefined;
  }

  tell(what: (it: T) => void): void {
    const loaded = (this.#loaded ??= this.load());
    // What it throws while it is told is its own fault: a second one beside it would make it worse.
    void loaded.catch(() => (this.#loaded = undefined));
    void loaded.then((it) => what(it), () => {});
  }
}
