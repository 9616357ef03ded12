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
  typingTold = 0;

  constructor(interaction: string, epoch: string, kept?: KeptLine) {
    this.timeline = new Timeline(interaction, epoch);
    this.outbox = new Outbox(kept?.unsent);
    this.drafts = new Drafts(kept?.drafts);
    this.seen = kept?.seen ?? 0;
  }

  /** How many of the customer's messages the agent has not seen. */
  get unread(): number {
    return this.timeline.entries.slice(this.seen).filter(fromCustomer).length;
  }

  /** Since when the customer waits for an answer, if they do. */
  get waitingSince(): number | undefined {
    const answered = this.timeline.entries.findLastIndex((entry) => isSaid(entry) && entry.from.party === "agent");
    return this.timeline.entries.slice(answered + 1).find(fromCustomer)?.at;
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
