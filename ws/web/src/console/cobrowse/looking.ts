// Whether an agent looks at a shared page. Who turns to another contact and comes back soon has looked on all the while:
// the customer and the record are told of looks that begin and end, not of each turn between chats. Pure but for its timer.

/** How long an agent who turned away still counts as looking, in milliseconds. */
export const STILL_LOOKS = 60_000;

/** Who turned away from which page. */
export class Looking {
  readonly #away = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly leave: (interaction: string) => void) {}

  /** The page of a contact is on screen. */
  turnTo(interaction: string): void {
    clearTimeout(this.#away.get(interaction));
    this.#away.delete(interaction);
  }

  /** The page is not on screen any more. */
  turnFrom(interaction: string): void {
    this.turnTo(interaction);
    this.#away.set(
      interaction,
      setTimeout(() => {
        this.#away.delete(interaction);
        this.leave(interaction);
      }, STILL_LOOKS),
    );
  }
}
