// A sign-in at the server: taken, renewed while its page is open.

import { request } from "./http";

/** Who is signed in, kept for this browser tab only. */
export interface Session {
  token: string;
  agent: string;
  /** When the credential is renewed, by the server's clock; none where the sign-in ends with it. */
  renew_at?: number | undefined;
  /** When the sign-in ends, by the server's clock; none while the credential can be renewed. */
  ends_at?: number | undefined;
}

/** What the server says of it. */
export interface Answer {
  token?: string;
  renew_at?: number | null;
  expires_at?: number;
  detail?: string;
  title?: string;
}

/** How long after a try that failed the next one is. */
const AGAIN = 10_000;
/** How long before the end of a sign-in it is told: time enough to end a sentence and type a password. */
const SOON = 10 * 60_000;

/** Keeps a sign-in going: asks for the next credential once it is time, one request at a time. */
export class Renewal {
  #asking = false;
  #next = 0;

  /** `current` is who is signed in, `renewed` takes what they are from then on. */
  constructor(
    private readonly current: () => Session | undefined,
    private readonly renewed: (session: Session) => void,
  ) {}

  /** Looks whether it is time. */
  async tell(now: number): Promise<void> {
    const was = this.current();
    if (!was?.renew_at || now < was.renew_at || now < this.#next || this.#asking) return;
    this.#asking = true;
    this.#next = now + AGAIN;
    const response = await request(was.token, "POST", "/api/v1/login/renew");
    const answer = response?.ok ? ((await response.json().catch(() => ({}))) as Answer) : {};
    this.#asking = false;
    // Somebody may have signed out meanwhile.
    if (answer.token && this.current() === was) this.renewed(sessionOf(was.agent, answer.token, answer));
  }
}

/** Returns the session that an answer gives. */
export function sessionOf(agent: string, token: string, { renew_at, expires_at }: Answer): Session {
  return { token, agent, renew_at: renew_at ?? undefined, ends_at: renew_at == null ? expires_at : undefined };
}

/** Returns when a sign-in ends, where that is soon. */
export function endsSoon(session: Session | undefined, now: number): number | undefined {
  const ends = session?.ends_at;
  return ends !== undefined && ends - now <= SOON ? ends : undefined;
}
