// A world for a machine: its socket, its clock, and a server that answers by script. Time moves only when told.

import type { LinkOutput } from "../src/link/link";

/** What a machine has in common with others. */
interface Driven<O> {
  handleOpen(now: number): void;
  handleText(text: string, now: number): void;
  handleClose(now: number): void;
  handleTimeout(now: number): void;
  pollTimeout(): number | undefined;
  pollOutput(): O | LinkOutput | undefined;
}

export interface Frame {
  id: number;
  op: string;
  [field: string]: unknown;
}

/** Drives a machine through virtual time. */
export class World<O extends { do: string }> {
  now = 1_000_000;
  open = false;
  /** Frames the machine sent and nobody took yet. */
  sent: Frame[] = [];
  outputs: O[] = [];
  connects = 0;

  constructor(
    readonly machine: Driven<O>,
    /** Whether the network lets a socket open. */
    public reachable = true,
  ) {}

  /** Tells the machine something and lets it settle. */
  tell(what: (now: number) => void): void {
    what(this.now);
    this.#settle();
  }

  /** The server says something. */
  say(frame: object): void {
    this.tell((now) => this.machine.handleText(JSON.stringify(frame), now));
  }

  /** Takes the oldest frame with this `op`. */
  take(op: string): Frame {
    const at = this.sent.findIndex((frame) => frame.op === op);
    const [frame] = at < 0 ? [] : this.sent.splice(at, 1);
    if (!frame) throw new Error(`no ${op} among ${JSON.stringify(this.sent)}`);
    return frame;
  }

  count(op: string): number {
    return this.sent.filter((frame) => frame.op === op).length;
  }

  /** The network drops the socket. */
  drop(): void {
    this.open = false;
    this.sent = [];
    this.tell((now) => this.machine.handleClose(now));
  }

  /** Lets time pass, with everything that falls due in it. */
  pass(milliseconds: number): void {
    const until = this.now + milliseconds;
    for (let due = this.machine.pollTimeout(); due !== undefined && due <= until; due = this.machine.pollTimeout()) {
      this.now = Math.max(this.now, due);
      this.tell((now) => this.machine.handleTimeout(now));
    }
    this.now = until;
  }

  #settle(): void {
    for (let output = this.machine.pollOutput(); output; output = this.machine.pollOutput()) this.#carryOut(output as LinkOutput);
  }

  #carryOut(output: LinkOutput): void {
    switch (output.do) {
      case "connect":
        this.connects += 1;
        this.open = this.reachable;
        if (this.reachable) this.machine.handleOpen(this.now);
        else this.machine.handleClose(this.now);
        return;
      case "send":
        if (this.open) this.sent.push(JSON.parse(output.text));
        return;
      case "close":
        this.open = false;
        this.sent = [];
        return;
      default:
        this.outputs.push(output as unknown as O);
    }
  }
}

/** A repeatable source of numbers from 0 to 1. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}
