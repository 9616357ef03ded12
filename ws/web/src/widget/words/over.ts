// What is asked, and can be kept, at the end of a chat. In files of texts it stands with the other words of the widget.

import { overlaid, type Texts } from "../../text/overlay";

const en = {
  rateAsk: "How well did we help you?",
  scores: ["badly", "not so well", "all right", "well", "very well"],
  rateComment: "What should we know?",
  rateSend: "Send answer",
  rateSkip: "No, thanks",
  rateNone: "Please choose a number from 1 to 5.",
  rateThanks: (score: number) => `Thank you. Your answer: ${score} of 5.`,
  rateChange: "Change",
  transcript: "Download the conversation",
  transcriptFile: "conversation.txt",
  transcriptMail: "Send it by e-mail",
  transcriptSend: "Send",
  transcriptSent: "The conversation is on its way to you.",
  transcriptNot: "The conversation cannot be sent to this address.",
};

/** The catalogue's shape. */
export type OverWords = typeof en;

const de: OverWords = {
  rateAsk: "Wie gut haben wir Ihnen geholfen?",
  scores: ["schlecht", "weniger gut", "in Ordnung", "gut", "sehr gut"],
  rateComment: "Was sollten wir wissen?",
  rateSend: "Antwort senden",
  rateSkip: "Nein, danke",
  rateNone: "Bitte wählen Sie eine Zahl von 1 bis 5.",
  rateThanks: (score) => `Vielen Dank. Ihre Antwort: ${score} von 5.`,
  rateChange: "Ändern",
  transcript: "Gespräch herunterladen",
  transcriptFile: "gespraech.txt",
  transcriptMail: "Per E-Mail senden",
  transcriptSend: "Senden",
  transcriptSent: "Das Gespräch ist auf dem Weg zu Ihnen.",
  transcriptNot: "An diese Adresse lässt sich das Gespräch nicht senden.",
};

/** Returns the catalogue of a language. */
export function overWords(lang: string, texts?: Texts): OverWords {
  return CATALOGUE[lang] ?? overlaid(en, texts?.["widget"]);
}

/** The catalogues that are built in. */
export const CATALOGUE: Record<string, OverWords> = { en, de };
