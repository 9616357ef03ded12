// What the page told of its visitor, and the zone in which they were last.

import { claimed } from "../link/claims";
import type { Facts } from "./inviter";

const KEY = "tandem.zone";

/** What the page's script told so far; what it did not tell anew stays. */
export class Known {
  facts: Facts = {};
  /** Whether the zone proves identities. */
  proves = true;
  #refused: string | undefined;

  /** `changed` is told when something new may mean another zone, or somebody else. */
  constructor(public changed: () => void) {
    const told = Array.isArray(globalThis.tandem) ? globalThis.tandem : [];
    const take = (facts: Facts) => void (this.facts = { ...this.facts, ...facts });
    told.forEach(take);
    globalThis.tandem = Object.assign(told, {
      push: (...facts: Facts[]): number => {
        facts.forEach(take);
        this.changed();
        return ([] as Facts[]).push.apply(told, facts);
      },
    });
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
    return typeof this.facts.identity === "string" ? this.facts.identity : undefined;
  }
}

/** The zone in which the visitor was last, which is theirs while something lives there. */
export function last(): string | null | undefined {
  try {
    return localStorage.getItem(KEY);
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
