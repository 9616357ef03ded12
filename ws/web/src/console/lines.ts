// The lines of an agent's contacts, and the words that are left when one is gone. Pure.

import type { Contact, Desk } from "../generated/protocol";
import type { Action } from "./asks";
import { LeftWords, type Left } from "./left";
import { Line, type KeptLine } from "./line";

/** The lines, by interaction. */
export class Lines extends Map<string, Line> {
  /** The run of the server whose timelines they are. */
  epoch = "";
  readonly left: LeftWords;
  // Lines of before a reload whose contacts the server has not named yet.
  readonly #kept: Map<string, KeptLine>;
  // Contacts that went while their wrap-up was on its way out, with the customers' names.
  readonly #finishing = new Map<string, string>();

  constructor(kept: Record<string, KeptLine>, left: readonly Left[]) {
    super();
    this.#kept = new Map(Object.entries(kept));
    this.left = new LeftWords(left);
  }

  /** Returns the line of an interaction, a new one where there is none. */
  of(interaction: string): Line {
    const known = this.get(interaction);
    if (known) return known;
    const line = new Line(interaction, this.epoch, this.#kept.get(interaction));
    this.#kept.delete(interaction);
    this.set(interaction, line);
    return line;
  }

  /** The server says what there is: all else is gone. */
  replace({ contacts, supervised }: Desk): void {
    const held = new Set([...contacts, ...(supervised ?? [])].map(({ interaction }) => interaction));
    for (const interaction of [...this.keys(), ...this.#kept.keys()]) if (!held.has(interaction)) this.part(interaction);
    for (const interaction of held) this.of(interaction);
    for (const contact of contacts) this.hold(contact);
  }

  /** Keeps the lines of what is held or overseen: one that is overseen is read on the board, and kept here for a chat that is taken over, and becomes a
   *  contact without coming anew. */
  keep(held: readonly { interaction: string }[]): void {
    const named = new Set(held.map(({ interaction }) => interaction));
    for (const interaction of this.keys()) if (!named.has(interaction)) this.delete(interaction);
  }

  /** Follows what the server says of a contact: once it is over only the wrap-up is left to write. */
  hold({ interaction, card, whispers, wrap_up_until: until }: Contact): void {
    const line = this.of(interaction);
    line.heeded = Math.min(line.heeded, whispers?.length ?? 0);
    line.name = card.name || card.number || card.mail || "";
    if (until === null) return;
    line.outbox.close("");
    this.left.takeDrafts(line);
  }

  /** A contact is gone, perhaps while its wrap-up was on its way out: what was typed in it stays by itself. */
  part(interaction: string, finishing = false): void {
    const line = this.of(interaction);
    this.left.takeLine(line, finishing);
    if (finishing) this.#finishing.set(interaction, line.name);
    this.delete(interaction);
  }

  /** A wrap-up was kept, or not; where its contact is still there it is still in the field. */
  handleFinished({ interaction, disposition, note }: Extract<Action, { op: "wrap_up" }>, kept: boolean): void {
    const name = this.#finishing.get(interaction);
    this.#finishing.delete(interaction);
    if (name !== undefined && !kept) this.left.takeWrapUp(name, { disposition: disposition ?? "", note: note ?? "" });
  }

  /** Wrap-ups that have to go out, and when by the server's clock. */
  due(contacts: readonly Contact[]): { line: Line; until: number; at: number }[] {
    return contacts.flatMap(({ interaction, wrap_up_until: until }) => {
      const line = this.get(interaction);
      const at = until === null ? undefined : line?.wrapUp.due(until);
      return line && until !== null && at !== undefined ? [{ line, until, at }] : [];
    });
  }

  handleTooLong(text: string): void {
    for (const line of this.values()) line.outbox.handleTooLong(text);
  }

  handleLost(): void {
    for (const line of this.values()) line.handleLost();
  }

  handleTimeout(now: number): void {
    for (const line of this.values()) line.handleTimeout(now);
  }

  pollTimeouts(live: boolean): number[] {
    return [...this.values()].flatMap((line) => line.pollTimeouts(live));
  }

  /** Returns what has to survive a reload. */
  kept(): Record<string, KeptLine> {
    const lines = [...this].map(([interaction, line]) => [interaction, line.kept()] as const);
    return Object.fromEntries([...this.#kept, ...lines]);
  }
}
