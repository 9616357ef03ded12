// The language of console and board: the browser's, where it is built in or the server has its texts, else English.

import { overlaid, type Texts } from "./overlay";

const BUILT_IN = ["en", "de"];

/** Two letters of ISO 639. */
export let lang = typeof navigator === "undefined" ? "en" : (/^[a-z]{2}(?![a-z])/i.exec(navigator.language)?.[0].toLowerCase() ?? "en");

/** The catalogues by the name of their part, such as `console.files`, in both languages that are built in. */
export const parts = new Map<string, { en: object; de: object; used: object }>();

/** Makes a part of the catalogue; what is read from it is in the language of the page. */
export function catalogue<Words extends object>(name: string, en: Words, de: Words): Words {
  const used = { ...(lang === "de" ? de : en) };
  parts.set(name, { en, de, used });
  return used;
}

/** Fetches the texts of a language that is not built in; called once, before anything of the page is drawn. */
export async function translate(page: "console" | "board"): Promise<void> {
  if (BUILT_IN.includes(lang)) return;
  const answer = await fetch(`/api/v1/texts/${lang}`).catch(() => undefined);
  adopt(page, answer?.ok ? await answer.json().catch(() => ({})) : {});
}

/** Takes texts into use; without any for this page all stays English. */
export function adopt(page: "console" | "board", texts: Texts): void {
  if (typeof texts[page] !== "object") {
    lang = "en";
    return;
  }
  for (const [name, { en, used }] of parts) Object.assign(used, overlaid(en, within(texts, name)));
}

function within(texts: Texts, name: string): unknown {
  return name.split(".").reduce<unknown>((at, key) => (typeof at === "object" && at !== null && Object.hasOwn(at, key) ? (at as Texts)[key] : undefined), texts);
}
