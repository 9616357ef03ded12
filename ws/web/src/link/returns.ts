// Sign-ins that were given back, until the server has them.

import { claimed } from "./claims";
import { request } from "./http";

const KEPT = "tandem.returns";
/** How long after a try that failed the next one is. */
const AGAIN = 10_000;

let asking = false;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Gives a sign-in back; where the server cannot be reached, as soon as it can be, also after a reload. */
export function giveBack({ token }: { token: string }): void {
  keep([...kept(), token]);
  void giveBackKept(token);
}

/** Gives back what was left of before, now and whenever the network is there again; called once a page. */
export function giveBackLeft(): void {
  addEventListener("online", () => void giveBackKept());
  void giveBackKept();
}

// `also` goes out where this browser keeps nothing.
async function giveBackKept(also?: string): Promise<void> {
  if (asking) return;
  asking = true;
  clearTimeout(timer);
  const tokens = new Set([...kept(), ...(also === undefined ? [] : [also])]);
  for (const token of tokens) {
    const response = await request(token, "DELETE", "/api/v1/login");
    // Who is not let in is signed out. What else answers stands between it and the server.
    if (response && [204, 401, 403].includes(response.status)) keep(kept().filter((each) => each !== token));
  }
  asking = false;
  if (kept().some((token) => !tokens.has(token))) return giveBackKept();
  if (kept().length > 0) timer = setTimeout(() => void giveBackKept(), AGAIN);
}

function kept(): string[] {
  try {
    const tokens: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(tokens) ? tokens.filter((token) => typeof token === "string" && !isOver(token)) : [];
  } catch {
    return [];
  }
}

// One that is good for nothing any more lies nowhere.
function isOver(token: string): boolean {
  const exp = claimed(token)?.exp;
  return exp !== undefined && exp * 1_000 < Date.now();
}

function keep(tokens: readonly string[]): void {
  try {
    if (tokens.length > 0) localStorage.setItem(KEPT, JSON.stringify(tokens));
    else localStorage.removeItem(KEPT);
  } catch {
    // Then it is tried once, and the sign-in ends by itself.
  }
}
