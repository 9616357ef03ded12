// What is typed in dialogs about contacts and customers and not sent: kept over Escape, a reload and the end of a sign-in.

import { signal } from "@preact/signals";
import { store, stored } from "../signing/stored";

const KEPT = "tandem.typed";

/** Texts, by dialog and interaction or record of a customer, with the customers' names. */
export type Typed = Record<string, { name: string; text: string }>;

export const typed = signal(stored<Typed>(KEPT) ?? {});

const OF_CUSTOMER = "customer:";

/** Names the record of a customer, who does not go as a contact does. */
export function recordOf(customer: string): string {
  return OF_CUSTOMER + customer;
}

export function textIn(is: string, about: string): string {
  return typed.value[`${is} ${about}`]?.text ?? "";
}

/** Something is typed in a dialog, or nothing any more. */
export function typeIn(is: string, about: string, name: string, text: string): void {
  const { [`${is} ${about}`]: _, ...rest } = typed.value;
  write(text.trim() ? { ...rest, [`${is} ${about}`]: { name, text } } : rest);
}

/** Names the records of two customers that are to be one. */
export function recordsOf(kept: string, joined: string): string {
  return `${recordOf(kept)}+${joined}`;
}

/** What is typed goes out; what is returned puts it back. What was typed meanwhile stays: behind it where its field was `emptied`, else in its stead. */
export function takeOut(is: string, about: string, emptied = false): () => void {
  const { name = "", text = "" } = typed.value[`${is} ${about}`] ?? {};
  typeIn(is, about, name, "");
  return () => {
    const meanwhile = textIn(is, about);
    if (!meanwhile) typeIn(is, about, name, text);
    else if (emptied) typeIn(is, about, name, `${text} ${meanwhile}`);
  };
}

/** Takes out what was typed about contacts that are gone. */
export function takeGone(held: ReadonlySet<string>): { name: string; text: string }[] {
  const isGone = (about: string) => !about.startsWith(OF_CUSTOMER) && !held.has(about);
  const gone = Object.keys(typed.value).filter((key) => isGone(key.split(" ")[1] ?? ""));
  if (gone.length === 0) return [];
  const taken = gone.map((key) => typed.value[key]!);
  write(Object.fromEntries(Object.entries(typed.value).filter(([key]) => !gone.includes(key))));
  return taken;
}

/** What was typed is not for whoever comes next. */
export function forgetTyped(): void {
  write({});
}

function write(all: Typed): void {
  typed.value = all;
  store(KEPT, all);
}
