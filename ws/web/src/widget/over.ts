// What stands at the end of a chat: how it was, and what can be kept of it. Loaded when one has ended.

import type { Entry } from "../generated/protocol";
import { KeepCard, type KeepActions } from "./keep";
import { RatingCard, type RatingActions } from "./rating";
import { keep } from "./transcript";
import type { Visitor } from "./visitor";
import type { Texts } from "../text/overlay";
import { overWords } from "./words/over";
import type { Lang, Words } from "./words";

/** The end of a chat. */
export class Over {
  readonly #rating: RatingCard;
  readonly #keep: KeepCard;
  #entries: readonly Entry[] = [];

  constructor(place: HTMLElement, words: Words, { lang, texts }: { lang: Lang; texts: Texts }, actions: RatingActions & KeepActions) {
    this.#rating = new RatingCard({ ...words, ...overWords(lang, texts) }, actions);
    this.#keep = new KeepCard(words, actions, () => keep(this.#entries, words, lang));
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
