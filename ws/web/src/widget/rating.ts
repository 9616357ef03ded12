// The question how well the visitor was served, once the chat is over: five keys, a comment if they like, or neither.

import { el, say, show } from "./dom";
import { asked, type Rated } from "./question";
import type { Visitor } from "./visitor";
import type { Words } from "./words";
import type { OverWords } from "./words/over";

/** What can be answered. */
export interface RatingActions {
  rate(score: number | null, comment: string | null): void;
}

const SCORES = [1, 2, 3, 4, 5];

/** The form, and the thanks after it. */
export class RatingCard {
  readonly element: HTMLElement;
  readonly #form: HTMLFormElement;
  readonly #thanks: HTMLElement;
  readonly #given = el("p", { role: "status", "data-testid": "rated" });
  readonly #error = el("p", { class: "error", role: "alert" });
  readonly #comment = el("textarea", { rows: "2", maxlength: "1000", id: "tandem-comment", "data-testid": "rating-comment" });
  readonly #more: HTMLElement;
  #changing = false;
  #drawn = "";

  constructor(
    private readonly words: Words & OverWords,
    private readonly actions: RatingActions,
  ) {
    const scores = SCORES.map((score) => {
      const input = el("input", { type: "radio", name: "score", value: String(score), "data-testid": "score", onchange: () => this.#chosen() });
      return el("label", { title: words.scores[score - 1] }, input, el("span", { "aria-hidden": "true" }, String(score)), el("span", { class: "hush" }, `${score}: ${words.scores[score - 1]}`));
    });
    const ends = el("p", { class: "ends", "aria-hidden": "true" }, el("span", {}, words.scores[0]), el("span", {}, words.scores[4]));
    const field = el("div", { class: "field" }, el("label", { for: "tandem-comment" }, words.rateComment, el("span", { class: "optional" }, ` (${words.optional})`)), this.#comment);
    const send = el("button", { class: "primary", "data-testid": "rate" }, words.rateSend);
    const skip = el("button", { type: "button", class: "quiet", "data-testid": "rate-skip", onclick: () => this.#skip() }, words.rateSkip);
    this.#more = el("div", { class: "more" }, field);
    this.#form = el(
      "form",
      { novalidate: true, onsubmit: (event: Event) => this.#submit(event) },
      el("fieldset", {}, el("legend", {}, words.rateAsk), el("div", { class: "scores" }, ...scores), ends),
      this.#more,
      this.#error,
      el("div", { class: "row" }, skip, send),
    );
    const change = el("button", { type: "button", class: "link", "data-testid": "rate-change", onclick: () => this.#change() }, words.rateChange);
    this.#thanks = el("div", { class: "thanks" }, this.#given, change);
    this.element = el("div", { class: "rating", "data-testid": "rating" }, this.#form, this.#thanks);
  }

  draw(visitor: Visitor): void {
    const question = asked(visitor.timeline);
    show(this.element, question !== undefined);
    if (!question) return;
    const key = `${visitor.timeline?.interaction} ${JSON.stringify(question.rated)}`;
    if (key !== this.#drawn) {
      this.#drawn = key;
      this.#changing = false;
      this.#fill(question.rated);
    }
    const given = question.rated !== undefined && !this.#changing;
    if (question.rated) say(this.#given, this.words.rateThanks(question.rated.score));
    show(this.#form, !given);
    show(this.#thanks, given);
    show(this.#more, this.#score !== undefined);
  }

  get #score(): number | undefined {
    const value = this.#form.querySelector<HTMLInputElement>("input:checked")?.value;
    return value === undefined ? undefined : Number(value);
  }

  #fill(rated: Rated | undefined): void {
    for (const input of this.#form.querySelectorAll("input")) input.checked = input.value === String(rated?.score);
    this.#comment.value = rated?.comment ?? "";
    say(this.#error, "");
  }

  #chosen(): void {
    say(this.#error, "");
    show(this.#more, true);
  }

  #submit(event: Event): void {
    event.preventDefault();
    const score = this.#score;
    if (score === undefined) {
      say(this.#error, this.words.rateNone);
      this.#form.querySelector("input")?.focus();
      return;
    }
    this.#changing = false;
    this.actions.rate(score, this.#comment.value.trim() || null);
  }

  // Who has answered before only leaves the form; else the question goes.
  #skip(): void {
    const changing = this.#changing;
    this.#changing = false;
    if (!changing) return this.actions.rate(null, null);
    show(this.#form, false);
    show(this.#thanks, true);
    this.#thanks.querySelector("button")?.focus();
  }

  #change(): void {
    this.#changing = true;
    show(this.#form, true);
    show(this.#thanks, false);
    this.#form.querySelector<HTMLInputElement>("input:checked")?.focus();
  }
}
