// Where somebody reads in a conversation: kept while another is shown, and while rows above change their heights. Pure.

import { Rows } from "./rows";

const ESTIMATE = 64;
const AT_END = 48;

/** The place in one conversation. */
export class Reading {
  readonly rows = new Rows(ESTIMATE);
  /** Whether the end is in view, and stays so when more comes. */
  atEnd = true;
  #row = 0;
  #into = 0;
  #width = 0;

  /** How far the view begins from the top, where the end is not in view. */
  get top(): number {
    return this.rows.top(this.#row) + this.#into;
  }

  /** Somebody scrolled in a list of a height, seen through a box. */
  handleScroll(top: number, box: number, height: number): void {
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
