// The chat window: its frame, which screen it shows, and where the keyboard is.

import type { PageRules } from "../cobrowse/rules";
import type * as Sheets from "./callsheet";
import { Composer } from "./composer";
import type { Field } from "./fields";
import { el, icon, ICONS, say, show, tell } from "./dom";
import type { Launcher } from "./loader";
import { Log } from "./log";
import type { Over } from "./over";
import { Pins } from "./pins";
import type { SharedFile, WantedCall } from "../generated/protocol";
import { dayTime } from "../text/when";
import type { Visitor } from "./visitor";
import { Welcome, type Introduction } from "./welcome";
import type { CallWish, Wish } from "./wishes";
import type { Words } from "./words";

/** What the zone offers, as `GET /api/v1/zones/{zone}` tells. */
export interface Zone {
  title: string;
  greeting: string;
  /** What is asked before the chat; none where it is name and mail address, as one likes. */
  form?: Field[];
  /** What is asked of who leaves a message, while nobody can be there. */
  later?: { because: string; form: Field[] };
  chat: boolean;
  call: boolean;
  browser_call: boolean;
  callback: boolean;
  /** Whether it is within its hours, and when that changes, in milliseconds, where it is known. */
  open?: boolean;
  opens_at?: number | null;
  closes_at?: number | null;
  /** Whether a chat that ended can be mailed. */
  mail?: boolean;
  /** What of a page is never shown; none where pages are not shared. */
  cobrowse?: PageRules;
  /** Which files may be sent; none where none may. */
  files?: { largest: number; types: string[] };
  /** For how many seconds a message may be written anew or taken back; none where it may not. */
  revise?: number;
  /** The websites over which a contact follows its visitor. */
  origins?: string[];
}

/** What a visitor can do in the panel. */
export interface PanelActions {
  /** Begins a chat, or a contact that is nothing but the call that is wanted later. */
  begin(introduction: Introduction, callback?: WantedCall): void;
  write(text: string): void;
  typing(on: boolean): void;
  /** Keeps what is typed for a reload, with what is in the form before a chat. */
  keep(draft: string, form?: string): void;
  files(files: readonly File[], say: (text: string, wrong: boolean) => void): void;
  file(file: SharedFile, place: HTMLElement): void;
  /** Writes one's own message anew, or takes it back where there is no text; says why that was not done. */
  revise(mid: string, text: string | null, told: (error: string | undefined) => void): void;
  want(wish: Wish): void;
  retry(mid: string): void;
  discard(mid: string): void;
  dismiss(): void;
  startOver(): void;
  talk(): void;
  /** Tells the form that asks for a call, once it is there. */
  sheet(tell: (it: typeof Sheets) => void): void;
  /** Tells what stands at the end, once it is there. */
  over(place: HTMLElement, tell: (over: Over) => void): void;
  /** Whether a message that is not on screen is heard. */
  sounds(): boolean;
  /** Turns that on or off; tells which. */
  turnSounds(): boolean;
  /** What is newest came on screen. */
  looked(): void;
  close(): void;
}

type Screen = "welcome" | "chat" | "call";

/** The chat window. */
export class Panel {
  readonly element: HTMLElement;
  readonly #title = el("h2", { id: "tandem-title" });
  readonly #status = el("p", { class: "status", role: "status", "data-testid": "status" });
  readonly #banner = el("p", { class: "banner", role: "status", hidden: true, "data-testid": "banner" });
  readonly #typing = el("p", { class: "typing", "aria-live": "off", "data-testid": "typing" });
  readonly #tools: HTMLElement;
  readonly #confirm: HTMLElement;
  readonly #over: HTMLElement;
  readonly #callButton: HTMLButtonElement;
  readonly #talkButton: HTMLButtonElement;
  /** Where a call of this page stands. */
  readonly voice = el("div", { hidden: true });
  readonly #endButton: HTMLButtonElement;
  readonly #stay: HTMLButtonElement;
  readonly #welcome: Welcome;
  #sheet: Sheets.CallSheet | undefined;
  readonly #pins: Pins;
  readonly log: Log;
  readonly #composer: Composer;
  /** What was pressed last could not be loaded. */
  missed = false;
  #calling = false;
  #ending = false;
  #begun = false;
  #asked: string | undefined;
  #screen: Screen | undefined;

  constructor(
    private readonly launcher: Launcher,
    private readonly words: Words,
    private readonly actions: PanelActions,
  ) {
    this.#welcome = new Welcome(words, launcher.lang, actions.begin, () => this.openCall(), actions.talk, actions.keep);
    this.#pins = new Pins(words, launcher.lang, { cancel: (callback) => actions.want({ op: "cancel_callback", callback }), dismiss: actions.dismiss });
    this.#composer = new Composer(words, {
      ...actions,
      last: () => this.log.lastOwn,
      revise: (mid, text, done) => this.#revise(mid, text, done),
    });
    this.log = new Log(words, launcher.lang, { ...actions, edit: (mid, text) => this.#composer.edit(mid, text), remove: (mid) => this.#revise(mid, null) });
    this.#callButton = el("button", { type: "button", class: "quiet", "data-testid": "call-me", onclick: () => this.openCall() }, icon(ICONS.phone), words.callMe);
    this.#talkButton = el("button", { type: "button", class: "quiet", "data-testid": "call-here", onclick: actions.talk }, icon(ICONS.phone), words.callHere);
    this.#endButton = el("button", { type: "button", class: "quiet", "data-testid": "end-chat", onclick: () => this.#askEnd(true) }, words.end);
    this.#tools = el("div", { class: "tools" }, this.#talkButton, this.#callButton, this.#endButton);
    this.#stay = el("button", { type: "button", class: "quiet", onclick: () => this.#askEnd(false) }, words.endNo);
    const yes = el("button", { type: "button", class: "danger", "data-testid": "end-yes", onclick: () => this.#end() }, words.endYes);
    this.#confirm = el("div", { class: "confirm", role: "group", "aria-label": words.endSure, hidden: true }, el("p", {}, words.endSure), this.#stay, yes);
    const again = el("button", { type: "button", class: "primary", "data-testid": "start-over", onclick: () => this.#again() }, words.startOver);
    this.#over = el("div", { class: "over", hidden: true }, again);
    const close = el("button", { type: "button", class: "close", "aria-label": words.minimise, "data-testid": "close", onclick: actions.close }, icon(ICONS.down));
    this.element = el(
      "section",
      { class: "panel", role: "dialog", "aria-labelledby": "tandem-title", hidden: true, "data-testid": "panel", onpaste: this.#composer.take, ondragover: this.#composer.take, ondrop: this.#composer.take },
      el("div", { class: "head" }, el("div", {}, this.#title, this.#status), this.#soundButton(), close),
      this.#banner,
      this.voice,
      this.#pins.element,
      this.#welcome.element,
      this.log.element,
      this.#typing,
      this.#over,
      this.#confirm,
      this.#composer.element,
      this.#tools,
    );
    this.element.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Fills in what was said and begun before a reload of the page. */
  prefill({ name, mail, interaction }: { name: string; mail: string; interaction: string | null }, draft: string, form: Record<string, string>): void {
    this.#welcome.prefill(name, mail, interaction ? "" : draft, form);
    this.#composer.recall(interaction ? draft : "");
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  get editing(): boolean {
    return this.#composer.editing;
  }

  /** Whether the newest line is on screen: not while the form for a call is, or the visitor reads further up. */
  get looking(): boolean {
    return this.open && this.#screen === "chat" && this.log.atEnd;
  }

  /** Shows the panel and, where somebody asked for it, puts the keyboard where writing goes on: a page that is loaded keeps it. */
  reveal(visitor: Visitor, zone: Zone, asked?: string): void {
    this.#asked = asked;
    show(this.element, true);
    this.draw(visitor, zone);
    this.log.toEnd();
    if (asked) this.focus();
  }

  hide(): void {
    show(this.element, false);
  }

  focus(): void {
    const target = { welcome: this.#welcome.text, chat: this.#composer.text, call: this.#sheet?.number }[this.#screen ?? "chat"];
    (target && !target.closest("[hidden]") ? target : (this.#first(":is(.rating input, .over > .primary, .welcome :is(input, button))") ?? this.log)).focus();
  }

  /** Shows the form that asks for a call. */
  openCall(): void {
    this.actions.sheet(({ CallSheet }) => {
      if (!this.#sheet) {
        this.#sheet = new CallSheet(this.launcher, this.words, (...wanted) => this.#ask(...wanted), () => this.#leaveCall());
        this.log.element.before(this.#sheet.element);
      }
      this.#calling = true;
      this.#redraw();
      this.focus();
    });
  }

  draw(visitor: Visitor, zone: Zone): void {
    this.#redraw = () => this.draw(visitor, zone);
    this.#keep(visitor, () => this.#draw(visitor, zone));
  }

  // Whoever was at what is gone then goes on at what is drawn in its place, where they write, or read.
  #keep({ ended }: Visitor, draw: () => void): void {
    const at = this.element.querySelector<HTMLInputElement>(":focus");
    draw();
    if (at && (!at.isConnected || at.closest("[hidden]")))
      (ended ? this.log : (this.#first(`[name="${at.name}"]`) ?? this)).focus();
  }

  #first(which: string): HTMLElement | null {
    return this.element.querySelector(`${which}:not([hidden] *)`);
  }

  #draw(visitor: Visitor, zone: Zone): void {
    const begun = (this.#begun = visitor.timeline !== undefined || visitor.outbox.items.length > 0);
    const screen: Screen = this.#calling ? "call" : begun ? "chat" : "welcome";
    const moved = this.#screen !== undefined && screen !== this.#screen;
    this.#screen = screen;
    const talks = zone.browser_call && "RTCPeerConnection" in window;
    const chats = screen === "chat";
    // Where there are no chats, a promised call becomes none.
    const writable = chats && !visitor.ended && visitor.writes && (zone.chat || visitor.promised === null);
    say(this.#title, zone.title || this.words.dialog);
    say(this.#status, this.#statusText(visitor, begun, zone));
    this.#drawBanner(visitor, begun);
    show(this.#welcome.element, screen === "welcome");
    this.#sheet?.draw(screen === "call", visitor.ahead, zone.call && (zone.chat || begun), zone.callback);
    show(this.log.element, chats);
    show(this.#pins.element, chats);
    this.#welcome.draw(zone, this.#hours(zone), talks);
    this.#pins.draw(visitor);
    this.log.revisable = writable && (zone.revise ?? 0) > 0;
    // What was hidden has lost its place.
    if (moved && chats) this.log.toEnd();
    // Of a chat that is left nothing stays in the page.
    if ((chats && this.open) || !begun) this.log.draw(visitor);
    tell(this.#typing, chats && visitor.writer ? this.words.typing(visitor.writer) : "");
    show(this.#composer.element, writable && !this.#ending);
    show(this.#tools, writable && !this.#ending);
    this.#composer.takeFiles(zone.files?.types);
    show(this.#callButton, zone.call || zone.callback);
    show(this.#talkButton, talks);
    show(this.#confirm, writable && this.#ending);
    show(this.#over, chats && visitor.ended);
    if (visitor.ended) this.actions.over(this.#over, (over) => this.#keep(visitor, () => over.draw(visitor, zone.mail === true)));
    if (moved && this.#asked) this.focus();
  }

  #redraw: () => void = () => {};

  #soundButton(): HTMLElement {
    const { words, actions } = this;
    const button = el("button", { type: "button", class: "close", "aria-label": words.sounds, title: words.sounds, "data-testid": "sounds" }, icon(ICONS.bell));
    const mark = (on: boolean) => button.setAttribute("aria-pressed", String(on));
    button.addEventListener("click", () => mark(actions.turnSounds()));
    mark(actions.sounds());
    return button;
  }

  #hours({ open, opens_at, closes_at }: Zone): string {
    const { words } = this;
    const when = (at: number) => dayTime(at, Date.now(), this.launcher.lang);
    if (open === false) return opens_at ? words.closedUntil(when(opens_at)) : words.closed;
    return closes_at ? words.openUntil(when(closes_at)) : "";
  }

  #statusText(visitor: Visitor, begun: boolean, zone: Zone): string {
    if (!begun || visitor.credential.refused) return "";
    if (!visitor.timeline && zone.open === false) return this.#hours(zone);
    if (visitor.ended) return this.words[visitor.promised ? "promiseOver" : visitor.writes ? "over" : "callOver"];
    if (visitor.link.state.is !== "live") return this.words.connecting;
    // Several may be there.
    const there = new Map<string, string>();
    let waits = !visitor.timeline;
    for (const entry of visitor.timeline?.entries ?? []) {
      waits ||= entry.what === "queued";
      if (entry.what === "left" || entry.what === "joined") there.delete(entry.agent);
      if (entry.what === "joined") there.set(entry.agent, entry.name);
    }
    if (visitor.held) return this.words.heldStatus;
    // Where a call is promised alone, nobody waits.
    return there.size === 0 ? (waits ? this.words.waiting : "") : this.words.withAgent(new Intl.ListFormat(this.launcher.lang).format(there.values()));
  }

  #drawBanner(visitor: Visitor, begun: boolean): void {
    const { is } = visitor.link.state;
    const lost = is === "waiting" && (begun || navigator.onLine === false);
    const { words } = this;
    // Where there is no field, nothing is promised of what is written.
    const { trouble, refused } = visitor.credential;
    const text = lost ? words[visitor.ended || !visitor.writes ? "connecting" : "reconnecting"] : refused || (trouble ? words.unavailable : this.missed ? words.refusals.unavailable : "");
    // Between two attempts the banner stays, or it would flicker.
    if (!text && (is === "connecting" || is === "greeting")) return;
    tell(this.#banner, text);
  }

  #revise(mid: string, text: string | null, done = () => {}): void {
    this.actions.revise(mid, text, (error) => {
      if (error === undefined) done();
      this.#composer.tell(error === "lost" ? this.words.reconnecting : (error ?? ""), true);
    });
  }

  // Who wants to be called later is promised that, and waits for no chat.
  #ask(wish: CallWish, opening: string, later?: WantedCall): void {
    const { begin, want } = this.actions;
    if (this.#begun) want(wish);
    else if (this.#welcome.check(later)) {
      const introduction = this.#welcome.introduction();
      begin({ ...introduction, text: introduction.text || opening }, later);
      if (!later) want(wish);
    } else return this.#leaveCall(false);
    this.#calling = false;
  }

  #leaveCall(focus = true): void {
    this.#calling = false;
    this.#redraw();
    if (!focus) this.#welcome.check();
    else if (this.#screen === "chat") this.#callButton.focus();
  }

  #askEnd(ending: boolean): void {
    this.#ending = ending;
    this.#redraw();
    (ending ? this.#stay : this.#endButton).focus();
  }

  #end(): void {
    this.#ending = false;
    this.actions.want({ op: "end" });
    this.focus();
  }

  #again(): void {
    this.actions.startOver();
    this.focus();
  }

  #key(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.stopPropagation();
      if (this.#calling) this.#leaveCall();
      else if (this.#ending) this.#askEnd(false);
      else if (this.editing) this.#composer.cancel();
      else this.actions.close();
    }
    // On a phone the panel covers the page, so the keyboard stays in it.
    if (event.key === "Tab" && matchMedia("(max-width: 480px)").matches) this.#wrapFocus(event);
  }

  #wrapFocus(event: KeyboardEvent): void {
    const stops = [...this.element.querySelectorAll<HTMLElement>("button, input, select, textarea, a[href], [tabindex='0']")].filter(
      (stop) => stop.offsetParent !== null,
    );
    if (event.shiftKey) stops.reverse();
    if (!stops.at(-1)?.matches(":focus")) return;
    event.preventDefault();
    stops[0]?.focus();
  }
}
