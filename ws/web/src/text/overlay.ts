// Texts of languages that are not built in: laid over a catalogue key by key, so that what is missing stays English.

/** Texts by key, as the server has them; `{0}` and `{1}` stand for what is filled in. */
export type Texts = { readonly [key: string]: string | readonly string[] | Texts };

/** Lays texts over a catalogue; what does not fit is left out. */
export function overlaid<Words extends object>(words: Words, texts: unknown): Words {
  if (!isGroup(texts)) return words;
  const pairs = Object.entries(words).map(([key, own]) => [key, one(own, Object.hasOwn(texts, key) ? texts[key] : undefined)]);
  return Object.fromEntries(pairs) as Words;
}

function one(own: unknown, text: unknown): unknown {
  if (typeof own === "string") return typeof text === "string" ? text : own;
  if (typeof own === "function") return typeof text === "string" ? (...given: unknown[]) => fill(text, given) : own;
  if (Array.isArray(own)) return Array.isArray(text) && text.length === own.length ? own.map((each, at) => one(each, text[at])) : own;
  return isGroup(own) ? overlaid(own, text) : own;
}

function fill(text: string, given: readonly unknown[]): string {
  return text.replace(/\{(\d)\}/g, (place, at) => String(given[Number(at)] ?? place));
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
