// Calls at this console or board: whether they ring here, and the one that is held here. What makes sound is loaded with the
// first call.

import { signal } from "@preact/signals";
import type { AgentVoice, Headset, HeadsetCall } from "../../generated/protocol";
import { noted, recalled, type Kept } from "../../voice/kept";
import type { Talk } from "../../voice/talk";
import { chime } from "../alerts";
import { voiceWords } from "./words";

/** The page whose calls they are. */
export interface HeadsetHost {
  /** Under what this browser keeps whether calls are wanted there. */
  kept: string;
  /** Asks the server; what it answers to an offer comes with no error, and the code of a refusal with one. */
  voice(act: AgentVoice, told: (error: string | undefined, answer?: string) => void): void;
  /** The calls there are. */
  calls(): Headset | undefined;
  /** The network is there again. */
  awake(): void;
}

let host: HeadsetHost | undefined;

const HELD = "tandem.held";
const RING_EVERY = 2_500;

/** Whether calls are wanted here. */
export const wanted = signal(false);
/** Why calls cannot be here. */
export const trouble = signal("");
/** The call held here, and the leg it is. */
export const held = signal<{ leg: string; talk: Talk } | undefined>(undefined);
/** Changes whenever the call here did. */
export const beat = signal(0);

const taking = new Set<string>();
/** The call that this tab was in. */
let before: Kept = recalled("");
let rang = 0;

/** Says which page this is; called once. */
export function serve(page: HeadsetHost): void {
  host = page;
  wanted.value = read(localStorage, page.kept) === "on";
  before = recalled(read(sessionStorage, HELD));
  // From here on a copy of this tab is not the page that was left.
  keep(false);
  addEventListener("pagehide", () => keep(true));
}

function keep(left: boolean): void {
  const call = held.value ? { leg: held.value.leg, muted: held.value.talk.muted, away: false } : before.left ? before : undefined;
  write(sessionStorage, HELD, call ? noted({ ...call, left }) : "");
}

/** Lets calls ring here, or at the phone again. */
export async function choose(on: boolean): Promise<void> {
  trouble.value = "";
  if (on) {
    try {
      // Asked now, so that nobody has to answer the browser while somebody calls.
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      for (const track of stream.getTracks()) track.stop();
    } catch (error) {
      const name = error instanceof DOMException ? error.name : "";
      trouble.value = name === "NotAllowedError" ? voiceWords.denied : name === "NotFoundError" ? voiceWords.missing : voiceWords.failed;
      return;
    }
  }
  wanted.value = on;
  if (host) write(localStorage, host.kept, on ? "on" : "off");
  tell();
}

function tell(): void {
  host?.voice({ act: "headset", on: wanted.value }, (error) => {
    if (error && error !== "lost") trouble.value = `${voiceWords.refused} ${error}`;
  });
}

/** The connection to the server is back: it knows nothing of this socket's headset. */
export function back(): void {
  if (wanted.value) tell();
  if (held.value?.talk.state.is === "lost") held.value.talk.restart();
}

/** Follows what the server says of calls at this agent's consoles; `accepted` is the contact that was just taken here. */
export function follow(headset: Headset | undefined, accepted: string | undefined): void {
  const calls = headset?.calls ?? [];
  if (held.value && !calls.some(({ leg }) => leg === held.value?.leg)) hangUp();
  for (const call of calls) {
    // It was tried; whether it is tried again is for the agent to say.
    if (held.value?.leg === call.leg) continue;
    // Whoever took the contact here answers with that; whoever loads the page again goes on.
    if ((!call.taken && wanted.value && (accepted === call.interaction || taken(call))) || (call.taken && before.left && before.leg === call.leg)) void take(call.leg);
  }
  if (wanted.value && calls.some((call) => !call.taken && !isHere(call.leg))) ring();
}

function isHere(leg: string): boolean {
  return held.value?.leg === leg && held.value.talk.state.is !== "refused";
}

/** How long a call whose network is disturbed may be silent until it does not count as one that goes on. */
export const PATIENCE = 15_000;
let lost: number | undefined;

/** Whether a call goes on here, also while its network is disturbed for a moment. */
export function speaks(): boolean {
  const is = held.value?.talk.state.is;
  lost = is === "lost" ? (lost ?? Date.now()) : undefined;
  return is === "connected" || is === "connecting" || (lost !== undefined && Date.now() - lost < PATIENCE);
}

function taken({ interaction }: HeadsetCall): boolean {
  return taking.delete(interaction);
}

/** Notes that a contact was accepted here, so that its call is answered without a second click. */
export function answerNext(interaction: string): void {
  taking.add(interaction);
}

function ring(): void {
  const now = Date.now();
  if (now - rang < RING_EVERY) return;
  rang = now;
  chime("offer");
  setTimeout(() => follow(host?.calls(), undefined), RING_EVERY);
}

/** Another page took a call that is held here. */
export function elsewhere(leg: string): void {
  if (held.value?.leg === leg) hangUp();
}

/** Lets nothing be heard of the microphone of the call here, or ends that. */
export function mute(on: boolean): void {
  held.value?.talk.mute(on);
  keep(false);
}

/** Takes a call here. */
export async function take(leg: string): Promise<void> {
  if (isHere(leg)) return;
  hangUp();
  const { Talk } = await import("../../voice/talk");
  if (held.value) return;
  const muted = before.leg === leg && before.muted;
  const talk: Talk = new Talk(
    {
      offer: (sdp) =>
        new Promise((done, failed) =>
          host?.voice({ act: "media", leg, sdp }, (error, answer) => {
            if (error === undefined && answer) return done(answer);
            // Asked for once more it would be taken from where it is.
            if (answer === "conflict" && held.value?.talk === talk) elsewhere(leg);
            failed(new Error(error ?? "lost"));
          }),
        ),
      changed: moved,
    },
    muted,
  );
  held.value = { leg, talk };
  before = recalled("");
  keep(false);
  talk.begin().catch((error: unknown) => {
    if (held.value?.talk !== talk) return;
    trouble.value = error instanceof Error ? error.message : String(error);
    hangUp();
  });
}

let was: Talk["state"]["is"] | undefined;

// Where sound comes again the page need not wait for its next try to connect.
function moved(): void {
  const is = held.value?.talk.state.is;
  if (was === "lost" && is === "connected") host?.awake();
  was = is;
  beat.value += 1;
}

// The sound ends here; the call is the server's to end.
function hangUp(): void {
  // Taken once more it is as it was.
  if (held.value) before = { leg: held.value.leg, left: false, muted: held.value.talk.muted, away: false };
  held.value?.talk.stop();
  held.value = undefined;
  keep(false);
}

/** Nobody is signed in here any more. */
export function leave(): void {
  if (held.value) hangUp();
}

function read(drawer: Storage, key: string): string {
  try {
    return drawer.getItem(key) ?? "";
  } catch {
    return "";
  }
}

function write(drawer: Storage, key: string, value: string): void {
  try {
    drawer.setItem(key, value);
  } catch {
    // Then it counts until the next reload.
  }
}
