// What colleagues noted in a contact, and what supervisors whispered to its agent. Never shown to the customer.

import type { Note } from "../../generated/protocol";
import { dayTime } from "../../text/when";
import { now } from "../model";
import { authorName } from "../told";
import { lang } from "../words";
import { handingWords as words } from "../words/handing";
import { Icon } from "./Icon";

export function Notes({ notes = [], whispers = [] }: { notes?: readonly Note[] | undefined; whispers?: readonly Note[] | undefined }) {
  const all = [...notes.map((note) => ({ ...note, whispered: false })), ...whispers.map((note) => ({ ...note, whispered: true }))];
  if (all.length === 0) return null;
  return (
    <ul class="internal" aria-label={words.notes} data-testid="notes">
      {all
        .sort((one, other) => one.at - other.at)
        .map(({ at, by, text, whispered }) => (
          <li key={`${at}${text}`} class={whispered ? "whispered" : ""} data-testid={whispered ? "whisper" : "note"}>
            <Icon name={whispered ? "whisper" : "note"} />
            <p>
              <strong>{whispered ? words.whispers(authorName(by)) : authorName(by)}:</strong> {text} <time>{dayTime(at, now.peek(), lang)}</time>
            </p>
          </li>
        ))}
    </ul>
  );
}
