// "Call me": where, and now or when. Loaded when a call is first wanted.

import type { WantedCall, Wish as Wished } from "../generated/protocol";
import { readNumber } from "../text/number";
import { fieldTime, moment, type When } from "../text/when";
import { ownZone } from "../text/whereabouts";
import sheet from "./callsheet.css?inline";
import questions from "./questions.css?inline";
import { dress, el, say, show } from "./dom";
import type { Launcher } from "./loader";
import type { CallWish } from "./wishes";
import type { Words } from "./words";
import { sheetWords, type SheetWords } from "./words/callsheet";

const WHENS: readonly When[] = ["now", "minutes20", "hour", "tomorrow", "chosen"];

// The customer's own clock is the browser's, wherever their number is from.
function here(): { wish?: Wished } {
  const zone = ownZone();
  return zone === undefined ? {} : { wish: { zone, until: null, owner: null, order: null, remind: null, keep_place: false } };
}

/** The form that asks for a call. */
export class CallSheet {
  readonly element: HTMLFormElement;
  readonly number: HTMLInputElement;
  // How much the server's clock, by which people are called, is ahead of this one.
  #ahead = 0;
  readonly #numberError = el("p", { class: "error", id: "number-error", role: "alert", hidden: true });
  readonly #time: HTMLInputElement;
  readonly #timeField: HTMLElement;
  readonly #timeError = el("p", { class: "error", id: "time-error", role: "alert", hidden: true });
  readonly #submit = el("button", { class: "primary", "data-testid": "call-submit" });
  readonly #choices = new Map<When, HTMLElement>();
  readonly #words: SheetWords & Words;

  constructor(
    { root, lang, texts }: Pick<Launcher, "root" | "lang" | "texts">,
    own: Words,
    ask: (wish: CallWish, opening: string, later?: WantedCall) => void,
    back: () => void,
  ) {
    dress(root, questions + sheet);
    const words = (this.#words = { ...own, ...sheetWords(lang, texts) });
    this.number = el("input", {
      type: "tel",
      name: "tel",
      autocomplete: "tel",
      maxlength: "30",
      "aria-describedby": "number-hint number-error",
      "data-testid": "number",
    });
    this.#time = el("input", { type: "datetime-local", "aria-describedby": "time-error", "data-testid": "chosen-time" });
    this.#timeField = el("label", { class: "field", hidden: true }, el("span", {}, words.chosenTime), this.#time, this.#timeError);
    const radios = WHENS.map((when) => this.#choice(when));
    this.element = el(
      "form",
      { class: "callsheet", novalidate: true, "data-testid": "call-sheet" },
      el("h3", {}, words.callHeading),
      el("label", { class: "field" }, el("span", {}, words.number), this.number, el("span", { class: "hint", id: "number-hint" }, words.numberHint)),
      this.#numberError,
      el("fieldset", {}, el("legend", {}, words.when), ...radios),
      this.#timeField,
      this.#submit,
      el("button", { type: "button", class: "quiet", onclick: back }, words.back),
    );
    this.element.addEventListener("change", () => this.#arrange());
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      const wish = this.#read(Date.now() + this.#ahead);
      if (wish?.op === "call") ask(wish, words.openingCallNow(wish.number));
      if (wish?.op !== "callback") return;
      const { op, ...later } = wish;
      ask(wish, words.openingCallLater(wish.number), later);
    });
    this.#arrange();
  }

  draw(shown: boolean, ahead: number, call: boolean, callback: boolean): void {
    show(this.element, shown);
    this.#ahead = ahead;
    for (const [when, choice] of this.#choices) show(choice, when === "now" ? call : callback);
    const checked = this.#choices.get(this.#when());
    if (checked?.hidden) this.#choices.get(call ? "now" : "minutes20")?.querySelector("input")?.click();
  }

  #choice(when: When): HTMLElement {
    const radio = el("input", { type: "radio", name: "when", value: when, checked: when === "now" });
    const label = el("label", { class: "choice" }, radio, el("span", {}, this.#words[when]));
    this.#choices.set(when, label);
    return label;
  }

  #when(): When {
    return WHENS.find((when) => this.#choices.get(when)?.querySelector("input")?.checked) ?? "now";
  }

  #arrange(): void {
    const when = this.#when();
    show(this.#timeField, when === "chosen");
    if (when === "chosen" && !this.#time.value) {
      this.#time.min = fieldTime(Date.now());
      this.#time.value = fieldTime(Date.now() + 2 * 3_600_000);
    }
    say(this.#submit, when === "now" ? this.#words.callNow : this.#words.callLater);
  }

  #read(now: number): CallWish | undefined {
    const typed = readNumber(this.number.value);
    const wrong = {
      number: "",
      empty: this.#words.numberEmpty,
      letters: this.#words.numberLetters,
      short: this.#words.numberShort,
      long: this.#words.numberLong,
    }[typed.is];
    this.#complain(this.number, this.#numberError, wrong);
    if (typed.is !== "number") return undefined;
    const when = this.#when();
    if (when === "now") return { op: "call", number: typed.number };
    const at = moment(when, this.#time.value, now);
    const late = at === undefined ? this.#words.chosenEmpty : at <= now ? this.#words.chosenPast : "";
    this.#complain(this.#time, this.#timeError, late);
    return at !== undefined && !late ? { op: "callback", number: typed.number, at, ...here() } : undefined;
  }

  #complain(field: HTMLInputElement, error: HTMLElement, text: string): void {
    say(error, text);
    show(error, text !== "");
    field.setAttribute("aria-invalid", String(text !== ""));
    if (text) field.focus();
  }
}
