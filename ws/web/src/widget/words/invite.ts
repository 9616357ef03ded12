// What an invitation says around its own text.

import { overlaid, type Texts } from "../../text/overlay";

const en = { label: "Invitation to a chat", accept: "Chat with us", decline: "No, thanks" };

/** The catalogue's shape. */
export type InviteWords = typeof en;

const de: InviteWords = { label: "Einladung zum Chat", accept: "Mit uns chatten", decline: "Nein, danke" };

/** Returns the catalogue of a language. */
export function inviteWords(lang: string, texts?: Texts): InviteWords {
  return CATALOGUE[lang] ?? overlaid(en, texts?.["invite"]);
}

/** The catalogues that are built in. */
export const CATALOGUE: Record<string, InviteWords> = { en, de };
