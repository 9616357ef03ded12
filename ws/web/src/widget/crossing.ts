// The way to another website of the zone: the page that is left makes a pass known and puts it behind the `#` of the link in the
// moment it is followed. Loaded when a contact goes on, with what keeps one's place in it for the next page.

import type { VisitorRequest } from "../generated/protocol";
import { recalled } from "../voice/kept";
import { keepPlace } from "./leaving";
import { gone } from "./way";
import type { Visitor } from "./visitor";

/** Follows the visitor to other websites of the zone from now on. What is kept for this zone is named by `key`. */
export async function watch(visitor: Visitor, key: string, zone: () => Promise<{ origins?: string[] }>, ask: (request: VisitorRequest) => void, root: ShadowRoot): Promise<void> {
  keepPlace(root, visitor, key);
  let { origins } = await zone();
  gone((link, to) => {
    // The server could not be reached, or the zone is of one website.
    if (!origins) return void zone().then((it) => (origins = it.origins));
    if (!origins.includes(location.origin) || !visitor.here || visitor.ended || to.origin === location.origin || !origins.includes(to.origin)) return;
    const pass = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const { leg, muted, away } = recalled(link.here ? session(`${key}.leg`) : "");
    ask({ op: "cross", to: to.origin, pass, carried: { read: visitor.seen, open: session(`${key}.open`) !== "", leg: away ? null : leg || null, muted } });
    // Whoever wrote the link may have put a pass of their own there.
    to.hash = `${to.hash.replace(/~tandem=.*/, "")}~tandem=${pass}`;
    link.carry(to.href);
  });
}

function session(key: string): string {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}
