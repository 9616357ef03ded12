// The way to another website of the zone, and the arrival there: the page that is left makes a pass known and puts it behind
// the `#` of the link in the moment it is followed; the page that is come to, whose loader took it out of the address, shows it
// to the server. Loaded when a contact goes on, and where a link carries a pass.

import type { VisitorRequest } from "../generated/protocol";
import type { Launcher } from "./loader";
import { BLANK, drawerKey, recall, remember } from "./memory";
import { gone } from "./way";
import type { Visitor } from "./visitor";
import { keep } from "./zone";

const AGAIN_AFTER = 700;

/** Follows the visitor to other websites of the zone from now on. What is kept for this zone is named by `key`. */
export async function watch(visitor: Visitor, key: string, zone: () => Promise<{ origins?: string[] }>, ask: (request: VisitorRequest) => void): Promise<void> {
  let { origins } = await zone();
  gone((link, to) => {
    // The server could not be reached, or the zone is of one website.
    if (!origins) return void zone().then((it) => (origins = it.origins));
    if (!origins.includes(location.origin) || !visitor.here || visitor.ended || to.origin === location.origin || !origins.includes(to.origin)) return;
    const pass = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    ask({ op: "cross", to: to.origin, pass, carried: { read: visitor.seen, open: session(`${key}.open`) !== "", leg: session(`${key}.leg`) || null } });
    // Whoever wrote the link may have put a pass of their own there.
    to.hash = `${to.hash.replace(/~tandem=.*/, "")}~tandem=${pass}`;
    link.carry(to.href);
  });
}

/** Shows a pass; what goes on is kept as if it had begun here. */
export async function arrive(launcher: Launcher, pass: string, named: string | undefined): Promise<void> {
  // Now that the pass is out of it, the place in the page is what the link said.
  if (location.hash) {
    location.replace(location.hash);
    dispatchEvent(new HashChangeEvent("hashchange"));
  }
  const from = document.referrer && new URL(document.referrer).origin;
  if (!from) return;
  const drawer = localStorage;
  const own = recall(drawer, launcher.zone);
  // What is not sent yet is lost otherwise.
  if (own.unsent.length > 0) return;
  const body = JSON.stringify({ pass, from, zone: named, token: own.token ?? undefined });
  const ask = () => fetch(new URL("api/v1/visitors/crossings", launcher.base), { method: "POST", credentials: "omit", referrerPolicy: "origin", headers: { "content-type": "application/json" }, body });
  let answer = await ask();
  if (answer.status === 404) {
    // The page that was left may be slower in telling it.
    await new Promise((again) => setTimeout(again, AGAIN_AFTER));
    answer = await ask();
  }
  if (!answer.ok) return;
  const { zone, token, interaction, who, carried } = await answer.json();
  if (interaction !== recall(drawer, zone).interaction) remember(drawer, zone, { ...BLANK, token, interaction, epoch: "-", read: carried.read, ...(who && { who }) });
  keep((launcher.zone = zone));
  sessionStorage.setItem(`${drawerKey(zone)}.open`, carried.open ? "1" : "");
  if (carried.leg) sessionStorage.setItem(`${drawerKey(zone)}.leg`, carried.leg);
}

function session(key: string): string {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}
