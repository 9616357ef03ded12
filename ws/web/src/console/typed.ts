// What is typed in dialogs about contacts and not sent: kept over Escape, a reload and the end of a sign-in.

import { signal } from "@preact/signals";

const KEPT = "tandem.typed";

/** Texts, by dialog and interaction, with the customers' names. */
export type Typed = Record<string, { name: string; text: string }>;

export const typed = signal<Typed>(read());

export function textIn(is: string, interaction: string): string {
  return typed.value[`${is} ${interaction}`]?.text ?? "";
}

/** Something is typed in a dialog, or nothing any more. */
export function typeIn(is: string, interaction: string, name: string, text: string): void {
  const { [`${is} ${interaction}`]: _, ...rest } = typed.value;
  write(text.trim() ? { ...rest, [`${is} ${interaction}`]: { name, text } } : rest);
}

/** Takes out what was typed about contacts that are gone. */
export function takeGone(held: ReadonlySet<string>): { name: string; text: string }[] {
  const gone = Object.keys(typed.value).filter((key) => !held.has(key.split(" ")[1] ?? ""));
  if (gone.length === 0) return [];
  const taken = gone.map((key) => typed.value[key]!);
  write(Object.fromEntries(Object.entries(typed.value).filter(([key]) => !gone.includes(key))));
  return taken;
}

/** What was typed is not for whoever comes next. */
export function forgetTyped(): void {
  write({});
}

function read(): Typed {
  try {
    return (JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Typed | null) ?? {};
  } catch {
    return {};
  }
}

function write(all: Typed): void {
  typed.value = all;
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(all));
  } catch {
    // Then it is kept until the page is left.
  }
}
