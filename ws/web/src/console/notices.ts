// Notifications of the browser for what comes while the console is not looked at: each says whose it is, leads there, and goes
// when what it tells of is seen, taken or gone. Where others see the screen they say no more than that something came.

import { signal } from "@preact/signals";
import { notify } from "../sound/notify";

/** What one tells of, by a name; of two with one name the later counts. */
export interface Noticed {
  of: string;
  title: string;
  body: string;
  /** What it says where names and texts are hidden. */
  plain: string;
  /** Leads to it. */
  lead: () => void;
}

const KEPT = "tandem.notices";

/** Whether notifications hide names and texts in this browser. */
export const discreet = signal(read());
/** Whether this browser shows notifications, and whether it was asked. */
export const permission = signal(typeof Notification === "undefined" ? "denied" : Notification.permission);

const shown = new Map<string, { notice: Notification; body: string }>();

/** Hides names and texts in notifications from now on, or shows them; what is there with them goes. */
export function toggleDiscreet(): void {
  discreet.value = !discreet.value;
  try {
    localStorage.setItem(KEPT, discreet.value ? "plain" : "whole");
  } catch {
    // Then it counts until the next reload.
  }
  if (discreet.value) settle(new Set());
}

/** Asks the person whether they want any. */
export async function allow(): Promise<void> {
  permission.value = await Notification.requestPermission();
}

/** Shows one where nobody looks and the person allowed them. */
export function noticeOf({ of, title, body, plain, lead }: Noticed): void {
  if (!document.hidden) return;
  const tag = `tandem.${of}`;
  const notice = discreet.value ? notify(plain, { tag }) : notify(title, { body, tag });
  if (!notice) return;
  notice.onclick = () => {
    window.focus();
    close(of);
    lead();
  };
  shown.set(of, { notice, body });
}

/** Takes away those that tell of nothing that still stands. */
export function settle(stands: ReadonlySet<string>): void {
  for (const of of [...shown.keys()]) if (!stands.has(of)) close(of);
}

/** What was said is taken back. */
export function takeBack(body: string): void {
  for (const [of, each] of [...shown]) if (each.body === body) close(of);
}

function close(of: string): void {
  shown.get(of)?.notice.close();
  shown.delete(of);
}

function read(): boolean {
  try {
    return localStorage.getItem(KEPT) === "plain";
  } catch {
    return false;
  }
}

// It counts at the other consoles of this browser too.
globalThis.addEventListener?.("storage", ({ key }) => {
  if (key !== KEPT && key !== null) return;
  discreet.value = read();
  if (discreet.value) settle(new Set());
});
