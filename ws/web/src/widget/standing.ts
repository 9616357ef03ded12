// How a visitor's chat stands: what of it is shown, and what outlives the page. Pure.

import { Outbox } from "../link/outbox";
import { Timeline } from "../link/timeline";
import { isHeld, isPromised, unseen } from "./effect";
import type { Memory } from "./memory";
import type { Position } from "./output";
import { Typing } from "./typing";

/** What is known of a chat. */
export class Standing {
  outbox = new Outbox();
  timeline: Timeline | undefined;
  position: Position | undefined;
  /** What the agent's side received and saw. */
  receipt = { delivered: 0, read: 0 };
  /** Set when the server knows no live interaction although no closing entry came. */
  over = false;
  /** How much the server's clock is ahead of this one. */
  ahead = 0;
  protected kept!: Memory;
  protected readonly writing = new Typing();

  constructor(memory: Memory) {
    this.begin(memory);
  }

  /** Whether something lives that has to be connected without being asked. */
  get lives(): boolean {
    return (this.timeline !== undefined && !this.ended && !this.kept.ended) || this.outbox.items.length > 0;
  }

  /** Whether it is written in: not in a call without a chat. */
  get writes(): boolean {
    return this.outbox.items.length > 0 || this.timeline?.entries.some((entry) => entry.what === "message") !== false;
  }

  /** Whether what began as a call that was promised was never more. */
  get promised(): boolean | null {
    return isPromised(this.timeline?.entries ?? []);
  }

  get ended(): boolean {
    return this.over || this.timeline?.ended() !== undefined;
  }

  /** Whether it is a message that waits for an agent. */
  get held(): boolean {
    return isHeld(this.timeline?.entries ?? []);
  }

  /** Who is writing. */
  get writer(): string | undefined {
    return this.writing.writer;
  }

  /** What outlives the page. */
  get memory(): Readonly<Memory> {
    return this.kept;
  }

  /** The credential, and the chat it is for: what files are sent and fetched with. */
  get here(): { token: string; interaction: string } | undefined {
    const token = this.kept.token;
    const interaction = this.timeline?.interaction;
    return token && interaction ? { token, interaction } : undefined;
  }

  /** The highest entry the visitor saw. */
  get seen(): number {
    return this.kept.read;
  }

  /** Messages of the other side that the visitor did not see yet. */
  get unread(): number {
    return unseen(this.timeline?.entries.slice(this.kept.read) ?? []);
  }

  /** Takes up what is kept. */
  protected begin(memory: Memory): void {
    this.kept = { ...memory };
    this.outbox = new Outbox(memory.unsent);
    if (memory.interaction && memory.epoch) this.timeline = new Timeline(memory.interaction, memory.epoch);
  }
}
