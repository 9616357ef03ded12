// Notifications of the browser for what comes while the console is not looked at: each says whose it is, leads there, and goes
// when what it tells of is seen, taken or gone.

import { notify } from "../sound/notify";

/** What one tells of, by a name; of two with one name the later counts. */
export interface Noticed {
  of: string;
  title: string;
  body: string;
  /** Leads to it. */
  lead: () => void;
}

const shown = new Map<string, { notice: Notification; body: string }>();

/** Shows one where nobody looks and the person allowed them. */
export function noticeOf({ of, title, body, lead }: Noticed): void {
  if (!document.hidden) return;
  const notice = notify(title, { body, tag: `tandem.${of}` });
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
