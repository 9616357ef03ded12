// What colleagues noted in a contact. Never shown to the customer.

import type { Note } from "../../protocol";
import { dayTime } from "../../text/when";
import { now } from "../model";
import { authorName } from "../told";
import { lang } from "../words";
import { handingWords as words } from "../words/handing";
import { Icon } from "./Icon";

export function Notes({ notes }: { notes: readonly Note[] | undefined }) {
  if (!notes || notes.length === 0) return null;
  return (
    <ul class="internal" aria-label={words.notes} data-testid="notes">
      {notes.map(({ at, by, text }) => (
        <li key={`${at}${text}`}>
          <Icon name="note" />
          <p>
            <strong>{authorName(by)}:</strong> {text} <time>{dayTime(at, now.peek(), lang)}</time>
          </p>
        </li>
      ))}
    </ul>
  );
}
