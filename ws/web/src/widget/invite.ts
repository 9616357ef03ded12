// The invitation beside the launcher: fetched by pages that ask for it (`data-invite`), shown once a session, while an agent is
// free. It takes no focus, is told to screen readers politely, and stays away for a month once it was declined.

import { dress, el, show } from "./dom";
import { Inviter, type Facts, type Rule } from "./inviter";
import sheet from "./invite.css?inline";
import type { Launcher } from "./loader";
import { inviteWords } from "./words/invite";

declare global {
  var tandem: Facts[] | { push(...facts: Facts[]): void } | undefined;
}

interface Told {
  invite?: Rule[];
  open?: boolean;
  free?: boolean;
}

const STEP = 1_000;
const AWAY = 30 * 24 * 3_600_000;

/** Starts watching the page; the loader calls it once. */
export async function start(launcher: Launcher, open: () => void): Promise<void> {
  const memory = new Memory(launcher.zone);
  if (memory.rests) return;
  const ask = () => zone(launcher);
  const rules = (await ask())?.invite ?? [];
  if (rules.length > 0) new Invitation(launcher, memory, new Inviter(rules), ask, open);
}

async function zone({ base, zone, lang }: Launcher): Promise<Told | undefined> {
  const request: RequestInit = { credentials: "omit", referrerPolicy: "origin" };
  const answer = await fetch(new URL(`api/v1/zones/${encodeURIComponent(zone)}?lang=${lang}`, base), request).catch(() => undefined);
  return answer?.ok ? answer.json().catch(() => undefined) : undefined;
}

class Invitation {
  readonly #timer: number;
  readonly #scroll = () => this.#seen();
  // Another page by script may be of another zone, which invites by its own rules.
  readonly #zone: string;
  /** Whether the widget began anew, and invites by another. */
  readonly #anew: () => boolean;
  #asking = false;
  #card: HTMLElement | undefined;

  constructor(
    private readonly launcher: Launcher,
    private readonly memory: Memory,
    private readonly inviter: Inviter,
    private readonly ask: () => Promise<Told | undefined>,
    private readonly open: () => void,
  ) {
    this.#zone = launcher.zone;
    // It stays the array that keeps what was told, for when the widget begins anew.
    const told = (globalThis.tandem ??= []) as Facts[];
    const { push } = told;
    const tell = (facts: Facts) => this.inviter.tell(facts);
    told.forEach(tell);
    const mine = (...facts: Facts[]) => {
      facts.forEach(tell);
      return push.apply(told, facts);
    };
    told.push = mine;
    this.#anew = () => told.push !== mine;
    this.#timer = window.setInterval(() => void this.#step(), STEP);
    addEventListener("scroll", this.#scroll, { passive: true });
    this.#seen();
  }

  #seen(): void {
    const { scrollTop, clientHeight, scrollHeight } = document.documentElement;
    this.inviter.at(location.pathname, Date.now());
    this.inviter.scrolled(scrollTop === 0 ? 0 : ((scrollTop + clientHeight) / scrollHeight) * 100);
  }

  async #step(): Promise<void> {
    const now = Date.now();
    this.inviter.at(location.pathname, now);
    if (this.#anew() || this.launcher.root.host.hasAttribute("data-open") || this.launcher.zone !== this.#zone) return this.#stop();
    const rule = this.#card || this.#asking || document.hidden ? undefined : this.inviter.due(now);
    if (!rule) return;
    this.#asking = true;
    const told = await this.ask();
    this.#asking = false;
    if (!told?.open || !told.free) return this.inviter.rest(now);
    if (!this.launcher.root.host.hasAttribute("data-open")) this.#show(rule.text);
  }

  #show(text: string): void {
    this.memory.shown();
    const words = inviteWords(this.launcher.lang, this.launcher.texts);
    dress(this.launcher.root, sheet);
    // A live region is heard when its text changes, not when it comes.
    const said = el("p", { role: "status", "data-testid": "invitation-text" });
    const accept = () => {
      this.#stop();
      this.open();
    };
    const decline = () => {
      this.memory.declined();
      this.#stop();
      this.launcher.button.focus();
    };
    this.#card = el(
      "div",
      { class: "invitation", role: "region", "aria-label": words.label, "data-testid": "invitation" },
      said,
      el("div", {}, el("button", { type: "button", class: "accept", "data-testid": "invitation-accept", onclick: accept }, words.accept), el("button", { type: "button", "data-testid": "invitation-decline", onclick: decline }, words.decline)),
    );
    this.#card.addEventListener("keydown", (event) => event.key === "Escape" && decline());
    this.launcher.root.append(this.#card);
    requestAnimationFrame(() => (said.textContent = text));
  }

  #stop(): void {
    clearInterval(this.#timer);
    removeEventListener("scroll", this.#scroll);
    if (this.#card) show(this.#card, false);
  }
}

// Whether a visitor was invited in this session, or declined not long ago.
class Memory {
  readonly #key: string;

  constructor(zone: string) {
    this.#key = `tandem.${zone}.invited`;
  }

  get rests(): boolean {
    try {
      return sessionStorage.getItem(this.#key) !== null || Number(localStorage.getItem(this.#key)) > Date.now();
    } catch {
      // Who keeps nothing would be invited on every page.
      return true;
    }
  }

  shown(): void {
    sessionStorage.setItem(this.#key, "1");
  }

  declined(): void {
    localStorage.setItem(this.#key, String(Date.now() + AWAY));
  }
}
