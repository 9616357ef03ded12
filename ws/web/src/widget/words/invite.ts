// What an invitation says around its own text.

const en = { label: "Invitation to a chat", accept: "Chat with us", decline: "No, thanks" };

/** The catalogue's shape. */
export type InviteWords = typeof en;

const de: InviteWords = { label: "Einladung zum Chat", accept: "Mit uns chatten", decline: "Nein, danke" };

/** Returns the catalogue of a language. */
export function inviteWords(lang: "en" | "de"): InviteWords {
  return { en, de }[lang];
}
