// The conversation as a visitor sees it: messages, their states, and what happened around them.

import { pieces } from "../text/links";
import { clockTime } from "../text/when";
import type { Unsent } from "../link/outbox";
import type { Entry, SharedFile } from "../generated/protocol";
import { el, say, show } from "./dom";
import { told, type Message } from "./told";
import type { Visitor } from "./visitor";
import type { Lang, Words } from "./words";

/** What can be done with a message that was not sent. */
export interface LogActions {
  retry(mid: string): void;
  discard(mid: string): void;
  file(file: SharedFile, place: HTMLElement): void;
  edit(mid: string, text: string): void;
  remove(mid: string): void;
  /** The newest line came into view. */
  looked(): void;
}

/** A message on screen. */
interface Shown {
  entry: Message;
  said: HTMLElement;
  meta: HTMLElement;
  tools: HTMLElement | undefined;
}

/** The list of everything that happened. */
export class Log {
  readonly element: HTMLElement;
  readonly #list = el("ol");
  readonly #scroller = el("div", { class: "scroller", role: "log", "aria-live": "polite", "aria-relevant": "additions", tabindex: "0", "data-testid": "log" }, this.#list);
  readonly #below: HTMLButtonElement;
  readonly #unsent = new Map<string, HTMLElement>();
  /** The visitor's own messages that are not yet marked as read. */
  #open: { seq: number; state: HTMLElement }[] = [];
  #stuck = true;
  #known = 0;
  #interaction = "";
  #drawn = 0;
  #held = false;
  #names = new Map<string, string>();
  #shown = new Map<number, Shown>();
  /** Where the view began when the page before went (see `leaving.ts`): it is found again once the entry is there that was the last. */
  awaited: number[] | undefined;
  /** Whether the visitor's own messages may be written anew and taken back. */
  revisable = false;

  constructor(
    private readonly words: Words,
    private readonly lang: Lang,
    private readonly actions: LogActions,
  ) {
    this.#scroller.setAttribute("aria-label", words.log);
    this.#below = el("button", { type: "button", class: "below", hidden: true, onclick: () => this.toEnd() }, words.newBelow);
    this.element = el("div", { class: "log" }, this.#scroller, this.#below);
    this.#scroller.addEventListener("scroll", () => {
      // The end moved, and nobody read further up: who was there is taken along below.
      if (this.#stuck && this.#known !== this.#end) return;
      this.#stuck = this.atEnd;
      // No further: whoever begins to read further up is not held back.
      if (!this.#stuck) return;
      show(this.#below, false);
      actions.looked();
    });
    // Cards above and the field below take room away; who was at the end stays there.
    const grown = new ResizeObserver(() => {
      this.#known = this.#end;
      if (this.#stuck) this.toEnd();
    });
    grown.observe(this.#scroller);
    // A picture is drawn when its bytes are there.
    grown.observe(this.#list);
  }

  focus(): void {
    this.#scroller.focus();
  }

  /** Whether the newest line is in view. */
  get atEnd(): boolean {
    return !this.awaited && this.#end - this.#scroller.scrollTop < 48;
  }

  // How far it can be scrolled.
  get #end(): number {
    return this.#scroller.scrollHeight - this.#scroller.clientHeight;
  }

  /** The visitor's last message that can be written anew. */
  get lastOwn(): { mid: string; text: string } | undefined {
    if (!this.revisable) return undefined;
    const own = [...this.#shown.values()].findLast(({ entry, tools }) => tools && entry.what === "message");
    return own && { mid: own.entry.mid, text: own.said.textContent };
  }

  toEnd(): void {
    if (this.awaited) return;
    this.#stuck = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    show(this.#below, false);
    this.actions.looked();
  }

  draw(visitor: Visitor): void {
    const before = this.#list.lastElementChild;
    const timeline = visitor.timeline;
    const key = `${timeline?.interaction}/${timeline?.epoch}`;
    if (key !== this.#interaction || (timeline?.last ?? 0) < this.#drawn) this.#clear(key);
    const rows = timeline?.entries.slice(this.#drawn).map((entry) => this.#row(entry, visitor)) ?? [];
    this.#drawn = timeline?.last ?? 0;
    this.#list.append(...rows.filter((row) => row !== undefined));
    this.element.toggleAttribute("data-revisable", this.revisable);
    this.#drawUnsent(visitor.outbox.items);
    this.#drawStates(visitor);
    // Who wrote meanwhile goes on there.
    if (visitor.outbox.items.length) this.awaited = undefined;
    if (this.awaited) return this.#resume(this.awaited);
    if (this.#list.lastElementChild === before) return;
    if (this.#stuck || this.#list.lastElementChild?.classList.contains("mine")) this.toEnd();
    else show(this.#below, true);
  }

  #resume([at, into, of]: number[]): void {
    if (this.#drawn < of!) return;
    this.awaited = undefined;
    this.#stuck = false;
    this.#scroller.scrollTop = (this.#list.children[at!] as HTMLElement).offsetTop + into!;
    show(this.#below, this.#drawn > of!);
  }

  #clear(key: string): void {
    this.#interaction = key;
    this.#drawn = 0;
    this.#open = [];
    this.#held = false;
    this.#unsent.clear();
    this.#shown.clear();
    this.#list.replaceChildren();
  }

  #row(entry: Entry, visitor: Visitor): HTMLElement | undefined {
    if (entry.what === "message" || entry.what === "file") return this.#message(entry);
    if (entry.what === "edited") this.#revise(entry.of, entry.text);
    if (entry.what === "deleted") this.#revise(entry.of, undefined);
    if (entry.what === "held" || entry.what === "joined") this.#held = entry.what === "held";
    // Who left a message is told until when it waits, and no line.
    const text = this.#held && entry.what === "queued" ? undefined : told(entry, this.#names, this.words, this.lang, visitor.writes, () => visitor.promised);
    if (text === undefined) return undefined;
    const time = el("time", {}, clockTime(entry.at, this.lang));
    return el("li", { class: `event ${entry.what}`, "data-what": entry.what }, el("span", {}, ...linked(text)), time);
  }

  #message(entry: Message): HTMLElement {
    const mine = entry.from.party === "customer";
    const author = entry.from.party === "agent" ? entry.from.name : mine ? this.words.you : "";
    if (entry.from.party === "agent") this.#names.set(entry.from.agent, entry.from.name);
    const said = entry.what === "message" ? bubble(entry.text) : el("div", { class: "bubble" }, entry.file.name);
    if (entry.what === "file") this.actions.file(entry.file, said);
    const state = el("span", { class: "state", "data-testid": "state" });
    if (mine) {
      this.#unsent.get(entry.mid)?.remove();
      this.#unsent.delete(entry.mid);
      this.#open.push({ seq: entry.seq, state });
    }
    const tools = mine ? this.#tools(entry) : undefined;
    const meta = el("span", { class: "meta" }, tools, el("time", {}, clockTime(entry.at, this.lang)), mine && state);
    this.#shown.set(entry.seq, { entry, said, meta, tools });
    return el(
      "li",
      { class: mine ? "message mine" : "message theirs", "data-testid": "message", "data-seq": String(entry.seq) },
      el("span", { class: mine ? "author hush" : "author" }, author),
      said,
      meta,
    );
  }

  // What its writer can do with a message: a second press takes it back.
  #tools(entry: Message): HTMLElement {
    const { words } = this;
    const edit = el("button", { type: "button", class: "link", "data-testid": "edit", onclick: () => this.actions.edit(entry.mid, this.#shown.get(entry.seq)?.said.textContent ?? "") }, words.edit);
    const remove = el("button", { type: "button", class: "link", "data-testid": "delete" }, words.discard);
    remove.addEventListener("click", () => {
      if (remove.textContent === words.discard) return say(remove, words.deleteSure);
      this.actions.remove(entry.mid);
    });
    remove.addEventListener("blur", () => say(remove, words.discard));
    return el("span", { class: "own" }, entry.what === "message" && edit, remove);
  }

  // A message that was written anew, or taken back where there is no text.
  #revise(seq: number, text: string | undefined): void {
    const shown = this.#shown.get(seq);
    if (!shown) return;
    if (text === undefined) {
      shown.tools?.remove();
      shown.tools = undefined;
      shown.said.replaceWith((shown.said = el("p", { class: "bubble gone" }, this.words.deleted)));
      return shown.meta.querySelector(".edited")?.remove();
    }
    shown.said.replaceWith((shown.said = bubble(text)));
    if (!shown.meta.querySelector(".edited")) shown.meta.querySelector("time")?.before(el("span", { class: "edited", "data-testid": "edited" }, this.words.edited));
  }

  #drawUnsent(items: readonly Unsent[]): void {
    const mids = new Set(items.map((item) => item.mid));
    for (const [mid, row] of this.#unsent) {
      if (mids.has(mid)) continue;
      row.remove();
      this.#unsent.delete(mid);
    }
    for (const item of items) {
      let row = this.#unsent.get(item.mid);
      if (!row) {
        row = el("li", { class: "message mine unsent", "data-testid": "message" }, el("span", { class: "author hush" }, this.words.you), bubble(item.text), el("span", { class: "meta" }));
        this.#unsent.set(item.mid, row);
      }
      if (row.parentNode !== this.#list || row.nextElementSibling?.matches(".message:not(.unsent), .event")) this.#list.append(row);
      this.#drawUnsentState(row, item);
    }
  }

  #drawUnsentState(row: HTMLElement, item: Unsent): void {
    if (row.dataset["is"] === item.state.is) return;
    row.dataset["is"] = item.state.is;
    const meta = row.querySelector(".meta")!;
    const state = (text: string) => el("span", { class: "state", "data-testid": "state" }, text);
    if (item.state.is !== "refused") {
      meta.replaceChildren(state(item.state.is === "written" ? this.words.sent : this.words.sending));
      return;
    }
    meta.replaceChildren(
      state(`${this.words.notSent} ${item.state.text || this.words.chatOver} `),
      el("button", { type: "button", class: "link", onclick: () => this.actions.retry(item.mid) }, this.words.retry),
      el("button", { type: "button", class: "link", onclick: () => this.actions.discard(item.mid) }, this.words.discard),
    );
  }

  #drawStates({ receipt }: Visitor): void {
    for (const { seq, state } of this.#open) {
      say(state, seq <= receipt.read ? this.words.read : seq <= receipt.delivered ? this.words.delivered : this.words.sent);
    }
    this.#open = this.#open.filter(({ seq }) => seq > receipt.read);
  }
}

function bubble(text: string): HTMLElement {
  return el("p", { class: "bubble" }, ...linked(text));
}

function linked(text: string): (HTMLElement | string)[] {
  return pieces(text).map(({ text: piece, href }) => (href ? el("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, piece) : piece));
}
