// Sounds: a rising pair of tones for an offer, one for a message.

import { signal } from "@preact/signals";
import { play } from "../sound/tones";

const KEPT = "tandem.sound";
const TONES = { offer: [660, 880], message: [740] } as const;

/** Whether sounds are wanted in this browser. */
export const sound = signal(typeof localStorage === "undefined" || localStorage.getItem(KEPT) !== "off");

/** How far apart messages sound, in milliseconds: many at once are one sound. */
const APART = 500;

let speaker: AudioContext | undefined;
let sounded = -APART;

export function toggleSound(): void {
  sound.value = !sound.value;
  try {
    localStorage.setItem(KEPT, sound.value ? "on" : "off");
  } catch {
    // Then it counts until the next reload.
  }
  if (sound.value) chime("message");
}

/** Sounds, where sounds are wanted and the browser allows it. */
export function chime(what: keyof typeof TONES): void {
  if (!sound.value || typeof AudioContext === "undefined") return;
  const now = performance.now();
  if (what === "message" && now - sounded < APART) return;
  sounded = now;
  speaker ??= new AudioContext();
  play(speaker, TONES[what]);
}
