// A page that a customer suggested, to be opened beside the desk.

import type { Entry } from "../../generated/protocol";
import { sharingOf } from "./store";
import { pageWords as words } from "./words";

/** Its whole address, where it is known: the house's list may leave the host to the page they are on. */
export function suggestedPage(interaction: string, { by, act }: Extract<Entry, { what: "cobrowse" }>): string | undefined {
  if (act.is !== "pushed" || by.party !== "customer") return undefined;
  const base = sharingOf(interaction).page ?? undefined;
  if (!URL.canParse(act.url, base)) return undefined;
  const url = new URL(act.url, base);
  return /^https?:$/.test(url.protocol) ? url.href : undefined;
}

export function SuggestedPage({ url }: { url: string }) {
  return (
    <a class="link" href={url} target="_blank" rel="noopener noreferrer" data-testid="suggested-page">
      {words.openPage}
    </a>
  );
}
