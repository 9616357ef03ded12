// What an agent had typed in a contact that ended, or was taken away, before it was sent: it stays until they dismiss it. Pure.

import type { Line } from "./line";

/** What it would have been. */
export type LeftAs = "reply" | "note" | "edit" | "wrap_up";

/** Words that went nowhere. */
export interface Left {
  n: number;
  as: LeftAs;
  /** The customer it was about, empty where that is not known. */
  name: string;
  text: string;
}

/** How many are kept: of more, the oldest go. */
const MOST = 50;

/** The words that were left in contacts that are gone. */
export class LeftWords {
  #all: Left[];

  constructor(kept: readonly Left[] = []) {
    this.#all = [...kept];
  }

  get all(): readonly Left[] {
    return this.#all;
  }

  add(as: LeftAs, name: string, text: string): void {
    if (!text.trim()) return;
    const n = (this.#all.at(-1)?.n ?? 0) + 1;
    this.#all = [...this.#all.slice(1 - MOST), { n, as, name, text }];
  }

  /** Nothing more can be written to the customer. */
  takeDrafts({ drafts, name }: Line): void {
    const { reply, note, edit } = drafts.take();
    this.add("reply", name, reply);
    this.add("note", name, note);
    this.add("edit", name, edit?.text ?? "");
  }

  /** The contact is gone; whether its wrap-up is on the way out, where it may yet be kept. */
  takeLine(line: Line, finishing: boolean): void {
    for (const { text } of line.outbox.kept()) this.add("reply", line.name, text);
    this.takeDrafts(line);
    if (!finishing) this.takeWrapUp(line.name, line.wrapUp.kept);
  }

  takeWrapUp(name: string, { disposition, note }: { disposition: string | null; note: string | null }): void {
    this.add("wrap_up", name, [disposition, note].filter(Boolean).join("\n"));
  }

  dismiss(n: number): void {
    this.#all = this.#all.filter((left) => left.n !== n);
  }
}
