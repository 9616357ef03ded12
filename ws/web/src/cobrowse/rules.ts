// Which parts of a page are masked, left out or shown, by the page's own marks and the configuration.

import { FILLED } from "./filled";
import { clean, digits, mayBecomeCard } from "./secret";
import { cover } from "../text/secret";

/** What `GET /api/v1/zones/{zone}` says of a page. */
export interface PageRules {
  mask: string[];
  block: string[];
  reveal: string[];
}

const MASK = ["[data-tandem-mask]", "[data-private]", "[data-sensitive]", ".rr-mask"];
/** What people write into. */
const WRITTEN = ["textarea", "[contenteditable]:not([contenteditable='false'])"];
const BLOCK = ["[data-tandem]", "[data-tandem-block]", ".rr-block", "iframe", "object", "embed", "video", "audio", "canvas"];
/** Elements whose text no page paints: titles and notes of drawings and formulas, what is for programs, and what stands in for something else. */
const UNPAINTED = ["title", "desc", "metadata", "datalist", "annotation", "annotation-xml", "meter", "progress", "rp", "script", "noscript", "noframes", "noembed", "textarea", "template"];
const UNPAINTED_ONES = UNPAINTED.join();
/** Wherever they stand. */
const SECRET =
  /pass|pwd|kennwort|geheim|card|kreditkarte|kartennummer|cvv|cvc|iban|ssn|secret|token|otp|verification|verifizierung|security ?(?:code|number|answer|question)|sicherheits|pr(?:ü|ue)f(?:nummer|ziffer)|konto|account ?(?:no|nr|num)|sort ?code|routing|steuer ?(?:nummer|id)|tax ?(?:id|number)|social ?sec|sozialversicherung|(?:api|private) ?key/;
/** Of them, those that have letters. */
const SPELLED = /passw|pass ?(?:phrase|code|key)|pwd|kennwort|geheim|secret|token|otp|verification|verifizierung|security ?answer|sicherheits/;
/** As words of their own. */
const WORDS = /(?:^|[^\p{L}])(?:pin|pins|pin ?code|pin ?number|puk|pw|tan|[a-z]{1,4}tan|csc)(?!\p{L})/u;
const SECRET_HINTS = /\bcc-|one-time-code|current-password|new-password/;
/** Inputs whose value is a label that everybody sees. */
export const LABELS = ["submit", "button", "reset"];
/** Digits of what may become a card's number that are shown while it is typed. */
export const TYPED = 6;
/** And when its field was left. */
const LEFT = 10;
const SHORTEST_CARD = 13;

/** Decides about elements. */
export class Rules {
  readonly mask: string;
  readonly block: string;
  /** Selectors that are none. */
  readonly misread: string[];
  /** Whether all of a page is covered for them. */
  readonly covers: boolean;
  readonly #masks: string;
  readonly #reveal: string;
  readonly #suspects = new WeakSet<Element>();
  readonly #grown = new WeakMap<Element, { held: string; grows: boolean }>();

  /** Where what is to be masked cannot be read all text is, and where what is to be left out cannot, all of the page is. */
  constructor(rules: PageRules) {
    const [mask, block, reveal] = [rules.mask, rules.block, rules.reveal].map((selectors) => selectors.filter(isSelector)) as [string[], string[], string[]];
    this.#masks = [...MASK, ...(mask.length < rules.mask.length ? ["*"] : mask)].join(",");
    this.mask = [...WRITTEN, this.#masks].join(",");
    this.block = [...BLOCK, ...(block.length < rules.block.length ? ["body"] : block)].join(",");
    this.#reveal = reveal.join(",");
    this.misread = [...rules.mask, ...rules.block, ...rules.reveal].filter((selector) => !isSelector(selector));
    this.covers = mask.length + block.length < rules.mask.length + rules.block.length;
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

  /** Whether an element masks what is in it. */
  marks(node: Node | null): boolean {
    return node instanceof Element && node.matches(this.mask);
  }

  /** Returns what is shown of a field's content. */
  value(field: Element | null): string {
    if (field instanceof HTMLInputElement && LABELS.includes(field.type)) return this.masked(field) ? cover(field.value) : clean(field.value);
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement)) return "";
    if (field.value === "") return "";
    return this.shows(field) ? clean(field.value) : FILLED;
  }

  /** Remembers a field that is for a password, whatever the page makes of it later. */
  remember(field: Element | null): void {
    if (field instanceof HTMLInputElement && (field.type === "password" || isVeiled(field))) once.add(field);
  }

  /** Whether a field holds what nobody else is to see. */
  isSecret(field: Element): boolean {
    return isSecret(field);
  }

  /** Whether a field is, or was, for a password or another secret that has letters. */
  isPassword(field: Element): boolean {
    return once.has(field) || /current-password|new-password/.test(field.getAttribute("autocomplete") ?? "") || said(field).some((name) => SPELLED.test(words(name)));
  }

  /** Remembers a field that holds a part of what may be a card's number. */
  suspect(field: Element): void {
    this.#suspects.add(field);
  }

  /** Whether a field is one whose content is shown, as far as it may be: what is masked stays so. */
  reveals(field: Element | null): boolean {
    return field !== null && this.#reveal !== "" && field.matches(this.#reveal) && !isSecret(field) && !within(field, this.#masks);
  }

  /** Whether what a field holds now is shown: its content is, and no number in it may become a card's. */
  shows(field: Element | null): boolean {
    return this.reveals(field) && !this.#suspects.has(field!) && !this.#mayBecomeCard(field!);
  }

  // While it is typed no more than six digits of what may become a card's number are shown, and no more than ten when the field was
  // left. What grows otherwise, as by keys that a page draws, is typed too.
  #mayBecomeCard(field: Element): boolean {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return false;
    if (field.maxLength > 0 && field.maxLength < SHORTEST_CARD) return false;
    const held = digits(field.value);
    const before = this.#grown.get(field);
    const focused = (field.getRootNode() as Document | ShadowRoot).activeElement === field;
    const goesOn = before !== undefined && before.held !== "" && held.length > before.held.length && held.startsWith(before.held);
    const grows = before?.held === held ? before.grows : goesOn && !focused;
    this.#grown.set(field, { held, grows });
    return mayBecomeCard(field.value, focused || grows ? TYPED : LEFT);
  }
}

/** Whether the text of an element of this name, in small letters, is painted nowhere. */
export function isUnpainted(tag: string): boolean {
  return UNPAINTED.includes(tag);
}

/** Fields that were for passwords once: a page may show what is typed by making another field of them. Parts of the widget that are
 * loaded apart have one each: those that were remembered are asked of the rules. */
const once = new WeakSet<Element>();

/** Whether a field holds what nobody else is to see or set, whatever is configured. */
export function isSecret(field: Element): boolean {
  if (field instanceof HTMLInputElement && ["password", "hidden", "file"].includes(field.type)) return true;
  if (once.has(field) || isVeiled(field)) return true;
  if (SECRET_HINTS.test(field.getAttribute("autocomplete") ?? "")) return true;
  return said(field).some(namesSecret);
}

/** Whether what a field is called says that it holds a secret. */
export function namesSecret(name: string): boolean {
  const read = words(name);
  return SECRET.test(read) || WORDS.test(read);
}

function words(name: string): string {
  return name.slice(0, 300).replace(/(\p{Ll})(?=\p{Lu})/gu, "$1 ").replace(/[\s_.:[\]-]+/g, " ").toLowerCase();
}

// What a field is called, by itself and by its labels.
function said(field: Element): string[] {
  return [...["name", "id", "aria-label", "placeholder", "title"].map((name) => field.getAttribute(name) ?? ""), ...labels(field)];
}

function labels(field: Element): string[] {
  const own = "labels" in field ? [...((field as HTMLInputElement).labels ?? [])] : [];
  const root = field.getRootNode() as Document | ShadowRoot;
  const by = (field.getAttribute("aria-labelledby") ?? "").split(/\s+/).map((id) => (id ? root.getElementById?.(id) : null));
  return [...own, ...by].map((label) => label?.textContent ?? "");
}

// As the browser reads it.
function isSelector(text: string): boolean {
  try {
    document.createDocumentFragment().querySelector(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether the text of an element is drawn as dots. */
export function isVeiled(element: Element): boolean {
  const drawn = getComputedStyle(element).getPropertyValue("-webkit-text-security");
  return drawn !== "" && drawn !== "none";
}

// As it is painted: what stands in a slot is within what the slot stands in.
function within(node: Node | null, selector: string): boolean {
  for (let at: Node | null = node; at; ) {
    const element: Element | null = at instanceof Element ? at : at.parentElement;
    if (element?.closest(selector)) return true;
    const slot = slotAbove(at);
    const root: Node = at.getRootNode();
    at = slot ?? (root instanceof ShadowRoot ? root.host : null);
  }
  return false;
}

function slotAbove(node: Node): Element | null {
  for (let at: Node | null = node; at; at = at.parentNode) {
    const slot = slotOf(at);
    if (slot) return slot;
  }
  return null;
}

/** Returns the slot that a node stands in by itself. */
export function slotOf(node: Node): Element | null {
  return (node as Element | Text).assignedSlot ?? null;
}
