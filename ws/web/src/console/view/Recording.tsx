// The recording of a call: what can be done about it while it is made, and hearing it afterwards.

import { Player } from "../../player/Player";
import type { Contact, Record } from "../../generated/protocol";
import { act, live, pending, session } from "../model";
import { numberOf, ownPath } from "../recordings";
import { words } from "../words";
import { recordingWords } from "../words/recordings";

/** What one and the same button does, which keeps the keyboard. */
const TURNS: { [state in NonNullable<Contact["recording"]>]?: [Record, string] } = {
  idle: ["start", words.record],
  announced: ["pause", words.recordPause],
  running: ["pause", words.recordPause],
  paused: ["resume", words.recordResume],
};

export function RecordingActions({ contact }: { contact: Contact }) {
  const { interaction, recording } = contact;
  const waits = !live.value || pending.value.has(`record:${interaction}`);
  const button = (does: Record, text: string) => (
    <button type="button" class="quiet" disabled={waits} onClick={() => act({ op: "record", interaction, act: does })} data-testid={`record-${does}`}>
      {text}
    </button>
  );
  if (recording === undefined) return null;
  const turn = TURNS[recording];
  return (
    <span class="actions" data-testid="recording" data-recording={recording}>
      <span role="status">{words.recordingIs[recording]}</span>
      {turn && (
        <button key="turn" type="button" class="quiet" disabled={waits} onClick={() => act({ op: "record", interaction, act: turn[0] })} data-testid={`record-${turn[0]}`}>
          {turn[1]}
        </button>
      )}
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
      {recordings.map(({ recording, ms }, at) => (
        <Player key={recording} token={session.value?.token ?? ""} sound={{ path: ownPath(contact.interaction, numberOf(recording)), ms, name: recordingWords.named(at + 1), mono: recording === contact.voicemail?.recording }} />
      ))}
    </div>
  );
}
