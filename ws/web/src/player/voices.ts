// Which of a recording's two voices are heard: each on its side, or one alone on both.

/** What can be chosen. */
export type Voice = "both" | "customer" | "agent";

export const VOICES: Voice[] = ["both", "customer", "agent"];

/** How loud left and right are on the left, and on the right. */
const GAINS: Record<Voice, [number, number, number, number]> = { both: [1, 0, 0, 1], customer: [1, 0, 1, 0], agent: [0, 1, 0, 1] };

/** Mixes what an element plays. It is made when somebody first chooses: from then on all goes through it. */
export class Voices {
  readonly #context = new AudioContext();
  readonly #gains: GainNode[];

  constructor(element: HTMLMediaElement) {
    const sides = new ChannelSplitterNode(this.#context, { numberOfOutputs: 2 });
    const ears = new ChannelMergerNode(this.#context, { numberOfInputs: 2 });
    this.#context.createMediaElementSource(element).connect(sides);
    this.#gains = [0, 1, 2, 3].map((at) => {
      const gain = new GainNode(this.#context, { gain: 0 });
      sides.connect(gain, at % 2).connect(ears, 0, at < 2 ? 0 : 1);
      return gain;
    });
    ears.connect(this.#context.destination);
  }

  hear(voice: Voice): void {
    void this.#context.resume();
    for (const [at, gain] of this.#gains.entries()) gain.gain.value = GAINS[voice][at] ?? 0;
  }

  close(): void {
    void this.#context.close();
  }
}
