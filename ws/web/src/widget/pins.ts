// What stays in view above the conversation: the place in the queue, the call, callbacks, and what went wrong.

import { dayTime } from "../text/when";
import type { Entry } from "../generated/protocol";
import { el, icon, ICONS } from "./dom";
import { callTold } from "../text/call";
import { because } from "../text/reasons";
import type { Visitor } from "./visitor";
import type { Lang, Words } from "./words";

/** What can be done with a pin. */
export interface PinActions {
  cancel(callback: string): void;
  dismiss(): void;
}

/** The pinned cards. */
export class Pins {
  readonly element = el("div", { class: "pins", "data-testid": "pins" });
  #drawn = "";

  constructor(
    private readonly words: Words,
    private readonly lang: Lang,
    private readonly actions: PinActions,
  ) {}

  draw(visitor: Visitor): void {
    const cards = [this.#position(visitor), this.#call(visitor), ...this.#callbacks(visitor), this.#asking(visitor), this.#notice(visitor)];
    const present = cards.filter((card) => card !== undefined);
    const drawn = present.map((card) => card.outerHTML).join();
    // Redrawn only when something changed, so that focus and screen readers are left alone.
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const focused = (this.element.getRootNode() as ShadowRoot).activeElement?.getAttribute("data-key");
    this.element.replaceChildren(...present);
    if (focused) this.element.querySelector<HTMLElement>(`[data-key="${focused}"]`)?.focus();
  }

  #position({ position, ended }: Visitor): HTMLElement | undefined {
    if (!position || ended) return undefined;
    const wait = position.wait === null ? "" : this.words.waitMinutes(Math.ceil(position.wait / 60));
    return el(
      "div",
      { class: "pin queue", role: "status", "data-testid": "position", "data-position": String(position.position) },
      el("strong", {}, this.words.position(position.position)),
      wait && el("span", {}, wait),
    );
  }

  #call({ timeline }: Visitor): HTMLElement | undefined {
    const last = timeline?.entries.findLast((entry) => entry.what === "call");
    if (last?.what !== "call" || last.call.is === "ended" || last.call.is === "failed") return undefined;
    return el(
      "div",
      { class: `pin call ${last.call.is}`, role: "status", "data-testid": "call", "data-call": last.call.is },
      icon(ICONS.phone),
      el("strong", {}, callTold(last.call, this.words, (reason) => because(reason, this.words.because))),
    );
  }

  #callbacks({ timeline }: Visitor): HTMLElement[] {
    const latest = new Map<string, Extract<Entry, { what: "callback" }>>();
    for (const entry of timeline?.entries ?? []) if (entry.what === "callback") latest.set(entry.callback, entry);
    return [...latest.values()].flatMap(({ callback, number, state }) => {
      if (state.is !== "promised" && state.is !== "retrying") return [];
      const time = dayTime(state.due, Date.now(), this.lang);
      const cancel = el(
        "button",
        { type: "button", class: "link", "data-key": callback, "aria-label": this.words.cancelCallbackOf(time), "data-testid": "cancel-callback", onclick: () => this.actions.cancel(callback) },
        this.words.cancelCallback,
      );
      return [
        el("div", { class: "pin callback", "data-testid": "callback" }, icon(ICONS.phone), el("span", {}, this.words.callbackPromised(time, number)), cancel),
      ];
    });
  }

  #asking({ wishes: { current: wish } }: Visitor): HTMLElement | undefined {
    return wish && el("div", { class: "pin", role: "status" }, el("span", { class: "spinner" }), el("span", {}, this.words.asking));
  }

  #notice({ wishes: { notice } }: Visitor): HTMLElement | undefined {
    if (!notice) return undefined;
    const text = notice.why.is === "lost" ? this.words.lost : `${this.words.refused[notice.about]} ${notice.why.text}`;
    return el(
      "div",
      { class: "pin bad", role: "alert", "data-testid": "notice" },
      el("span", {}, text),
      el("button", { type: "button", class: "link", "data-key": "dismiss", onclick: () => this.actions.dismiss() }, this.words.dismiss),
    );
  }
}
