// What agents read about calls by headset, in each language.

import { catalogue } from "../../text/language";

const en = {
  where: "Where calls ring",
  phone: "Calls ring at the phone",
  headset: "Calls ring here, by headset",
  denied: "The microphone is not allowed in this browser, so calls cannot ring here.",
  missing: "No microphone was found, so calls cannot ring here.",
  failed: "The microphone cannot be used, so calls cannot ring here.",
  refused: "Calls cannot ring here:",
  allowFirst: "The microphone is not allowed in this browser. Allow it beside the page's address, and answer.",
  connectFirst: "No microphone was found. Connect one, and answer.",
  freeFirst: "The microphone cannot be used. Another program may have it.",
  region: "Headset",
  rings: (name: string) => `${name} rings`,
  answer: "Answer",
  takeHere: "Take the call here",
  elsewhere: (name: string) => `In a call with ${name}, at another console or before a reload`,
  asking: "Please allow the microphone…",
  connecting: "Connecting…",
  connected: (name: string) => `In a call with ${name}`,
  lost: "The connection was lost. It is being brought back…",
  silent: "Nothing is heard of your microphone. Is it the right one, and switched on?",
  deaf: "Nothing comes from the other side at the moment.",
  mic: "Microphone",
  micOff: "Microphone off",
  micOn: "Microphone on",
  speaker: "Loudspeaker",
  level: "Microphone level",
  unnamed: "a caller",
};

type Words = typeof en;

const de: Words = {
  where: "Wo Anrufe klingeln",
  phone: "Anrufe klingeln am Telefon",
  headset: "Anrufe klingeln hier, am Headset",
  denied: "Das Mikrofon ist in diesem Browser nicht erlaubt; so können Anrufe hier nicht klingeln.",
  missing: "Es wurde kein Mikrofon gefunden; so können Anrufe hier nicht klingeln.",
  failed: "Das Mikrofon lässt sich nicht benutzen; so können Anrufe hier nicht klingeln.",
  refused: "Anrufe können hier nicht klingeln:",
  allowFirst: "Das Mikrofon ist in diesem Browser nicht erlaubt. Erlauben Sie es neben der Adresse der Seite und nehmen Sie an.",
  connectFirst: "Es wurde kein Mikrofon gefunden. Schließen Sie eines an und nehmen Sie an.",
  freeFirst: "Das Mikrofon lässt sich nicht benutzen. Vielleicht hat es ein anderes Programm.",
  region: "Headset",
  rings: (name) => `${name} ruft an`,
  answer: "Annehmen",
  takeHere: "Anruf hier führen",
  elsewhere: (name) => `Im Gespräch mit ${name}, an einem anderen Platz oder vor dem Neuladen`,
  asking: "Bitte das Mikrofon erlauben …",
  connecting: "Wird verbunden …",
  connected: (name) => `Im Gespräch mit ${name}`,
  lost: "Die Verbindung ist abgebrochen. Sie wird wiederhergestellt …",
  silent: "Von Ihrem Mikrofon ist nichts zu hören. Ist es das richtige, und ist es eingeschaltet?",
  deaf: "Von der anderen Seite kommt gerade nichts.",
  mic: "Mikrofon",
  micOff: "Mikrofon aus",
  micOn: "Mikrofon an",
  speaker: "Lautsprecher",
  level: "Pegel des Mikrofons",
  unnamed: "jemandem",
};

/** The words of the headset. */
export const voiceWords: Words = catalogue("console.voice", en, de);
