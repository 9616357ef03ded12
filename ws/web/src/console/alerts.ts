// Sounds: a rising pair of tones for an offer, one for a message. Made here, so that nothing has to be fetched.

import { signal } from "@preact/signals";

const KEPT = "tandem.sound";
const TONES = { offer: [660, 880], message: [740] } as const;
const LASTS = 0.16;
const LOUD = 0.08;

/** Whether sounds are wanted in this browser. */
export const sound = signal(typeof localStorage === "undefined" || localStorage.getItem(KEPT) !== "off");

let speaker: AudioContext | undefined;

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
  speaker ??= new AudioContext();
  const { currentTime, destination } = speaker;
  for (const [at, tone] of TONES[what].entries()) {
    const from = currentTime + at * LASTS;
    const voice = new OscillatorNode(speaker, { frequency: tone });
    const volume = new GainNode(speaker, { gain: 0 });
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(LOUD, from + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, from + LASTS);
    voice.connect(volume).connect(destination);
    voice.start(from);
    voice.stop(from + LASTS);
  }
}
