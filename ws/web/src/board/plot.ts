// Draws the curves of the day with uPlot, in the colours of the design.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Quarter } from "../generated/protocol";
import { clockTime } from "../text/when";
import { lang, words } from "./words";

const HEIGHT = 240;

/** The curves in one place of the page. */
export class Plot {
  readonly #plot: uPlot;
  readonly #watch: ResizeObserver;

  constructor(place: HTMLElement) {
    const axis = { stroke: () => colour("--ink-2"), grid: { stroke: () => colour("--line"), width: 1 }, ticks: { show: false } };
    this.#plot = new uPlot(
      {
        width: place.clientWidth || 600,
        height: HEIGHT,
        cursor: { show: false },
        legend: { show: true, live: false },
        scales: { y: { range: (_, __, top) => [0, Math.max(4, Math.ceil(top * 1.1))] } },
        axes: [{ ...axis, values: (_, splits) => splits.map((at) => clockTime(at * 1_000, lang)) }, { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000] }],
        series: [
          {},
          { label: words.arrived, stroke: () => colour("--info"), width: 2, points: { show: true, size: 5 } },
          { label: words.answered, stroke: () => colour("--accent"), width: 2, points: { show: true, size: 5 } },
          { label: words.left, stroke: () => colour("--bad"), width: 2, dash: [6, 4], points: { show: true, size: 5 } },
        ],
      },
      [[], [], [], []],
      place,
    );
    // Within the padding of its place, or the last time is cut.
    this.#watch = new ResizeObserver(([seen]) => this.#plot.setSize({ width: Math.floor(seen?.contentRect.width ?? place.clientWidth), height: HEIGHT }));
    this.#watch.observe(place);
  }

  draw(day: readonly Quarter[]): void {
    this.#plot.setData([
      day.map((quarter) => quarter.at / 1_000),
      day.map((quarter) => quarter.figures.arrived),
      day.map((quarter) => quarter.figures.answered),
      day.map((quarter) => quarter.figures.abandoned),
    ]);
  }

  destroy(): void {
    this.#watch.disconnect();
    this.#plot.destroy();
  }
}

function colour(token: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(token).trim();
}
