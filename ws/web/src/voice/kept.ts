// What a tab keeps of its page's call: the page that it loads next goes on with the call by itself, a copy of the tab does not.

/** A call that a tab was in. */
export interface Kept {
  leg: string;
  /** Whether the page that was in it was left. A copy of a tab is made while its page is still there. */
  left: boolean;
  /** Whether nothing is to be heard of its microphone. */
  muted: boolean;
  /** Whether another page has it. */
  away: boolean;
}

/** Puts it into what is kept. */
export function noted({ leg, left, muted, away }: Kept): string {
  return [leg, left && "left", muted && "muted", away && "away"].filter(Boolean).join(" ");
}

/** Reads what was kept. */
export function recalled(text: string): Kept {
  const [leg = "", ...marks] = text.split(" ");
  return { leg, left: marks.includes("left"), muted: marks.includes("muted"), away: marks.includes("away") };
}
