// Short tones, made here, so that nothing has to be fetched.

const LASTS = 0.16;
const LOUD = 0.08;

/** Plays tones one after the other, in hertz. */
export function play(speaker: AudioContext, tones: readonly number[]): void {
  const { currentTime, destination } = speaker;
  for (const [at, tone] of tones.entries()) {
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
