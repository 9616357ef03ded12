// The words of the player of recordings, English and German.

import { catalogue } from "../text/language";

const en = {
  play: "Play",
  pause: "Pause",
  position: "Position",
  of: (at: string, length: string) => `${at} of ${length}`,
  speed: "Speed",
  times: (rate: string) => `${rate} times`,
  voices: "Voices",
  both: "Both: customer left, agent right",
  customer: "Customer alone",
  agent: "Agent alone",
  fetching: "Fetching the recording…",
  fetched: (percent: number) => `Fetching the recording: ${percent} %`,
  failed: "The recording cannot be heard:",
  unreachable: "Tandem cannot be reached.",
  tooLarge: (megabytes: number) => `it has more than ${megabytes} MB. A program can fetch it in parts.`,
  unplayable: "this browser cannot play it.",
  again: "Try again",
};

const de: typeof en = {
  play: "Abspielen",
  pause: "Anhalten",
  position: "Stelle",
  of: (at, length) => `${at} von ${length}`,
  speed: "Tempo",
  times: (rate) => `${rate}-fach`,
  voices: "Stimmen",
  both: "Beide: Kunde links, Agent rechts",
  customer: "Nur der Kunde",
  agent: "Nur der Agent",
  fetching: "Aufzeichnung wird geholt …",
  fetched: (percent) => `Aufzeichnung wird geholt: ${percent} %`,
  failed: "Die Aufzeichnung ist nicht zu hören:",
  unreachable: "Tandem ist nicht erreichbar.",
  tooLarge: (megabytes) => `sie hat mehr als ${megabytes} MB. Ein Programm kann sie in Teilen holen.`,
  unplayable: "dieser Browser kann sie nicht abspielen.",
  again: "Noch einmal",
};

export const words = catalogue("player", en, de);
