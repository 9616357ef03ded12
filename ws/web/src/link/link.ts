// One socket's life as seen from the browser: connecting, greeting, living, losing it and coming back. Pure: it is
// told what happened and when, and says what is to be done; `drive.ts` does it.

import { json } from "./json";

/** What the world is asked to do with the socket. */
export type LinkOutput = { do: "connect" } | { do: "send"; text: string } | { do: "close" };

/** How the link stands. Times are milliseconds of whatever clock the caller uses throughout. */
export type LinkState =
  | { is: "idle" }
  | { is: "connecting"; deadline: number }
  | { is: "greeting"; deadline: number }
  | { is: "live"; since: number; heard: number }
  | { is: "waiting"; until: number; soonest: number };

/** A socket that is not open after this long is given up. */
export const CONNECT_PATIENCE = 10_000;
/** A request that is not answered after this long means that the socket is dead. */
export const ANSWER_PATIENCE = 15_000;
/** The same after the page woke up, when a dead socket is likely. */
export const PROBE_PATIENCE = 4_000;
/** The server pings every 25 s; two and a bit of those missed means that the socket is dead. */
export const SILENCE = 60_000;
/** A link that lived this long starts its next series of attempts from the shortest wait. */
const STEADY = 10_000;
const FIRST_WAIT = 500;
/** Whoever is at it waits no longer than for this attempt: one to two seconds. */
const EAGER = 2;
/** The server closes with this code when the credential is no good. */
export const UNAUTHORIZED = 4003;
/** The server closes with this code when a frame is too long: it would be again. */
export const TOO_LONG = 1009;
const CROWDED = 4005;
const FLOODING = 4029;
const AFTER_FLOODING = 60_000;
const LONGEST_WAIT = 30_000;

/** Returns how long to wait before attempt `attempt` (from 0): exponential, half of it random. */
export function backoff(attempt: number, random: () => number): number {
  const whole = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(attempt, 16));
  return whole / 2 + (whole / 2) * random();
}

/** The life of one socket that speaks requests of type `R`. */
export class Link<R extends { op: string }> {
  state: LinkState = { is: "idle" };
  readonly #outputs: LinkOutput[] = [];
  readonly #open = new Map<number, number>();
  readonly #random: () => number;
  #nextId = 1;
  #attempt = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Wants a connection now; does nothing when there is one or one is on its way, and shortens a wait. */
  start(now: number): void {
    const { state } = this;
    if (state.is === "idle") this.#connect(now);
    if (state.is === "waiting") state.until = Math.min(state.until, state.soonest);
  }

  /** Somebody is at it: a wait for the next try is cut short. */
  hurry(now: number): void {
    if (this.state.is === "waiting") this.start(now);
  }

  /** Wants none any more. */
  stop(): void {
    if (this.state.is === "idle") return;
    if (this.state.is !== "waiting") this.#outputs.push({ do: "close" });
    this.state = { is: "idle" };
    this.#attempt = 0;
    this.#open.clear();
  }

  /** The socket is open: the owner asks its `hello` next. */
  handleOpen(now: number): void {
    this.state = { is: "greeting", deadline: now + ANSWER_PATIENCE };
  }

  /** The `hello` was accepted. */
  welcome(now: number): void {
    const since = this.state.is === "live" ? this.state.since : now;
    this.state = { is: "live", since, heard: now };
  }

  /** A frame came in; returns it parsed, or nothing when it is no JSON object. */
  handleText(text: string, now: number): Record<string, unknown> | undefined {
    if (this.state.is === "live") this.state.heard = now;
    const frame = parse(text);
    if (typeof frame?.["re"] === "number") this.#open.delete(frame["re"]);
    return frame;
  }

  /** The socket closed or failed; PROTOCOL.md names the codes. */
  handleClose(now: number, code?: number): void {
    if (this.state.is === "idle" || this.state.is === "waiting") return;
    const steady = this.state.is === "live" && now - this.state.since >= STEADY;
    if (steady) this.#attempt = 0;
    this.#open.clear();
    const until = now + this.#wait(code);
    this.state = { is: "waiting", until, soonest: code === FLOODING ? until : now + backoff(EAGER, this.#random) };
    this.#attempt += 1;
  }

  /** The page was shown or the network came back: probes a live socket, ends a wait at once. */
  wake(now: number, probe: R): void {
    switch (this.state.is) {
      case "waiting":
        this.#attempt = 0;
        this.#connect(now);
        return;
      case "live":
        this.ask(probe, now, PROBE_PATIENCE);
        return;
      case "idle":
      case "connecting":
      case "greeting":
    }
  }

  /** Sends a request and returns its number. */
  ask(request: R, now: number, patience = ANSWER_PATIENCE): number {
    const id = this.#nextId++;
    this.#open.set(id, now + patience);
    this.#outputs.push({ do: "send", text: json({ id, ...request }) });
    return id;
  }

  /** Returns when {@link handleTimeout} is next due. */
  pollTimeout(): number | undefined {
    switch (this.state.is) {
      case "idle":
        return undefined;
      case "connecting":
      case "greeting":
        return this.state.deadline;
      case "live":
        return Math.min(this.state.heard + SILENCE, ...this.#open.values());
      case "waiting":
        return this.state.until;
    }
  }

  /** Does what fell due; returns whether the socket was given up. */
  handleTimeout(now: number): boolean {
    const due = this.pollTimeout();
    if (due === undefined || due > now) return false;
    if (this.state.is === "waiting") {
      this.#connect(now);
      return false;
    }
    this.#outputs.push({ do: "close" });
    this.handleClose(now);
    return true;
  }

  /** Returns the next thing to be done. */
  pollOutput(): LinkOutput | undefined {
    return this.#outputs.shift();
  }

  #wait(code: number | undefined): number {
    // Too many pages are open: this one waits until somebody comes back to it.
    if (code === CROWDED) return Number.POSITIVE_INFINITY;
    return code === FLOODING ? AFTER_FLOODING : backoff(this.#attempt, this.#random);
  }

  #connect(now: number): void {
    this.state = { is: "connecting", deadline: now + CONNECT_PATIENCE };
    this.#outputs.push({ do: "connect" });
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const frame: unknown = JSON.parse(text);
    return typeof frame === "object" && frame !== null ? (frame as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
