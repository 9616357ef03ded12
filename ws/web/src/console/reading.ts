// Where somebody reads in a conversation: kept while another is shown, and while rows above change their heights. Pure.

import { Rows } from "./rows";

const ESTIMATE = 64;
const AT_END = 48;

/** Where one read when the page went: the entry at the top, how far it was scrolled out, and how many there were. */
export interface KeptPlace {
  seq: number;
  into: number;
  of: number;
}

/** The place in one conversation. */
export class Reading {
  readonly rows = new Rows(ESTIMATE);
  /** Whether the end is in view, and stays so when more comes. */
  atEnd = true;
  #row = 0;
  #into = 0;
  #width = 0;
  /** How many rows there are to be before the place can be in view again. */
  #awaited = 0;

  constructor(kept?: KeptPlace) {
    if (!kept) return;
    this.atEnd = false;
    [this.#row, this.#into, this.#awaited] = [kept.seq - 1, kept.into, kept.of];
  }

  /** Whether rows are missing still that were there when the page went. */
  get isPartial(): boolean {
    return !this.atEnd && this.rows.count < this.#awaited;
  }

  /** Returns what has to survive a reload, of a conversation of so many entries; nothing where its end is in view. */
  kept(entries: number): KeptPlace | undefined {
    const of = Math.max(entries, this.#awaited);
    return this.atEnd || this.#row >= of ? undefined : { seq: this.#row + 1, into: this.#into, of };
  }

  /** How far the view begins from the top, where the end is not in view. */
  get top(): number {
    return this.rows.top(this.#row) + this.#into;
  }

  /** Somebody scrolled in a list of a height, seen through a box; or the browser did, in a list that is not whole. */
  handleScroll(top: number, box: number, height: number): void {
    if (this.isPartial) return;
    this.#awaited = 0;
    this.atEnd = height - top - box < AT_END;
    this.#row = this.rows.at(top);
    this.#into = top - this.rows.top(this.#row);
  }

  /** In another width every row has another height. */
  handleWidth(width: number): void {
    if (width !== this.#width) this.rows.forget();
    this.#width = width;
  }
}
