// Who works here, as `/api/v1/agents` lists them, and what they are called: the daemon's roster is where every view takes names from.

import { signal } from "@preact/signals";
import type { TransferTo } from "../generated/protocol";
import { page, query, type Page } from "./api";

/** An agent as `/api/v1/agents` lists them. */
export interface Colleague {
  agent: string;
  name: string;
  presence: { is: "ready" } | { is: "away"; reason: string } | { is: "gone" };
}

/** How many pages of 200 agents are fetched at most. */
const PAGES = 25;
/** How soon the roster is asked again for somebody who is not on it. */
const ANEW = 60_000;

const names = signal<ReadonlyMap<string, string>>(new Map());
let asked = Number.NEGATIVE_INFINITY;

/** Lists agents by name, of one queue when it is named. */
export async function colleagues(queue = ""): Promise<Colleague[]> {
  const all: Colleague[] = [];
  let at: string | undefined = `/api/v1/agents${query({ queue, limit: 200 })}`;
  for (let n = 0; at !== undefined && n < PAGES; n++) {
    const found: Page<{ agents: Colleague[] }> = await page(at);
    all.push(...found.body.agents);
    at = found.next;
  }
  names.value = new Map([...names.peek(), ...all.map(({ agent, name }): [string, string] => [agent, name])]);
  return all;
}

/** Returns what an agent is called; `otherwise`, or the id, until the roster is there and for who is not on it. */
export function agentNamed(agent: string, otherwise = agent): string {
  const name = names.value.get(agent);
  if (name === undefined && performance.now() - asked > ANEW) {
    asked = performance.now();
    // Where the roster cannot be had, ids are shown, and it is asked for again later.
    void colleagues().catch(() => undefined);
  }
  return name || otherwise;
}

/** Returns what is shown of whom a call goes to. */
export function goalNamed(to: TransferTo): string {
  if ("agent" in to) return agentNamed(to.agent);
  return "queue" in to ? to.queue : to.number;
}
