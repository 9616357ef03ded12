// Where the visitor writes.

import { el, icon, ICONS, show, tell } from "./dom";
import type { Words } from "./words";

const LONGEST = 4_000;

/** What the composer tells. */
export interface ComposerActions {
  write(text: string): void;
  typing(on: boolean): void;
  /** What is in the field and not sent, for a reload of the page. */
  keep(draft: string): void;
  files(files: readonly File[], say: (text: string, wrong: boolean) => void): void;
  /** The visitor's last message that can be written anew. */
  last(): { mid: string; text: string } | undefined;
  revise(mid: string, text: string, done: () => void): void;
}

/** The field and the send button. */
export class Composer {
  readonly element: HTMLFormElement;
  readonly text: HTMLTextAreaElement;
  readonly #error = el("p", { class: "error", role: "alert", hidden: true });
  readonly #news = el("p", { class: "news", role: "status", hidden: true, "data-testid": "file-news" });
  readonly #file: HTMLElement;
  readonly #bar: HTMLElement;
  /** Takes files that are pasted or dropped, unless text comes with them; until they are dropped it cannot be seen which they are. What nobody takes of them, the browser opens in the page's place. */
  readonly take: (event: ClipboardEvent | DragEvent) => void;
  /** The message that is written anew, and what was in the field before. */
  #edits: { mid: string; draft: string } | undefined;

  constructor(words: Words, actions: ComposerActions) {
    this.text = el("textarea", { rows: "1", "aria-label": words.message, placeholder: words.message, "data-testid": "composer" });
    const send = el("button", { class: "send", "aria-label": words.send, "data-testid": "send" }, icon(ICONS.send));
    const pick = el("input", { type: "file", multiple: true, "aria-label": words.file, "data-testid": "attach" });
    this.#file = el("label", { class: "attach", title: words.file, hidden: true }, icon(ICONS.clip), pick);
    this.#bar = el("p", { class: "editing", hidden: true, "data-testid": "editing" }, words.editing, el("button", { type: "button", class: "link", onclick: () => this.cancel() }, words.cancel));
    const share = (files: FileList | null | undefined) => files?.length && !this.#file.closest("[hidden]") && actions.files([...files], (text, wrong) => this.tell(text, wrong));
    pick.addEventListener("change", () => {
      share(pick.files);
      pick.value = "";
    });
    this.take = (event) => {
      const { types, files } = (event as DragEvent).dataTransfer ?? (event as ClipboardEvent).clipboardData!;
      if (!types.includes("Files") || types.includes("text/plain")) return;
      event.preventDefault();
      share(files);
    };
    this.element = el("form", { class: "composer" }, this.#error, this.#news, this.#bar, el("div", { class: "row" }, this.#file, this.text, send));
    this.text.addEventListener("input", () => {
      this.#fit();
      show(this.#error, false);
      if (this.#edits) return;
      actions.keep(this.text.value);
      actions.typing(this.text.value.trim() !== "");
    });
    this.text.addEventListener("keydown", (event) => {
      const last = event.key === "ArrowUp" && this.text.value === "" ? actions.last() : undefined;
      if (last) {
        event.preventDefault();
        return this.edit(last.mid, last.text);
      }
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.element.requestSubmit();
    });
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.text.value.trim();
      const tooLong = text.length > LONGEST;
      tell(this.#error, tooLong ? words.tooLong : "");
      if (!text || tooLong) return;
      const edits = this.#edits;
      if (edits) {
        // It stays in the field until it is done.
        return actions.revise(edits.mid, text, () => this.#edits === edits && this.cancel());
      }
      this.#fill("");
      actions.keep("");
      actions.write(text);
    });
  }

  /** Offers to send files, of these types where they are known. */
  takeFiles(types: readonly string[] | undefined): void {
    show(this.#file, types !== undefined);
    this.#file.querySelector("input")?.setAttribute("accept", types?.join() ?? "");
  }

  /** Puts back what was in the field before a reload. */
  recall(draft: string): void {
    this.#edits = undefined;
    show(this.#bar, false);
    this.text.value = draft;
  }

  get editing(): boolean {
    return this.#edits !== undefined;
  }

  /** Puts a message into the field to be written anew. */
  edit(mid: string, text: string): void {
    this.#edits = { mid, draft: this.#edits?.draft ?? this.text.value };
    this.#fill(text);
    show(this.#bar, true);
    this.text.focus();
  }

  /** Leaves a message as it was, and goes on with what was in the field. */
  cancel(): void {
    this.#fill(this.#edits?.draft ?? "");
    this.#edits = undefined;
    show(this.#bar, false);
    this.text.focus();
  }

  #fill(text: string): void {
    this.text.value = text;
    this.#fit();
  }

  /** Says what became of something, and whether that is wrong. */
  tell(text: string, wrong: boolean): void {
    tell(this.#error, wrong ? text : "");
    tell(this.#news, wrong ? "" : text);
  }

  // Grows with what is written, up to the limit in the style sheet.
  #fit(): void {
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight}px`;
  }
}
