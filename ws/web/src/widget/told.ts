// What happened around the messages, in a visitor's words.

import type { Act, Author, Entry } from "../generated/protocol";
import { callTold } from "../text/call";
import { because } from "../text/reasons";
import { dayTime } from "../text/when";
import type { Lang, Words } from "./words";

/** What somebody wrote or sent. */
export type Message = Extract<Entry, { what: "message" | "file" }>;

/**
 * Says what an entry other than a message tells; nothing where a visitor is told otherwise or not at all. `names` are those of
 * agents, and learns the ones that come; `chat` is whether there was more than a call, and
 * `promised` whether there was nothing but the promise of one.
 */
export function told(entry: Exclude<Entry, Message>, names: Map<string, string>, words: Words, lang: Lang, chat: boolean, promised: () => boolean | null): string | undefined {
  switch (entry.what) {
    case "queued":
      return words.queued;
    case "held":
      return entry.opens === null ? words.held : words.heldUntil(dayTime(entry.opens, Date.now(), lang));
    case "callback_offered":
      return words.callbackOffered;
    case "joined":
      names.set(entry.agent, entry.name);
      return words[chat ? "joined" : "withAgent"](entry.name);
    case "paused": {
      const name = names.get(entry.agent);
      return name ? words.paused(name) : words.pausedUnnamed;
    }
    case "resumed": {
      const name = names.get(entry.agent);
      return name ? words.resumed(name) : words.resumedUnnamed;
    }
    case "left": {
      if (!chat) return undefined;
      const name = names.get(entry.agent);
      return name ? words.left(name) : words.leftUnnamed;
    }
    case "call":
      return callTold(entry.call, words, (reason) => because(reason, words.because));
    case "callback":
      return callbackWords(entry, words, lang);
    case "ended":
      // What became of the promise is told with it.
      if (promised()) return undefined;
      if (entry.by.party !== "customer" && entry.by.party !== "agent") return words[chat ? "endedBySystem" : "callEnded"](because(entry.reason, words.because));
      // Who ended a call is told with it.
      if (!chat) return undefined;
      return entry.by.party === "agent" ? words.endedByAgent(entry.by.name) : words.endedByYou;
    // Shown where the message stands.
    case "edited":
    case "deleted":
      return undefined;
    case "cobrowse":
      return sharedWords(entry.by, entry.act, words);
    // Shown below the conversation.
    case "rating_asked":
    case "rated":
    case "rating_declined":
      return undefined;
  }
}

/** How a callback stands, in words. */
function callbackWords({ number, state }: Extract<Entry, { what: "callback" }>, words: Words, lang: Lang): string {
  switch (state.is) {
    case "promised":
      return words.callbackPromised(dayTime(state.due, Date.now(), lang), number);
    case "dialling":
      return words.callbackDialling(number);
    case "done":
      return words.callbackDone;
    case "retrying":
      return words.callbackRetrying(because(state.reason, words.because), dayTime(state.due, Date.now(), lang));
    case "ended":
      return words.callbackEnded(because(state.reason, words.because));
  }
}

// What a visitor is told of a page seen together, or suggested; the rest is in the record.
function sharedWords(by: Author, act: Act, words: Words): string | undefined {
  if (act.is === "granted") return words.shared;
  if (act.is === "stopped") return words.unshared;
  if (act.is === "joined") return words.seesPage(act.name);
  if (act.is !== "pushed") return undefined;
  const { url, title } = act;
  const whole = URL.canParse(url, location.href) ? new URL(url, location.href).href : url;
  return `${"name" in by ? by.name : words.you}: ${title ? `${title} ` : ""}${whole}`;
}
