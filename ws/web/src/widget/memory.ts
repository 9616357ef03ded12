// What survives a reload, in the first party's own storage: who the visitor is, where they were, what is unsent.

import { json } from "../link/json";
import type { Unsent } from "../link/outbox";
import type { Filled } from "../generated/protocol";

/** The visitor's state as kept between pages. */
export interface Memory {
  token: string | null;
  interaction: string | null;
  epoch: string | null;
  /** Whether that interaction is over; then nothing has to be connected for it. */
  ended: boolean;
  /** The highest entry the visitor saw. */
  read: number;
  /** Messages on their way, with their `mid`. */
  unsent: Unsent[];
  /** What the first message opens the chat with. */
  name: string;
  mail: string;
  /** The website's own id of who this is, where it told one. */
  who?: string | undefined;
  /** Gone on with from another website, which told it: pages of this one need not know who it is. */
  carried?: boolean;
  /** What was answered to the zone's form, until the chat is there. */
  form?: Filled | undefined;
}

/** Nothing known yet. */
export const BLANK: Memory = { token: null, interaction: null, epoch: null, ended: false, read: 0, unsent: [], name: "", mail: "" };

/** The part of `Storage` that is needed. */
export type Drawer = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Returns the key under which a zone's memory is kept; the loader looks at it too. */
export function drawerKey(zone: string): string {
  return `tandem.${zone}`;
}

/** Whether it goes on although the page says now who is there: who says who they are in a chat of nobody's stays in it. */
export function goesOn({ who, carried, interaction, ended, unsent }: Memory, now: string | undefined): boolean {
  return who === now || (who ? Boolean(carried) && !now : unsent.length > 0 || (interaction !== null && !ended));
}

/** Reads the memory; anything unreadable counts as nothing. `who` finds nothing of whoever used the browser before. */
export function recall(drawer: Drawer, zone: string, who?: string): Memory {
  let memory = BLANK;
  try {
    memory = { ...BLANK, ...JSON.parse(drawer.getItem(drawerKey(zone)) ?? "null") };
  } catch {
    // Nothing, then.
  }
  return goesOn(memory, who) ? { ...memory } : { ...BLANK, ...(who && { who }) };
}

/** Puts what this tab changed beside what other tabs wrote meanwhile; of somebody else nothing stays. */
export function merged(stored: Memory, before: Memory, memory: Memory): Memory {
  if (stored.who !== memory.who) return memory;
  const own = new Set([...before.unsent, ...memory.unsent].map(({ mid }) => mid));
  const unsent = [...stored.unsent.filter(({ mid }) => !own.has(mid)), ...memory.unsent].sort((a, b) => a.at - b.at);
  // A credential or a chat that another tab found first is everybody's.
  const theirs = <K extends "token" | "interaction">(what: K) => memory[what] === before[what] || (stored[what] !== before[what] && stored[what] !== null);
  const token = theirs("token") ? stored.token : memory.token;
  const merged = { ...memory, token, unsent };
  if (stored.interaction === memory.interaction) return { ...merged, read: Math.max(stored.read, memory.read), ended: stored.ended || memory.ended };
  if (!theirs("interaction")) return merged;
  const { interaction, epoch, ended, read, form } = stored;
  return { ...merged, interaction, epoch, ended, read, form };
}

/** Writes the memory; where it is known what it was `before`, only what changed, beside what other tabs wrote. A browser that
 *  refuses storage costs the resume after a reload, nothing else. */
export function remember(drawer: Drawer, zone: string, memory: Memory, before?: Memory): void {
  try {
    const stored = drawer.getItem(drawerKey(zone));
    drawer.setItem(drawerKey(zone), json(stored && before ? merged({ ...BLANK, ...JSON.parse(stored) }, before, memory) : memory));
  } catch {
    // Private modes and full disks refuse to store.
  }
}
