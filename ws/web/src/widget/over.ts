// What stands at the end of a chat: how it was, and what can be kept of it. Loaded when one has ended.

import type { Entry } from "../generated/protocol";
import { dress } from "./dom";
import { KeepCard, type KeepActions } from "./keep";
import { RatingCard, type RatingActions } from "./rating";
import { keep } from "./transcript";
import type { Launcher } from "./loader";
import sheet from "./over.css?inline";
import questions from "./questions.css?inline";
import type { Visitor } from "./visitor";
import { overWords } from "./words/over";
import type { Words } from "./words";

/** The end of a chat. */
export class Over {
  readonly #rating: RatingCard;
  readonly #keep: KeepCard;
  #entries: readonly Entry[] = [];

  constructor(place: HTMLElement, words: Words, { root, lang, texts }: Launcher, actions: RatingActions & KeepActions) {
    dress(root, questions + sheet);
    const all = { ...words, ...overWords(lang, texts) };
    this.#rating = new RatingCard(all, actions);
    this.#keep = new KeepCard(all, actions, () => keep(this.#entries, all, lang));
    place.prepend(this.#rating.element, this.#keep.element);
  }

  draw(visitor: Visitor, mails: boolean): void {
    this.#entries = visitor.timeline?.entries ?? [];
    this.#rating.draw(visitor);
    // Words that no agent read are no conversation, and are not mailed.
    const met = this.#entries.some(({ what }) => what === "joined");
    this.#keep.draw(mails && met, visitor.memory.mail);
  }
}
