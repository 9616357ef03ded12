// Replies that agents insert instead of typing them. Pure, but for fetching them.

/** One configured reply in one language. */
export interface Reply {
  name: string;
  queues: string[];
  language: string;
  text: string;
}

/** What placeholders stand for in a contact. */
export interface Filling {
  customer: string;
  agent: string;
  queue: string;
}

/** Returns what was typed after a slash at the begin of a draft, nothing when the draft is no search for a reply. */
export function asked(draft: string): string | undefined {
  return /^\/([a-z0-9-]*)$/i.exec(draft)?.[1]?.toLowerCase();
}

/** Returns the replies of a queue that fit what was typed: by name first, then by text; the agent's own language in front. */
export function fitting(replies: readonly Reply[], queue: string, typed: string, language: string): Reply[] {
  const of = replies.filter(({ queues }) => queues.length === 0 || queues.includes(queue));
  const rank = ({ name, text, language: in_ }: Reply) => (name.startsWith(typed) ? 0 : text.toLowerCase().includes(typed) ? 2 : 4) + (in_ === language ? 0 : 1);
  return of.filter((reply) => rank(reply) < 4).sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

/** Fills the placeholders in; one that nothing is known for goes, with the space before it. */
export function filled(text: string, filling: Filling): string {
  return text.replace(/ ?\{(customer|agent|queue)\}/g, (whole, word: keyof Filling) => {
    const value = filling[word];
    if (!value) return "";
    return whole.startsWith(" ") ? ` ${value}` : value;
  });
}
