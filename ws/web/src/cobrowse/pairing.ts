// Bringing this page into a call: shows a code to be told or keyed, and takes one that was told.

import type { VisitorAct } from "../generated/protocol";
import { el, say, show } from "../widget/dom";
import { codeIn, lapse } from "./code";
import type { ShareWords } from "./words";

/** After so long a server that is there again has said which code is good. */
const TOLD_BY = 3_000;

/** The dialog about codes. */
export class PairingDialog {
  readonly element: HTMLElement;
  readonly #code = el("output", { class: "code", "data-testid": "pairing-code" });
  /** Asks for other digits in the place of those that are good no more. */
  readonly #anew: HTMLButtonElement;
  #stop = () => {};
  #backBy: ReturnType<typeof setTimeout> | undefined;
  readonly #told = el("p", { class: "told", role: "status", "data-testid": "pairing-told" });
  /** Where the keyboard was before. */
  #opener: Element | null = null;
  readonly #close: HTMLButtonElement;
  /** What is of no use once the page belongs to the call. */
  readonly #codes: HTMLElement[];
  readonly #field = el("input", { inputmode: "numeric", autocomplete: "off", id: "tandem-pair", "data-testid": "pairing-field" });

  constructor(
    private readonly words: ShareWords,
    private readonly ask: (act: VisitorAct, told?: (error: string | undefined, code?: string, left?: string) => void) => void,
  ) {
    this.#anew = el("button", { type: "button", class: "primary", hidden: true, "data-testid": "pairing-new", onclick: () => this.#make() }, words.anew);
    this.#close = el("button", { type: "button", class: "quiet", onclick: () => this.close() }, words.close);
    const connect = el("button", { class: "primary", "data-testid": "pairing-connect" }, words.connect);
    const form = el("form", { onsubmit: (event: Event) => this.#pair(event) }, el("label", { for: "tandem-pair" }, words.haveCode), el("span", { class: "row" }, this.#field, connect));
    this.#field.placeholder = words.codeField;
    this.#codes = [el("p", {}, words.code), this.#code, this.#anew, el("p", {}, words.codeHint), form];
    this.element = el("div", { class: "dialog", role: "dialog", hidden: true, "data-testid": "pairing" }, ...this.#codes, this.#told, el("div", { class: "row" }, this.#close));
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  open(): void {
    if (this.element.hidden) this.#opener = document.activeElement;
    this.#draw(true);
    show(this.element, true);
    this.#field.value = "";
    this.#field.focus();
    say(this.#code, "······");
    this.#make();
  }

  /** The page came into a call. That an earlier one did is told anew on the next page, before there are digits. */
  paired(): void {
    if (!this.element.hidden && /\d/.test(this.#code.textContent)) this.#connected();
  }

  /** Another page of the visitor shows a code: the one that stands here is good no more. */
  lapsed(): void {
    if (this.element.hidden || this.#code.hidden || !/\d/.test(this.#code.textContent)) return;
    this.#stop();
    say(this.#told, this.words.lapsed);
    this.#good(false);
  }

  /** The server is there again: it tells the code that is good, if one is. */
  back(): void {
    if (this.element.hidden || this.#code.hidden || !/\d/.test(this.#code.textContent)) return;
    clearTimeout(this.#backBy);
    this.#backBy = setTimeout(() => this.lapsed(), TOLD_BY);
  }

  /** The server tells that this code is good, for `left` milliseconds. Whoever has asked for one waits for that. */
  good(code: string, left: number): void {
    if (/\d/.test(this.#code.textContent)) this.#shows(code, left);
  }

  #shows(code: string, left: number): void {
    if (this.element.hidden || this.#codes[0]!.hidden) return;
    this.#stop();
    clearTimeout(this.#backBy);
    say(this.#told, "");
    say(this.#code, code);
    if (this.#at === this.#anew) this.#field.focus();
    this.#good(true);
    this.#stop = lapse(left, () => this.lapsed());
  }

  close(): void {
    const inside = this.#inside;
    show(this.element, false);
    this.#stop();
    if (inside && this.#opener instanceof HTMLElement) this.#opener.focus();
  }

  get #at(): Element | null {
    return (this.element.getRootNode() as ShadowRoot).activeElement;
  }

  get #inside(): boolean {
    return this.#at !== null && this.element.contains(this.#at);
  }

  // The digits were used: it says so until it is closed.
  #connected(): void {
    const inside = this.#inside;
    say(this.#told, this.words.paired);
    this.#draw(false);
    if (inside) this.#close.focus();
  }

  #make(): void {
    say(this.#told, this.words.wait);
    this.ask({ do: "code" }, (error, code, left) => {
      if (!error && code) this.#shows(code, Number(left));
      else say(this.#told, error ?? "");
    });
  }

  #good(good: boolean): void {
    show(this.#code, good);
    show(this.#anew, !good);
  }

  #draw(codes: boolean): void {
    this.#stop();
    this.#codes.forEach((part) => show(part, codes));
    show(this.#anew, false);
    this.element.setAttribute("aria-label", codes ? this.words.code : this.words.paired);
  }

  #pair(event: Event): void {
    event.preventDefault();
    const code = codeIn(this.#field.value);
    if (code === undefined) return say(this.#told, this.words.codeField);
    this.ask({ do: "pair", code }, (error) => {
      if (error) say(this.#told, error);
      else this.#connected();
    });
  }
}
