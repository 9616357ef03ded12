// The memo that is typed and not sent: kept while its pane is closed, over a reload and the end of a sign-in.

import { signal } from "@preact/signals";

const KEPT = "tandem.memo";

/** Whose it is, whom it is to, and the id that it is sent by. */
export interface KeptMemo {
  me: string;
  to: string;
  text: string;
  mid: string;
}

export const kept = signal<KeptMemo | undefined>(read());

export function keepMemo(memo: KeptMemo | undefined): void {
  kept.value = memo;
  try {
    if (memo) sessionStorage.setItem(KEPT, JSON.stringify(memo));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // Then it is kept until the page is left.
  }
}

function read(): KeptMemo | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as KeptMemo | null) ?? undefined;
  } catch {
    return undefined;
  }
}
