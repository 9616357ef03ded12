// Escape pressed twice, wherever in the website the keyboard is: in the page and in frames of it, and also where the page keeps one
// side of a press, its beginning or its end, from all others.

const TWICE = 700;

/** Hears the presses. */
export class Escapes {
  #pressed = -Infinity;
  #down = false;
  #heard: Event | undefined;

  constructor(private readonly twice: () => void) {
    // The keyboard may be in a frame now, and a frame may have loaded.
    addEventListener("blur", () => this.#turned());
    this.listen();
  }

  /** Hears in frames that came meanwhile, too; where it hears already, nothing changes. */
  listen(view: Window = window): void {
    try {
      for (const kind of ["keydown", "keyup"]) view.addEventListener(kind, this.hear, true);
      view.document.addEventListener("load", this.#loaded, true);
      for (let at = 0; at < view.length; at++) this.listen(view[at]);
    } catch {
      // It is of another website.
    }
  }

  /** Takes a key's event, which may be told more than once. */
  readonly hear = (event: Event) => {
    const { key, type, timeStamp, view } = event as KeyboardEvent;
    if (key !== "Escape" || event === this.#heard) return;
    this.#heard = event;
    const ends = type === "keyup" && this.#down;
    this.#down = type === "keydown";
    if (ends) return;
    // Every frame counts from its own beginning.
    const at = timeStamp + (view ?? window).performance.timeOrigin;
    const twice = at - this.#pressed < TWICE;
    this.#pressed = twice ? -Infinity : at;
    if (twice) this.twice();
  };

  readonly #loaded = () => this.listen();

  #turned(): void {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    this.listen();
    if (at instanceof HTMLIFrameElement && at.contentWindow) this.listen(at.contentWindow);
  }
}
