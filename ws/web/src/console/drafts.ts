// What is typed in a contact and not sent: to the customer, a note for colleagues, or a message written anew. Each is
// kept by itself, with which of them is in the field, so that none ever goes where another was meant to. Pure.

/** Where it goes: to the customer, to colleagues, or in place of what was sent before. */
export type Mode = "reply" | "note" | "edit";

/** What survives a reload of the console. */
export interface KeptDrafts {
  mode: Mode;
  reply: string;
  note: string;
  edit?: { mid: string; text: string } | undefined;
}

/** The drafts of one contact. */
export class Drafts {
  /** Where the caret stood when the field was left for another contact. */
  caret: readonly [from: number, to: number] | undefined;
  #kept: KeptDrafts;

  constructor(kept?: KeptDrafts) {
    this.#kept = { mode: "reply", reply: "", note: "", ...kept };
  }

  get mode(): Mode {
    return this.#kept.mode;
  }

  /** What is in the field. */
  get text(): string {
    const { mode, reply, note, edit } = this.#kept;
    return mode === "edit" ? (edit?.text ?? "") : mode === "note" ? note : reply;
  }

  /** Which message is written anew. */
  get edited(): string | undefined {
    return this.#kept.mode === "edit" ? this.#kept.edit?.mid : undefined;
  }

  write(text: string): void {
    const { mode, edit } = this.#kept;
    if (mode === "edit") this.#kept = { ...this.#kept, edit: edit && { ...edit, text } };
    else this.#kept = { ...this.#kept, [mode]: text };
  }

  /** Turns to the customer or to colleagues; a message that was written anew stays as it was sent. */
  turn(mode: "reply" | "note"): void {
    this.#kept = { ...this.#kept, mode, edit: undefined };
  }

  /** A note that was not kept stands before what was written since. */
  giveBack(note: string): void {
    this.#kept = { ...this.#kept, note: [note, this.#kept.note].filter(Boolean).join("\n") };
  }

  edit(mid: string, text: string): void {
    this.#kept = { ...this.#kept, mode: "edit", edit: { mid, text } };
  }

  /** Empties all of them, and returns what they were. */
  take(): KeptDrafts {
    const taken = this.#kept;
    this.#kept = { mode: "reply", reply: "", note: "" };
    return taken;
  }

  kept(): KeptDrafts {
    return this.#kept;
  }
}
