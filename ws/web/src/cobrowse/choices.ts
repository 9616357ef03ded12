// What a visitor chose of what they are asked for and did not answer yet: it stands there when they are asked anew by the same agent,
// also on the next page of this tab.

/** For so long. */
const KEPT = 10 * 60_000;

interface Kept {
  by: string;
  at: number;
  chosen: Record<string, boolean>;
}

/** The choices of one question. */
export class Choices {
  constructor(
    private readonly key: string,
    private readonly by: string,
  ) {}

  /** Whether it was chosen; nothing where that was not said. */
  of(grant: string): boolean | undefined {
    try {
      const { by, at, chosen }: Kept = JSON.parse(sessionStorage.getItem(this.key) ?? "");
      return by === this.by && Date.now() - at < KEPT ? chosen[grant] : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps what is ticked now; nothing once the question was answered. */
  keep(boxes: readonly { name: string; checked: boolean }[]): void {
    try {
      const kept: Kept = { by: this.by, at: Date.now(), chosen: Object.fromEntries(boxes.map(({ name, checked }) => [name, checked])) };
      sessionStorage.setItem(this.key, JSON.stringify(kept));
    } catch {
      // Then it is chosen again.
    }
  }
}
