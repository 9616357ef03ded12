// The words of files in chats, English and German.

import { catalogue } from "../../text/language";

const en = {
  attach: "Send a file",
  drop: "Drop it to send it to the customer",
  sending: "Sending…",
  notSent: "Not sent:",
  again: "Try again",
  dismiss: "Dismiss",
  save: (name: string) => `Save ${name}`,
  picture: (name: string) => `Picture ${name}`,
  gone: "This file is not kept any more.",
  shared: (author: string, name: string) => `${author} sent the file ${name}`,
  last: (name: string) => `File ${name}`,
};

const de: typeof en = {
  attach: "Datei senden",
  drop: "Loslassen, um sie dem Kunden zu senden",
  sending: "Wird gesendet …",
  notSent: "Nicht gesendet:",
  again: "Noch einmal",
  dismiss: "Ausblenden",
  save: (name) => `${name} speichern`,
  picture: (name) => `Bild ${name}`,
  gone: "Diese Datei wird nicht mehr aufbewahrt.",
  shared: (author, name) => `${author} sandte die Datei ${name}`,
  last: (name) => `Datei ${name}`,
};

export const fileWords = catalogue("console.files", en, de);
