// An earlier interaction, opened from a customer's card.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { dayTime, span } from "../../text/when";
import { session } from "../model";
import { fetchRecord, type InteractionRecord } from "../record";
import { authorName, told } from "../told";
import { lang, words } from "../words";
import { close, Modal } from "./Modal";

export function RecordDialog({ interaction }: { interaction: string }) {
  const record = useSignal<InteractionRecord | undefined>(undefined);
  const failure = useSignal("");
  useEffect(() => {
    fetchRecord(interaction, session.value?.token ?? "").then(
      (found) => (record.value = found),
      (error: Error) => (failure.value = error.message),
    );
  }, [interaction]);
  return (
    <Modal title={words.recordTitle} wide>
      {failure.value && (
        <p class="error" role="alert">
          {words.recordFailed} {failure}
        </p>
      )}
      {!failure.value && !record.value && <p role="status">{words.loading}</p>}
      {record.value && <Shown record={record.value} />}
      <div class="buttons">
        <button type="button" class="quiet" autofocus onClick={close}>
          {words.close}
        </button>
      </div>
    </Modal>
  );
}

function Shown({ record }: { record: InteractionRecord }) {
  const when = (at: number | null) => (at === null ? words.none : dayTime(at, Date.now(), lang));
  const agents = record.assignments.map(({ name, disposition, note }) => [name, disposition, note].filter(Boolean).join(": ")).join("; ");
  return (
    <div class="record" tabIndex={0} role="region" aria-label={words.recordTitle} data-testid="record">
      <dl class="facts">
        <Fact label={words.interaction} value={record.interaction} mono />
        <Fact label={words.opened} value={when(record.opened_at)} />
        <Fact label={words.sealed} value={when(record.sealed_at)} />
        <Fact label={words.queue} value={record.queue ?? words.none} />
        <Fact label={words.assignments} value={agents || words.none} />
        <Fact label={words.outcome} value={record.outcome || words.none} />
      </dl>
      {record.legs.length > 0 && (
        <>
          <h3>{words.legs}</h3>
          <ul class="legs">
            {record.legs.map((leg) => (
              <li key={leg.leg}>
                {[named(leg.kind), leg.who, named(leg.cause), lasted(leg.started_at, leg.ended_at), named(leg.reason)].filter(Boolean).join(" · ")}
              </li>
            ))}
          </ul>
        </>
      )}
      <h3>{words.timeline}</h3>
      <ol>
        {record.timeline.map((entry) => (
          <li key={entry.seq}>
            <time>{when(entry.at)}</time>
            {entry.what === "message" ? (
              <p>
                <strong>{authorName(entry.from)}:</strong> {entry.text}
              </p>
            ) : (
              <p class="told">{told(entry)}</p>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}

function Fact({ label, value, mono = false }: { label: string; value: string; mono?: boolean }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd class={mono ? "mono" : undefined}>{value}</dd>
    </div>
  );
}

// Words the catalogue does not know are shown as the server wrote them.
function named(word: string): string {
  return words.legWords[word] ?? word.replaceAll("_", " ");
}

function lasted(from: number | null, to: number | null): string {
  return from !== null && to !== null ? span(to - from) : "";
}
