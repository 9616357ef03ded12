// Which microphone and which loudspeaker: drawn only where there is a choice.

import { el, show } from "../widget/dom";
import type { Talk } from "./talk";
import type { VoiceWords } from "./words";

/** The choice of devices. */
export class Picker {
  readonly element: HTMLElement;
  readonly #microphone: HTMLSelectElement;
  readonly #speaker: HTMLSelectElement;
  readonly #fields: [HTMLElement, HTMLElement];
  #drawn = "";

  constructor(
    private readonly words: VoiceWords,
    private readonly talk: () => Talk | undefined,
  ) {
    this.#microphone = el("select", { "data-testid": "voice-microphone", onchange: () => void talk()?.useMicrophone(this.#microphone.value) });
    this.#speaker = el("select", { "data-testid": "voice-speaker", onchange: () => void talk()?.useSpeaker(this.#speaker.value) });
    this.#fields = [el("label", { class: "field" }, el("span", {}, words.microphone), this.#microphone), el("label", { class: "field" }, el("span", {}, words.speaker), this.#speaker)];
    this.element = el("div", { class: "devices" }, ...this.#fields);
  }

  /** Draws what there is now; a list that is open is left alone while nothing changed. */
  draw(): void {
    const talk = this.talk();
    if (!talk) return;
    const now = JSON.stringify([talk.microphones, talk.speakers, talk.chosen]);
    if (now === this.#drawn) return;
    this.#drawn = now;
    this.#fill(this.#microphone, talk.microphones, talk.chosen.microphone);
    this.#fill(this.#speaker, talk.speakers, talk.chosen.speaker);
    show(this.#fields[0], talk.microphones.length > 1);
    show(this.#fields[1], talk.hasSpeakers);
  }

  #fill(select: HTMLSelectElement, devices: MediaDeviceInfo[], chosen: string): void {
    const known = devices.some(({ deviceId }) => deviceId === chosen);
    const choices = devices.map(({ deviceId, label }, at) => el("option", { value: deviceId, selected: known ? deviceId === chosen : at === 0 }, label || `${this.words.standard} ${at + 1}`));
    select.replaceChildren(...choices);
  }
}
