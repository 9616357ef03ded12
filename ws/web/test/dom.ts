// Elements enough for what draws itself by `el`: attributes, texts, children and clicks.

export class FakeElement extends EventTarget {
  hidden = false;
  value: string | number = "";
  namespaceURI = "";
  parent: FakeElement | undefined;
  readonly attributes = new Map<string, string>();
  readonly classList = { add: () => {} };
  #children: (FakeElement | string)[] = [];

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
    if (name === "hidden") this.hidden = true;
  }

  append(...children: (FakeElement | string)[]): void {
    for (const child of children) if (typeof child !== "string") child.parent = this;
    this.#children.push(...children);
  }

  replaceChildren(...children: (FakeElement | string)[]): void {
    this.#children = [];
    this.append(...children);
  }

  get textContent(): string {
    return this.#children.map((child) => (typeof child === "string" ? child : child.textContent)).join("");
  }

  set textContent(text: string) {
    this.replaceChildren(text);
  }

  contains(): boolean {
    return false;
  }

  focus(): void {}

  click(): void {
    this.dispatchEvent(new Event("click"));
  }

  /** The element below this one with a `data-testid`. */
  get(id: string): FakeElement {
    const found = this.#find(id);
    if (!found) throw new Error(`there is no ${id}`);
    return found;
  }

  /** Whether it and everything around it is shown. */
  get seen(): boolean {
    return !this.hidden && (this.parent?.seen ?? true);
  }

  #find(id: string): FakeElement | undefined {
    for (const child of this.#children) {
      if (typeof child === "string") continue;
      const found = child.attributes.get("data-testid") === id ? child : child.#find(id);
      if (found) return found;
    }
    return undefined;
  }
}

/** Puts it in the place of a document. */
export function draw(): void {
  const make = () => new FakeElement();
  const globals = { Node: FakeElement, document: { createElement: make, createElementNS: make }, CSSStyleSheet: class { replaceSync(): void {} } };
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
