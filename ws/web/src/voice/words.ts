// What people read about calls in the page, in each language.

import { overlaid, type Texts } from "../text/overlay";

const en = {
  call: "Call from this page",
  ask: "Your browser asks whether we may use your microphone. We listen only during this call.",
  start: "Call now",
  back: "Not now",
  asking: "Please allow the microphone in your browser…",
  denied: "The microphone is not allowed. Allow it beside the page's address, and call again.",
  missing: "No microphone was found. Connect one, and call again.",
  failed: "The microphone cannot be used. Another program may have it.",
  connecting: "Connecting…",
  ringing: "It rings with us…",
  waiting: "You are connected and wait for a free colleague",
  connected: "You are in a call with us",
  lost: "The connection was lost. We try to bring it back…",
  silent: "Nothing is heard of your microphone. Is it the right one, and switched on?",
  deaf: "Nothing comes from the other side at the moment.",
  mute: "Mute",
  unmute: "Unmute",
  muted: "You are muted",
  hangUp: "Hang up",
  keypad: "Keypad",
  star: "Star",
  hash: "Hash",
  level: "Microphone level",
  microphone: "Microphone",
  speaker: "Loudspeaker",
  standard: "Standard device",
  over: "The call has ended.",
  closed: "You called outside our hours, so nobody can talk to you now. Please call again when we are open.",
  full: "So many people are waiting that we cannot take your call. Please try again later.",
  unstaffed: "You can reach nobody of us at the moment. Please try again later.",
  slow: "You would have to wait too long, so we did not take your call. Please try again later.",
  again: "Close",
  region: "Call",
  refused: "The call did not work:",
  unreachable: "the connection was lost; please try again",
  goesOn: "You are in a call. It can go on here.",
  goOn: "Go on here",
  elsewhere: "Your call is in another tab.",
  takeUp: "Take the call here",
};

/** The catalogue's shape. */
export type VoiceWords = typeof en;

const de: VoiceWords = {
  call: "Von dieser Seite anrufen",
  ask: "Ihr Browser fragt, ob wir Ihr Mikrofon benutzen dürfen. Wir hören nur während dieses Anrufs zu.",
  start: "Jetzt anrufen",
  back: "Nicht jetzt",
  asking: "Bitte erlauben Sie das Mikrofon in Ihrem Browser …",
  denied: "Das Mikrofon ist nicht erlaubt. Erlauben Sie es neben der Adresse der Seite und rufen Sie noch einmal an.",
  missing: "Es wurde kein Mikrofon gefunden. Schließen Sie eines an und rufen Sie noch einmal an.",
  failed: "Das Mikrofon lässt sich nicht benutzen. Vielleicht hat es ein anderes Programm.",
  connecting: "Wird verbunden …",
  ringing: "Es klingelt bei uns …",
  waiting: "Sie sind verbunden und warten auf einen freien Kollegen",
  connected: "Sie sprechen mit uns",
  lost: "Die Verbindung ist abgebrochen. Wir versuchen, sie wiederherzustellen …",
  silent: "Von Ihrem Mikrofon ist nichts zu hören. Ist es das richtige, und ist es eingeschaltet?",
  deaf: "Von der anderen Seite kommt gerade nichts.",
  mute: "Stumm",
  unmute: "Nicht mehr stumm",
  muted: "Sie sind stumm",
  hangUp: "Auflegen",
  keypad: "Tastenfeld",
  star: "Stern",
  hash: "Raute",
  level: "Pegel des Mikrofons",
  microphone: "Mikrofon",
  speaker: "Lautsprecher",
  standard: "Standardgerät",
  over: "Der Anruf ist beendet.",
  closed: "Sie rufen außerhalb unserer Öffnungszeiten an, deshalb kann gerade niemand mit Ihnen sprechen. Bitte rufen Sie an, wenn wir geöffnet haben.",
  full: "Es warten so viele, dass wir Ihren Anruf nicht annehmen können. Bitte versuchen Sie es später noch einmal.",
  unstaffed: "Sie erreichen gerade niemanden von uns. Bitte versuchen Sie es später noch einmal.",
  slow: "Sie müssten zu lange warten, deshalb haben wir Ihren Anruf nicht angenommen. Bitte versuchen Sie es später noch einmal.",
  again: "Schließen",
  region: "Anruf",
  refused: "Der Anruf kam nicht zustande:",
  unreachable: "die Verbindung brach ab; bitte versuchen Sie es noch einmal",
  goesOn: "Sie sind in einem Anruf. Er kann hier weitergehen.",
  goOn: "Hier weitersprechen",
  elsewhere: "Ihr Anruf ist in einem anderen Tab.",
  takeUp: "Anruf hier führen",
};

/** Returns the catalogue of a language. */
export function wordsOf(lang: string, texts?: Texts): VoiceWords {
  return CATALOGUE[lang] ?? overlaid(en, texts?.["voice"]);
}

/** The catalogues that are built in. */
export const CATALOGUE: Record<string, VoiceWords> = { en, de };

/** Says to a visitor why nobody took their call, where the queue turned them away; nothing of any other end. */
export function turnedAway(words: VoiceWords, reason: string | undefined): string {
  switch (reason) {
    case "it is outside the opening hours":
      return words.closed;
    case "too many people are waiting already":
      return words.full;
    case "nobody who serves the queue is signed in":
      return words.unstaffed;
    case "the wait would be too long":
    case "the wait became too long":
      return words.slow;
    default:
      return "";
  }
}
