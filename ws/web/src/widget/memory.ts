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

/** Of how many who used the browser it is kept. */
const MOST = 8;

const lives = ({ unsent, interaction, ended }: Memory): boolean => unsent.length > 0 || (interaction !== null && !ended);

/** Whether it goes on although the page says now who is there: who says who they are in a chat of nobody's stays in it. */
export function goesOn(memory: Memory, now: string | undefined): boolean {
  const { who, carried } = memory;
  return who === now || (who ? Boolean(carried) && !now : lives(memory));
}

// Of each who used the browser, the last first; anything unreadable counts as nothing. Versions before kept one, in no list.
function all(drawer: Drawer, zone: string): Memory[] {
  try {
    return [JSON.parse(drawer.getItem(drawerKey(zone)) ?? "[]")].flat().map((kept) => ({ ...BLANK, ...kept }));
  } catch {
    return [];
  }
}

/** Reads the memory. `who` finds nothing of whoever used the browser before, and what is their own however many did since. */
export function recall(drawer: Drawer, zone: string, who?: string): Memory {
  const kept = all(drawer, zone);
  const own = kept.find((memory) => memory.who === who);
  const last = kept[0];
  return (last && !(own && lives(own)) && goesOn(last, who) ? last : own) ?? { ...BLANK, ...(who && { who }) };
}

/** Puts what this tab changed beside what other tabs wrote meanwhile. */
export function merged(stored: Memory, before: Memory, memory: Memory): Memory {
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
    const kept = all(drawer, zone);
    const stored = kept.find(({ who }) => who === memory.who);
    // What was begun without a credential went along to whose it is now.
    const others = kept.filter(({ who, token }) => who !== memory.who && (token || who !== before?.who));
    drawer.setItem(drawerKey(zone), json([stored && before ? merged(stored, before, memory) : memory, ...others].slice(0, MOST)));
  } catch {
    // Private modes and full disks refuse to store.
  }
}
