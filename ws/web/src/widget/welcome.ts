// Before the chat: who are you (if you like), and how can we help?

import { el, say, show } from "./dom";
import type { Words } from "./words";

/** What the visitor typed before the first message. */
export interface Introduction {
  name: string;
  mail: string;
  text: string;
}

const LONGEST = 4_000;

/** The form that opens a chat. */
export class Welcome {
  readonly element: HTMLFormElement;
  readonly text: HTMLTextAreaElement;
  readonly #greeting = el("p", { class: "greeting" });
  readonly #hours = el("p", { class: "hours", hidden: true, "data-testid": "hours" });
  readonly #name: HTMLInputElement;
  readonly #mail: HTMLInputElement;
  readonly #error = el("p", { class: "error", role: "alert", id: "welcome-error", hidden: true });
  readonly #call: HTMLButtonElement;
  readonly #talk: HTMLButtonElement;

  constructor(
    private readonly words: Words,
    begin: (introduction: Introduction) => void,
    call: () => void,
    talk: () => void,
    keep: (draft: string) => void,
  ) {
    const optional = () => el("span", { class: "optional" }, ` (${words.optional})`);
    this.#name = el("input", { name: "name", autocomplete: "name", maxlength: "100", "data-testid": "name" });
    this.#mail = el("input", { name: "email", type: "email", autocomplete: "email", maxlength: "254", "data-testid": "mail" });
    this.text = el("textarea", { name: "text", rows: "3", "data-testid": "first-message", "aria-describedby": "welcome-error" });
    this.text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.element.requestSubmit();
    });
    this.text.addEventListener("input", () => keep(this.text.value));
    this.#call = el("button", { type: "button", class: "quiet", "data-testid": "call-me", onclick: call }, words.callMe);
    this.#talk = el("button", { type: "button", class: "quiet", "data-testid": "call-here", onclick: talk }, words.callHere);
    this.element = el(
      "form",
      { class: "welcome", novalidate: true },
      this.#greeting,
      this.#hours,
      el("label", { class: "field" }, el("span", {}, words.firstMessage), this.text),
      el("label", { class: "field" }, el("span", {}, words.name, optional()), this.#name),
      el("label", { class: "field" }, el("span", {}, words.mail, optional()), this.#mail),
      this.#error,
      el("button", { class: "primary", "data-testid": "start-chat" }, words.start),
      this.#talk,
      this.#call,
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      const introduction = this.introduction();
      if (!introduction.text) return this.#complain(words.needMessage, this.text);
      if (introduction.text.length > LONGEST) return this.#complain(words.tooLong, this.text);
      if (!this.checkMail()) return;
      this.text.value = "";
      keep("");
      begin(introduction);
    });
  }

  /** Fills in what a visitor said of themselves before. */
  prefill(name: string, mail: string, draft: string): void {
    this.text.value = draft;
    this.#name.value = name;
    this.#mail.value = mail;
  }

  introduction(): Introduction {
    return { name: this.#name.value.trim(), mail: this.#mail.value.trim(), text: this.text.value.trim() };
  }

  /** Says so when the mail address is none. */
  checkMail(): boolean {
    const fits = this.#mail.value.trim() === "" || this.#mail.checkValidity();
    if (!fits) this.#complain(this.words.badMail, this.#mail);
    return fits;
  }

  draw(greeting: string, hours: string, call: boolean, talk: boolean): void {
    say(this.#hours, hours);
    show(this.#hours, hours !== "");
    say(this.#greeting, greeting);
    show(this.#greeting, greeting !== "");
    show(this.#call, call);
    show(this.#talk, talk);
  }

  #complain(text: string, field: HTMLElement): void {
    for (const each of [this.text, this.#mail]) each.toggleAttribute("aria-invalid", each === field);
    field.setAttribute("aria-invalid", "true");
    field.closest(".field")?.after(this.#error);
    say(this.#error, text);
    show(this.#error, true);
    field.focus();
  }
}
