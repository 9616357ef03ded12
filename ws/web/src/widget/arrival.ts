// The arrival from another website of the zone: the page shows the pass that the link carried, and asks its visitor whether they
// go on. Nothing in a browser tells a link that the widget made from one that somebody else left on that website, where their
// own chat would be gone on with. Loaded where a link carries a pass, and while the question is not answered.

import { json } from "../link/json";
import type { LegId } from "../generated/protocol";
import { noted } from "../voice/kept";
import { dress, el } from "./dom";
import sheet from "./invite.css?inline";
import type { Launcher } from "./loader";
import { BLANK, drawerKey, recall, remember } from "./memory";
import { arrivalWords } from "./words/arrival";
import { keep } from "./zone";

const AGAIN_AFTER = 700;
const ASKED_FOR = 10 * 60_000;
/** Where what was not answered yet is kept; no zone is called so, and the loader finds it as it finds a chat that lives. */
const KEY = drawerKey("~");

/** What may be gone on with. */
interface Came {
  zone: string;
  token: string;
  interaction: string;
  who?: string;
  carried: { read: number; open: boolean; leg: LegId | null; muted: boolean };
  /** The website it is from. */
  from: string;
  /** Until when it is asked. */
  until: number;
}

/** Goes on with what was begun at another website, once the visitor says so. */
export async function arrive(launcher: Launcher, pass: string | undefined, named: string | undefined): Promise<void> {
  if (pass && location.hash) {
    // Now that the pass is out of it, the place in the page is what the link said.
    location.replace(location.hash);
    dispatchEvent(new HashChangeEvent("hashchange"));
  }
  const came = (pass && (await show(launcher, pass, named))) || kept();
  if (!came || (named && named !== came.zone)) return;
  const known = () => came.interaction === recall(localStorage, came.zone, came.who).interaction;
  if (!known()) {
    localStorage.setItem(KEY, json(came));
    const goes = await new Promise<boolean>((answer) => ask(launcher, came, answer));
    localStorage.removeItem(KEY);
    if (!goes) return;
  }
  // Another tab may have been answered first.
  if (!known()) remember(localStorage, came.zone, { ...BLANK, token: came.token, interaction: came.interaction, epoch: "-", read: came.carried.read, ...(came.who && { who: came.who, carried: true }) });
  keep((launcher.zone = came.zone));
  sessionStorage.setItem(`${drawerKey(came.zone)}.open`, came.carried.open ? "1" : "");
  const { leg, muted } = came.carried;
  if (leg) sessionStorage.setItem(`${drawerKey(came.zone)}.leg`, noted({ leg, left: true, muted, away: false }));
}

async function show(launcher: Launcher, pass: string, zone: string | undefined): Promise<Came | undefined> {
  const from = document.referrer && new URL(document.referrer);
  // A page in a frame of another may be clicked on without being seen.
  if (!from || self !== top) return undefined;
  const own = recall(localStorage, launcher.zone, launcher.known.who);
  // What is not sent yet is lost otherwise.
  if (own.unsent.length > 0) return undefined;
  const body = json({ pass, from: from.origin, zone, token: own.token ?? undefined });
  const tell = () => fetch(new URL("api/v1/visitors/crossings", launcher.base), { method: "POST", credentials: "omit", referrerPolicy: "origin", headers: { "content-type": "application/json" }, body });
  let answer = await tell();
  if (answer.status === 404) {
    // The page that was left may be slower in telling it.
    await new Promise((again) => setTimeout(again, AGAIN_AFTER));
    answer = await tell();
  }
  return answer.ok ? { ...(await answer.json()), from: from.host, until: Date.now() + ASKED_FOR } : undefined;
}

function kept(): Came | undefined {
  const came: Came | null = JSON.parse(localStorage.getItem(KEY) ?? "null");
  if (came && came.until > Date.now()) return came;
  localStorage.removeItem(KEY);
  return undefined;
}

function ask({ root, button, lang, texts }: Launcher, came: Came, answer: (goes: boolean) => void): void {
  const words = arrivalWords(lang, texts);
  dress(root, sheet);
  // A live region is heard when its text changes, not when it comes.
  const said = el("p", { role: "status", "data-testid": "arrival-text" });
  const go = el("button", { type: "button", class: "accept", "data-testid": "arrival-go", onclick: () => done(true) }, words.go);
  const no = el("button", { type: "button", "data-testid": "arrival-no", onclick: () => done(false) }, words.no);
  const card = el("div", { class: "invitation", role: "region", "aria-label": words.label, "data-testid": "arrival" }, said, el("p", {}, words.why), el("div", {}, go, no));
  // Before that is answered there is no chat to open.
  const lead = (event: Event) => {
    if (!event.composedPath().includes(button)) return;
    event.stopPropagation();
    go.focus();
  };
  const done = (goes: boolean) => {
    card.remove();
    root.removeEventListener("click", lead, true);
    button.focus();
    answer(goes);
  };
  root.addEventListener("click", lead, true);
  root.append(card);
  requestAnimationFrame(() => (said.textContent = words.ask(came.from)));
}
