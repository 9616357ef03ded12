// The keys of a telephone, for whoever is asked to press one.

import { el, say, show } from "../widget/dom";
import { keyOf, KEYS } from "./keys";
import type { VoiceWords } from "./words";

/** So many of those that were pressed are shown. */
const SHOWN = 12;

/** A button that opens the keys, and what was pressed since. */
export class Keypad {
  readonly element: HTMLElement;
  readonly #toggle: HTMLButtonElement;
  readonly #pad: HTMLElement;
  readonly #pressed = el("output", { class: "pressed", "data-testid": "voice-pressed" });
  #keys = "";

  constructor(
    words: VoiceWords,
    private readonly press: (key: string) => boolean,
  ) {
    const names: Record<string, string> = { "*": words.star, "#": words.hash };
    const buttons = KEYS.map((key) => el("button", { type: "button", class: "quiet", "aria-label": names[key] ?? key, "data-key": key, onclick: () => this.#press(key) }, key));
    this.#toggle = el("button", { type: "button", class: "quiet", "aria-expanded": "false", "data-testid": "voice-keypad", onclick: () => this.#open(this.#pad.hidden === true) }, words.keypad);
    this.#pad = el("div", { class: "keys", role: "group", "aria-label": words.keypad, hidden: true, "data-testid": "voice-keys" }, this.#pressed, ...buttons);
    this.#pad.addEventListener("keydown", (event) => {
      const key = keyOf(event);
      if (key) this.#press(key);
    });
    this.element = el("div", { class: "keypad" }, this.#toggle, this.#pad);
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.#pad.hidden) return;
      // The window around it stays.
      event.stopPropagation();
      this.reset();
      this.#toggle.focus();
    });
  }

  /** Shuts it, and forgets what was pressed: there may have been a card's number. */
  reset(): void {
    this.#open(false);
  }

  #open(on: boolean): void {
    this.#keys = "";
    say(this.#pressed, "");
    show(this.#pad, on);
    this.#toggle.setAttribute("aria-expanded", String(on));
  }

  #press(key: string): void {
    if (!this.press(key)) return;
    this.#keys = (this.#keys + key).slice(-SHOWN);
    say(this.#pressed, this.#keys);
  }
}
