// Why something ended, and why it was refused, in the language of who works at a console or board.

import { catalogue, lang } from "./language";
import { because, reasons, said } from "./reasons";
import { refusals } from "./refusals";

// What only staff are told.
const more: Record<string, string> = {
  // As it was said before zones had hours, and stands in records.
  "it is outside the queue's hours": "es ist geschlossen",
  "the visitor left the page": "der Besucher hat die Seite verlassen",
  "the customer hung up": "der Kunde hat aufgelegt",
  "the customer called first": "der Kunde hat vorher angerufen",
  "the customer ended it": "der Kunde hat es beendet",
  "the agent ended it": "der Agent hat es beendet",
  "it was turned down": "es wurde abgelehnt",
  "its audio failed here": "der Ton fiel hier aus",
  "no keys for its audio came of the handshake": "für den Ton kamen keine Schlüssel zustande",
  "the browser could not be reached for audio": "der Browser war für den Ton nicht zu erreichen",
  "just signed in": "gerade angemeldet",
  // What agents are away for where no reasons are configured, as a console in English has it.
  "Short break": "Kurze Pause",
  "Lunch": "Mittagspause",
  "Meeting": "Besprechung",
  "Training": "Schulung",
  "Paperwork": "Nacharbeit",
  "missed {0} offers in a row": "{0} Angebote hintereinander verpasst",
  "served": "bedient",
  "abandoned": "aufgegeben",
  "turned away": "abgewiesen",
  "merged": "zusammengeführt",
  "what the house blocks is unblocked by a supervisor or a program": "was das Haus gesperrt hat, gibt die Leitung oder ein Programm frei",
  "not reached": "nicht erreicht",
  "cancelled": "abgesagt",
  "informed": "informiert",
  "the page has changed meanwhile; look at it again": "die Seite hat sich inzwischen geändert; bitte sehen Sie noch einmal hin",
  "the customer gave up": "der Kunde hat aufgegeben",
  "the agent's phone was not answered": "das Telefon des Agenten wurde nicht abgenommen",
  "the house could not call the agent's phone": "das Haus konnte das Telefon des Agenten nicht anrufen",
  "it was not answered in time": "es wurde nicht rechtzeitig angenommen",
  "the network is out of order": "das Netz ist gestört",
  "the network is congested": "das Netz ist überlastet",
  "no line is free in the network": "im Netz ist keine Leitung frei",
  "the number is not complete": "die Nummer ist unvollständig",
  "it lived longer than any may": "es hat länger gedauert, als es darf",
  "nothing is left to be done": "es ist nichts mehr zu tun",
  "answered elsewhere": "anderswo angenommen",
  "the destination is out of order": "das Ziel ist gestört",
  "the network does not do that": "das Netz kann das nicht",
  "a passing fault of the network": "eine vorübergehende Störung im Netz",
  "the network has no room": "das Netz ist voll",
  "the network does not allow the call": "das Netz lässt den Anruf nicht zu",
  "the network cannot carry the call": "das Netz kann den Anruf nicht befördern",
  "the network broke its protocol": "das Netz hat sein Protokoll verletzt",
  "the network gave up after a time": "das Netz hat nach einiger Zeit aufgegeben",
  "another network failed": "ein anderes Netz ist ausgefallen",
  "the answer was never acknowledged": "die Annahme wurde nie bestätigt",
  "the phone broke the protocol": "das Telefon hat das Protokoll verletzt",
  "the phone ended the connection of its sound": "das Telefon beendete die Verbindung für den Ton",
  "the agent took them out of the call": "der Agent hat sie aus dem Gespräch genommen",
  "the supervisor left": "die Leitung ist gegangen",
  "they are no supervisor any more": "sie gehören nicht mehr zur Leitung",
  "the end was never told": "das Ende wurde nie gemeldet",
  "the agent went back to the customer": "der Agent ging zum Kunden zurück",
  "the caller has answered": "der Anrufer hat geantwortet",
  "the question is over": "die Frage ist vorbei",
  "a supervisor took the chat over": "die Leitung hat den Chat übernommen",
  "the colleague took the customer's call": "der Kollege hat den Anruf des Kunden übernommen",
  "another leg took its place": "eine andere Verbindung trat an seine Stelle",
  "the customer wants no such calls": "der Kunde wünscht solche Anrufe nicht",
  "the menu ended the call": "das Menü hat den Anruf beendet",
  "the call was handed out": "der Anruf wurde aus dem Haus gegeben",
  "a colleague asks for help in a chat": "wird von einem Kollegen in dessen Chat gebeten",
  "they left the call": "hat den Anruf verlassen",
  "they declined the call": "hat den Anruf abgelehnt",
  "the credential was withdrawn; sign in again": "Ihre Anmeldung wurde beendet. Bitte melden Sie sich neu an.",
  "the credential has expired; get a new one": "Ihre Anmeldung ist abgelaufen. Bitte melden Sie sich neu an.",
  "they left the chat": "hat den Chat verlassen",
  "the chat is their own now": "hat den Chat jetzt selbst",
  "nobody has the chat now, or it is parked": "niemand hat den Chat, oder er ist geparkt",
  "the supervisor takes part as a colleague now": "die Leitung ist jetzt als Kollege dabei",
  "the chat was handed over": "der Chat wurde weitergegeben",
  "it was taken": "es wurde angenommen",
  "has the customer's chat": "hat den Chat des Kunden",
  "served this customer before, or was asked for by name": "kennt diesen Kunden schon oder wurde namentlich verlangt",
  "prefers this channel, and is the least busy of those who do": "bevorzugt diesen Kanal und ist davon am wenigsten belegt",
  "is the least busy and longest idle of those who are free": "ist von den Freien am wenigsten belegt und am längsten ohne Arbeit",
  "was asked before, and nobody else is free": "wurde schon gefragt, und sonst ist niemand frei",
  "was asked for by name, and had it in their own queue": "wurde namentlich verlangt und hatte es in der eigenen Schlange",
  "has promised this call, and had it in their own queue": "hat diesen Anruf versprochen und hatte ihn in der eigenen Schlange",
  "was chosen by the colleague who hands it over": "wurde von dem Kollegen gewählt, der es übergibt",
  "became free, and this is next in line": "wurde frei, und das ist als Nächstes dran",
  "the name or the password is wrong": "Der Name oder das Passwort ist falsch.",
  "too many attempts; wait a minute": "Zu viele Versuche. Warten Sie eine Minute.",
  "say hello with a valid credential first": "Bitte melden Sie sich an.",
  "only supervisors may do this": "Das darf nur die Leitung.",
  "only the agent of a call may do this": "Das darf nur, wer den Anruf hat.",
  "all your chat slots are taken; park or end another chat first": "Alle Ihre Chatplätze sind belegt. Parken oder beenden Sie erst einen anderen Chat.",
  "there is a call in this interaction already": "In diesem Kontakt gibt es schon einen Anruf.",
  "there is no call in this interaction in which customer and agent are connected": "In diesem Kontakt sind Kunde und Agent nicht am Telefon verbunden.",
  "the agent is in another call": "Der Agent ist in einem anderen Gespräch.",
  "the agent is in the wrap-up of another call": "Der Agent ist in der Nacharbeit eines anderen Gesprächs.",
  "you are in the wrap-up of another call": "Sie sind in der Nacharbeit eines anderen Gesprächs.",
  "you are in another call": "Sie sind in einem anderen Gespräch.",
  "{0} is in another call": "{0} ist in einem anderen Gespräch.",
  "{0} is in the wrap-up of another call": "{0} ist in der Nacharbeit eines anderen Gesprächs.",
  "{0} is not signed in": "{0} ist nicht angemeldet.",
  "you are in a call already": "Sie sind schon in einem Gespräch.",
  "you are being called at this moment": "Sie werden gerade angerufen.",
  "answer your phone first": "Nehmen Sie erst Ihr Telefon ab.",
  "your phone cannot be reached": "Ihr Telefon ist nicht erreichbar.",
  "your phone cannot be reached; register it, and the call comes again": "Ihr Telefon ist nicht erreichbar. Melden Sie es an, dann kommt der Anruf wieder.",
  "the agent's phone cannot be reached": "Das Telefon des Agenten ist nicht erreichbar.",
  "this number stands in a list of those that must not be called": "Diese Nummer steht auf einer Liste der Nummern, die nicht angerufen werden dürfen.",
  "this customer withdrew the consent to be contacted so": "Dieser Kunde hat die Einwilligung zurückgezogen, so angesprochen zu werden.",
  "this channel needs the customer's consent, and none was given": "Dafür braucht es die Einwilligung des Kunden, und er hat keine gegeben.",
  "no rule of the house allows calls to be handed to this number": "An diese Nummer darf das Haus keine Anrufe geben.",
  "no trunk has room for another call; the promise waits until one has": "Für einen weiteren Anruf ist gerade keine Leitung frei. Die Zusage gilt, bis eine frei ist.",
  "this is not offered to you, or not any more": "Das wird Ihnen nicht oder nicht mehr angeboten.",
  "the contact is over": "Der Kontakt ist vorbei.",
  "the contact is over; nothing can be done in it any more": "Der Kontakt ist vorbei, es lässt sich nichts mehr darin tun.",
  "the contact goes on; end it before the wrap-up": "Der Kontakt läuft noch. Beenden Sie ihn vor der Nacharbeit.",
  "the wrap-up lasts as long as it may already": "Die Nacharbeit dauert schon so lange, wie sie darf.",
  "the customer has no page open at the moment": "Der Kunde hat gerade keine Seite offen.",
  "the customer does not share their page": "Der Kunde zeigt seine Seite nicht.",
  "no page or contact shows this code, or it is too old; codes are good once and for five minutes": "Diesen Code zeigt keine Seite, oder er ist zu alt. Codes gelten einmal und fünf Minuten lang.",
  "too many codes were wrong; ask for a new one in a few minutes": "Zu viele Codes waren falsch. Lassen Sie sich in ein paar Minuten einen neuen geben.",
  "this page may not be suggested; cobrowse.pages lists how addresses must begin": "Diese Seite darf nicht vorgeschlagen werden; cobrowse.pages nennt, womit Adressen beginnen.",
  "this callback is over already": "Dieser Rückruf ist schon vorbei.",
  "this callback is being dialled or is over; it cannot be changed": "Dieser Rückruf läuft gerade oder ist vorbei und lässt sich nicht ändern.",
  "this callback is for whoever is free meanwhile; look at it again": "Diesen Rückruf macht inzwischen, wer frei ist; bitte sehen Sie noch einmal hin.",
  "{0} is to make this call meanwhile; look at it again": "Diesen Rückruf macht inzwischen {0}; bitte sehen Sie noch einmal hin.",
  "there is no such callback": "Diesen Rückruf gibt es nicht.",
  "there is no such interaction": "Diesen Kontakt gibt es nicht.",
  "the server is shutting down; try again in a moment": "Der Server wird neu gestartet. Versuchen Sie es gleich noch einmal.",
};

// How a colleague stands who is to be given a chat, or asked into one.
const stands: Record<string, string> = {
  "is not signed in": "ist nicht angemeldet",
  "is away": "ist abwesend",
  "has no chat slot": "hat keinen freien Chatplatz",
  "takes no chats beside a call": "nimmt neben einem Anruf keine Chats",
  "takes no chats while a call is offered": "nimmt keine Chats, während ein Anruf angeboten wird",
  "takes no chats in the wrap-up of a call": "nimmt in der Nacharbeit eines Anrufs keine Chats",
};
for (const [stand, german] of Object.entries(stands)) {
  more[`{0} ${stand}; choose somebody else`] = `{0} ${german}. Wählen Sie jemand anderen.`;
  more[`{0} ${stand}; choose somebody else, or a queue`] = `{0} ${german}. Wählen Sie jemand anderen oder eine Warteschlange.`;
}

// What the server says to programs too, as it is said to people.
const plain: Record<string, string> = {
  "the credential has expired; get a new one": "Your sign-in has ended. Please sign in again.",
  "the credential was withdrawn; sign in again": "Your sign-in was ended. Please sign in again.",
  "say hello with a valid credential first": "Please sign in.",
};

const en = {
  because: { ...reasons.en, ...said(more), ...said(refusals) },
  refusals: {
    unauthorized: "Please sign in again.",
    forbidden: "You may not do this.",
    not_found: "There is no such thing, or it is over.",
    conflict: "This cannot be done at the moment.",
    rate_limited: "That was too fast. Please try again in a moment.",
    full: "There is no room for this at the moment.",
    too_large: "This is larger than is taken here.",
    unsupported: "Files of this type are not taken here.",
    suppressed: "This customer must not be contacted so.",
    unavailable: "Tandem cannot do this at the moment. Please try again.",
  },
};

const de: typeof en = {
  because: { ...reasons.de, ...more, ...refusals },
  refusals: {
    unauthorized: "Bitte melden Sie sich noch einmal an.",
    forbidden: "Das dürfen Sie nicht.",
    not_found: "Das gibt es nicht, oder es ist vorbei.",
    conflict: "Das geht gerade nicht.",
    rate_limited: "Das ging zu schnell. Bitte versuchen Sie es gleich noch einmal.",
    full: "Dafür ist gerade kein Platz.",
    too_large: "Das ist größer, als hier angenommen wird.",
    unsupported: "Dateien dieser Art werden hier nicht angenommen.",
    suppressed: "Dieser Kunde darf so nicht angesprochen werden.",
    unavailable: "Tandem kann das gerade nicht. Bitte versuchen Sie es noch einmal.",
  },
};

const words = catalogue("staff", en, de);

/** Reasons by what the server says, in the language of the page. */
export function reason(text: string): string {
  return reasonIn(text, words);
}

/** The same in a given language. What is counted stands in the sentence, which is known with a place for it. */
export function reasonIn(text: string, { because: known }: Pick<typeof en, "because">): string {
  const count = /\d+/.exec(text)?.[0];
  if (count === undefined || Object.hasOwn(known, text)) return because(text, known);
  return because(text.replace(count, "{0}"), known).replace("{0}", count);
}

/**
 * Says why something was refused. In English these are the server's own words; else the sentence for those, then the one for
 * what kind of refusal it is, and what is said of a value stays as it came.
 */
export function refused({ code, text }: { code: string; text: string }): string {
  return refusedIn(code, text, lang, words);
}

/** The same in a given language. */
export function refusedIn(code: string, text: string, lang: string, { because: known, refusals }: typeof en): string {
  if (lang === "en") return Object.hasOwn(plain, text) ? plain[text]! : text;
  if (Object.hasOwn(known, text)) return because(text, known);
  // Who it is about stands in front.
  const about = Object.keys(known).find((key) => key.startsWith("{0} ") && text.endsWith(key.slice(3)));
  if (about) return because(about, known).replace("{0}", () => text.slice(0, 3 - about.length));
  return Object.hasOwn(refusals, code) ? refusals[code as keyof typeof refusals] : text;
}

/** Says why an HTTP request was refused; nothing where the answer is no problem (RFC 9457). */
export function problem(answer: unknown): string {
  const { type, detail, title } = (answer ?? {}) as { type?: unknown; detail?: unknown; title?: unknown };
  const text = typeof detail === "string" && detail ? detail : typeof title === "string" ? title : "";
  return text && refused({ code: String(type), text });
}
