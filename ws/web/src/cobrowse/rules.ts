// Which parts of a page are masked, left out or shown, by the page's own marks and the configuration.

import { clean } from "../text/secret";

/** What `GET /api/v1/zones/{zone}` says of a page. */
export interface PageRules {
  mask: string[];
  block: string[];
  reveal: string[];
}

const MASK = ["[data-tandem-mask]", "[data-private]", "[data-sensitive]", ".rr-mask", "textarea", "[contenteditable]:not([contenteditable='false'])"];
const BLOCK = ["[data-tandem]", "[data-tandem-block]", ".rr-block", "iframe", "object", "embed", "video", "audio", "canvas"];
const SECRET = /pass|card|cvv|cvc|iban|ssn|secret|token|\bpin\b|otp/i;
const SECRET_HINTS = /\bcc-|one-time-code|current-password|new-password/;
const FILLED = "•••••";
/** Inputs whose value is a label that everybody sees. */
const LABELS = ["submit", "button", "reset"];

/** Decides about elements. */
export class Rules {
  readonly mask: string;
  readonly block: string;
  readonly #reveal: string;

  /** Throws when a selector is none. */
  constructor(rules: PageRules) {
    this.mask = [...MASK, ...rules.mask].join(",");
    this.block = [...BLOCK, ...rules.block].join(",");
    this.#reveal = rules.reveal.join(",");
    for (const selector of [this.mask, this.block, this.#reveal]) if (selector) document.createDocumentFragment().querySelector(selector);
  }

  /** Whether a node's text is masked, by itself or anything around it, shadow hosts included. */
  masked(node: Node | null): boolean {
    return within(node, this.mask);
  }

  blocked(node: Node | null): boolean {
    return within(node, this.block);
  }

  /** Returns what is shown of a field's content. */
  value(field: Element | null): string {
    if (field instanceof HTMLInputElement && LABELS.includes(field.type)) return clean(field.value);
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement)) return "";
    if (field.value === "") return "";
    return this.reveals(field) ? clean(field.value) : FILLED;
  }

  reveals(field: Element | null): boolean {
    return field !== null && this.#reveal !== "" && field.matches(this.#reveal) && !isSecret(field);
  }
}

/** Whether a field holds what nobody else is to see or set, whatever is configured. */
export function isSecret(field: Element): boolean {
  if (field instanceof HTMLInputElement && ["password", "hidden", "file"].includes(field.type)) return true;
  const said = ["name", "id", "aria-label", "placeholder"].map((name) => field.getAttribute(name) ?? "").join(" ");
  return SECRET_HINTS.test(field.getAttribute("autocomplete") ?? "") || SECRET.test(said);
}

function within(node: Node | null, selector: string): boolean {
  for (let at: Node | null = node; at; ) {
    const element: Element | null = at instanceof Element ? at : at.parentElement;
    if (element?.closest(selector)) return true;
    const root: Node = (element ?? at).getRootNode();
    at = root instanceof ShadowRoot ? root.host : null;
  }
  return false;
}
