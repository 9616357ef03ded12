// Figures of the board in words: shares, waits, means. Nothing is counted here that the server does not tell.

import type { Board, Figures, QueueView, Share } from "../generated/protocol";
import { lang, words } from "./words";

/** Returns a share as a percentage, nothing where there is nothing to share. */
export function percent(count: number, of: number): string {
  if (of <= 0) return words.none;
  return new Intl.NumberFormat(lang, { style: "percent", maximumFractionDigits: 0 }).format(count / of);
}

/** Service level: answered in time, of those who were answered or left. */
export function level(figures: Figures): string {
  return percent(figures.in_time, figures.answered + figures.abandoned);
}

/** Service level: answered in time, of all who waited but those who left within the target. */
export function levelOfOffered(figures: Figures): string {
  return percent(figures.in_time, offered(figures) - figures.abandoned_early);
}

/** Whose wait ended, however. */
function offered(figures: Figures): number {
  return figures.answered + figures.abandoned + figures.diverted;
}

export function abandonRate(figures: Figures): string {
  return percent(figures.abandoned, offered(figures));
}

/** What those who were answered had waited, on average. */
export function speedOfAnswer(figures: Figures): string {
  return figures.answered > 0 ? wait(figures.waited / figures.answered) : words.none;
}

/** How long agents had a contact on average, wrap-up included. */
export function handleTime(figures: Figures): string {
  return figures.handled > 0 ? wait(figures.handle / figures.handled) : words.none;
}

/** Returns a wait in seconds as people say it. */
export function wait(seconds: number | null): string {
  if (seconds === null) return words.none;
  return seconds < 90 ? words.seconds(Math.round(seconds)) : words.minutes(Math.round(seconds / 60));
}

/** By how much expected waits were wrong, on average. */
export function meanError(figures: Figures): string {
  return figures.expected > 0 ? wait(figures.error / figures.expected) : words.none;
}

/** Says how many served contacts were enough, and after how many their customers came again with the matter. */
export function resolved(share: Share | null): string {
  return share ? words.ofServed(percent(share.count, share.of), share.of, share.of - share.count) : words.none;
}

/** Returns a mean with one digit. */
export function mean(value: number): string {
  return new Intl.NumberFormat(lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);
}

/** Adds the figures of several queues. */
export function sum(all: readonly Figures[]): Figures {
  const total: Figures = { arrived: 0, answered: 0, in_time: 0, abandoned: 0, abandoned_early: 0, diverted: 0, waited: 0, expected: 0, error: 0, handled: 0, handle: 0 };
  for (const one of all) for (const key of Object.keys(total) as (keyof Figures)[]) total[key] += one[key];
  return total;
}

/** The queues that are shown. */
export function shown(board: Board, queue: string): QueueView[] {
  return board.queues.filter((view) => queue === "" || view.queue === queue);
}
