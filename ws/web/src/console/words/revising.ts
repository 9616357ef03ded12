// The words of messages that are written anew or taken back, English and German.

import { catalogue } from "../../text/language";

const en = {
  edit: "Edit",
  remove: "Delete",
  removeSure: "Really delete?",
  edited: "Edited",
  gone: "This message was deleted",
  editing: "You are changing a message the customer has already.",
  cancel: "Leave it as it was",
  save: "Save the change",
  editedBy: (author: string) => `${author} changed a message`,
  editedTo: (author: string, text: string) => `${author} changed a message to: ${text}`,
  deletedBy: (author: string) => `${author} deleted a message`,
  was: (text: string) => `[deleted] ${text}`,
};

const de: typeof en = {
  edit: "Ändern",
  remove: "Löschen",
  removeSure: "Wirklich löschen?",
  edited: "Geändert",
  gone: "Diese Nachricht wurde gelöscht",
  editing: "Sie ändern eine Nachricht, die der Kunde schon hat.",
  cancel: "So lassen",
  save: "Änderung speichern",
  editedBy: (author) => `${author} änderte eine Nachricht`,
  editedTo: (author, text) => `${author} änderte eine Nachricht: ${text}`,
  deletedBy: (author) => `${author} löschte eine Nachricht`,
  was: (text) => `[gelöscht] ${text}`,
};

export const revisingWords = catalogue("console.revising", en, de);
