// The recordings of an interaction in its record: heard by who may, and a sentence for what is not there.

import { Player } from "../../../player/Player";
import { reason } from "../../../text/staff";
import { dayTime, span } from "../../../text/when";
import { useLoaded } from "../../loaded";
import { session } from "../../model";
import type { InteractionRecord, Recorded as Recording } from "../../record";
import { anyPath, hearsAll, ownPath } from "../../recordings";
import { lang } from "../../words";
import { recordingWords as words } from "../../words/recordings";
import { Shown } from "../State";

export function Recorded({ record }: { record: InteractionRecord }) {
  if (record.recordings.length === 0 && record.refused_at === null) return null;
  return (
    <section class="recorded" aria-label={words.title} data-testid="recorded">
      <h3>{words.title}</h3>
      {record.refused_at !== null && <p data-testid="recorded-refused">{words.refused(dayTime(record.refused_at, Date.now(), lang))}</p>}
      {record.recordings.length > 0 && (
        <ul>
          {record.recordings.map((each) => (
            <li key={each.n}>
              <One record={record} recording={each} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function One({ record, recording }: { record: InteractionRecord; recording: Recording }) {
  const { n, started_at, pauses, left_at } = recording;
  const name = started_at === null ? words.named(n) : words.since(n, dayTime(started_at, Date.now(), lang));
  return (
    <>
      <h4>{name}</h4>
      {left_at !== null && <p class="told" data-testid="recorded-message">{words.left(dayTime(left_at, Date.now(), lang))}</p>}
      {recording.there ? <Heard record={record} recording={recording} name={name} /> : <p data-testid="recorded-none">{why(recording, record.refused_at !== null)}</p>}
      {recording.there && recording.cut && <p class="told">{words.cut}</p>}
      {recording.there && recording.lost > 0 && <p class="told">{words.missing(span(recording.lost))}</p>}
      {recording.there &&
        pauses.map(({ from, to }) => (
          <p key={from} class="told" data-testid="recorded-paused">
            {to === null ? words.pausedOn(span(from)) : words.paused(span(from), span(to))}
          </p>
        ))}
    </>
  );
}

function Heard({ record, recording, name }: { record: InteractionRecord; recording: Recording; name: string }) {
  const mine = record.assignments.some((stay) => stay.agent === session.value?.agent);
  const may = useLoaded(async () => mine || (await hearsAll()), [mine, record.interaction]);
  const path = (mine ? ownPath : anyPath)(record.interaction, recording.n);
  return (
    <Shown of={may} texts={words}>
      {(allowed) =>
        allowed ? (
          <Player key={path} token={session.value?.token ?? ""} sound={{ path, ms: recording.ms ?? 0, name, mono: recording.left_at !== null }} />
        ) : (
          <p class="told" data-testid="recorded-not-yours">
            {words.notYours}
          </p>
        )
      }
    </Shown>
  );
}

function why(recording: Recording, refused: boolean): string {
  if (recording.failed) return words.lost(reason(recording.failed));
  if (recording.ms === null) return words.goesOn;
  return refused ? words.deletedRefused : words.deleted;
}
