// Where the shared page is: told when it begins to be shown, and again when its program went elsewhere without loading it
// anew, or called it otherwise. Pure but for its timer.

/** A program that goes elsewhere is given this long to arrive: the title often follows. No more than one place is told in it. */
export const ARRIVES = 1_000;

/** What is told of where a page is. */
export interface Place {
  url: string;
  title: string;
}

/** Tells where the page is, and each change of it once. */
export class Whereabouts {
  #told: Place | undefined;
  #arrives: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly here: () => Place,
    private readonly tell: (place: Place) => void,
  ) {}

  /** Tells where the page is now, whether it was told or not. */
  begin(): void {
    this.stop();
    this.#tell(this.here());
  }

  /** The page may be elsewhere, or be called otherwise: that is told once it has arrived, unless it is as before by then. */
  moved(): void {
    this.#arrives ??= setTimeout(() => {
      this.#arrives = undefined;
      const place = this.here();
      if (place.url !== this.#told?.url || place.title !== this.#told.title) this.#tell(place);
    }, ARRIVES);
  }

  /** Tells nothing more of what came before. */
  stop(): void {
    clearTimeout(this.#arrives);
    this.#arrives = undefined;
  }

  #tell(place: Place): void {
    this.#told = place;
    this.tell(place);
  }
}
