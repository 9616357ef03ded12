// What was said in a contact, the newest in view, with what was whispered and noted in its place.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { authorName, told } from "../../console/told";
import { revisions } from "../../link/timeline";
import type { Entry, Note } from "../../generated/protocol";
import { clockTime } from "../../text/when";
import { lang, words } from "../words";

/** Who reads further up is not moved. */
const AT_END = 48;
/** What was said before has come when nothing came for so long. */
const SETTLED = 300;

export function Said({ entries, whispers = [], notes = [] }: { entries: readonly Entry[]; whispers?: readonly Note[] | undefined; notes?: readonly Note[] | undefined }) {
  const list = useRef<HTMLOListElement>(null);
  const stuck = useRef(true);
  useLayoutEffect(() => {
    if (stuck.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  });
  // What comes is said to who does not look; what was there before is read as they like. A region that begins to be live with a
  // line does not say that one.
  const last = entries.at(-1)?.seq;
  const [goesOn, goOn] = useState(false);
  useEffect(() => {
    if (goesOn || last === undefined) return;
    const settled = setTimeout(() => goOn(true), SETTLED);
    return () => clearTimeout(settled);
  }, [goesOn, last]);
  const revised = revisions(entries);
  const beside = (all: readonly Note[], is: "whispered" | "noted") => all.map((note) => ({ at: note.at, entry: undefined, note, is }));
  const lines = [...entries.map((entry) => ({ at: entry.at, entry, note: undefined, is: undefined })), ...beside(whispers, "whispered"), ...beside(notes, "noted")];
  lines.sort((one, other) => one.at - other.at);
  return (
    <ol
      ref={list}
      class="said"
      tabIndex={0}
      aria-label={words.watchLog}
      aria-live={goesOn ? "polite" : "off"}
      onScroll={({ currentTarget: box }) => (stuck.current = box.scrollHeight - box.scrollTop - box.clientHeight < AT_END)}
    >
      {lines.map(({ at, entry, note, is }) => (
        <li key={entry ? entry.seq : `${is}${at}${note.text}`} class={note ? "whispered" : entry.what === "message" ? "" : "event"}>
          <time class="quietly" dateTime={new Date(at).toISOString()}>
            {clockTime(at, lang)}
          </time>
          {note ? (
            <p data-testid={is}>
              <strong>{words[is](authorName(note.by))}:</strong> {note.text}
            </p>
          ) : entry.what === "message" ? (
            <p>
              <strong>{authorName(entry.from)}:</strong> {now(entry.text, revised.get(entry.seq))}
            </p>
          ) : (
            <p>{told(entry, entries)}</p>
          )}
        </li>
      ))}
    </ol>
  );
}

// Supervisors see what was said first, too; where it was written anew, that stands below in its place.
function now(text: string, revision: { text: string | undefined } | undefined): string {
  return revision && revision.text === undefined ? words.takenBack(text) : text;
}
