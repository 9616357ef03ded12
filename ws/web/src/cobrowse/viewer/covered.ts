// Fields whose content is not shown: where a field of their kind cannot hold the dots that stand for it, one that can is drawn in its
// place, and what shows a content otherwise shows none.

import { FILLED, KINDS, SHAPES } from "../filled";

type Json = Record<string, any>;

/** The attribute of those that show their content otherwise. */
const COVERED = "tandem-covered";
const PARTS = ["::-webkit-slider-thumb", "::-moz-range-thumb", "::-webkit-color-swatch", "::-moz-color-swatch"];
/** How these are drawn, as far as a browser knows of it: it refuses other rules. */
export const rules = () => PARTS.filter((part) => CSS.supports(`selector(${part})`)).map((part) => `[${COVERED}]${part} { visibility: hidden !important; }`);
type Size = Record<"boxSizing" | "width" | "height", string>;

/** What is drawn otherwise than the page has it. */
export class Covered {
  readonly #drawn = new WeakMap<HTMLInputElement, { type: string; size: Size }>();

  /** Keeps from fields of a frame what they would complain of. */
  quiet({ contentWindow }: HTMLIFrameElement): void {
    const inputs = (contentWindow as (Window & typeof globalThis) | null)?.HTMLInputElement.prototype;
    const { get, set } = (inputs && Object.getOwnPropertyDescriptor(inputs, "value")) ?? {};
    if (!inputs || !get || !set) return;
    const put = function (this: HTMLInputElement, value: string) {
      if (value !== FILLED || !(KINDS.test(this.type) || SHAPES.test(this.type))) set.call(this, value);
    };
    Object.defineProperty(inputs, "value", { get, set: put, configurable: true });
  }

  /** Draws the fields that an event tells of. */
  draw({ type, data }: { type: number; data: Json }, node: (id: number) => Node | null): void {
    if (type === 2) return this.#inside(data["node"], node);
    if (type !== 3) return;
    if (data["source"] === 5) return this.#field(node(data["id"]), data["text"]);
    if (data["source"] !== 0) return;
    for (const { node: come } of data["adds"]) this.#inside(come, node);
    for (const { id, attributes } of data["attributes"]) {
      if ("type" in attributes) this.#typed(node(id));
      if ("value" in attributes) this.#field(node(id), attributes["value"]);
    }
  }

  /** Of what kind a field is on the page. */
  kind(field: Element): string {
    return this.#drawn.get(field as HTMLInputElement)?.type ?? (field as HTMLInputElement).type;
  }

  #inside(told: Json, node: (id: number) => Node | null): void {
    if (told["tagName"] === "input") this.#field(node(told["id"]), told["attributes"]["value"]);
    for (const child of told["childNodes"] ?? []) this.#inside(child, node);
  }

  #field(node: Node | null, value: unknown): void {
    if (node?.nodeName !== "INPUT") return;
    const field = node as HTMLInputElement;
    this.#restore(field);
    const covered = value === FILLED;
    if (SHAPES.test(field.type)) {
      field.toggleAttribute(COVERED, covered);
      if (covered && field.type === "range") field.value = field.min || "0";
    } else if (covered && KINDS.test(field.type)) this.#cover(field);
    // A field of another kind forgot it.
    else if (typeof value === "string" && field.value !== value && KINDS.test(field.type)) field.value = value;
  }

  // The page made another field of it, which may hold the dots.
  #typed(node: Node | null): void {
    const field = node as HTMLInputElement | null;
    const drawn = field && this.#drawn.get(field);
    if (!drawn) return;
    this.#drawn.delete(field);
    Object.assign(field.style, drawn.size);
    this.#field(field, FILLED);
  }

  // As large as it was.
  #cover(field: HTMLInputElement): void {
    const { offsetWidth, offsetHeight, style } = field;
    this.#drawn.set(field, { type: field.type, size: { boxSizing: style.boxSizing, width: style.width, height: style.height } });
    field.type = "text";
    field.value = FILLED;
    Object.assign(style, { boxSizing: "border-box", width: `${offsetWidth}px`, height: `${offsetHeight}px` } satisfies Size);
  }

  #restore(field: HTMLInputElement): void {
    const drawn = this.#drawn.get(field);
    if (!drawn) return;
    this.#drawn.delete(field);
    field.type = drawn.type;
    Object.assign(field.style, drawn.size);
  }
}
