// The words of messages that callers left, English and German.

import { catalogue } from "../../text/language";

const en = {
  offer: "Voice message",
  left: (length: string, when: string) => `Left a message of ${length}, ${when}`,
  call: "The message stays with you beside the call. Your phone rings too.",
  nobody: "This is a message that a caller left; nobody would read what you write. Listen to it and call back.",
};

const de: typeof en = {
  offer: "Sprachnachricht",
  left: (length, when) => `Hinterließ eine Nachricht von ${length}, ${when}`,
  call: "Die Nachricht bleibt neben dem Anruf bei Ihnen. Auch Ihr Telefon klingelt.",
  nobody: "Dies ist die Nachricht eines Anrufers; was Sie schrieben, läse niemand. Hören Sie sie an und rufen Sie zurück.",
};

export const voicemailWords = catalogue("console.voicemail", en, de);
