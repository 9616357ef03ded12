// Sends what happened on the page in batches, each cut into parts that fit a frame, a few on their way at a time. Pure
// but for what it is given.

import { json } from "../link/json";
import type { VisitorAct } from "../generated/protocol";
import type { Recorded } from "./events";
import { Sheets } from "./sheets";

type Act = Extract<VisitorAct, { stream: string }>;

/** Sends something; the answer to names is those that are missing, to a refusal its code. */
export type Send = (act: VisitorAct, told: (error?: string, answer?: string) => void) => void;

/** Parts on their way that are not answered. */
const WINDOW = 16;
/** Characters of a part at most, and bytes of its frame. */
const CHARACTERS = 12_000;
const BYTES = 15_000;
/** Bytes of a batch that the server takes. */
export const LARGEST = 3 * 1024 * 1024 - 64 * 1024;
/** What may wait before the recording is to begin anew. */
const BACKLOG = 4 * 1024 * 1024;

const encoder = new TextEncoder();

/** Cuts a text so that each piece fits a frame, and never within a pair of surrogates. */
export function cut(text: string): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length; ) {
    let size = Math.min(CHARACTERS, text.length - from);
    for (;;) {
      const last = text.charCodeAt(from + size - 1);
      if (from + size < text.length && last >= 0xd800 && last <= 0xdbff) size -= 1;
      if (encoder.encode(JSON.stringify(text.slice(from, from + size))).length <= BYTES) break;
      size = Math.floor(size / 2);
    }
    pieces.push(text.slice(from, from + size));
    from += size;
  }
  return pieces;
}

/** One recording's way out. */
export class Batches {
  /** The style sheets of what is added. */
  readonly sheets = new Sheets();
  #stream = "";
  #batch = 0;
  #events: Recorded[] = [];
  #queue: Act[] = [];
  #texts = new Map<string, string>();
  #asking = false;
  #waiting = 0;
  #under = 0;
  #now = 0;
  #bytes: { at: number; size: number }[] = [];

  constructor(
    private readonly send: Send,
    /** The server wants the whole page, or too much waits. */
    private readonly again: () => void,
    /** The page is larger than the server takes, however often it is sent. */
    private readonly tooLarge: () => void,
  ) {}

  /** Begins a recording anew; what waits of the last one is void, but for style sheets, which are good for this one too. */
  begin(stream: string): void {
    const sheets = this.#queue.filter((act) => act.do === "sheet");
    this.stop();
    this.#stream = stream;
    this.#queue = sheets;
    this.#waiting = sheets.reduce((sum, { text }) => sum + text.length, 0);
  }

  /** Ends it: nothing that waits is sent any more. */
  stop(): void {
    this.#stream = "";
    this.#batch = 0;
    this.#events = [];
    this.#queue = [];
    this.#texts.clear();
    this.#asking = false;
    this.#waiting = 0;
    this.sheets.begin();
  }

  /** Names the recording. */
  get stream(): string {
    return this.#stream;
  }

  add(event: Recorded): void {
    this.#events.push(event);
  }

  /** Sends what was added; returns its size in bytes. */
  flush(now: number): number {
    this.#now = now;
    if (this.#events.length === 0) return 0;
    const text = ("toJSON" in Array.prototype ? json : JSON.stringify)(this.#events);
    this.#events = [];
    const size = encoder.encode(text).length;
    if (size > LARGEST) return size;
    const named = this.sheets.take();
    if (named.size > 0) {
      for (const [name, css] of named) this.#texts.set(name, css);
      this.#queue.push({ do: "sheets", stream: this.#stream, sheets: [...named.keys()] });
    }
    this.#batch += 1;
    const pieces = cut(text);
    this.#queue.push(...pieces.map((piece, at) => ({ do: "part" as const, stream: this.#stream, batch: this.#batch, at, of: pieces.length, fresh: this.#batch === 1, text: piece })));
    this.#waiting += text.length;
    this.#bytes.push({ at: now, size });
    this.#pump();
    if (this.#waiting > BACKLOG) this.again();
    return size;
  }

  /** Returns how much was sent in the last `span`. */
  rate(now: number, span: number): number {
    this.#bytes = this.#bytes.filter(({ at }) => at > now - span);
    return this.#bytes.reduce((sum, { size }) => sum + size, 0);
  }

  #pump(): void {
    // What needs style sheets waits until it is known which are missing.
    while (this.#under < WINDOW && this.#queue.length > 0 && !this.#asking) {
      const act = this.#queue.shift()!;
      this.#under += 1;
      this.#asking = act.do === "sheets";
      if (act.do !== "sheets") this.#waiting -= act.text.length;
      this.send(act, (error, answer) => {
        this.#under -= 1;
        if (act.stream !== this.#stream) return this.#pump();
        if (act.do === "sheets") this.#asking = false;
        if (answer === "full") this.sheets.writeOut();
        if (answer === "out_of_range" && act.do === "part") return this.tooLarge();
        if (error) return this.again();
        if (act.do === "sheets") this.#dress(act.sheets, answer ? answer.split(",") : []);
        this.#pump();
      });
    }
  }

  #dress(named: string[], missing: string[]): void {
    const parts = missing.flatMap((sheet) => {
      const pieces = cut(this.#texts.get(sheet) ?? "");
      return pieces.map((text, at) => ({ do: "sheet" as const, stream: this.#stream, sheet, at, of: pieces.length, text }));
    });
    for (const sheet of named) this.#texts.delete(sheet);
    const size = parts.reduce((sum, { text }) => sum + text.length, 0);
    this.#waiting += size;
    this.#bytes.push({ at: this.#now, size });
    this.#queue.unshift(...parts);
  }
}
