// Records the page for who was allowed to see it. Loaded after that only.

import { record } from "@rrweb/record";
import { Batches, LARGEST, type Send } from "./batches";
import { Typed } from "./echo";
import { Cleaner, type Recorded } from "./events";
import type { Rules } from "./rules";
import { cover, place } from "../text/secret";

/** What the recorder asks of who started it. */
export interface Recording {
  rules: Rules;
  send: Send;
  /** The page's address or its title changed without a load. */
  moved(): void;
}

const EVERY = 120;
const AGAIN_AFTER = 1_500;
/** Beyond these a page is not recorded any more: only where it is and where its pointer is. */
const ELEMENTS = 40_000;
const SPAN = 5_000;
const BYTES = 2_500_000;
const BUSY = 1_500;
/** Of this page, however often it is recorded. */
const typed = new Typed();

/** A running recording of this page. */
export class Recorder {
  #stop: (() => void) | undefined;
  readonly #batches: Batches;
  readonly #cleaner: Cleaner;
  readonly #timer: ReturnType<typeof setInterval>;
  #again: ReturnType<typeof setTimeout> | undefined;
  #busy = 0;
  #busySince = 0;
  #heavy = false;
  /** Why nothing of the page is shown. */
  #why = "heavy";
  #begun = false;
  #over = false;
  readonly #scheme = matchMedia("(prefers-color-scheme: dark)");
  #href = location.href;
  #title = document.title;

  constructor(private readonly recording: Recording) {
    const scheme = this.#scheme;
    const page = {
      node: (id: number) => record.mirror.getNode(id),
      id: (node: Node) => record.mirror.getId(node),
      get href() {
        return location.href;
      },
      get dark() {
        return scheme.matches;
      },
      late: () => this.#later(),
    };
    this.#cleaner = new Cleaner(recording.rules, page, (css) => this.#batches.sheets.stand(css), typed);
    this.#batches = new Batches(recording.send, () => this.#later(), () => this.#degrade());
    this.#timer = setInterval(() => this.#flush(), EVERY);
    addEventListener("input", this.#typed, { capture: true, passive: true });
    addEventListener("focusout", this.#left, { capture: true, passive: true });
    this.#scheme.addEventListener("change", this.#dressed);
    // Before the recording's own: what is left out comes with it, too.
    this.#arrivals.observe(document, { childList: true, subtree: true });
    this.#begin();
  }

  /** Stops at once: nothing that is not sent is sent any more. */
  stop(): void {
    this.#over = true;
    removeEventListener("input", this.#typed, { capture: true });
    removeEventListener("focusout", this.#left, { capture: true });
    this.#scheme.removeEventListener("change", this.#dressed);
    this.#arrivals.disconnect();
    clearInterval(this.#timer);
    clearTimeout(this.#again);
    this.#halt();
    this.#batches.stop();
  }

  /** Begins anew, with the whole page. */
  fresh(): void {
    if (this.#over) return;
    if (this.#heavy) return this.#name();
    // A page that is loading still begins by itself, with the whole of it.
    if (!this.#begun) return;
    this.#batches.begin(newStream());
    record.takeFullSnapshot(true);
    this.#flush();
  }

  /** Shows nothing of the page any more, but that its visitor cannot stop it. */
  veil(): void {
    this.#heavy = false;
    this.#why = "veiled";
    this.#degrade();
    removeEventListener("mousemove", this.#moved);
  }

  /** Covers in a text of the page what must not be read, and what was typed. */
  clean(text: string): string {
    return this.#cleaner.other(text);
  }

  /** Covers in an address of the page what was typed. */
  where(url: string): string {
    return this.#cleaner.where(url);
  }

  node(id: number): Node | null {
    return record.mirror.getNode(id);
  }

  /** Names the recording that numbers nodes as they are now. */
  get stream(): string {
    return this.#batches.stream;
  }

  get heavy(): boolean {
    return this.#heavy;
  }

  #begin(): void {
    if (document.getElementsByTagName("*").length > ELEMENTS) return this.#degrade();
    const { rules } = this.recording;
    this.#batches.begin(newStream());
    const stop = record({
      emit: (event) => this.#take(event as unknown as Recorded),
      maskAllInputs: true,
      maskInputFn: (text) => cover(text),
      maskTextSelector: rules.mask,
      maskTextFn: cover,
      blockSelector: rules.block,
      inlineStylesheet: true,
      inlineImages: false,
      collectFonts: false,
      recordCanvas: false,
      recordCrossOriginIframes: false,
      keepIframeSrcFn: () => false,
      sampling: { mousemove: 80, scroll: 100, input: "last" },
    });
    this.#stop = stop ?? undefined;
    this.#flush();
  }

  #take(event: Recorded): void {
    if (this.#over || this.#heavy) return;
    this.#begun = true;
    const began = performance.now();
    try {
      const clean = this.#cleaner.event(event);
      if (clean) this.#batches.add(clean);
      if (event.type === 2 && this.recording.rules.covers) this.#batches.add({ type: 5, data: { tag: "misread", payload: {} }, timestamp: event.timestamp });
    } catch {
      // This runs within the page's own script, which must not end for it; the picture would be wrong from here on.
      this.#degrade();
    }
    this.#busy += performance.now() - began;
  }

  #flush(): void {
    if (this.#over) return;
    if (location.href !== this.#href || document.title !== this.#title) {
      [this.#href, this.#title] = [location.href, document.title];
      this.recording.moved();
    }
    const now = Date.now();
    if (!this.#heavy) for (const data of this.#cleaner.changed()) this.#batches.add({ type: 3, data, timestamp: now });
    const size = this.#batches.flush(now);
    if (now - this.#busySince > SPAN) [this.#busy, this.#busySince] = [0, now];
    // The first whole page may be large; what follows may not be as much again and again.
    const much = this.#batches.rate(now, SPAN) > BYTES + LARGEST / 2 || this.#busy > BUSY;
    if (!this.#heavy && (size > LARGEST || much)) this.#degrade();
  }

  #later(): void {
    this.#again ??= setTimeout(() => {
      this.#again = undefined;
      this.fresh();
    }, AGAIN_AFTER);
  }

  #halt(): void {
    this.#stop?.();
    this.#stop = undefined;
    removeEventListener("mousemove", this.#moved);
  }

  // Too heavy to be recorded: an empty page of the same size, its address, and where the pointer is.
  #degrade(): void {
    if (this.#over || this.#heavy) return;
    this.#halt();
    // Nothing is recorded in which it could be shown.
    this.#arrivals.disconnect();
    this.#heavy = true;
    addEventListener("mousemove", this.#moved, { passive: true });
    this.#name();
  }

  #name(): void {
    this.#batches.begin(newStream());
    const timestamp = Date.now();
    const data = { href: this.where(place(location)), width: innerWidth, height: innerHeight };
    const body = { type: 2, tagName: "body", attributes: {}, childNodes: [], id: 4 };
    const head = { type: 2, tagName: "head", attributes: {}, childNodes: [], id: 3 };
    const html = { type: 2, tagName: "html", attributes: {}, childNodes: [head, body], id: 2 };
    this.#batches.add({ type: 4, data, timestamp });
    this.#batches.add({ type: 2, data: { node: { type: 0, childNodes: [html], id: 1 }, initialOffset: { top: 0, left: 0 } }, timestamp });
    this.#batches.add({ type: 5, data: { tag: this.#why, payload: {} }, timestamp });
    this.#batches.flush(timestamp);
  }

  readonly #typed = (event: Event) => this.#cleaner.fields.typed(event.composedPath()[0]);

  // What is covered while it is typed may be shown then.
  readonly #left = (event: Event) => {
    const field = event.composedPath()[0];
    if (field instanceof Element && this.recording.rules.reveals(field)) this.#take({ type: 3, data: { source: 5, id: record.mirror.getId(field) }, timestamp: Date.now() });
  };

  // Style sheets that ask for it are told as the visitor sees them.
  readonly #dressed = () => this.fresh();

  readonly #arrivals = new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node instanceof Element) this.#cleaner.fields.arrived(node);
  });

  #movedAt = 0;
  readonly #moved = ({ clientX: x, clientY: y }: MouseEvent) => {
    const timestamp = Date.now();
    if (timestamp - this.#movedAt < 200) return;
    this.#movedAt = timestamp;
    this.#batches.add({ type: 3, data: { source: 1, positions: [{ x, y, id: 4, timeOffset: 0 }] }, timestamp });
  };
}

function newStream(): string {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
