// What a visitor can keep of a chat that ended: a file, or a mail.

import { el, say, show } from "./dom";
import type { Words } from "./words";

/** What can be asked for. */
export interface KeepActions {
  /** Has the conversation mailed; tells whether it will be. */
  mail(address: string): Promise<boolean>;
}

/** The two links, and the field for an address. */
export class KeepCard {
  readonly element: HTMLElement;
  readonly #open: HTMLButtonElement;
  readonly #form: HTMLFormElement;
  readonly #field = el("input", { name: "email", type: "email", autocomplete: "email", maxlength: "254", required: true, "data-testid": "keep-mail" });
  readonly #send: HTMLButtonElement;
  readonly #said = el("p", { role: "status", "data-testid": "keep-said", hidden: true });

  constructor(
    private readonly words: Words,
    private readonly actions: KeepActions,
    file: () => void,
  ) {
    const download = el("button", { type: "button", class: "link", "data-testid": "transcript", onclick: file }, words.transcript);
    this.#open = el("button", { type: "button", class: "link", "data-testid": "keep", "aria-expanded": "false", hidden: true, onclick: () => this.#toggle() }, words.transcriptMail);
    this.#send = el("button", { class: "quiet", "data-testid": "keep-send" }, words.transcriptSend);
    this.#form = el(
      "form",
      { novalidate: true, hidden: true, onsubmit: (event: Event) => void this.#submit(event) },
      el("label", { class: "field" }, el("span", {}, words.mail), this.#field),
      this.#send,
    );
    this.element = el("div", { class: "keep" }, download, this.#open, this.#form, this.#said);
  }

  /** Shows whether mails are sent; `mail` is what the visitor gave before. */
  draw(mails: boolean, mail: string): void {
    show(this.#open, mails);
    if (!mails) show(this.#form, false);
    if (this.#field.value === "") this.#field.value = mail;
  }

  #toggle(): void {
    const on = this.#form.hidden !== false;
    show(this.#form, on);
    show(this.#said, false);
    this.#open.setAttribute("aria-expanded", String(on));
    if (on) this.#field.focus();
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault();
    if (!this.#field.checkValidity()) return this.#say(this.words.badMailNeeded);
    this.#send.disabled = true;
    const sent = await this.actions.mail(this.#field.value.trim());
    this.#send.disabled = false;
    if (!sent) return this.#say(this.words.transcriptNot);
    show(this.#form, false);
    this.#open.setAttribute("aria-expanded", "false");
    this.#open.focus();
    this.#say(this.words.transcriptSent);
  }

  #say(text: string): void {
    say(this.#said, text);
    show(this.#said, true);
  }
}
