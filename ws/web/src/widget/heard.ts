// Which message was seen or heard already, for all pages of one visitor.

import { drawerKey, type Drawer } from "./memory";

/** Tells whether a message was seen or heard in any of them. */
export function isKnown(drawer: Drawer, zone: string, interaction: string, seq: number): boolean {
  const [of, last] = (drawer.getItem(key(zone)) ?? "").split(" ");
  return of === interaction && Number(last) >= seq;
}

/** Says that it was. */
export function seen(drawer: Drawer, zone: string, interaction: string, seq: number): void {
  try {
    drawer.setItem(key(zone), `${interaction} ${seq}`);
  } catch {
    // A full storage costs a sound in another tab.
  }
}

function key(zone: string): string {
  return `${drawerKey(zone)}.heard`;
}
