// What an agent does on the picture by mouse, pen or finger. Two fingers scroll, as the wheel does.

import type { Guide } from "../../generated/protocol";
import type { Picture, Place } from "./picture";
import type { Tool } from "./words";

const POINT_EVERY = 60;
const SCROLL_EVERY = 120;
const POINTS = 200;

/** What it needs. */
export interface Ground {
  picture: Picture;
  tool(): Tool;
  guide(guide: Guide): void;
  /** Does what the tool does to a thing. */
  press(element: Element): void;
}

/** The agent's hand. */
export class Hand {
  readonly #line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  readonly #fingers = new Map<number, { x: number; y: number }>();
  #told = 0;
  #drawn: [number, number][] | undefined;
  #scroll: { x: number; y: number; node: number | null } | undefined;

  constructor(
    private readonly glass: HTMLElement,
    private readonly ground: Ground,
  ) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("aria-hidden", "true");
    svg.append(this.#line);
    glass.append(svg);
    glass.addEventListener("pointerdown", (event) => this.#down(event));
    glass.addEventListener("pointermove", (event) => this.#move(event));
    glass.addEventListener("pointerup", (event) => this.#up(event, true));
    glass.addEventListener("pointercancel", (event) => this.#up(event, false));
    glass.addEventListener("click", (event) => {
      const found = this.#there(event);
      if (found) ground.press(found);
    });
    glass.addEventListener("wheel", (event) => (event.preventDefault(), this.scroll(event.deltaX, event.deltaY, this.#there(event))), { passive: false });
  }

  /** The tool was changed. */
  clear(): void {
    this.#drawn = undefined;
    this.#line.setAttribute("points", "");
  }

  /** Scrolling together: the visitor's page moves, or what scrolls by itself around a thing, and what is seen here follows it. */
  scroll(byX: number, byY: number, around?: Element): void {
    const { picture, guide } = this.ground;
    const view = picture.window;
    if (this.ground.tool() === "look" || !view) return;
    const part = picture.scroller(around, byX, byY);
    const node = picture.node(part) ?? null;
    if (!this.#scroll) setTimeout(() => this.#scrolled(), SCROLL_EVERY);
    else if (this.#scroll.node !== node) {
      guide({ how: "scroll", ...this.#scroll });
      this.#scroll = undefined;
    }
    const from = this.#scroll ?? (part && node !== null ? { x: part.scrollLeft, y: part.scrollTop } : { x: view.scrollX, y: view.scrollY });
    this.#scroll = { node, x: Math.max(0, Math.round(from.x + byX)), y: Math.max(0, Math.round(from.y + byY)) };
  }

  #there(event: { clientX: number; clientY: number }): Element | undefined {
    const { picture } = this.ground;
    const at = picture.place(event);
    return at && picture.at(at);
  }

  #scrolled(): void {
    if (this.#scroll) this.ground.guide({ how: "scroll", ...this.#scroll });
    this.#scroll = undefined;
  }

  #down(event: PointerEvent): void {
    if (event.pointerType === "touch") this.#fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (this.#fingers.size > 1) return this.clear();
    const at = this.ground.picture.place(event);
    if (this.ground.tool() !== "draw" || !at) return;
    this.glass.setPointerCapture(event.pointerId);
    this.#drawn = [[at.x, at.y]];
    this.#line.setAttribute("points", `${event.clientX},${event.clientY}`);
  }

  #move(event: PointerEvent): void {
    const finger = this.#fingers.get(event.pointerId);
    if (finger) this.#fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    // Each of two fingers moves half of it.
    if (finger && this.#fingers.size > 1) return this.scroll((finger.x - event.clientX) / 2, (finger.y - event.clientY) / 2, this.#there(event));
    const at = this.ground.picture.place(event);
    if (!at) return;
    if (this.#drawn) this.#draw(this.#drawn, at, event);
    if (this.ground.tool() === "look" || event.timeStamp - this.#told < POINT_EVERY) return;
    this.#told = event.timeStamp;
    this.ground.guide({ how: "pointer", x: at.x, y: at.y });
  }

  #draw(drawn: [number, number][], at: Place, { clientX, clientY }: PointerEvent): void {
    if (drawn.length < POINTS) drawn.push([at.x, at.y]);
    this.#line.setAttribute("points", `${this.#line.getAttribute("points") ?? ""} ${clientX},${clientY}`);
  }

  #up(event: PointerEvent, whole: boolean): void {
    this.#fingers.delete(event.pointerId);
    if (whole && this.#drawn && this.#drawn.length > 1) this.ground.guide({ how: "draw", points: this.#drawn });
    this.#drawn = undefined;
  }
}
