// Customers, what they said about contact, and merging, as `/api/v1/customers` and `/api/v1/consents` have it.

import { signal } from "@preact/signals";
import { ask, query } from "./api";
import { search, type Found } from "./history";
import { NOTHING } from "./sought";

/** One customer, with everything that was merged into them. */
export interface Customer {
  customer: string;
  merged: string[];
  name: string | null;
  number: string | null;
  mail: string | null;
  verified: string | null;
  value: number;
  familiar: string | null;
  known_at: number;
  identities: { kind: string; system?: string; value: string; leads: boolean }[];
  merges: Merge[];
  notes: { at: number; author: string; agent: string | null; program: string | null; text: string }[];
  interactions: Found[];
  erased?: { at: number };
}

/** One merge. */
export interface Merge {
  kept: string;
  merged: string;
  at: number;
  agent: string | null;
  program: string | null;
  reason: string;
  undone_at: number | null;
  /** Who took it back. */
  undone_agent: string | null;
  undone_program: string | null;
  undone_reason: string | null;
}

/** What a statement is about. */
export type ContactChannel = "voice" | "chat" | "mail";

/** What can be stated. */
export type Statement = "given" | "withdrawn" | "suppressed" | "unsuppressed";

/** What was said last. */
export interface Mark {
  allows: boolean;
  at: number;
  source: string;
  reason: string | null;
  until: number | null;
}

/** How it stands with one way of contact. */
export interface Standing {
  channel: ContactChannel;
  allowed: boolean;
  reason: string | null;
  consent: Mark | null;
  suppression: Mark | null;
}

/** One statement of the past. */
export interface Said {
  at: number;
  channel: ContactChannel;
  change: Statement;
  source: string;
  reason: string | null;
  until: number | null;
  agent: string | null;
  program: string | null;
}

/** How often news came of what was said of each customer. */
export const restated = signal<ReadonlyMap<string, number>>(new Map());

/** Notes that it may stand otherwise with these. */
export function restate(customers: readonly string[]): void {
  const next = new Map(restated.value);
  for (const each of customers) next.set(each, (next.get(each) ?? 0) + 1);
  restated.value = next;
}

export function nameIn({ name, number, mail }: Customer, unnamed: string): string {
  return name || number || mail || unnamed;
}

export function fetchCustomer(customer: string): Promise<Customer> {
  return ask("GET", `/api/v1/customers/${customer}`);
}

export function addNote(customer: string, text: string): Promise<unknown> {
  return ask("POST", `/api/v1/customers/${customer}/notes`, { text });
}

export async function standings(customer: string): Promise<Standing[]> {
  return (await ask<{ channels: Standing[] }>("GET", `/api/v1/consents/customer:${customer}`)).channels;
}

export async function saidOf(customer: string): Promise<Said[]> {
  return (await ask<{ history: Said[] }>("GET", `/api/v1/consents/customer:${customer}/history?limit=50`)).history;
}

export function state(customer: string, channel: ContactChannel, change: Statement, reason: string, until: number | undefined): Promise<unknown> {
  return ask("PUT", `/api/v1/consents/customer:${customer}`, { channel, change, reason: reason || null, until: until ?? null });
}

export function merge(kept: string, other: string, reason: string): Promise<unknown> {
  return ask("POST", `/api/v1/customers/${kept}/merge`, { customer: other, reason });
}

export function unmerge(merged: string, reason: string): Promise<unknown> {
  return ask("POST", `/api/v1/customers/${merged}/unmerge`, { reason });
}

/** Finds customers by what a person may type: a record's id, a number, a mail address, `system:id`, or a name. */
export async function findCustomers(clue: string): Promise<Customer[]> {
  const ids = new Set(await idsBy(clue));
  return Promise.all([...ids].slice(0, 10).map(fetchCustomer));
}

async function idsBy(clue: string): Promise<string[]> {
  if (/^[0-9a-f]{32}$/.test(clue)) return [clue];
  const digits = clue.replace(/[\s()/-]/g, "");
  if (/^\+?\d{3,}$/.test(digits)) return (await by({ number: digits })).concat(await ofInteractions({ number: digits }));
  if (clue.includes("@")) return (await by({ mail: clue })).concat(await ofInteractions({ mail: clue }));
  if (/^\w+:\S+$/.test(clue)) return by({ external: clue });
  return ofInteractions({ name: clue });
}

async function by(clue: Record<string, string>): Promise<string[]> {
  const { customers } = await ask<{ customers: Customer[] }>("GET", `/api/v1/customers${query(clue)}`);
  return customers.map(({ customer }) => customer);
}

async function ofInteractions(wanted: { name?: string; mail?: string; number?: string }): Promise<string[]> {
  return (await search({ ...NOTHING, ...wanted })).body.map(({ customer }) => customer);
}
