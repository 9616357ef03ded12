// The zone of a page whose script tag names none: asked of the server, by the page's path and what it knows of its visitor.

import { claimed } from "../link/claims";
import type { Facts } from "./inviter";
import type { Launcher } from "./loader";

const KEY = "tandem.zone";

/** What the page's script told so far; what it did not tell anew stays. */
export class Known {
  #facts: Facts = {};
  /** Whether the zone proves identities. */
  proves = true;
  #refused: string | undefined;

  /** `changed` is told when something new may mean another zone, or somebody else. */
  constructor(public changed: () => void) {
    const told = Array.isArray(globalThis.tandem) ? globalThis.tandem : [];
    const take = (facts: Facts) => void (this.#facts = { ...this.#facts, ...facts });
    told.forEach(take);
    globalThis.tandem = Object.assign(told, {
      push: (...facts: Facts[]): number => {
        facts.forEach(take);
        this.changed();
        return ([] as Facts[]).push.apply(told, facts);
      },
    });
  }

  get segments(): string[] {
    const { segments } = this.#facts;
    return Array.isArray(segments) ? segments.map(String).slice(0, 20) : [];
  }

  /** The website's own id of who the visitor is. */
  get who(): string | undefined {
    return claimed(this.proof)?.sub;
  }

  /** The identity, where the zone proves one and did not refuse this one. */
  get proof(): string | undefined {
    return this.proves && this.identity !== this.#refused ? this.identity : undefined;
  }

  /** The zone does not take an identity: until the page tells another, nobody in particular is there. */
  refuse(identity: string): void {
    this.#refused = identity;
  }

  get identity(): string | undefined {
    return typeof this.#facts.identity === "string" ? this.#facts.identity : undefined;
  }
}

/** Asks which zone the page belongs to; the one before where the server cannot be asked, none where none is for it. */
export async function choose({ base, zone }: Launcher, known: Known): Promise<string | undefined> {
  const { segments, identity } = known;
  // Pages may have taught arrays to say something else.
  const body = JSON.stringify({ path: location.pathname, segments: Object.assign(segments, { toJSON: undefined }), identity });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(new URL("api/v1/zones", base), { credentials: "omit", method: "POST", referrerPolicy: "origin", headers, body }).catch(() => undefined);
  if (answer?.status === 404) return undefined;
  const told: { zone?: unknown; identity?: unknown } | undefined = answer?.ok ? await answer.json().catch(() => undefined) : undefined;
  known.proves = told?.identity !== false;
  const chosen = told?.zone;
  return typeof chosen === "string" ? chosen : zone;
}

/** The zone in which the visitor was last, which is theirs while something lives there. */
export function last(): string | undefined {
  try {
    return localStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

export function keep(zone: string): void {
  try {
    localStorage.setItem(KEY, zone);
  } catch {
    // Who keeps nothing is asked for anew on every page.
  }
}
