// The only script a page includes: draws the launcher and fetches the chat when it is wanted or one lives.
//
//   <script src="https://…/widget.js" data-zone="shop" async></script>
//
// Without `data-zone` the zone is the server's to choose. `data-lang` sets the language, else the zone's counts, else the page's; with `data-invite` the page invites to a chat as its zone says. A click on any element of the page with `data-tandem-open="chat"` or `"call"` opens it;
// `"code"` shows the code that brings the page into a call.

import tokens from "../design/tokens.css?inline";
import type { Texts } from "../text/overlay";
import type * as Asking from "./asking";
import { dress } from "./dom";
import sheet from "./launcher.css?inline";
import { parts } from "./part";
import { Known, last } from "./zone";

declare const __ASKING_CHUNK__: string;
declare const __CHAT_CHUNK__: string;
declare const __INVITE_CHUNK__: string;
declare const __ARRIVAL_CHUNK__: string;
/** What the server puts in place of this name: the languages of zones that have one. */
declare const __LANGS__: Record<string, string | undefined>;

/** What the chat finds when it is started. */
export interface Launcher {
  /** Its first style sheet is what all of the widget shares. */
  root: ShadowRoot;
  button: HTMLButtonElement;
  badge: HTMLElement;
  zone: string;
  /** Who the visitor is, as the page told it. */
  known: Known;
  /** Two letters of ISO 639. */
  lang: string;
  /** The texts of a language that is not built in. */
  texts: Texts;
  /** What is said where the chat cannot be loaded. */
  away: string;
  /** Where the widget came from; API and socket are there too. */
  base: URL;
  /** Loads a part of the widget; where it could not be loaded, whoever asks again has it tried again. */
  load: (chunk: string) => Promise<any>;
  /** Told of each key before what the page has heard it that is loaded later. */
  keys?: (event: KeyboardEvent) => void;
}

/** What is opened. */
export type Door = "chat" | "call" | "code";

/** What the loader asks of the chat. */
export interface Chat {
  /** Is no more, as when the page is left. */
  leave(): void;
  toggle(door?: Door): void;
  open(door: Door): void;
}

/** What the launcher does, and what is said where it cannot. */
const WORDS: Record<string, [string, string]> = {
  en: ["Open chat", "Not reachable. Please try again."],
  de: ["Chat öffnen", "Nicht erreichbar. Bitte noch einmal versuchen."],
};

function draw(script: HTMLScriptElement, known: Known): Launcher {
  const host = document.createElement("div");
  host.dataset["tandem"] = "";
  const root = host.attachShadow({ mode: "open" });
  for (const css of [tokens, sheet]) dress(root, css);
  const button = document.createElement("button");
  button.className = "launcher";
  button.setAttribute("aria-expanded", "false");
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  const path = document.createElementNS(ns, "path");
  path.setAttribute("d", "M4 5h16v11.5H10L5.5 20v-3.5H4zM8 9.5h8M8 12.5h5");
  svg.append(path);
  const badge = document.createElement("span");
  badge.className = "badge";
  badge.hidden = true;
  button.append(svg, badge);
  root.append(button);
  document.body.append(host);
  const base = new URL(".", script.src);
  // Its language, and what is said in it, go by the zone.
  return { root, button, badge, zone: script.dataset["zone"] || last() || "default", known, texts: {}, base, load: parts((url) => import(/* @vite-ignore */ url), base) } as Launcher;
}

// Of whoever used the browser before, nothing does.
function lives(zone: string, who: string | undefined): boolean {
  try {
    return [JSON.parse(localStorage.getItem(`tandem.${zone}`)!)]
      .flat()
      .some((kept, at) => (kept.who === who || (!at && (!kept.who || (kept.carried && !who)))) && ((kept.interaction && !kept.ended) || kept.unsent?.length));
  } catch {
    return false;
  }
}

function run(script: HTMLScriptElement, pass?: string): void {
  let chat: Promise<Chat> | undefined;
  let started = false;
  let invited: string | number = 0;
  // A chat that lives stays where it is; else the page's zone is asked for, and where none is for it there is no launcher.
  let chosen: Promise<void> | undefined;
  const find = async () => {
    const zone = started || lives(launcher.zone, known.who) ? launcher.zone : script.dataset["zone"] || (await asking((it) => it.choose(launcher, () => started)).catch(() => launcher.zone));
    // What comes of another language comes after what came of this one.
    await told;
    if (!started) {
      launcher.button.hidden = !zone;
      if (zone && spoken !== (launcher.zone = zone)) speak();
    }
    await told;
  };
  const again = () => void (chosen = chosen?.then(find).then(go));
  const known = new Known(again);
  const launcher = draw(script, known);
  const { host } = launcher.root;
  // Whoever waits for a part of a widget that is no more waits on.
  const chunk: Launcher["load"] = (name) => launcher.load(name).then((it) => (look ? it : new Promise(() => {})));
  const asking = <T>(what: (it: typeof Asking) => Promise<T>) => chunk(__ASKING_CHUNK__).then(what);
  let told: unknown;
  let spoken: string;
  const speak = () => {
    const wanted = script.dataset["lang"] || __LANGS__[(spoken = launcher.zone)] || document.documentElement.lang || navigator.language;
    const lang = (launcher.lang = (host as HTMLElement).lang = /^[a-z]{2}(?![a-z])/i.exec(wanted)?.[0].toLowerCase() ?? "en");
    const [open, away] = WORDS[lang] ?? WORDS["en"]!;
    launcher.button.setAttribute("aria-label", open);
    launcher.away = away;
    // Where the server has no texts in a language, all is English.
    told = lang in WORDS || asking((it) => it.translate(launcher)).catch(() => (launcher.lang = (host as HTMLElement).lang = "en"));
  };
  speak();
  // Whoever comes from another website of the zone may go on with what they have.
  const came = (pass || lives("~", known.who)) && chunk(__ARRIVAL_CHUNK__).then(async (it) => (await told, it.arrive(launcher, pass, script.dataset["zone"])));
  chosen = (came ? came.catch(() => {}).then(find) : find()).then(go);
  // Shops that change the address by script load no page for it, and some take all that is in it away.
  let path = location.pathname;
  let heard: boolean;
  addEventListener("tandem", () => (heard = true));
  const hears = () => ((heard = false), dispatchEvent(new Event("tandem")), heard);
  const heeds = hears();
  let wait = 0;
  // After so many looks at the page what could not be loaded for a chat that lives, or to invite to one, is tried again: 10, 20, up to 640.
  let pause = 5;
  const later = () => (wait = pause += pause < 500 ? pause : 0);
  let look: ReturnType<typeof setInterval> | undefined = setInterval(() => {
    // `document.open` takes all that listens away: it begins anew, as on another page.
    if (heeds && !hears() && document.body) {
      look = void clearInterval(look);
      void chat?.then((it) => it.leave(), () => {});
      host.remove();
      setTimeout(run, 0, script);
      return;
    }
    if (path !== (path = location.pathname) || !--wait) again();
    if (!host.isConnected) document.body?.append(host);
  }, 1_000);
  addEventListener("keydown", (event) => launcher.keys?.(event), true);
  page.tandem = (other) => {
    script = other;
    again();
  };
  const said = document.createElement("p");
  said.setAttribute("role", "alert");
  const load = () => {
    said.remove();
    if (!started) launcher.button.ariaBusy = "true";
    chat ??= chunk(__CHAT_CHUNK__).then((it) => chosen!.then(() => ((started = true), it.start(launcher))));
    // Not reachable now: the next click tries again.
    chat.catch(() => (chat = undefined)).finally(() => (launcher.button.ariaBusy = null));
    return chat;
  };
  const press = (does: "toggle" | "open", door: Door = "chat") =>
    void load().then(
      (it) => it[does](door),
      () => {
        said.textContent = launcher.away;
        launcher.button.after(said);
      },
    );
  launcher.button.addEventListener("click", () => {
    // Whoever presses again meanwhile wants it all the more.
    press(started ? "toggle" : "open");
  });
  document.addEventListener("click", (event) => {
    const opener = event.target instanceof Element && event.target.closest<HTMLElement>("[data-tandem-open]");
    if (!opener || launcher.button.hidden) return;
    event.preventDefault();
    press("open", (opener.dataset["tandemOpen"] || "chat") as Door);
  });
  function go(): void {
    if (lives(launcher.zone, known.who)) load().catch(() => started || later());
    else if (invited !== launcher.zone && "invite" in script.dataset) {
      invited = launcher.zone;
      chunk(__INVITE_CHUNK__).then((it) => chosen!.then(() => it.start(launcher, () => press("open"))), () => (invited = later()));
    }
  }
}

// What another website of the zone put behind the address does not stay there.
const [clean, pass] = location.href.split(/#?~tandem=/);
if (pass) history.replaceState(history.state, "", clean);

const script = document.currentScript as HTMLScriptElement | null;
// Where the page runs its tag again, as after a change of what is in it, the widget that is there goes on by it; of two in its head one runs.
const page = document as Document & { tandem?: (script: HTMLScriptElement, pass?: string) => void };
if (script) {
  if (document.body) (page.tandem instanceof Function ? page.tandem : run)(script, pass);
  else addEventListener("DOMContentLoaded", () => page.tandem instanceof Function || run(script, pass));
}
