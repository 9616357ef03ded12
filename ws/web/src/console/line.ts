// What the console knows of one contact besides the desk: its timeline, what is unsent, and who read what.

import { Outbox, type Unsent } from "../link/outbox";
import { Timeline } from "../link/timeline";
import { Drafts, type KeptDrafts } from "./drafts";
import type { Entry } from "../generated/protocol";

/** What survives a reload of the console. */
export interface KeptLine {
  unsent: Unsent[];
  drafts: KeptDrafts;
  seen: number;
}

/** What is counted of a timeline as its entries come: at each drawing all contacts are asked, and thousands are not looked through again. */
class Tally {
  unread = 0;
  waitingSince: number | undefined;
  #entries: readonly Entry[] = [];
  #seen = 0;
  #upTo = 0;

  follow(entries: readonly Entry[], seen: number): this {
    if (entries !== this.#entries) {
      // The server began its journal anew.
      this.#entries = entries;
      this.#upTo = this.unread = 0;
      this.waitingSince = undefined;
    }
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.unread = entries.slice(seen, Math.max(seen, this.#upTo)).filter(fromCustomer).length;
    }
    for (; this.#upTo < entries.length; this.#upTo++) this.#take(entries[this.#upTo]!);
    return this;
  }

  #take(entry: Entry): void {
    if (fromCustomer(entry)) {
      this.waitingSince ??= entry.at;
      if (this.#upTo >= this.#seen) this.unread++;
    } else if (isSaid(entry) && entry.from.party === "agent") this.waitingSince = undefined;
  }
}

/** One contact's line. */
export class Line {
  readonly timeline: Timeline;
  readonly outbox: Outbox;
  /** What the agent has typed and not sent. */
  readonly drafts: Drafts;
  /** The highest entry the agent saw. */
  seen: number;
  /** What the customer received and saw. */
  receipt = { delivered: 0, read: 0 };
  /** What the server was told that the agent received and saw. */
  told = { delivered: 0, read: 0 };
  /** Until when the customer counts as writing. */
  writingUntil = 0;
  /** Which colleague is writing, and until when that counts. */
  colleague = { name: "", until: 0 };
  typingTold = 0;
  readonly #tally = new Tally();

  constructor(interaction: string, epoch: string, kept?: KeptLine) {
    this.timeline = new Timeline(interaction, epoch);
    this.outbox = new Outbox(kept?.unsent);
    this.drafts = new Drafts(kept?.drafts);
    this.seen = kept?.seen ?? 0;
  }

  /** How many of the customer's messages the agent has not seen. */
  get unread(): number {
    return this.#tally.follow(this.timeline.entries, this.seen).unread;
  }

  /** Since when the customer waits for an answer, if they do. */
  get waitingSince(): number | undefined {
    return this.#tally.follow(this.timeline.entries, this.seen).waitingSince;
  }

  kept(): KeptLine {
    return { unsent: this.outbox.kept(), drafts: this.drafts.kept(), seen: this.seen };
  }
}

function fromCustomer(entry: Entry): boolean {
  return isSaid(entry) && entry.from.party === "customer";
}

function isSaid(entry: Entry): entry is Extract<Entry, { what: "message" | "file" }> {
  return entry.what === "message" || entry.what === "file";
}
