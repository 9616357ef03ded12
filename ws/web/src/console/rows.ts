// Which rows of a long list are in view, when only the rows that were drawn have a known height.

/** The heights of a list's rows, estimated until measured. */
export class Rows {
  #heights: number[] = [];

  constructor(
    private readonly estimate: number,
    public count = 0,
  ) {}

  /** Takes over measured heights, by row; returns whether any was different. */
  measure(heights: ReadonlyMap<number, number>): boolean {
    let different = false;
    for (const [row, height] of heights) {
      if (this.#heights[row] === height) continue;
      this.#heights[row] = height;
      different = true;
    }
    return different;
  }

  /** Forgets every height, as after a change of width. */
  forget(): void {
    this.#heights = [];
  }

  /** Returns how far row `row` is from the top. */
  top(row: number): number {
    let top = 0;
    for (let each = 0; each < row; each++) top += this.#heights[each] ?? this.estimate;
    return top;
  }

  get total(): number {
    return this.top(this.count);
  }

  /** Returns the row at a distance from the top. */
  at(distance: number): number {
    let top = 0;
    for (let row = 0; row < this.count; row++) {
      top += this.#heights[row] ?? this.estimate;
      if (top > distance) return row;
    }
    return Math.max(0, this.count - 1);
  }

  /** Returns the first row to draw and the one after the last, with some beyond what is in view. */
  window(from: number, height: number, beyond = 8): [number, number] {
    return [Math.max(0, this.at(from) - beyond), Math.min(this.count, this.at(from + height) + 1 + beyond)];
  }
}
