// Builds elements without strings of HTML and without inline style.

type Child = Node | string | null | undefined | false;
type Props = Record<string, string | boolean | ((event: never) => void) | undefined>;

/** Makes an element: `on…` props listen, `true` sets an empty attribute, `false` and `undefined` none. */
export function el<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else if (value || value === "") element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter(Boolean) as (Node | string)[]);
  return element;
}

/** Draws a stroked icon on a 24 by 24 grid. */
export function icon(path: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(svg.namespaceURI!, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export const ICONS = {
  bell: "M6 16v-5a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5h4",
  down: "M6 9.5l6 6 6-6",
  phone: "M6 4h3.5l1.5 4-2 1.5a12 12 0 0 0 5.5 5.5l1.5-2 4 1.5V18a2 2 0 0 1-2 2A16 16 0 0 1 4 6a2 2 0 0 1 2-2z",
  clip: "M15 7l-7 7a2 2 0 0 0 3 3l7-7a3 3 0 0 0-5-5l-7 7a5 5 0 0 0 7 7l7-7",
  send: "M4 12l16-8-5 16-3.5-6.5z",
};

/** Shows or hides an element. */
export function show(element: HTMLElement, on: boolean): void {
  if (element.hidden === on) element.hidden = !on;
}

/** Sets an element's text when it differs, so that screen readers are not told the same twice. */
export function say(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Says something, and is not there where nothing is said. */
export function tell(element: HTMLElement, text: string): void {
  say(element, text);
  show(element, text !== "");
}

/** Gives what stands in a shadow root its style sheet. */
export function dress(root: ShadowRoot, css: string): void {
  const style = new CSSStyleSheet();
  style.replaceSync(css);
  root.adoptedStyleSheets.push(style);
}

/** Makes what stands in a page as large as it is by itself where the page is magnified (`zoom`); its style sheet asks for it. */
export function level(host: HTMLElement): void {
  host.style.setProperty("--page-zoom", `${host.parentElement?.currentCSSZoom ?? 1}`);
}
