// The words of what was left unsent, English and German.

import { catalogue } from "../../text/language";

const en = {
  title: "Not sent",
  as: {
    reply: (name: string) => `Your message to ${name} was not sent`,
    note: (name: string) => `Your note about ${name} was not kept`,
    edit: (name: string) => `Your change of a message to ${name} was not sent`,
    wrap_up: (name: string) => `Your wrap-up of ${name} may not have been kept`,
  },
  copy: "Copy",
  copied: "Copied",
  dismiss: "Dismiss",
  signOutTitle: "Sign out now?",
  contacts: (n: number) => (n === 1 ? "One contact is still yours. It goes to others when you do not come back soon." : `${n} contacts are still yours. They go to others when you do not come back soon.`),
  unsent: "What you have typed and not sent is lost.",
  signOutYes: "Sign out",
};

const de: typeof en = {
  title: "Nicht gesendet",
  as: {
    reply: (name) => `Ihre Nachricht an ${name} wurde nicht gesendet`,
    note: (name) => `Ihre Notiz zu ${name} wurde nicht behalten`,
    edit: (name) => `Ihre Änderung einer Nachricht an ${name} wurde nicht gesendet`,
    wrap_up: (name) => `Ihre Nacharbeit zu ${name} wurde vielleicht nicht behalten`,
  },
  copy: "Kopieren",
  copied: "Kopiert",
  dismiss: "Verwerfen",
  signOutTitle: "Jetzt abmelden?",
  contacts: (n) => (n === 1 ? "Ein Kontakt ist noch bei Ihnen. Er geht an andere, wenn Sie nicht bald zurück sind." : `${n} Kontakte sind noch bei Ihnen. Sie gehen an andere, wenn Sie nicht bald zurück sind.`),
  unsent: "Was Sie geschrieben und nicht gesendet haben, geht verloren.",
  signOutYes: "Abmelden",
};

export const leftWords = catalogue("console.left", en, de);
