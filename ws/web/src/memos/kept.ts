// The memo that is typed and not sent: kept while its pane is closed, over a reload and the end of a sign-in.

import { signal } from "@preact/signals";
import { store, stored } from "../signing/stored";

const KEPT = "tandem.memo";

/** Whose it is, whom it is to, and the id that it is sent by. */
export interface KeptMemo {
  me: string;
  to: string;
  text: string;
  mid: string;
}

export const kept = signal(stored<KeptMemo>(KEPT));

export function keepMemo(memo: KeptMemo | undefined): void {
  kept.value = memo;
  store(KEPT, memo);
}
