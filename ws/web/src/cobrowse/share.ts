// Sharing the page, from the visitor's side: the question, the bar that says what is shared, the way to stop it. Loaded
// when an agent asks; the recorder only once the visitor has allowed it. Stopping is done here first and told after.

import type { Grant, Guide, Sharing, VisitorAct, VisitorNews } from "../generated/protocol";
import { dress, el, level, say, show } from "../widget/dom";
import type { Launcher } from "../widget/loader";
import type { Send } from "./batches";
import { Choices } from "./choices";
import { Escapes } from "./escapes";
import { Hold } from "./hold";
import { Marks } from "./marks";
import { PairingDialog } from "./pairing";
import type { Recorder } from "./recorder";
import { room } from "./room";
import { Rules, type PageRules } from "./rules";
import { gone } from "../widget/way";
import sheet from "./share.css?inline";
import { fill, press } from "./steps";
import { suggestForm } from "./suggest";
import { clean } from "./secret";
import { place } from "../text/secret";
import { Turn } from "./turn";
import { Whereabouts } from "./whereabouts";
import { wordsOf } from "./words";

/** What the chat gives to the sharing. */
export interface Host {
  launcher: Launcher;
  /** Names what is kept for this tab and this zone. */
  key: string;
  /** What of a page is never shown, and the websites whose pages are shared; none where pages are not shared. */
  zone(): Promise<{ cobrowse?: PageRules; origins?: string[] }>;
  recorder(): Promise<typeof import("./recorder")>;
  ask(act: VisitorAct, told?: (error: string | undefined, answer?: string, more?: string) => void): void;
}

/** What the chat tells the sharing. */
export interface Share {
  /** Also that the page came into a call by a code. */
  handle(news: VisitorNews | { is: "paired" }): void;
  /** The connection was lost: nothing can be sent until it is back. */
  lost(): void;
  /** The connection is back; how the page is shared comes next, if it is. */
  back(): void;
  suggested(place: { name: string; url: string; title: string | null }): void;
  pair(): void;
  /** Nothing is shared, asked or suggested any more. */
  end(): void;
  /** The page is left: who comes after it goes on with what is shared. */
  left(): void;
}

const NOTHING: Sharing = { asked: [], by: null, until: null, granted: [], since: null, page: null, title: null, viewers: [] };
const ALL: Grant[] = ["view", "point", "push", "control"];
const BACK_PATIENCE = 3_000;

/** Begins; called once a page. */
export function start(host: Host): Share {
  return new Running(host);
}

class Running implements Share {
  readonly #words;
  readonly #marks = new Marks();
  readonly #bar: HTMLElement;
  readonly #who = el("span", { role: "status" });
  readonly #chips = el("span", { class: "chips" });
  readonly #dialog: HTMLElement;
  readonly #told = el("p", { class: "hush", role: "status" });
  readonly #card: HTMLElement;
  readonly #offer: HTMLElement;
  readonly #pairing: PairingDialog;
  readonly #turn: Turn;
  #sharing = NOTHING;
  #asked = "";
  readonly #whereabouts: Whereabouts;
  #recorder: Recorder | undefined;
  #rules: Rules | undefined;
  #ruled = "";
  #origins: string[] = [];
  #starting = 0;
  #online = true;
  readonly #escapes = new Escapes(() => this.#granted.includes("view") && this.#stop());
  readonly #hold: Hold;
  readonly #gone: () => void;
  readonly #presses = new WeakMap<EventTarget, () => void>();
  /** Whether the visitor reaches what stops it. */
  #reached = true;
  /** Which sharing was stopped here; also kept for other pages, where the browser keeps anything. */
  #stopped: number | null = null;
  #backBy: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly host: Host) {
    const { lang, texts, root: launched } = host.launcher;
    const words = (this.#words = wordsOf(lang, texts));
    const here = () => ({ url: this.#recorder?.where(place(location)) ?? place(location), title: (this.#recorder?.clean(document.title) ?? clean(document.title)).slice(0, 100) });
    this.#whereabouts = new Whereabouts(here, (where) => host.ask({ do: "page", ...where }));
    const stop = el("button", { type: "button", class: "stop", "data-testid": "cobrowse-stop" }, words.stop);
    this.#presses.set(stop, () => this.#stop());
    const hint = el("span", { class: "hint" }, words.twice);
    const suggest = (this.#offer = el("button", { type: "button", class: "chip", "data-testid": "cobrowse-suggest", onclick: () => this.#suggest() }, words.suggest));
    this.#bar = el("div", { class: "bar", role: "region", "aria-label": words.shown, hidden: true, "data-testid": "cobrowse-bar" }, el("span", { class: "dot" }), this.#who, this.#chips, suggest, stop, hint);
    this.#dialog = el("div", { class: "dialog", role: "dialog", "aria-modal": "false", "aria-labelledby": "tandem-share-title", hidden: true, "data-testid": "cobrowse-ask" });
    this.#card = el("div", { class: "card", role: "region", hidden: true, "data-testid": "cobrowse-card" });
    this.#card.addEventListener("keydown", ({ key }) => key === "Escape" && this.#away());
    this.#pairing = new PairingDialog(words, host.ask);
    this.#turn = new Turn(`${host.key}.shown`, navigator.locks, (mine) => this.#turned(mine));
    const stand = el("div", { "data-tandem": "share", lang, popover: "manual" });
    const root = stand.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = launched.adoptedStyleSheets.slice(0, 1);
    dress(root, sheet);
    root.append(this.#marks.element, this.#told, this.#bar, this.#dialog, this.#card, this.#pairing.element);
    document.body.append(stand);
    level(stand);
    room(this.#bar, stand, launched);
    const parts = () => [stop, this.#dialog].filter((part) => !part.closest("[hidden]"));
    this.#gone = () => (stand.remove(), launched.host.remove());
    this.#hold = new Hold({ stand, beside: launched.host, parts, told: (reached) => this.#reach(reached), lost: () => this.#granted.includes("view") && this.#stop(), tick: () => (level(stand), this.#stand()) });
    // Before the page can keep it from us, as those do that let nothing be pressed but a dialog of theirs.
    addEventListener("click", (event) => event.composedPath().some((each) => this.#presses.get(each)?.()), true);
    host.launcher.keys = this.#escapes.hear;
    document.addEventListener("visibilitychange", () => this.#record());
    addEventListener("focus", () => this.#record());
    addEventListener("pagehide", () => this.#rest());
    gone(({ here }, to) => here && this.#leave(to));
    // Where the browser tells it, of what the page's scripts do too.
    globalThis.navigation?.addEventListener("navigate", ({ destination, downloadRequest }) => downloadRequest === null && this.#leave(new URL(destination.url)));
  }

  handle(news: Parameters<Share["handle"]>[0]): void {
    switch (news.is) {
      case "state":
        clearTimeout(this.#backBy);
        return this.#share(news.sharing);
      case "fresh":
        return this.#recorder?.fresh();
      case "paired":
        return this.#pairing.paired();
      case "lapsed":
        return this.#pairing.lapsed();
      case "code":
        return this.#pairing.good(news.code, news.until - Date.now());
      case "guide":
        if (!this.#guide(news.by, news.stream, news.guide) && "label" in news.guide) this.host.ask({ do: "undone", label: news.guide.label });
        return;
    }
  }

  lost(): void {
    this.#online = false;
    this.#rest();
  }

  back(): void {
    this.#online = true;
    clearTimeout(this.#backBy);
    // When nothing comes, it ended meanwhile.
    this.#backBy = setTimeout(() => this.#share(NOTHING), BACK_PATIENCE);
    this.#pairing.back();
  }

  suggested({ name, url, title }: { name: string; url: string; title: string | null }): void {
    const href = new URL(url, location.href);
    if (href.protocol !== "https:" && href.protocol !== "http:") return;
    const words = this.#words;
    const open = el("a", { class: "primary", href: href.href, "data-testid": "cobrowse-open" }, words.open);
    const away = el("button", { type: "button", class: "quiet", onclick: this.#away }, words.dismiss);
    const told = words.suggested(name);
    const where = href.host + href.pathname;
    this.#lay(told, el("strong", {}, told), ...(title ? [el("span", {}, title)] : []), el("code", {}, where), el("span", { class: "row" }, away, open));
    say(this.#told, `${told}: ${title ?? where}`);
    this.#stand();
  }

  pair(): void {
    this.#pairing.open();
    this.#stand();
  }

  end(): void {
    clearTimeout(this.#backBy);
    this.#share(NOTHING);
    show(this.#card, false);
    this.#pairing.close();
  }

  left(): void {
    const stopped = kept(this.host.key) ?? "";
    this.end();
    keep(this.host.key, stopped);
    this.#stand();
    this.#gone();
  }

  #suggest(): void {
    this.#lay(this.#words.suggest, suggestForm(this.#words, this.host.ask, this.#away));
    this.#card.querySelector("input")?.select();
  }

  #lay(label: string, ...what: HTMLElement[]): void {
    this.#card.setAttribute("aria-label", label);
    this.#card.replaceChildren(...what);
    show(this.#card, true);
  }

  readonly #away = () => this.#show(this.#card, false);

  // Whoever was in what goes goes on at what is left.
  #show(part: HTMLElement, shown: boolean, chips?: HTMLElement[]): void {
    const inside = part.matches(":focus-within");
    if (chips) this.#chips.replaceChildren(...chips);
    show(part, shown);
    this.#stand();
    if (inside && (!shown || !part.matches(":focus-within"))) (this.#bar.hidden ? this.host.launcher.button : this.#offer).focus();
  }

  get #granted(): Grant[] {
    return this.#isStopped(this.#sharing) ? [] : this.#sharing.granted;
  }

  #share(sharing: Sharing): void {
    this.#sharing = sharing;
    if (sharing.since === null) keep(this.host.key, "");
    // Stopped while the server could not be told: told again until it knows.
    else if (this.#isStopped(sharing)) this.host.ask({ do: "revoke", grants: ["view"] });
    this.#draw();
    this.#record();
  }

  #draw(): void {
    const { granted, viewers } = { granted: this.#granted, viewers: this.#sharing.viewers };
    const words = this.#words;
    const names = viewers.map(({ name }) => name).join(", ");
    say(this.#who, granted.length === 0 ? "" : !this.#reached ? words.veiled : names ? words.seen(names) : words.shown);
    const taken = ALL.filter((grant) => grant !== "view" && granted.includes(grant));
    const chips = taken.map((grant) => {
      const back = () => this.#revoke(grant);
      const text = words.short[grant];
      return el("button", { type: "button", class: "chip", "aria-label": words.revoke(text), "data-grant": grant, "data-testid": "cobrowse-revoke", onclick: back }, text, el("span", { "aria-hidden": "true" }, "×"));
    });
    this.#show(this.#bar, granted.includes("view"), chips);
    if (!granted.includes("point")) this.#marks.stop();
    if (!granted.includes("view") && this.#card.querySelector("form")) show(this.#card, false);
    this.#drawQuestion();
    this.#stand();
  }

  // Above the page while there is anything to see of it.
  #stand(): void {
    this.#escapes.listen();
    if ([this.#bar, this.#dialog, this.#card, this.#pairing.element].some(({ hidden }) => !hidden)) this.#hold.begin();
    else this.#hold.end();
  }

  // Where the visitor cannot stop it nothing is shown but that; they read it where the bar is seen all the same.
  #reach(reached: boolean): void {
    if (this.#reached === reached) return;
    this.#reached = reached;
    if (reached) this.#rest();
    else this.#recorder?.veil();
    this.#draw();
    this.#record();
  }

  #drawQuestion(): void {
    const { asked, by, until } = this.#sharing;
    const key = asked.length > 0 ? `${asked} ${until}` : "";
    if (key === this.#asked) return;
    this.#asked = key;
    this.#show(this.#dialog, key !== "");
    say(this.#told, key && this.#title);
    if (key === "") return this.#dialog.replaceChildren();
    // Whoever is asked is connected: the digits were used.
    this.#pairing.close();
    const words = this.#words;
    const kinds = ALL.filter((grant) => asked.includes(grant));
    const choices = new Choices(`${this.host.key}.chosen`, by ?? "");
    const boxes = kinds.map((grant) => el("input", { type: "checkbox", name: grant, checked: choices.of(grant) ?? (grant === "view" || kinds.length === 1) }));
    const at = this.#dialog.querySelector<HTMLInputElement>(":focus");
    this.#dialog.onchange = () => choices.keep(boxes);
    const answer = (allow: boolean) => {
      const ticked = allow ? kinds.filter((_, at) => boxes[at]!.checked) : [];
      keep(this.host.key, "");
      choices.keep([]);
      this.host.ask({ do: "answer", grants: ticked });
      this.#show(this.#dialog, false);
    };
    const no = el("button", { type: "button", class: "quiet", "data-testid": "cobrowse-decline" }, words.decline);
    const yes = el("button", { type: "button", class: "primary", "data-testid": "cobrowse-allow" }, words.allow);
    this.#presses.set(no, () => answer(false)).set(yes, () => answer(true));
    this.#dialog.replaceChildren(el("h2", { id: "tandem-share-title" }, this.#title), ...boxes.map((box, at) => el("label", {}, box, el("span", {}, words.grants[kinds[at]!]))), el("p", {}, words.explain), el("div", { class: "row" }, no, yes));
    this.#dialog.onkeydown = (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      answer(false);
    };
    // Whoever is at something else goes on with it, and comes to the question when they like: it is announced. Whoever is at it stays.
    if (at || document.activeElement === document.body) (boxes.find(({ name }) => name === at?.name) ?? no).focus({ preventScroll: true });
  }

  get #title(): string {
    const { asked, by } = this.#sharing;
    return asked.includes("view") ? this.#words.asks(by ?? "") : this.#words.asksMore(by ?? "");
  }

  // Only the page that is looked at is recorded: what is in another tab is not shown.
  #record(): void {
    const wanted = this.#online && !document.hidden && this.#granted.includes("view");
    if (wanted && (this.#reached || this.#recorder)) this.#turn.take(document.hasFocus());
    else this.#rest();
  }

  #turned(mine: boolean): void {
    if (!mine) this.#halt();
    else if (!this.#recorder && this.#starting === 0) void this.#begin();
  }

  #rest(): void {
    this.#turn.leave();
    this.#halt();
  }

  async #begin(): Promise<void> {
    const begun = (this.#starting = performance.now() || 1);
    try {
      const [{ cobrowse: rules, origins }, chunk] = await Promise.all([this.host.zone(), this.host.recorder()]);
      // Stopped, or away, while it was loaded.
      if (this.#starting !== begun || !rules) return;
      // What it remembers of fields is good for as long as the rules are.
      if (this.#ruled !== (this.#ruled = JSON.stringify(rules))) this.#rules = new Rules(rules);
      for (const selector of this.#rules!.misread) console.error(`tandem: "${selector}" is no selector (cobrowse.mask, block, reveal)`);
      this.#origins = origins ?? [];
      this.#recorder = new chunk.Recorder({ rules: this.#rules!, send: this.#send, moved: () => this.#reached && this.#whereabouts.moved() });
      // What was typed is covered in the title by the recorder.
      this.#whereabouts.begin();
    } catch (error) {
      console.error("tandem: the page cannot be shared", error);
      this.#stop();
    } finally {
      if (this.#starting === begun) this.#starting = 0;
    }
  }

  // Where the server says that nothing is shared, nothing is: that it ended did not come here. Of a recording before, it says nothing of this one.
  readonly #send: Send = (act, told) => this.host.ask(act, (error, answer) => (answer === "forbidden" && "stream" in act && act.stream === this.#recorder?.stream ? this.#share(NOTHING) : told(error, answer)));

  #halt(): void {
    this.#starting = 0;
    this.#whereabouts.stop();
    this.#recorder?.stop();
    this.#recorder = undefined;
    this.#marks.stop();
  }

  #stop(): void {
    this.#rest();
    this.#stopped = this.#sharing.since;
    keep(this.host.key, String(this.#stopped));
    this.#draw();
    this.host.ask({ do: "revoke", grants: ["view"] });
  }

  // To another website, which is not shown: said before it is gone to, since nobody says it there.
  #leave({ origin, host, protocol }: URL): void {
    if (!/^https?:$/.test(protocol) || origin === location.origin || this.#origins.includes(origin) || !this.#granted.includes("view")) return;
    say(this.#who, this.#words.leaves(host));
    this.host.ask({ do: "leave" });
  }

  #revoke(grant: Grant): void {
    this.#sharing = { ...this.#sharing, granted: this.#sharing.granted.filter((other) => other !== grant) };
    this.#draw();
    this.host.ask({ do: "revoke", grants: [grant] });
  }

  #isStopped({ since }: Sharing): boolean {
    return since !== null && (since === this.#stopped || kept(this.host.key) === String(since));
  }

  // Returns whether it was done. Nodes are numbered by each recording: what is meant for another is done nowhere.
  #guide(by: string, stream: string, guide: Guide): boolean {
    const needs: Grant = guide.how === "fill" || guide.how === "press" ? "control" : "point";
    if (!this.#granted.includes(needs) || document.hidden || !this.#reached || stream !== this.#recorder?.stream) return false;
    const within = "node" in guide ? guide.node : null;
    const node = within === null ? null : this.#recorder.node(within);
    if (node && this.#rules?.blocked(node)) return false;
    switch (guide.how) {
      case "pointer":
        this.#marks.point(guide.x, guide.y, by);
        return true;
      case "scroll":
        if (within !== null && !(node instanceof Element)) return false;
        ((node as Element | null) ?? window).scrollTo({ left: guide.x, top: guide.y });
        return true;
      case "mark":
        if (!(node instanceof Element)) return false;
        this.#marks.mark(node);
        return true;
      case "draw":
        this.#marks.draw(guide.points);
        return true;
      case "clear":
        this.#marks.clear();
        return true;
      case "fill":
        if (!fill(node, guide.value)) return false;
        this.#marks.mark(node as Element);
        return true;
      case "press":
        return press(node);
    }
  }
}

function keep(key: string, value: string): void {
  try {
    if (value) localStorage.setItem(`${key}.stopped`, value);
    else localStorage.removeItem(`${key}.stopped`);
  } catch {
    // Then it is known for as long as this page is open, by the server after.
  }
}

function kept(key: string): string | null {
  try {
    return localStorage.getItem(`${key}.stopped`);
  } catch {
    return null;
  }
}
