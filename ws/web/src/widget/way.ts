// Links that are followed and forms that are sent, in the moment before the browser goes.

/** What leads away. */
export interface Leads {
  /** Whether the page goes, and not another window. */
  here: boolean;
  /** Lets it lead elsewhere this once. */
  carry(href: string): void;
}

/** Tells of every link that is followed and every form that is sent, with where it leads. */
export function gone(tell: (leads: Leads, to: URL) => void): void {
  // On the window, after the page's own listeners: what they prevent does not lead anywhere.
  for (const kind of ["click", "auxclick"]) addEventListener(kind, (event) => followed(event as MouseEvent, tell));
  addEventListener("submit", (event) => sent(event, tell));
}

function followed(event: MouseEvent, tell: (leads: Leads, to: URL) => void): void {
  const link = event.composedPath().find((each) => (each instanceof HTMLAnchorElement || each instanceof HTMLAreaElement) && each.hasAttribute("href")) as HTMLAnchorElement | undefined;
  if (!link || event.defaultPrevented || event.button > 1 || link.hasAttribute("download")) return;
  const elsewhere = event.button === 1 || event.ctrlKey || event.metaKey || event.shiftKey;
  leads(link, "href", link.href, !elsewhere && isHere(link.target), tell);
}

function sent(event: SubmitEvent, tell: (leads: Leads, to: URL) => void): void {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || event.defaultPrevented) return;
  const button = event.submitter instanceof HTMLButtonElement || event.submitter instanceof HTMLInputElement ? event.submitter : undefined;
  const target = button?.getAttribute("formtarget") ?? form.getAttribute("target") ?? "";
  // A field may be called `action`, and then stands in the place of what it is.
  const [of, name] = button?.hasAttribute("formaction") ? [button, "formaction"] as const : [form, "action"] as const;
  const action = of.getAttribute(name);
  if (action && (button?.getAttribute("formmethod") ?? form.getAttribute("method")) !== "dialog") leads(of, name, action, isHere(target), tell);
}

function isHere(target: string): boolean {
  return ["", "_self", "_top", "_parent"].includes(target.toLowerCase());
}

function leads(element: Element, name: string, href: string, here: boolean, tell: (leads: Leads, to: URL) => void): void {
  if (!URL.canParse(href, document.baseURI)) return;
  const to = new URL(href, document.baseURI);
  if (!/^https?:$/.test(to.protocol)) return;
  const carry = (other: string) => {
    const before = element.getAttribute(name) ?? "";
    element.setAttribute(name, other);
    // By then the browser has taken it.
    setTimeout(() => element.setAttribute(name, before));
  };
  tell({ here, carry }, to);
}
