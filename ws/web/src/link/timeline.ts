// An interaction's entries in order: what came twice is dropped, what is missing is noticed.

import type { Entry, Resume } from "../generated/protocol";

/** What became of an entry: it is new, it was known, or something before it is missing. */
export type Accepted = "new" | "old" | "gap";

/** What a message says now: its last text, or none where it was taken back. */
export type Revision = { text: string | undefined };

/** Returns what became of messages that were written anew or taken back, by their places. */
export function revisions(entries: readonly Entry[]): Map<number, Revision> {
  const found = new Map<number, Revision>();
  for (const entry of entries) revise(found, entry);
  return found;
}

function revise(revised: Map<number, Revision>, entry: Entry): void {
  if (entry.what === "edited") revised.set(entry.of, { text: entry.text });
  if (entry.what === "deleted") revised.set(entry.of, { text: undefined });
}

/** The timeline of one interaction. */
export class Timeline {
  entries: Entry[] = [];
  /** What became of messages that were written anew or taken back, by their places. */
  readonly revised = new Map<number, Revision>();

  constructor(
    readonly interaction: string,
    public epoch: string,
  ) {}

  /** The highest entry that arrived, 0 for none. */
  get last(): number {
    return this.entries.length;
  }

  accept(entry: Entry): Accepted {
    if (entry.seq <= this.last) return "old";
    if (entry.seq > this.last + 1) return "gap";
    this.entries.push(entry);
    revise(this.revised, entry);
    return "new";
  }

  /** The server began its journal anew: everything comes again. */
  restart(epoch: string): void {
    if (epoch === this.epoch) return;
    this.epoch = epoch;
    this.entries = [];
    this.revised.clear();
  }

  /** Says where the timeline is to be taken up. */
  resume(): Resume {
    return { interaction: this.interaction, epoch: this.epoch, seq: this.last };
  }

  /** The entry that closed the contact, if it is there. */
  ended(): Extract<Entry, { what: "ended" }> | undefined {
    const last = this.entries.at(-1);
    return last?.what === "ended" ? last : this.entries.findLast((entry) => entry.what === "ended");
  }
}
