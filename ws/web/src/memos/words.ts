// The words of what staff write to each other, English and German.

import { catalogue } from "../text/language";

const en = {
  title: "Messages",
  lead: "Between agents and supervisors. Customers never see them; they are kept for 30 days.",
  unread: (n: number) => `${n} unread`,
  none: "Nobody wrote anything yet.",
  list: "What was written",
  to: "To",
  choose: "Choose…",
  people: "Colleagues",
  groups: "Groups",
  supervisors: "All supervisors",
  everybody: "Everybody",
  queue: (queue: string) => `Agents of ${queue}`,
  text: "Message",
  send: "Send",
  sent: "Sent",
  reply: "Reply",
  replyTo: (name: string) => `Reply to ${name}`,
  fromTo: (from: string, to: string) => `${from} to ${to}`,
  you: "you",
  gone: "This text is kept no longer.",
  needBoth: "Please choose somebody and write something.",
  unreachable: "Tandem cannot be reached. Please try again.",
  close: "Close",
};

const de: typeof en = {
  title: "Nachrichten",
  lead: "Zwischen Agenten und Leitung. Kunden sehen sie nie; sie werden 30 Tage aufgehoben.",
  unread: (n) => `${n} ungelesen`,
  none: "Noch hat niemand etwas geschrieben.",
  list: "Was geschrieben wurde",
  to: "An",
  choose: "Auswählen …",
  people: "Kollegen",
  groups: "Gruppen",
  supervisors: "Alle in der Leitung",
  everybody: "Alle",
  queue: (queue) => `Agenten von ${queue}`,
  text: "Nachricht",
  send: "Senden",
  sent: "Gesendet",
  reply: "Antworten",
  replyTo: (name) => `${name} antworten`,
  fromTo: (from, to) => `${from} an ${to}`,
  you: "Sie",
  gone: "Dieser Text wird nicht mehr aufgehoben.",
  needBoth: "Bitte wählen Sie jemanden und schreiben Sie etwas.",
  unreachable: "Tandem ist nicht erreichbar. Bitte versuchen Sie es noch einmal.",
  close: "Schließen",
};

export { lang } from "../text/language";
export const words = catalogue("memos", en, de);
