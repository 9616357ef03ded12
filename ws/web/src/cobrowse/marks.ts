// What an agent does on the page, as the visitor sees it: a pointer with a name, marks around elements, lines.

import { el } from "../widget/dom";

const SVG = "http://www.w3.org/2000/svg";
const POINTER_LASTS = 4_000;

/** The layer over the page; nothing of it can be clicked. */
export class Marks {
  readonly element = el("div", { class: "marks", "aria-hidden": "true" });
  readonly #pointer: HTMLElement;
  readonly #name = el("span");
  readonly #lines = document.createElementNS(SVG, "svg");
  readonly #marked = new Map<Element, HTMLElement>();
  readonly #drawn: { line: SVGPolylineElement; points: [number, number][] }[] = [];
  #at: { x: number; y: number } | undefined;
  #pointed = 0;
  #frame = 0;

  constructor() {
    const arrow = document.createElementNS(SVG, "svg");
    arrow.setAttribute("viewBox", "0 0 20 20");
    const shape = document.createElementNS(SVG, "path");
    shape.setAttribute("d", "M2 2l6 15 2.500-6L17 8.500z");
    arrow.append(shape);
    this.#pointer = el("div", { class: "pointer", hidden: true, "data-testid": "cobrowse-pointer" });
    this.#pointer.append(arrow, this.#name);
    this.#lines.setAttribute("class", "lines");
    this.element.append(this.#lines, this.#pointer);
  }

  point(x: number, y: number, name: string): void {
    this.#at = { x, y };
    this.#pointed = performance.now();
    if (this.#name.textContent !== name) this.#name.textContent = name;
    this.#run();
  }

  mark(element: Element): void {
    this.#marked.get(element)?.remove();
    const box = el("div", { class: "mark", "data-testid": "cobrowse-mark" });
    this.#marked.set(element, box);
    this.element.append(box);
    element.scrollIntoView({ block: "nearest" });
    this.#run();
  }

  draw(points: [number, number][]): void {
    const line = document.createElementNS(SVG, "polyline");
    this.#lines.append(line);
    this.#drawn.push({ line, points });
    this.#run();
  }

  clear(): void {
    for (const box of this.#marked.values()) box.remove();
    this.#marked.clear();
    this.#drawn.length = 0;
    this.#lines.replaceChildren();
  }

  stop(): void {
    this.clear();
    this.#at = undefined;
    this.#pointer.hidden = true;
  }

  #run(): void {
    this.#frame ||= requestAnimationFrame(() => this.#place());
  }

  // Follows the page while there is anything to show.
  #place(): void {
    this.#frame = 0;
    const old = performance.now() - this.#pointed > POINTER_LASTS;
    if (old) this.#at = undefined;
    this.#pointer.hidden = !this.#at;
    if (this.#at) this.#pointer.style.transform = `translate(${this.#at.x - scrollX}px, ${this.#at.y - scrollY}px)`;
    for (const [element, box] of this.#marked) {
      const { left, top, width, height } = element.getBoundingClientRect();
      box.hidden = !element.isConnected || width === 0;
      Object.assign(box.style, { transform: `translate(${left - 5}px, ${top - 5}px)`, width: `${width + 10}px`, height: `${height + 10}px` });
    }
    for (const { line, points } of this.#drawn) line.setAttribute("points", points.map(([x, y]) => `${x - scrollX},${y - scrollY}`).join(" "));
    if (this.#at || this.#marked.size > 0 || this.#drawn.length > 0) this.#run();
  }
}
