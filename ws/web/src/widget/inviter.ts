// When a page invites its visitor to a chat. Pure: what happens on the page is told, with the time.

/** A rule as `GET /api/v1/zones/{zone}` tells it; all of its conditions must hold. */
export interface Rule {
  text: string;
  /** After how many seconds on a page. */
  after: number;
  /** How much of the page was scrolled through, in percent. */
  scroll: number;
  /** What the basket is worth at least. */
  cart: number;
  /** The paths it is for, where `*` stands for anything. */
  pages: string[];
  /** The visitors it is for. */
  segments: string[];
}

/** What the page's script may tell. */
export interface Facts {
  cart?: number;
  segments?: string[];
  /** Who the visitor is, signed by the website (JWT); none once they signed out. */
  identity?: string | null;
}

/** How long nobody is asked again whether an agent is free, in milliseconds. */
const PAUSE = 30_000;

/** The rules of a zone on one page after the other. */
export class Inviter {
  #path = "";
  #since = 0;
  #scroll = 0;
  #cart = 0;
  #segments: ReadonlySet<string> = new Set();
  #notBefore = 0;

  constructor(private readonly rules: readonly Rule[]) {}

  /** The visitor is on this page; another one begins anew. */
  at(path: string, now: number): void {
    if (path === this.#path) return;
    this.#path = path;
    this.#since = now;
    this.#scroll = 0;
  }

  /** So much of the page was seen, in percent. */
  scrolled(percent: number): void {
    this.#scroll = Math.max(this.#scroll, percent);
  }

  /** The page's script told something; what it told before and does not tell now stays. */
  tell({ cart, segments }: Facts): void {
    if (typeof cart === "number" && Number.isFinite(cart)) this.#cart = cart;
    if (Array.isArray(segments)) this.#segments = new Set(segments.map(String));
  }

  /** Nobody was free: asked again after a while. */
  rest(now: number): void {
    this.#notBefore = now + PAUSE;
  }

  /** Returns the first rule that holds now. */
  due(now: number): Rule | undefined {
    return now < this.#notBefore ? undefined : this.rules.find((rule) => this.#holds(rule, now));
  }

  #holds(rule: Rule, now: number): boolean {
    return (
      now - this.#since >= rule.after * 1_000 &&
      this.#scroll >= rule.scroll &&
      this.#cart >= rule.cart &&
      (rule.pages.length === 0 || rule.pages.some((pattern) => fits(pattern, this.#path))) &&
      (rule.segments.length === 0 || rule.segments.some((segment) => this.#segments.has(segment)))
    );
  }
}

/** Tells whether a path is of a pattern, in which `*` stands for anything. */
export function fits(pattern: string, path: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (!path.startsWith(first)) return false;
  if (rest.length === 0) return path === first;
  const last = rest.pop() ?? "";
  let at = first.length;
  for (const part of rest) {
    const found = path.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return path.length - last.length >= at && path.endsWith(last);
}
