// The customer's page as it is now: played from what its recorder told, scaled into the window, and asked what is where.

import { Replayer } from "@rrweb/replay";
import "@rrweb/replay/dist/style.css";
import { Covered, rules } from "./covered";
import { above, closest } from "../flat";
import { dress } from "./dress";
import { quiet, raise } from "./tops";
import type { Kind } from "./words";

/** A place on the page: in its window, and from its upper left corner. */
export interface Place {
  x: number;
  y: number;
  inX: number;
  inY: number;
}

interface Shown {
  type: number;
  timestamp: number;
  data: { tag?: string; dark?: boolean };
}

/** What its owner is told. */
export interface Told {
  shown(): void;
  heavy(): void;
  /** The visitor cannot stop it, and nothing is shown until they can. */
  veiled(): void;
  /** What is to be masked or left out cannot be read, and all of it is. */
  misread(): void;
}

/** The picture of a page. */
export class Picture {
  #replayer: Replayer | undefined;
  #size = { width: 1, height: 1 };
  #scale = 1;
  #newest = 0;
  #heavy = false;
  #dark: boolean | undefined;
  readonly #sheets = new Map<string, string>();
  readonly #covered = new Covered();

  constructor(
    private readonly stage: HTMLElement,
    private readonly told: Told,
  ) {
    addEventListener("resize", () => this.#fit());
  }

  // The recording's times are the server's; what arrives is shown when it arrives, in its own rhythm within a batch.
  play(fresh: boolean, text: string, sheets: [name: string, text: string][]): void {
    if (fresh) this.#sheets.clear();
    for (const [name, sheet] of sheets) this.#sheets.set(name, sheet);
    const events = JSON.parse(text) as Shown[];
    const last = events.at(-1)?.timestamp ?? 0;
    const now = Date.now();
    if (fresh) this.#begin(now);
    if (!this.#replayer) return;
    for (const event of events) {
      this.#newest = Math.max(this.#newest, event.timestamp - last + now);
      event.timestamp = this.#newest;
      const { tag } = event.type === 5 ? event.data : {};
      if (tag === "heavy" || tag === "veiled") {
        this.#heavy = true;
        this.told[tag]();
      }
      if (tag === "misread") this.told.misread();
      if (event.type === 4) this.#likes(event.data.dark);
      dress(event, this.#sheets, this.#dark);
      this.#replayer.addEvent(event as never);
    }
  }

  // What is not in a style sheet that can be read, as the colours of fields, goes by what the frame is in.
  #likes(dark: boolean | undefined): void {
    this.#dark = dark;
    if (dark !== undefined) this.#replayer!.iframe.style.colorScheme = dark ? "dark" : "light";
  }

  get window(): Window | undefined {
    return this.#replayer?.iframe.contentWindow ?? undefined;
  }

  get document(): Document | undefined {
    return this.#replayer?.iframe.contentDocument ?? undefined;
  }

  /** Where a place of this window is on the page, none beside it. */
  place({ clientX, clientY }: { clientX: number; clientY: number }): Place | undefined {
    const box = this.#replayer?.iframe.getBoundingClientRect();
    const view = this.window;
    if (!box || !view) return undefined;
    const inX = (clientX - box.left) / this.#scale;
    const inY = (clientY - box.top) / this.#scale;
    if (inX < 0 || inY < 0 || inX > this.#size.width || inY > this.#size.height) return undefined;
    return { inX, inY, x: Math.round(inX + view.scrollX), y: Math.round(inY + view.scrollY) };
  }

  /** Where something of the page is in this window. */
  box(element: Element): { left: number; top: number; width: number; height: number } {
    const outer = this.#replayer!.iframe.getBoundingClientRect();
    const { left, top, width, height } = element.getBoundingClientRect();
    const scale = this.#scale;
    return { left: outer.left + left * scale, top: outer.top + top * scale, width: width * scale, height: height * scale };
  }

  /** What is there, also within shadows. */
  at({ inX, inY }: Pick<Place, "inX" | "inY">): Element | undefined {
    let root: Document | ShadowRoot | null | undefined = this.document;
    let found: Element | undefined;
    while (root) {
      const inner: Element | null = root.elementFromPoint(inX, inY);
      if (inner?.getRootNode() !== root) break;
      found = inner;
      root = inner.shadowRoot;
    }
    return found;
  }

  /** The innermost part around a thing that scrolls by itself, and further that way; none where the window does. */
  scroller(from: Element | undefined, byX: number, byY: number): Element | undefined {
    const { document, window } = this;
    if (!document || !window) return undefined;
    const scrolls = (style: string) => /auto|scroll|overlay/.test(style);
    // What the body says counts for the window, unless something is said above it.
    const whole = window.getComputedStyle(document.documentElement).overflow === "visible" ? document.body : document.documentElement;
    for (let at: Element | null = from ?? null; at && at !== whole && at !== document.documentElement; at = above(at)) {
      const { overflowX, overflowY } = window.getComputedStyle(at);
      if (scrolls(overflowY) && goesOn(at.scrollTop, at.scrollHeight - at.clientHeight, byY)) return at;
      if (scrolls(overflowX) && goesOn(at.scrollLeft, at.scrollWidth - at.clientWidth, byX)) return at;
    }
    return undefined;
  }

  /** All that a selector matches, also within shadows. */
  all(selector: string): Element[] {
    return this.document ? all(this.document, selector) : [];
  }

  /** By which number the page knows it. */
  node(element: Element | null | undefined): number | undefined {
    const node = element ? (this.#replayer?.getMirror().getId(element) ?? -1) : -1;
    return node > 0 ? node : undefined;
  }

  /** Of what kind a field is on the page. */
  kind(field: Element): string {
    return this.#covered.kind(field);
  }

  #begin(now: number): void {
    this.#replayer?.destroy();
    this.stage.replaceChildren();
    this.#newest = now - 1_000;
    this.#heavy = false;
    const replayer = (this.#replayer = new Replayer([], {
      root: this.stage,
      liveMode: true,
      useVirtualDom: false,
      mouseTail: false,
      showWarning: false,
      showDebug: false,
      triggerFocus: false,
      UNSAFE_replayCanvas: false,
      loadTimeout: 0,
      insertStyleRules: rules(),
    }));
    // What is in it is the customer's; it is gone through by the keys of the glass above it.
    replayer.iframe.tabIndex = -1;
    replayer.iframe.title = document.title;
    replayer.on("resize", (dimension) => {
      this.#size = dimension as { width: number; height: number };
      this.#fit();
    });
    // What stands for a heavy page is empty, and drawn after it was named.
    replayer.on("fullsnapshot-rebuilded", () => this.#heavy || this.told.shown());
    quiet(replayer.iframe);
    this.#covered.quiet(replayer.iframe);
    const node = (id: number) => replayer.getMirror().getNode(id);
    replayer.on("event-cast", (event) => {
      raise(event as Shown, node);
      this.#covered.draw(event as Shown, node);
    });
    replayer.startLive(now);
  }

  #fit(): void {
    const wrapper = this.stage.querySelector<HTMLElement>(".replayer-wrapper");
    if (!wrapper) return;
    this.#scale = Math.min(1, innerWidth / this.#size.width, innerHeight / this.#size.height);
    const left = Math.max(0, (innerWidth - this.#size.width * this.#scale) / 2);
    wrapper.style.transform = `translate(${left}px, 0) scale(${this.#scale})`;
  }
}

function goesOn(at: number, most: number, by: number): boolean {
  return by > 0 ? at < most - 1 : by < 0 && at > 0;
}

function all(root: ParentNode, selector: string): Element[] {
  return [...root.querySelectorAll("*")].flatMap((each) => [...(each.matches(selector) ? [each] : []), ...(each.shadowRoot ? all(each.shadowRoot, selector) : [])]);
}

/** What a thing on the page is called. */
export function labelOf(element: Element): string {
  const id = element.getAttribute("id");
  const named = id ? (element.getRootNode() as ParentNode).querySelector(`label[for="${CSS.escape(id)}"]`) : null;
  const whole = (named ?? closest(element, "label") ?? element).cloneNode(true) as Element;
  // What may be chosen in a field is not what it is called.
  for (const field of whole.querySelectorAll("select, textarea")) field.remove();
  const slotted = [...element.querySelectorAll("slot")].flatMap((slot) => slot.assignedNodes()).map(({ textContent }) => textContent);
  const text = whole.matches("select, textarea") ? "" : [whole.textContent, ...slotted].join(" ");
  return text.replace(/\s+/g, " ").trim().slice(0, 60);
}

/** Things on a page whose names are their own, not what the page tells of somebody. */
const CONTROLS: [Kind, string][] = [
  ["field", "input:not([type=submit], [type=button], [type=reset], [type=image]), textarea, select, label"],
  ["button", "button, summary, input, [role='button'], [role='tab']"],
  ["link", "a[href]"],
];
const OTHERS: [Kind, string][] = [
  ["heading", "h1, h2, h3, h4, h5, h6"],
  ["picture", "img, svg"],
  ["table", "table"],
  ["list", "li, dl, ul, ol"],
  ["text", "p, blockquote, pre"],
];
/** A longer name is a text. */
const LONGEST = 40;

/** Says what a thing that is pressed or filled in is called, if it has a name. */
export function nameOf(control: Element): string | undefined {
  const name = labelOf(control);
  return name === "" || name.length > LONGEST ? undefined : name;
}

/** Says what a thing is for the record: a control by its name, everything else by its kind, since its text may be the customer's. */
export function recorded(element: Element, kinds: Record<Kind, string>): string {
  for (const [kind, selector] of CONTROLS) {
    const control = closest(element, selector);
    if (control) return nameOf(control) ?? kinds[kind];
  }
  return kinds[OTHERS.find(([, selector]) => closest(element, selector))?.[0] ?? "part"];
}
