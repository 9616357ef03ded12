// What the server is asked before the chat: the zone of a page whose script tag names none, and the texts of a language that is not
// built in. Loaded where either is needed.

import type { Texts } from "../text/overlay";
import type { Launcher } from "./loader";
import { keep } from "./zone";

/** Asks which zone the page belongs to; the one before where the server cannot be asked, none where none is for it. It is kept for
 *  other pages, unless a chat has begun meanwhile. */
export async function choose(launcher: Launcher, begun: () => boolean): Promise<string | undefined> {
  const zone = await asked(launcher);
  if (zone && !begun()) keep(zone);
  return zone;
}

async function asked({ base, zone, known }: Launcher): Promise<string | undefined> {
  const { facts, identity } = known;
  const segments = Array.isArray(facts.segments) ? facts.segments.map(String).slice(0, 20) : [];
  // Pages may have taught arrays to say something else.
  const body = JSON.stringify({ path: location.pathname, segments: Object.assign(segments, { toJSON: undefined }), identity });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(new URL("api/v1/zones", base), { method: "POST", credentials: "omit", referrerPolicy: "origin", headers, body }).catch(() => undefined);
  if (answer?.status === 404) return undefined;
  const told: { zone?: unknown; identity?: unknown } | undefined = answer?.ok ? await answer.json().catch(() => undefined) : undefined;
  known.proves = told?.identity !== false;
  const chosen = told?.zone;
  return typeof chosen === "string" ? chosen : zone;
}

/** Gives the widget the texts of its language; throws where the server has none. */
export async function translate(launcher: Launcher): Promise<void> {
  const { lang, base, button } = launcher;
  const answer = await fetch(new URL(`api/v1/texts/${lang}`, base), { credentials: "omit" });
  const texts: Texts = await answer.json();
  const widget = texts["widget"];
  if (!answer.ok || typeof widget !== "object") throw new Error(`there are no texts in ${lang}`);
  launcher.texts = texts;
  const { launcher: open, refusals } = widget as Texts;
  if (typeof open === "string") button.setAttribute("aria-label", open);
  const away = (refusals as Texts | undefined)?.["unavailable"];
  if (typeof away === "string") launcher.away = away;
}
