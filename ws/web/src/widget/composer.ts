// Where the visitor writes.

import { el, icon, ICONS, say, show } from "./dom";
import type { Words } from "./words";

const LONGEST = 4_000;

/** What the composer tells. */
export interface ComposerActions {
  write(text: string): void;
  typing(on: boolean): void;
}

/** The field and the send button. */
export class Composer {
  readonly element: HTMLFormElement;
  readonly text: HTMLTextAreaElement;
  readonly #error = el("p", { class: "error", role: "alert", hidden: true });

  constructor(words: Words, actions: ComposerActions) {
    this.text = el("textarea", { rows: "1", "aria-label": words.message, placeholder: words.message, "data-testid": "composer" });
    const send = el("button", { class: "send", "aria-label": words.send, "data-testid": "send" }, icon(ICONS.send));
    this.element = el("form", { class: "composer" }, this.#error, el("div", { class: "row" }, this.text, send));
    this.text.addEventListener("input", () => {
      this.#fit();
      actions.typing(this.text.value.trim() !== "");
    });
    this.text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.element.requestSubmit();
    });
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.text.value.trim();
      const tooLong = text.length > LONGEST;
      say(this.#error, tooLong ? words.tooLong : "");
      show(this.#error, tooLong);
      if (!text || tooLong) return;
      this.text.value = "";
      this.#fit();
      actions.write(text);
    });
  }

  // Grows with what is written, up to the limit in the style sheet.
  #fit(): void {
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight}px`;
  }
}
