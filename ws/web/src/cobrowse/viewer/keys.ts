// What an agent does on the picture by keyboard: the arrow keys go from one thing on the page to the next, Enter does what the tool
// does to it, and Page Up and Page Down scroll.

import type { Ground, Hand } from "./hand";
import { labelOf } from "./picture";

const PRESSED = "a[href], button, input, select, textarea, summary, [role='button'], [role='tab']";
/** What is pointed at is more than what is pressed. */
const POINTED = `${PRESSED}, h1, h2, h3, h4, h5, h6, p, li, td, th, img, svg, label`;
/** Of a window's height. */
const PAGE = 0.8;

/** The keyboard on the picture. */
export class Keys {
  #at: Element | undefined;

  /** `said` is read to whoever does not see the `mark` around a thing. */
  constructor(
    glass: HTMLElement,
    private readonly mark: HTMLElement,
    private readonly said: HTMLElement,
    private readonly hand: Hand,
    private readonly ground: Ground,
  ) {
    glass.addEventListener("keydown", (event) => {
      if (ground.tool() === "look" || event.altKey || event.ctrlKey || event.metaKey || !this.#key(event.key)) return;
      event.preventDefault();
    });
    glass.addEventListener("blur", () => this.#rest());
    glass.addEventListener("focus", () => this.#at?.isConnected && this.#draw(this.#at));
  }

  /** The page is another, or another tool was taken. */
  clear(): void {
    this.#at = undefined;
    this.#rest();
  }

  // Whoever fills something in comes back to where they were.
  #rest(): void {
    this.mark.hidden = true;
    this.said.textContent = "";
  }

  #key(key: string): boolean {
    const { picture } = this.ground;
    const { innerWidth = 0, innerHeight: height = 0 } = picture.window ?? {};
    const there = () => this.#at ?? picture.at({ inX: innerWidth / 2, inY: height / 2 });
    switch (key) {
      case "ArrowDown":
      case "ArrowRight":
        return this.#go(1);
      case "ArrowUp":
      case "ArrowLeft":
        return this.#go(-1);
      case "PageDown":
        return this.hand.scroll(0, height * PAGE, there()), true;
      case "PageUp":
        return this.hand.scroll(0, -height * PAGE, there()), true;
      case "Enter":
        return this.#act();
      default:
        return false;
    }
  }

  #go(step: 1 | -1): boolean {
    const { picture } = this.ground;
    const there = picture.all(this.ground.tool() === "fill" ? PRESSED : POINTED).filter((each) => each.getClientRects().length > 0 && picture.node(each) !== undefined);
    const before = this.#at ? there.indexOf(this.#at) : -1;
    const next = before < 0 ? there.at(step > 0 ? 0 : -1) : there[before + step];
    if (!next) return true;
    this.#at = next;
    this.#show(next);
    this.said.textContent = `${labelOf(next) || next.tagName.toLowerCase()}, ${there.indexOf(next) + 1}/${there.length}`;
    return true;
  }

  // What is out of sight is scrolled to, on the visitor's page too.
  #show(element: Element): void {
    const { picture } = this.ground;
    const view = picture.window;
    if (!view) return;
    const { left, top, width, height } = element.getBoundingClientRect();
    const around = (picture.scroller(element, 0, 1) ?? picture.scroller(element, 0, -1))?.getBoundingClientRect();
    const [from, to] = [Math.max(0, around?.top ?? 0), Math.min(view.innerHeight, around?.bottom ?? view.innerHeight)];
    if (top < from || top + height > to) this.hand.scroll(0, top - (from + to - height) / 2, element);
    else this.ground.guide({ how: "pointer", x: Math.round(left + width / 2 + view.scrollX), y: Math.round(top + height / 2 + view.scrollY) });
    this.#draw(element);
  }

  #draw(element: Element): void {
    const box = this.ground.picture.box(element);
    for (const side of ["left", "top", "width", "height"] as const) this.mark.style[side] = `${box[side]}px`;
    this.mark.hidden = false;
  }

  #act(): boolean {
    const element = this.#at;
    if (!element?.isConnected) return true;
    if (this.ground.tool() !== "draw") this.ground.press(element);
    else this.#frame(element);
    return true;
  }

  #frame(element: Element): void {
    const view = this.ground.picture.window;
    if (!view) return;
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const at = (x: number, y: number): [number, number] => [Math.round(x + view.scrollX), Math.round(y + view.scrollY)];
    this.ground.guide({ how: "draw", points: [at(left, top), at(right, top), at(right, bottom), at(left, bottom), at(left, top)] });
  }
}
