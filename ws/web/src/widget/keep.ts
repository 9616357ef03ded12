// What a visitor can keep of a chat that ended: a file, or a mail.

import { el, say, show } from "./dom";
import type { Memory } from "./memory";
import type { OverWords } from "./words/over";
import type { Words } from "./words";

/** What can be asked for. */
export interface KeepActions {
  /** Whose conversation it is, and which. */
  memory(): Readonly<Memory>;
  /** Asks the server for something. */
  post(path: string, body: object, headers: Record<string, string>): Promise<Response>;
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
    private readonly words: Words & OverWords,
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
    const sent = await this.#mailed(this.#field.value.trim());
    this.#send.disabled = false;
    if (!sent) return this.#say(this.words.transcriptNot);
    show(this.#form, false);
    this.#open.setAttribute("aria-expanded", "false");
    this.#open.focus();
    this.#say(this.words.transcriptSent);
  }

  // Tells whether it will be mailed.
  async #mailed(mail: string): Promise<boolean> {
    const { interaction, token } = this.actions.memory();
    if (!interaction || !token) return false;
    const answer = await this.actions.post("api/v1/visitors/transcripts", { interaction, mail }, { authorization: `Bearer ${token}` }).catch(() => undefined);
    return answer?.ok === true;
  }

  #say(text: string): void {
    say(this.#said, text);
    show(this.#said, true);
  }
}
