// Style sheets that go by name: the server is told a name and sent the text only when it does not have it.

import { sha256 } from "./digest";

/** What stands before a name where the text would stand. */
export const NAMED = "sheet:";
/** Between the rules of a sheet that the page's program made: no rule has it. */
export const BETWEEN = "\u001e";
/** Shorter ones are written out. */
const SHORTEST = 1_000;
/** Bytes of one, and how many of one recording, the server takes. */
const LARGEST = 1024 * 1024;
const MOST = 64;

const encoder = new TextEncoder();

/** The style sheets of one recording. */
export class Sheets {
  #known = new Set<string>();
  #new = new Map<string, string>();
  #full = false;

  /** Returns what stands for a cleaned style sheet: its name, or itself. */
  stand(css: string): string {
    if (css.length < SHORTEST || this.#full) return css;
    const bytes = encoder.encode(css);
    if (bytes.length > LARGEST) return css;
    const name = sha256(bytes);
    if (!this.#known.has(name)) {
      if (this.#known.size === MOST) return css;
      this.#known.add(name);
      this.#new.set(name, css);
    }
    return NAMED + name;
  }

  /** Returns the texts of those that were named since it was asked last. */
  take(): ReadonlyMap<string, string> {
    const named = this.#new;
    this.#new = new Map();
    return named;
  }

  /** Another recording begins. */
  begin(): void {
    this.#known.clear();
    this.#new.clear();
  }

  /** The server has no room: all are written out from now on. */
  writeOut(): void {
    this.#full = true;
  }
}
