// Before the chat: who are you (if you like), and how can we help?

import { json } from "../link/json";
import { el, say, show, tell } from "./dom";
import { Fields } from "./fields";
import type { Zone } from "./panel";
import type { Filled } from "../generated/protocol";
import type { Words } from "./words";

/** What the visitor typed before the first message. */
export interface Introduction {
  name: string;
  mail: string;
  text: string;
  /** What was answered to a zone's own form. */
  form: Filled | undefined;
}

const LONGEST = 4_000;

/** The form that opens a chat. */
export class Welcome {
  readonly element: HTMLFormElement;
  readonly text: HTMLTextAreaElement;
  readonly #greeting = el("p", { class: "greeting" });
  readonly #hours = el("p", { class: "hours", hidden: true, "data-testid": "hours" });
  readonly #fields: Fields;
  readonly #error = el("p", { class: "error", role: "alert", id: "welcome-error", hidden: true });
  readonly #left = el("p", { class: "hours", hidden: true, "data-testid": "leave" });
  readonly #writing: HTMLElement;
  readonly #start = el("button", { class: "primary", "data-testid": "start-chat" });
  #later = false;
  readonly #call: HTMLButtonElement;
  readonly #talk: HTMLButtonElement;

  constructor(
    private readonly words: Words,
    private readonly lang: string,
    begin: (introduction: Introduction) => void,
    call: () => void,
    talk: () => void,
    keep: (draft: string, form?: string) => void,
  ) {
    this.#fields = new Fields(words);
    this.text = el("textarea", { name: "text", rows: "3", "data-testid": "first-message", "aria-describedby": "welcome-error" });
    this.text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.element.requestSubmit();
    });
    this.#call = el("button", { type: "button", class: "quiet", "data-testid": "call-me", onclick: call }, words.callMe);
    this.#talk = el("button", { type: "button", class: "quiet", "data-testid": "call-here", onclick: talk }, words.callHere);
    this.#writing = el("div", { class: "fields" }, el("label", { class: "field" }, el("span", {}, words.firstMessage), this.text), this.#fields.element, this.#error, this.#start);
    this.element = el(
      "form",
      { class: "welcome", novalidate: true },
      this.#greeting,
      this.#hours,
      this.#left,
      this.#writing,
      this.#talk,
      this.#call,
    );
    this.element.addEventListener("input", () => keep(this.text.value, json(this.#fields.typed)));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#start.hidden) return call();
      const introduction = this.introduction();
      if (!introduction.text) return this.#complain(words.needMessage, this.text);
      if (introduction.text.length > LONGEST) return this.#complain(words.tooLong, this.text);
      if (!this.check()) return;
      this.text.value = "";
      keep("");
      begin(introduction);
    });
  }

  /** Fills in what a visitor said of themselves before, and what they had typed. */
  prefill(name: string, mail: string, draft: string, form: Record<string, string>): void {
    this.text.value = draft;
    this.#fields.prefill(name, mail, form);
  }

  introduction(): Introduction {
    const { name, mail } = this.#fields;
    return { name, mail, text: this.text.value.trim(), form: this.#fields.filled(this.lang, this.#later) };
  }

  /** Says so when a field is missing or wrong. Who is called needs no other way to be answered. */
  check(called?: object): boolean {
    const wrong = this.#fields.wrong(this.#later && !called);
    if (wrong) this.#complain(wrong.text, wrong.input);
    return wrong === undefined;
  }

  draw({ greeting, form, later, chat, call, callback }: Zone, hours: string, talk: boolean): void {
    this.#later = later !== undefined;
    this.#fields.draw(later?.form ?? form);
    say(this.#start, this.#later ? this.words.leave : this.words.start);
    tell(this.#left, later ? (later.because === "closed" ? this.words.leaveClosed : this.words.leaveBusy) : "");
    tell(this.#hours, hours);
    tell(this.#greeting, greeting);
    // Who asks to be called says in these fields who they are; now they are called from a chat.
    show(this.#writing, chat || callback);
    for (const each of [this.text.parentElement!, this.#start]) show(each, chat);
    show(this.#call, callback || (call && chat));
    show(this.#talk, talk);
  }

  #complain(text: string, field: HTMLElement): void {
    for (const each of [this.text, ...this.#fields.inputs]) each.removeAttribute("aria-invalid");
    field.setAttribute("aria-invalid", "true");
    field.closest(".field")?.after(this.#error);
    tell(this.#error, text);
    field.focus();
  }
}
