// Which parts of a page are masked, left out or shown, by the page's own marks and the configuration.

import { clean } from "./secret";

/** What `GET /api/v1/zones/{zone}` says of a page. */
export interface PageRules {
  mask: string[];
  block: string[];
  reveal: string[];
}

const MASK = ["[data-tandem-mask]", "[data-private]", "[data-sensitive]", ".rr-mask", "textarea", "[contenteditable]:not([contenteditable='false'])"];
const BLOCK = ["[data-tandem]", "[data-tandem-block]", ".rr-block", "iframe", "object", "embed", "video", "audio", "canvas"];
/** Elements whose text no page paints: titles and notes of drawings and formulas, what is for programs, and what stands in for something else. */
const UNPAINTED = ["title", "desc", "metadata", "datalist", "annotation", "annotation-xml", "meter", "progress", "rp", "script", "noscript", "noframes", "noembed", "textarea", "template"];
const UNPAINTED_ONES = UNPAINTED.join();
/** Wherever they stand. */
const SECRET =
  /pass|pwd|kennwort|geheim|card|kreditkarte|kartennummer|cvv|cvc|iban|ssn|secret|token|otp|verification|verifizierung|security ?(?:code|number|answer|question)|sicherheits|pr(?:ü|ue)f(?:nummer|ziffer)|konto|account ?(?:no|nr|num)|sort ?code|routing|steuer ?(?:nummer|id)|tax ?(?:id|number)|social ?sec|sozialversicherung|(?:api|private) ?key/;
/** As words of their own. */
const WORDS = /(?:^|[^\p{L}])(?:pin|pins|pin ?code|pin ?number|puk|pw|tan|[a-z]{1,4}tan|csc)(?!\p{L})/u;
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

  /** Whether the text of a node is painted nowhere, by itself or anything around it. */
  unpainted(node: Node | null): boolean {
    return within(node, UNPAINTED_ONES);
  }

  /** Returns what is shown of a field's content. */
  value(field: Element | null): string {
    if (field instanceof HTMLInputElement && LABELS.includes(field.type)) return clean(field.value);
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement)) return "";
    if (field.value === "") return "";
    return this.reveals(field) ? clean(field.value) : FILLED;
  }

  /** Remembers a field that is for a password, whatever the page makes of it later. */
  remember(field: Element | null): void {
    if (field instanceof HTMLInputElement && field.type === "password") once.add(field);
  }

  reveals(field: Element | null): boolean {
    return field !== null && this.#reveal !== "" && field.matches(this.#reveal) && !isSecret(field);
  }
}

/** Whether the text of an element of this name, in small letters, is painted nowhere. */
export function isUnpainted(tag: string): boolean {
  return UNPAINTED.includes(tag);
}

/** Fields that were for passwords once: a page may show what is typed by making another field of them. */
const once = new WeakSet<Element>();

/** Whether a field holds what nobody else is to see or set, whatever is configured. */
export function isSecret(field: Element): boolean {
  if (field instanceof HTMLInputElement && ["password", "hidden", "file"].includes(field.type)) return true;
  if (once.has(field)) return true;
  if (SECRET_HINTS.test(field.getAttribute("autocomplete") ?? "")) return true;
  const said = ["name", "id", "aria-label", "placeholder", "title"].map((name) => field.getAttribute(name) ?? "");
  return [...said, ...labels(field)].some(namesSecret);
}

/** Whether what a field is called says that it holds a secret. */
export function namesSecret(name: string): boolean {
  const words = name.slice(0, 300).replace(/(\p{Ll})(?=\p{Lu})/gu, "$1 ").replace(/[\s_.:[\]-]+/g, " ").toLowerCase();
  return SECRET.test(words) || WORDS.test(words);
}

function labels(field: Element): string[] {
  const own = "labels" in field ? [...((field as HTMLInputElement).labels ?? [])] : [];
  const root = field.getRootNode() as Document | ShadowRoot;
  const by = (field.getAttribute("aria-labelledby") ?? "").split(/\s+/).map((id) => (id ? root.getElementById?.(id) : null));
  return [...own, ...by].map((label) => label?.textContent ?? "");
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
