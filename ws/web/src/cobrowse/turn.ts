// Which window of a visitor is shown: of several it is the one that was turned to last. Browsers keep count by a lock that the
// windows of a website share. Pages that are not served securely have none, those whose storage is refused may take none, and each
// of them is shown then.

/** A window that closes may be on its way to the next page: another takes over after this long only. */
export const PATIENCE = 1_500;

/** A window's turn. */
export class Turn {
  #claim: AbortController | undefined;
  #release: (() => void) | undefined;
  #mine = false;

  /** `turned` is told when it begins and when another window has it. */
  constructor(
    private readonly name: string,
    private locks: Pick<LockManager, "request"> | undefined,
    private readonly turned: (mine: boolean) => void,
  ) {}

  /** Wants to be shown: at once where the window was turned to, else as soon as no other is. */
  take(now: boolean): void {
    if (!this.locks) return this.#set(true);
    if (this.#mine || (this.#claim && !now)) return;
    this.#claim?.abort();
    const claim = (this.#claim = new AbortController());
    const begin = () => void (this.#claim === claim && this.#set(true));
    const hold = () => {
      if (now) begin();
      else setTimeout(begin, PATIENCE);
      return new Promise<void>((release) => (this.#release = release));
    };
    this.locks.request(this.name, now ? { steal: true } : { signal: claim.signal }, hold).catch(({ name }: Error) => {
      if (this.#claim !== claim) return;
      if (name === "SecurityError") {
        this.locks = undefined;
        return this.#set(true);
      }
      // Another window was turned to.
      this.#claim = undefined;
      this.#set(false);
      this.take(false);
    });
  }

  /** Is not to be shown any more. */
  leave(): void {
    const claim = this.#claim;
    this.#claim = undefined;
    this.#mine = false;
    claim?.abort();
    this.#release?.();
    this.#release = undefined;
  }

  #set(mine: boolean): void {
    if (this.#mine === mine) return;
    this.#mine = mine;
    this.turned(mine);
  }
}
