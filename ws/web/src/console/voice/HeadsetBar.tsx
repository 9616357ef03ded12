// Where calls ring, and the call at this console.

import type { Consulted, Headset, HeadsetCall } from "../../generated/protocol";
import { shown } from "../../voice/meter";
import type { Talk } from "../../voice/talk";
import { Icon } from "../view/Icon";
import { callsOf } from "./calls";
import { beat, choose, held, mute, take, trouble, wanted } from "./headset";
import { voiceWords as words } from "./words";

/** Whether calls ring at the phone or here. */
export function Where({ headset, live }: { headset: Headset | undefined; live: boolean }) {
  if (!("RTCPeerConnection" in window)) return null;
  const on = headset?.on ?? false;
  return (
    <button type="button" class="ghost small" aria-pressed={wanted.value} disabled={!live} onClick={() => void choose(!wanted.value)} title={on ? words.headset : words.phone} aria-label={words.headset} data-on={on} data-testid="headset">
      <Icon name="headset" />
    </button>
  );
}

/** The calls here; one that a colleague asks about is the colleague's. */
export function HeadsetBar({ headset, live, asked }: { headset: Headset | undefined; live: boolean; asked?: Consulted | undefined }) {
  const calls = callsOf(headset, asked);
  if (calls.length === 0 && !trouble.value) return null;
  return (
    <section class="headset" aria-label={words.region} tabIndex={-1} data-keeps="self" data-testid="headset-bar">
      {trouble.value && (
        <p class="error" role="alert" data-testid="headset-trouble">
          {trouble.value}
        </p>
      )}
      {calls.map((call) => (held.value?.leg === call.leg ? <Held key={call.leg} call={call} talk={held.value.talk} live={live} /> : <Ringing key={call.leg} call={call} live={live} />))}
    </section>
  );
}

function nameOf({ name, number }: HeadsetCall): string {
  return name || number || words.unnamed;
}

function Ringing({ call, live }: { call: HeadsetCall; live: boolean }) {
  return (
    <div class="ringing">
      <strong role="status">{call.taken ? words.elsewhere(nameOf(call)) : words.rings(nameOf(call))}</strong>
      <Take call={call} live={live} />
    </div>
  );
}

function Take({ call, live }: { call: HeadsetCall; live: boolean }) {
  return (
    <button type="button" class="primary" disabled={!live} onClick={() => void take(call.leg)} data-testid="answer">
      {call.taken ? words.takeHere : words.answer}
    </button>
  );
}

const FIRST = { denied: "allowFirst", missing: "connectFirst", failed: "freeFirst" } as const;

function Held({ call, talk, live }: { call: HeadsetCall; talk: Talk; live: boolean }) {
  void beat.value;
  if (talk.state.is === "refused") {
    return (
      <div class="ringing" data-state={talk.state.is} data-testid="held">
        <strong role="status">{call.taken ? words.connected(nameOf(call)) : words.rings(nameOf(call))}</strong>
        <Take call={call} live={live} />
        <p class="error" role="alert" data-testid="held-refused">
          {words[FIRST[talk.state.why]]}
        </p>
      </div>
    );
  }
  const warning = talk.silent ? words.silent : talk.deaf && call.taken ? words.deaf : "";
  const state = talk.state.is === "lost" ? words.lost : talk.state.is === "asking" ? words.asking : call.taken ? words.connected(nameOf(call)) : words.connecting;
  return (
    <div class="held" data-state={talk.state.is} data-testid="held">
      <strong role="status">{state}</strong>
      <meter min={0} max={100} value={talk.muted ? 0 : shown(talk.level)} aria-label={words.level} data-testid="level" />
      <button type="button" class="quiet" aria-pressed={talk.muted} onClick={() => mute(!talk.muted)} data-testid="mic">
        {talk.muted ? words.micOn : words.micOff}
      </button>
      <Devices label={words.mic} list={talk.microphones} chosen={talk.chosen.microphone} use={(id) => void talk.useMicrophone(id)} />
      {talk.hasSpeakers && <Devices label={words.speaker} list={talk.speakers} chosen={talk.chosen.speaker} use={(id) => void talk.useSpeaker(id)} />}
      {warning && <p role="alert">{warning}</p>}
    </div>
  );
}

function Devices({ label, list, chosen, use }: { label: string; list: MediaDeviceInfo[]; chosen: string; use: (id: string) => void }) {
  if (list.length < 2) return null;
  return (
    <label>
      <span class="hush">{label}</span>
      <select value={chosen || list[0]?.deviceId} onChange={(event) => use(event.currentTarget.value)}>
        {list.map(({ deviceId, label: name }, at) => (
          <option key={deviceId} value={deviceId}>
            {name || `${label} ${at + 1}`}
          </option>
        ))}
      </select>
    </label>
  );
}
