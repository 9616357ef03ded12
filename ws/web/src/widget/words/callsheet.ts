// What is asked of who wants to be called. In files of texts it stands with the other words of the widget.

import { overlaid, type Texts } from "../../text/overlay";

const en = {
  callHeading: "Shall we call you?",
  number: "Your phone number",
  numberHint: "With country code, for example +49 30 1234567",
  numberEmpty: "Please type the number we should call.",
  when: "When?",
  now: "Now",
  minutes20: "In 20 minutes",
  hour: "In an hour",
  tomorrow: "Tomorrow at ten",
  chosen: "At a time I choose",
  chosenTime: "Date and time",
  chosenEmpty: "Please choose a date and a time.",
  chosenPast: "This time has passed. Please choose a later one.",
  callNow: "Call me now",
  callLater: "Arrange the call",
  openingCallNow: (number: string) => `Please call me now: ${number}`,
  openingCallLater: (number: string) => `Please call me back: ${number}`,
  back: "Back",
};

/** The catalogue's shape. */
export type SheetWords = typeof en;

const de: SheetWords = {
  callHeading: "Sollen wir Sie anrufen?",
  number: "Ihre Telefonnummer",
  numberHint: "Mit Ländervorwahl, zum Beispiel +49 30 1234567",
  numberEmpty: "Bitte geben Sie die Nummer ein, die wir anrufen sollen.",
  when: "Wann?",
  now: "Jetzt",
  minutes20: "In 20 Minuten",
  hour: "In einer Stunde",
  tomorrow: "Morgen um zehn",
  chosen: "Zu einer Zeit meiner Wahl",
  chosenTime: "Datum und Uhrzeit",
  chosenEmpty: "Bitte wählen Sie Datum und Uhrzeit.",
  chosenPast: "Diese Zeit ist vorbei. Bitte wählen Sie eine spätere.",
  callNow: "Jetzt anrufen lassen",
  callLater: "Anruf vereinbaren",
  openingCallNow: (number) => `Bitte rufen Sie mich jetzt an: ${number}`,
  openingCallLater: (number) => `Bitte rufen Sie mich zurück: ${number}`,
  back: "Zurück",
};

/** Returns the catalogue of a language. */
export function sheetWords(lang: string, texts?: Texts): SheetWords {
  return CATALOGUE[lang] ?? overlaid(en, texts?.["widget"]);
}

/** The catalogues that are built in. */
export const CATALOGUE: Record<string, SheetWords> = { en, de };
