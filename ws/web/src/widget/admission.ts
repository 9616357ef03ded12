// How a page's visitor is let in: as who the website says they are, and as nobody where that does not hold.

/** Whoever asks is not let in, however often they ask. */
export class Refused extends Error {}

/** Returns a credential. An identity that is not taken is told of by `disown`, and nobody in particular is let in instead; throws
 *  {@link Refused} where they are not, and another error where asking again may help. */
export async function admit(ask: (identity: string | undefined) => Promise<Response>, identity: string | undefined, disown: (why: string) => void): Promise<string> {
  const answer = await ask(identity);
  if (answer.ok) return String((await answer.json())["token"]);
  const { status } = answer;
  if (status >= 500 || status === 429 || status === 408) throw new Error(`${status}`);
  const told: { detail?: unknown } = await answer.json().catch(() => ({}));
  const why = `${status} ${told.detail ?? ""}`.trim();
  if (identity === undefined || (status !== 401 && status !== 422)) throw new Refused(why);
  disown(why);
  return admit(ask, undefined, disown);
}
