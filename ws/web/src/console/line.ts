// What the console knows of one contact besides the desk: its timeline, what is unsent, and who read what.

import { Outbox, type Unsent } from "../link/outbox";
import { Timeline } from "../link/timeline";
import { Drafts, type KeptDrafts } from "./drafts";
import type { Author, Entry, Note } from "../generated/protocol";
import { Reading, type KeptPlace } from "./reading";
import { WrapUpDraft, type KeptWrapUp } from "./wrapping";

/** What survives a reload of the console. */
export interface KeptLine {
  unsent: Unsent[];
  drafts: KeptDrafts;
  wrapUp?: KeptWrapUp;
  /** The customer's name, for when the contact is gone. */
  name?: string;
  seen: number;
  heeded?: number;
  place?: KeptPlace;
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
  readonly wrapUp: WrapUpDraft;
  /** The customer's name, as the contact said it last. */
  name: string;
  /** Where the agent reads. */
  readonly reading: Reading;
  /** The highest entry the agent saw. */
  seen: number;
  /** How many whispers the agent saw. */
  heeded: number;
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
    this.wrapUp = new WrapUpDraft(kept?.wrapUp);
    this.reading = new Reading(kept?.place);
    this.name = kept?.name ?? "";
    this.seen = kept?.seen ?? 0;
    this.heeded = kept?.heeded ?? 0;
  }

  /** How many of the customer's messages the agent has not seen. */
  get unread(): number {
    return this.#tally.follow(this.timeline.entries, this.seen).unread;
  }

  /** How many of the whispers the agent has not seen. */
  unheeded(whispers: readonly Note[] = []): number {
    return Math.max(0, whispers.length - this.heeded);
  }

  /** Since when the customer waits for an answer, if they do. */
  get waitingSince(): number | undefined {
    return this.#tally.follow(this.timeline.entries, this.seen).waitingSince;
  }

  /** Whether something is typed here that is not sent. */
  get isUnsent(): boolean {
    const { reply, note, edit } = this.drafts.kept();
    return [reply, note, edit?.text ?? ""].some((text) => text.trim() !== "") || !this.wrapUp.isEmpty || this.outbox.kept().length > 0;
  }

  /** Somebody wrote or sent a file; who answered as `me`, perhaps at another console, saw what came before. */
  handleSaid({ what, from, mid, seq }: Extract<Entry, { what: "message" | "file" }>, me: string | undefined): void {
    if (from.party === "agent" && from.agent === me) this.seen = Math.max(this.seen, seq);
    if (what === "file") return;
    if (from.party === "customer") this.writingUntil = 0;
    else this.outbox.handleSeen(mid);
    if (from.party === "agent") this.colleague.until = 0;
  }

  /** Who is writing, and until when that counts. */
  handleTyping(from: Author, until: number): void {
    if (from.party === "customer") this.writingUntil = until;
    if (from.party === "agent") this.colleague = { name: from.name, until };
  }

  /** How far the customer received and saw it. */
  handleReceipt(delivered: number, read: number): void {
    this.receipt.delivered = Math.max(this.receipt.delivered, delivered);
    this.receipt.read = Math.max(this.receipt.read, read);
  }

  /** The socket is gone: what was under way goes out again, and who is writing is not known. */
  handleLost(): void {
    this.outbox.handleLost();
    this.told = { delivered: 0, read: 0 };
    this.writingUntil = this.colleague.until = 0;
    this.typingTold = 0;
  }

  handleTimeout(now: number): void {
    if (this.writingUntil <= now) this.writingUntil = 0;
    if (this.colleague.until <= now) this.colleague.until = 0;
  }

  /** Returns when {@link handleTimeout}, or with a server that listens the outbox, is next due. */
  pollTimeouts(live: boolean): number[] {
    const due = [this.writingUntil, this.colleague.until, live ? (this.outbox.pollTimeout(0) ?? 0) : 0];
    return due.filter((time) => time > 0);
  }

  kept(): KeptLine {
    const place = this.reading.kept(this.timeline.entries.length);
    return { unsent: this.outbox.kept(), drafts: this.drafts.kept(), wrapUp: this.wrapUp.kept, name: this.name, seen: this.seen, heeded: this.heeded, ...(place && { place }) };
  }
}

function fromCustomer(entry: Entry): boolean {
  return isSaid(entry) && entry.from.party === "customer";
}

function isSaid(entry: Entry): entry is Extract<Entry, { what: "message" | "file" }> {
  return entry.what === "message" || entry.what === "file";
}
