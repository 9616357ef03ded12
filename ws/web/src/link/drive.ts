// Gives a machine its socket, its clock and the page's wake-ups.

import type { LinkOutput } from "./link";

/** What {@link Driver} needs of a machine. */
export interface Machine<O> {
  handleOpen(now: number): void;
  handleText(text: string, now: number): void;
  handleClose(now: number, code?: number): void;
  wake(now: number): void;
  handleTimeout(now: number): void;
  pollTimeout(): number | undefined;
  pollOutput(): O | LinkOutput | undefined;
}

const SUBPROTOCOL = "tandem.v1";
/** As WebSockets say that they are open: what a page puts in their place may not know the name. */
const OPEN = 1;
const TELL_AFTER = 16;
/** The longest that a browser waits. */
const LONGEST = 2 ** 31 - 1;

/** Carries a machine's outputs out and tells it what happened. */
export class Driver<O extends { do: string }> {
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #settling = false;
  #telling = false;
  // How much the machine's clock is ahead of the browser's, and what it said last: it never goes back.
  #ahead = 0;
  #last = 0;

  constructor(
    private readonly machine: Machine<O>,
    private readonly url: string,
    private readonly carryOut: (output: O) => void,
    private readonly changed: () => void,
  ) {
    const wake = () => this.step((now) => this.machine.wake(now));
    for (const kind of ["online", "offline", "pageshow"]) addEventListener(kind, wake);
    document.addEventListener("visibilitychange", () => document.hidden || wake());
  }

  /** Tells the machine something, then does all it asks for. */
  step(tell: (now: number) => void): void {
    tell(this.#now());
    this.#settle();
  }

  /** Lets the socket go; nothing is told to the machine any more. */
  end(): void {
    this.#drop();
    clearTimeout(this.#timer);
    this.step = () => {};
  }

  /** What time it is for the machine. */
  get now(): number {
    return this.#now();
  }

  // A browser's clock may be set back while something waits; what has waited out its time is due all the same.
  #now(least = 0): number {
    const now = Math.max(Date.now() + this.#ahead, this.#last, least);
    this.#ahead = now - Date.now();
    return (this.#last = now);
  }

  #settle(): void {
    if (this.#settling) return;
    this.#settling = true;
    for (let output; (output = this.machine.pollOutput()); ) {
      // One thing that cannot be done stops nothing else: it is reported as what is thrown anywhere else.
      try {
        this.#do(output);
      } catch (error) {
        reportError(error);
      }
    }
    this.#settling = false;
    this.#schedule();
    this.#tell();
  }

  // A long history comes in thousands of frames: what shows it is told once for as many as fit.
  #tell(): void {
    if (this.#telling) return;
    this.#telling = true;
    setTimeout(() => {
      this.#telling = false;
      this.changed();
    }, TELL_AFTER);
  }

  #do(output: O | LinkOutput): void {
    const link = output as LinkOutput;
    switch (link.do) {
      case "connect":
        return this.#connect();
      case "send":
        return this.#socket?.readyState === OPEN ? this.#socket.send(link.text) : undefined;
      case "close":
        return this.#drop();
      default:
        return this.carryOut(output as O);
    }
  }

  #connect(): void {
    this.#drop();
    const socket = new WebSocket(this.url, SUBPROTOCOL);
    const current = () => this.#socket === socket;
    socket.onopen = () => current() && this.step((now) => this.machine.handleOpen(now));
    socket.onmessage = ({ data }) => {
      if (current() && typeof data === "string") this.step((now) => this.machine.handleText(data, now));
    };
    socket.onclose = ({ code }) => {
      if (!current()) return;
      this.#socket = undefined;
      this.step((now) => this.machine.handleClose(now, code));
    };
    this.#socket = socket;
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const due = this.machine.pollTimeout();
    if (due === undefined) return;
    const wait = Math.min(Math.max(0, due - this.#now()), LONGEST);
    this.#timer = setTimeout(() => {
      if (wait < LONGEST) this.#now(due);
      this.step((now) => this.machine.handleTimeout(now));
    }, wait);
  }
}
