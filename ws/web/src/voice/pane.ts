// A visitor's call from the page: what is asked first, how it stands, and what can be done. Loaded with the first call.

import type { CallState, VisitorVoice } from "../generated/protocol";
import { dress, el, icon, ICONS, say, show } from "../widget/dom";
import { noted, recalled } from "./kept";
import { Keypad } from "./keypad";
import { shown } from "./meter";
import sheet from "./pane.css?inline";
import { Picker } from "./picker";
import { Talk } from "./talk";
import type { Texts } from "../text/overlay";
import { turnedAway, wordsOf } from "./words";

/** Is told what came of something: why not, and by which code, or what was answered for which leg; once
 *  more as `elsewhere` when another page takes that leg. */
export type VoiceTold = (error: string | undefined, sdp?: string, leg?: string) => void;

/** What the chat gives to a call. */
export interface VoiceHost {
  lang: string;
  texts?: Texts;
  root: ShadowRoot;
  /** Where the call stands in the window. */
  slot: HTMLElement;
  /** How a new call introduces itself. */
  introduce(): Omit<Extract<VisitorVoice, { act: "call" }>, "act" | "sdp">;
  ask(act: VisitorVoice, told: VoiceTold): void;
  /** Keeps what the next page of this tab is to know of the call. */
  keep(kept: string): void;
}

/** How the contact stands, as the timeline has it. */
export interface ContactView {
  call: { leg: string | null; at: number; call: CallState } | undefined;
  waits: boolean;
}

/** What the chat tells a call. */
export interface Voice {
  /** Asks whether to call. */
  open(): void;
  /** Takes a call up again that was going on when the page was left, by what was kept of it. */
  resume(kept: string): void;
  /** The contact changed. */
  follow(view: ContactView): void;
  /** The connection to the server is back. */
  back(): void;
  /** The page is left: who comes after it goes on with the call. */
  left(): void;
  /** Hangs up, and is not seen any more. */
  leave(): void;
}

/** Begins; called once a page. */
export function start(host: VoiceHost): Voice {
  return new Pane(host);
}

class Pane implements Voice {
  readonly #words;
  readonly #status = el("p", { class: "state", role: "status", "data-testid": "voice-state" });
  readonly #warning = el("p", { class: "warning", role: "alert", hidden: true, "data-testid": "voice-warning" });
  readonly #error = el("p", { class: "error", role: "alert", hidden: true, "data-testid": "voice-error" });
  readonly #meter: HTMLMeterElement;
  readonly #question: HTMLElement;
  readonly #asks = el("p", { role: "status", "data-testid": "voice-question" });
  readonly #controls: HTMLElement;
  readonly #mute: HTMLButtonElement;
  readonly #hangUp: HTMLButtonElement;
  readonly #start: HTMLButtonElement;
  readonly #starts = el("span");
  readonly #back: HTMLButtonElement;
  readonly #drop: HTMLButtonElement;
  readonly #close: HTMLButtonElement;
  readonly #keypad: Keypad;
  readonly #picker: Picker;
  #talk: Talk | undefined;
  #leg: string | undefined;
  #muted = false;
  /** Another page has the call. */
  #elsewhere = false;
  /** When the call before this one last changed. */
  #since = 0;
  #view: ContactView = { call: undefined, waits: false };
  #trouble = "";

  constructor(private readonly host: VoiceHost) {
    const words = (this.#words = wordsOf(host.lang, host.texts));
    dress(host.root, sheet);
    this.#start = el("button", { type: "button", class: "primary", "data-testid": "voice-start", onclick: () => this.#begin() }, icon(ICONS.phone), this.#starts);
    this.#back = el("button", { type: "button", class: "quiet", "data-testid": "voice-back", onclick: () => this.#hide() }, words.back);
    this.#drop = el("button", { type: "button", class: "danger", "data-testid": "voice-drop", onclick: () => this.#end() }, words.hangUp);
    this.#question = el("div", { class: "question" }, this.#start, this.#drop, this.#back);
    this.#meter = el("meter", { min: "0", max: "100", "aria-label": words.level, "data-testid": "voice-level" });
    this.#mute = el("button", { type: "button", class: "quiet", "aria-pressed": "false", "data-testid": "voice-mute", onclick: () => this.#toggle() }, words.mute);
    this.#hangUp = el("button", { type: "button", class: "danger", "data-testid": "voice-hang-up", onclick: () => this.#end() }, words.hangUp);
    this.#keypad = new Keypad(words, (key) => this.#talk?.press(key) ?? false);
    this.#picker = new Picker(words, () => this.#talk);
    this.#controls = el("div", { class: "controls" }, this.#meter, this.#mute, this.#hangUp, this.#keypad.element, this.#picker.element);
    this.#close = el("button", { type: "button", class: "quiet", "data-testid": "voice-close", onclick: () => this.#hide() }, words.again);
    host.slot.classList.add("voice");
    host.slot.setAttribute("role", "region");
    host.slot.setAttribute("aria-label", words.region);
    host.slot.setAttribute("data-testid", "voice");
    host.slot.append(this.#status, this.#asks, this.#question, this.#warning, this.#error, this.#controls, this.#close);
    addEventListener("pagehide", () => this.#elsewhere || this.#keep(true));
  }

  open(): void {
    if (this.#talk) return this.#hangUp.focus();
    this.#trouble = "";
    show(this.host.slot, true);
    this.#draw();
    this.#start.focus();
  }

  resume(kept: string): void {
    if (this.#talk) return;
    const { leg, left, muted } = recalled(kept);
    this.#leg = leg;
    this.#muted = muted;
    show(this.host.slot, true);
    // From here on a copy of this tab is not the page that was left.
    this.#keep();
    if (left) this.#begin();
    else this.#yield();
  }

  follow(view: ContactView): void {
    this.#view = view;
    const call = view.call;
    const over = call?.call.is === "ended" || call?.call.is === "failed";
    // Whose leg ended it does not matter; an earlier call's end does.
    if (this.#leg && over && call.at > this.#since) this.#over(turnedAway(this.#words, (call.call as { reason?: string }).reason));
    this.#draw();
  }

  back(): void {
    if (this.#talk?.state.is === "lost") this.#talk.restart();
  }

  left(): void {
    if (!this.#elsewhere) this.#keep(true);
    this.#talk?.stop();
    this.#talk = undefined;
  }

  leave(): void {
    if (this.#talk || (this.#leg && !this.#elsewhere)) this.#end();
    else this.#over("");
    this.#hide();
  }

  #begin(): void {
    const leg = this.#leg;
    this.#run((sdp) => (leg ? { act: "media", leg, sdp } : { act: "call", ...this.host.introduce(), sdp }));
  }

  // Nothing is asked for it any more: that would take it from where it is.
  #yield(): void {
    this.#elsewhere = true;
    this.#keep();
    const talk = this.#talk;
    const focused = this.host.slot.contains(this.host.root.activeElement);
    this.#talk = undefined;
    talk?.stop();
    this.#draw();
    if (focused) this.#start.focus();
  }

  // The first offer begins or takes up the call; every later one is about the leg that came of it.
  #run(first: (sdp: string) => VisitorVoice): void {
    const talk = new Talk(
      {
        offer: (sdp) => this.#offer(talk, talk.state.is !== "connecting" && this.#leg ? { act: "media", leg: this.#leg, sdp } : first(sdp)),
        changed: () => this.#draw(),
      },
      this.#muted,
    );
    const before = this.#talk;
    this.#talk = talk;
    before?.stop();
    this.#trouble = "";
    talk.begin().catch((error: unknown) => this.#talk === talk && this.#failed(`${this.#words.refused} ${error instanceof Error ? error.message : String(error)}`));
    this.#draw();
  }

  #offer(talk: Talk, act: VisitorVoice): Promise<string> {
    return new Promise((done, failed) =>
      this.host.ask(act, (error, sdp, leg) => {
        // It was hung up, or another page has it, before this was answered.
        if (this.#talk !== talk) return failed(new Error(this.#words.over));
        if (error !== undefined && sdp === "elsewhere") return leg === this.#leg ? this.#yield() : undefined;
        if (error !== undefined && act.act === "media") {
          if (sdp === "conflict") this.#yield();
          if (sdp === "not_found") this.#over("");
        }
        if (error !== undefined || !sdp || !leg) return failed(new Error(error === "lost" || error === undefined ? this.#words.unreachable : error));
        if (act.act === "call") this.#since = this.#view.call?.at ?? 0;
        this.#leg = leg;
        this.#elsewhere = false;
        this.#keep();
        done(sdp);
      }),
    );
  }

  #keep(left = false): void {
    this.host.keep(this.#leg ? noted({ leg: this.#leg, left, muted: this.#muted, away: this.#elsewhere }) : "");
  }

  #toggle(): void {
    this.#talk?.mute((this.#muted = !this.#talk.muted));
    this.#keep();
  }

  #end(): void {
    this.host.ask({ act: "hang_up" }, () => {});
    this.#over("");
  }

  // A call that was begun before goes on without this page, and can be taken up once more.
  #failed(trouble: string): void {
    if (!this.#leg) return this.#over(trouble);
    this.#talk = undefined;
    this.#trouble = trouble;
    this.#draw();
  }

  #over(trouble: string): void {
    this.#talk?.stop();
    this.#talk = undefined;
    this.#leg = undefined;
    this.#elsewhere = this.#muted = false;
    this.#keep();
    this.#keypad.reset();
    this.#trouble = trouble || this.#words.over;
    this.#draw();
    if (!this.host.slot.hidden && this.host.slot.contains(this.host.root.activeElement)) this.#close.focus();
  }

  #hide(): void {
    this.#talk?.stop();
    this.#talk = undefined;
    this.#trouble = "";
    show(this.host.slot, false);
  }

  #draw(): void {
    const talk = this.#talk;
    const state = talk?.state;
    const refused = state?.is === "refused";
    const running = state !== undefined && !refused && state.is !== "over";
    say(this.#status, running ? this.#says(talk!) : "");
    show(this.#status, running);
    const words = this.#words;
    const goesOn = this.#leg !== undefined;
    const asks = !running && (goesOn || this.#trouble === "");
    show(this.#question, asks);
    // A live region is heard when its text changes, not when it comes.
    say(this.#asks, !asks ? "" : this.#elsewhere ? words.elsewhere : goesOn ? words.goesOn : words.ask);
    say(this.#starts, this.#elsewhere ? words.takeUp : goesOn ? words.goOn : words.start);
    show(this.#drop, goesOn);
    show(this.#back, !goesOn);
    show(this.#controls, running);
    show(this.#close, !running && !asks);
    const error = refused ? this.#words[state.why] : this.#trouble;
    say(this.#error, error);
    show(this.#error, !running && error !== "");
    if (!talk) return;
    this.#meter.value = talk.muted ? 0 : shown(talk.level);
    say(this.#mute, talk.muted ? this.#words.unmute : this.#words.mute);
    this.#mute.setAttribute("aria-pressed", String(talk.muted));
    const warning = talk.silent ? this.#words.silent : talk.deaf && this.#bridged ? this.#words.deaf : "";
    say(this.#warning, warning);
    show(this.#warning, running && warning !== "");
    this.#picker.draw();
  }

  get #bridged(): boolean {
    return this.#view.call?.leg === this.#leg && this.#view.call?.call.is === "connected";
  }

  #says(talk: Talk): string {
    const words = this.#words;
    switch (talk.state.is) {
      case "asking":
        return words.asking;
      case "lost":
        return words.lost;
      case "connecting":
      case "connected":
        if (!this.#bridged) return this.#view.waits ? words.waiting : this.#leg ? words.ringing : words.connecting;
        return talk.muted ? words.muted : words.connected;
      case "refused":
      case "over":
        return "";
    }
  }
}
