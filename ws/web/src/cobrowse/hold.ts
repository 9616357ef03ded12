// Keeps what a visitor must see of the sharing in the page and above all of it, whatever the page does: what it takes away is put
// back, above what it opens this is stood anew, and where a dialog or what fills the screen makes all else inert it stands within that.

const EVERY = 500;
/** So often in a second the page may take away what is put back. */
const MOST = 5;
const SECOND = 1_000;
/** What is on its way, as from one page to the next, is over by then. */
const MISSES = 2;
/** Then it is tried anew when the page opens or closes something, and at every so manieth look. */
const SLOWLY = 10;
/** So often in a span it is stood above what the page opens; a page that goes on is let have its way until it was quiet for as long. */
const RISES = 20;
const SPAN = 15_000;

/** What is kept, and who is told. */
export interface Held {
  /** Stands above all. */
  stand: HTMLElement;
  /** Stays in the page beside it. */
  beside: Element;
  /** What must be reached by hand now. */
  parts(): Element[];
  /** Whether it is. */
  told(reached: boolean): void;
  /** The page does not let it be there. */
  lost(): void;
  /** Asked now and then while it is kept. */
  tick(): void;
}

/** Keeps it between begin and end. */
export class Hold {
  #timer: ReturnType<typeof setInterval> | undefined;
  #changes: MutationObserver | undefined;
  #missed = 0;
  #put: number[] = [];
  #rose: number[] = [];
  /** The page puts itself above it without end. */
  #rests = false;
  /** Browsers that know no layer above the page have its highest place. */
  readonly #layers: boolean;

  constructor(private readonly held: Held) {
    this.#layers = "popover" in held.stand;
  }

  begin(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => {
      this.held.tick();
      this.#look(false);
    }, EVERY);
    this.#changes = new MutationObserver((changes) => {
      if (this.#keep() || changes.some(({ type }) => type === "attributes")) this.#opened();
    });
    this.#changes.observe(document, { childList: true, subtree: true, attributeFilter: ["open"] });
    addEventListener("toggle", this.#opened, true);
    addEventListener("fullscreenchange", this.#opened, true);
    this.#look(true);
  }

  end(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#changes?.disconnect();
    removeEventListener("toggle", this.#opened, true);
    removeEventListener("fullscreenchange", this.#opened, true);
    this.#missed = 0;
    this.#rose = [];
    this.#rests = false;
    this.held.told(true);
    const { stand } = this.held;
    if (this.#layers && this.#isAbove()) stand.hidePopover();
    if (stand.isConnected && stand.parentNode !== document.body) document.body.append(stand);
  }

  readonly #opened = (event?: Event) => {
    if (event?.target !== this.held.stand && !this.#rests) this.#look(true);
  };

  // Returns whether anything was put back.
  #keep(): boolean {
    const away = [this.held.stand, this.held.beside].filter((each) => !each.isConnected);
    const place = document.body ?? document.documentElement;
    if (away.length === 0 || !place) return false;
    const now = performance.now();
    this.#put = [...this.#put.filter((at) => at > now - SECOND), now];
    if (this.#put.length > MOST) {
      this.end();
      this.held.lost();
      return false;
    }
    place.append(...away);
    return true;
  }

  #look(opened: boolean): void {
    this.#keep();
    if (this.#timer === undefined || document.hidden) return;
    const { stand } = this.held;
    stand.inert = false;
    stand.removeAttribute("aria-hidden");
    const now = performance.now();
    this.#rose = this.#rose.filter((at) => at > now - SPAN);
    if (this.#isReached()) {
      this.#missed = 0;
      this.#rests &&= this.#rose.length > 0;
    } else {
      const tried = this.#rests ? this.#rose.length === 0 : opened || this.#missed < MISSES || this.#missed % SLOWLY === 0;
      this.#missed = tried && this.#rise(now) ? 0 : this.#missed + 1;
    }
    this.held.told(!this.#rests && this.#missed < MISSES);
  }

  // Returns whether it is reached then.
  #rise(now: number): boolean {
    this.#rests ||= this.#rose.length === RISES;
    if (this.#rose.length === RISES) return false;
    this.#rose.push(now);
    return this.#rises();
  }

  #isAbove(): boolean {
    return !this.#layers || this.held.stand.matches(":popover-open");
  }

  // What is inert or lies below something else is not found where it is.
  #isReached(): boolean {
    const { stand, parts } = this.held;
    const root = stand.getRootNode() as Document | ShadowRoot;
    return (
      this.#isAbove() &&
      parts().every((part) => {
        const { left, top, width, height } = part.getBoundingClientRect();
        return root.elementFromPoint(left + width / 2, top + height / 2) === stand;
      })
    );
  }

  #rises(): boolean {
    const { stand } = this.held;
    const { body, documentElement } = document;
    return [body, ...reigning(document), documentElement, body].some((place) => {
      if (!place) return false;
      if (stand.parentNode !== place) place.append(stand);
      if (this.#layers) {
        if (this.#isAbove()) stand.hidePopover();
        stand.showPopover();
      }
      return this.#isReached();
    });
  }
}

/** Returns what may make all else inert, in shadow roots too; the last of it likely does. */
function reigning(root: ParentNode): Element[] {
  return [...root.querySelectorAll("*")].flatMap((each) => [...(each.matches(":is(dialog[open], :fullscreen)") ? [each] : []), ...(each.shadowRoot ? reigning(each.shadowRoot) : [])]).reverse();
}
