// What the server says of why something ended or failed, to visitors and to staff, in German. What is not known is told as it
// came.

const de: Record<string, string> = {
  "it is outside the opening hours": "es ist geschlossen",
  "too many people are waiting already": "es warten schon zu viele",
  "nobody who serves the queue is signed in": "gerade ist niemand da",
  "the wait would be too long": "die Wartezeit wäre zu lang",
  "the wait became too long": "die Wartezeit wurde zu lang",
  "it was ended from outside": "es wurde von außen beendet",
  "nothing was written for too long": "es wurde zu lange nichts geschrieben",
  "nobody took the message": "niemand nahm die Nachricht an",
  "a call was promised instead": "stattdessen wurde ein Anruf vereinbart",
  "the customer's data are erased": "die Daten des Kunden wurden gelöscht",
  "the server was restarted": "der Server wurde neu gestartet",
  "the agent was lost": "die Verbindung zum Agenten ging verloren",
  "the caller ended the message": "der Anrufer hat die Nachricht beendet",
  "the caller said nothing more": "der Anrufer hat nichts mehr gesagt",
  "the message has its full length": "die Nachricht hat ihre volle Länge",
  "the message was ended": "die Nachricht wurde beendet",
  "no message could be recorded": "keine Nachricht wurde aufgezeichnet",
  "the caller said nothing": "der Anrufer hat nichts gesagt",
  "the agent hung up": "der Agent hat aufgelegt",
  "hung up": "aufgelegt",
  "busy": "besetzt",
  "rejected": "abgelehnt",
  "no answer": "keine Antwort",
  "nobody answered": "niemand ging ans Telefon",
  "the phone is switched off": "das Telefon ist ausgeschaltet",
  "the phone does not respond": "das Telefon antwortet nicht",
  "the phone no longer answers": "das Telefon antwortet nicht mehr",
  "the number is not assigned": "die Nummer ist nicht vergeben",
  "there is no way to the number": "die Nummer ist nicht zu erreichen",
  "the number has changed": "die Nummer hat sich geändert",
  "it was hung up from outside": "es wurde von außen aufgelegt",
  "the customer was reached": "der Kunde wurde erreicht",
  "all attempts failed": "alle Versuche schlugen fehl",
  "the number must not be contacted": "die Nummer darf nicht angerufen werden",
  "the house does not call such destinations": "solche Nummern werden nicht angerufen",
  "a voicemail was reached": "ein Anrufbeantworter war dran",
  "it stands in another contact": "er steht in einem anderen Gespräch",
  "which number this is cannot be told; write it with + and the country code, such as +49 30 1234567": "Welche Nummer das ist, ist nicht zu erkennen. Bitte schreiben Sie sie mit + und Ländervorwahl, zum Beispiel +49 30 1234567.",
  "no number begins with +0; write it with + and the country code, such as +49 30 1234567": "Keine Nummer beginnt mit +0. Bitte schreiben Sie sie mit + und Ländervorwahl, zum Beispiel +49 30 1234567.",
  "its window passed without a call": "die vereinbarte Zeit verging ohne Anruf",
  "it was taken back": "es wurde zurückgenommen",
  "nothing was heard any more": "es war nichts mehr zu hören",
  "nothing was ever heard from the caller": "vom Anrufer war nie etwas zu hören",
  "the browser gave no sign of life for too long": "der Browser gab zu lange kein Lebenszeichen",
};

/** Reasons by what the server says, in both languages that are built in. */
export const reasons = { en: said(de), de };

/** Makes the English half of such a table: what the server says as it is. */
export function said(table: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.keys(table).map((reason) => [reason, reason]));
}

/** Says a reason in the words of whoever reads it. */
export function because(reason: string, words: Record<string, string>): string {
  return Object.hasOwn(words, reason) ? (words[reason] ?? reason) : reason;
}
