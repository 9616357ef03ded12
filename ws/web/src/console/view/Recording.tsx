// The recording of a call: what can be done about it while it is made, and hearing it afterwards.

import { useEffect, useState } from "preact/hooks";
import type { Contact, Record, Recording } from "../../protocol";
import { span } from "../../text/when";
import { act, live, pending, session } from "../model";
import { words } from "../words";

export function RecordingActions({ contact }: { contact: Contact }) {
  const { interaction, recording } = contact;
  const button = (does: Record, text: string) => (
    <button type="button" class="quiet" disabled={!live.value || pending.value.has(`record:${interaction}`)} onClick={() => act({ op: "record", interaction, act: does })} data-testid={`record-${does}`}>
      {text}
    </button>
  );
  if (recording === undefined) return null;
  return (
    <span class="actions" data-testid="recording" data-recording={recording}>
      {recording !== "idle" && <span role="status">{words.recordingIs[recording]}</span>}
      {recording === "idle" && button("start", words.record)}
      {recording === "running" && button("pause", words.recordPause)}
      {recording === "paused" && button("resume", words.recordResume)}
      {(recording === "running" || recording === "paused") && button("stop", words.recordStop)}
      {recording !== "idle" && recording !== "refused" && button("refuse", words.recordRefused)}
    </span>
  );
}

export function Recordings({ contact }: { contact: Contact }) {
  const { recordings = [] } = contact;
  if (recordings.length === 0) return null;
  return (
    <div class="recordings" role="group" aria-label={words.recordings} data-testid="recordings">
      {recordings.map((recording) => (
        <Player key={recording.recording} interaction={contact.interaction} recording={recording} />
      ))}
    </div>
  );
}

// The sound needs the agent's credential, so it is fetched when it is asked for and played from memory.
function Player({ interaction, recording }: { interaction: string; recording: Recording }) {
  const [source, setSource] = useState<string | undefined>(undefined);
  const [failed, setFailed] = useState(false);
  useEffect(() => () => void (source && URL.revokeObjectURL(source)), [source]);
  const number = recording.recording.split(".r").at(-1) ?? "";
  const load = async () => {
    const agent = session.value?.agent ?? "";
    const path = `/api/v1/agents/${encodeURIComponent(agent)}/contacts/${interaction}/recordings/${number}`;
    const answer = await fetch(path, { headers: { authorization: `Bearer ${session.value?.token ?? ""}` } }).catch(() => undefined);
    if (answer?.ok) setSource(URL.createObjectURL(await answer.blob()));
    setFailed(!answer?.ok);
  };
  if (source) return <audio controls autoplay src={source} data-testid="player" />;
  return (
    <>
      <button type="button" class="quiet" onClick={() => void load()} data-testid="listen">
        {words.recordingListen(span(recording.ms))}
      </button>
      {failed && <span role="alert">{words.recordingFailed}</span>}
    </>
  );
}
