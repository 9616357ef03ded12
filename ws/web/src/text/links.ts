// Finds the web addresses in what people wrote.

/** A piece of text; `href` is set when it is an address. */
export interface Piece {
  text: string;
  href?: string;
}

/** Splits text into plain pieces and addresses; only http and https count. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/gi)) {
    if (match.index > from) found.push({ text: text.slice(from, match.index) });
    found.push({ text: match[0], href: match[0] });
    from = match.index + match[0].length;
  }
  if (from < text.length) found.push({ text: text.slice(from) });
  return found;
}
