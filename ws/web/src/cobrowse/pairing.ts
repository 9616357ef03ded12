// Bringing this page into a call: shows a code to be told or keyed, and takes one that was told.

import type { VisitorAct } from "../generated/protocol";
import { el, say, show } from "../widget/dom";
import type { ShareWords } from "./words";

/** The dialog about codes. */
export class PairingDialog {
  readonly element: HTMLElement;
  readonly #code = el("output", { class: "code", "data-testid": "pairing-code" });
  readonly #told = el("p", { class: "told", role: "status" });
  /** Where the keyboard was before. */
  #opener: Element | null = null;
  readonly #field = el("input", { inputmode: "numeric", maxlength: "6", autocomplete: "off", id: "tandem-pair", "data-testid": "pairing-field" });

  constructor(
    private readonly words: ShareWords,
    private readonly ask: (act: VisitorAct, told?: (error: string | undefined, code?: string) => void) => void,
  ) {
    const close = el("button", { type: "button", class: "quiet", onclick: () => this.close() }, words.close);
    const connect = el("button", { class: "primary", "data-testid": "pairing-connect" }, words.connect);
    const form = el("form", { onsubmit: (event: Event) => this.#pair(event) }, el("label", { for: "tandem-pair" }, words.haveCode), el("span", { class: "row" }, this.#field, connect));
    this.#field.placeholder = words.codeField;
    this.element = el(
      "div",
      { class: "dialog", role: "dialog", "aria-label": words.code, hidden: true, "data-testid": "pairing" },
      el("p", {}, words.code),
      this.#code,
      el("p", {}, words.codeHint),
      form,
      this.#told,
      el("div", { class: "row" }, close),
    );
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  open(): void {
    if (this.element.hidden) this.#opener = document.activeElement;
    show(this.element, true);
    this.#field.focus();
    say(this.#code, "······");
    say(this.#told, this.words.wait);
    this.ask({ do: "code" }, (error, code) => {
      say(this.#told, error ?? "");
      if (!error && code) say(this.#code, code);
    });
  }

  close(): void {
    const within = (this.element.getRootNode() as ShadowRoot).activeElement;
    const inside = within !== null && this.element.contains(within);
    show(this.element, false);
    if (inside && this.#opener instanceof HTMLElement) this.#opener.focus();
  }

  #pair(event: Event): void {
    event.preventDefault();
    const code = this.#field.value.replace(/\D/g, "");
    this.ask({ do: "pair", code }, (error) => {
      say(this.#told, error ?? this.words.paired);
      if (!error) this.close();
    });
  }
}
