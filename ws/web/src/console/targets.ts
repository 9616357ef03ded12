// Who and what a contact can go to: colleagues and the queues of the house.

import { ask } from "./api";
import { colleagues, type Colleague } from "./roster";

/** A queue as `/api/v1/queues` lists it. */
export interface Queue {
  queue: string;
  /** How many wait in it. */
  waiting: number;
}

/** Whom and what there is. */
export interface Targets {
  agents: Colleague[];
  queues: Queue[];
}

const ORDER = { ready: 0, away: 1, gone: 2 };

/** Fetches all colleagues, those who are ready first, and all queues of the house, `own` first. */
export async function targets(own: readonly string[]): Promise<Targets> {
  const [agents, { queues }] = await Promise.all([colleagues(), ask<{ queues: Queue[] }>("GET", "/api/v1/queues")]);
  const byPresence = agents.toSorted((a, b) => ORDER[a.presence.is] - ORDER[b.presence.is]);
  return { agents: byPresence, queues: queues.toSorted((a, b) => Number(own.includes(b.queue)) - Number(own.includes(a.queue))) };
}
