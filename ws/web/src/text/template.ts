// The English catalogues as texts by key: what a translator begins with.

import { CATALOGUE as share } from "../cobrowse/words";
import "../board/words";
import "../console/cobrowse/words";
import "../console/voice/words";
import "../console/words";
import "../console/words/callbacks";
import "../console/words/customer";
import "../console/words/files";
import "../console/words/handing";
import "../console/words/history";
import "../console/words/left";
import "../console/words/recordings";
import "../console/words/revising";
import "../memos/words";
import "../player/words";
import { parts } from "./language";
import "./route";
import "./staff";
import { CATALOGUE as voice } from "../voice/words";
import { CATALOGUE as files } from "../widget/files";
import { CATALOGUE as widget } from "../widget/words";
import { CATALOGUE as admission } from "../widget/words/admission";
import { CATALOGUE as arrival } from "../widget/words/arrival";
import { CATALOGUE as sheet } from "../widget/words/callsheet";
import { CATALOGUE as over } from "../widget/words/over";
import { CATALOGUE as invite } from "../widget/words/invite";

const WIDGET = { widget: { en: { ...widget["en"], ...sheet["en"], ...over["en"] }, de: { ...widget["de"], ...sheet["de"], ...over["de"] } }, admission, arrival, invite, share, voice, files };

/** Every catalogue that is built in, by the name of its part, in both languages. */
export const catalogues: Record<string, { en: object; de: object }> = {
  ...Object.fromEntries(Object.entries(WIDGET).map(([name, { en, de }]) => [name, { en: en!, de: de! }])),
  ...Object.fromEntries(parts),
};

/** Returns a catalogue as texts; what is filled in stands as `{0}`, `{1}`. */
export function template(words: unknown): unknown {
  if (typeof words === "function") return words("{0}", "{1}", "{2}");
  if (Array.isArray(words)) return words.map(template);
  if (typeof words !== "object" || words === null) return words;
  return Object.fromEntries(Object.entries(words).map(([key, own]) => [key, template(own)]));
}

/** The whole of it, as a file of texts has it: a part named `console.files` is `files` within `console`. */
export function whole(): Record<string, unknown> {
  const texts: Record<string, Record<string, unknown>> = {};
  for (const [name, { en }] of Object.entries(catalogues)) {
    const [page = "", part] = name.split(".");
    const own = template(en) as Record<string, unknown>;
    texts[page] = { ...texts[page], ...(part ? { [part]: own } : own) };
  }
  return texts;
}
