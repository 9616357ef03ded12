// Timeline entries in an agent's words.

import { callTold } from "../text/call";
import { reason } from "../text/staff";
import { dayTime } from "../text/when";
import type { Author, CallbackState, Card, Entry } from "../generated/protocol";
import type { Timeline } from "../link/timeline";
import { actTold } from "./cobrowse/words";
import { lang, words } from "./words";
import { fileWords } from "./words/files";
import { revisingWords } from "./words/revising";

export function authorName(author: Author): string {
  switch (author.party) {
    case "customer":
      return words.customer;
    case "agent":
    case "program":
      return author.name;
    case "system":
      return words.system;
  }
}

/** Says how a callback stands, and who brought it there where that was not the customer. */
function callbackBy(entry: Extract<Entry, { what: "callback" }>): string {
  const text = callbackTold(entry.number, entry.state);
  return entry.by?.party === "agent" || entry.by?.party === "program" ? `${text} (${entry.by.name})` : text;
}

export function callbackTold(number: string, state: CallbackState): string {
  switch (state.is) {
    case "promised":
      return words.callbackPromised(dayTime(state.due, Date.now(), lang), number);
    case "dialling":
      return words.callbackDialling(number);
    case "done":
      return words.callbackDone(number);
    case "retrying":
      return words.callbackRetrying(reason(state.reason), dayTime(state.due, Date.now(), lang));
    case "ended":
      return words.callbackEnded(reason(state.reason));
  }
}

/** Says how far the number of a caller can be relied on; nothing where nothing is known of it. */
export function callerTold({ caller }: Card): string | null {
  if (!caller) return null;
  const attested = caller.attestation && words.attested[caller.attestation];
  const flaw = caller.flaw && words.flaws[caller.flaw];
  const said = caller.carrier && words.carrierSays[caller.carrier];
  const from = caller.diverted && words.divertedFrom(caller.diverted);
  return [caller.withheld && words.callerWithheld, attested, flaw, from, said].filter(Boolean).join("; ") || null;
}

/** Returns the name an agent joined under. */
export function agentName(agent: string, entries: readonly Entry[]): string {
  const joined = entries.findLast((entry) => entry.what === "joined" && entry.agent === agent);
  return joined?.what === "joined" ? joined.name : agent;
}

/** Says in a line what was written or sent last, as it reads now; nothing where nothing was. */
export function lastTold({ entries, revised }: Timeline): string | undefined {
  const last = entries.findLast((entry) => entry.what === "message" || entry.what === "file");
  const revision = last && revised.get(last.seq);
  if (revision && revision.text === undefined) return revisingWords.gone;
  return last?.what === "file" ? fileWords.last(last.file.name) : (revision?.text ?? last?.text);
}

/** Says what an entry other than a message tells; `entries` are all of its timeline. */
export function told(entry: Exclude<Entry, { what: "message" }>, entries: readonly Entry[]): string {
  switch (entry.what) {
    case "file":
      return fileWords.shared(authorName(entry.from), entry.file.name);
    case "edited":
      return revisingWords.editedTo(authorName(entry.by), entry.text);
    case "deleted":
      return revisingWords.deletedBy(authorName(entry.by));
    case "queued":
      return words.queued(entry.queue);
    case "held":
      return entry.opens === null ? words.held : words.heldUntil(dayTime(entry.opens, Date.now(), lang));
    case "callback_offered":
      return words.callbackOffered;
    case "joined":
      return words.joined(entry.name);
    case "paused":
      return words.chatPaused;
    case "resumed":
      return words.chatResumed;
    case "left":
      return words.left(agentName(entry.agent, entries));
    case "call":
      return callTold(entry.call, words, reason);
    case "callback":
      return callbackBy(entry);
    case "ended":
      return words.ended(authorName(entry.by), reason(entry.reason));
    case "rating_asked":
      return words.ratingAsked;
    case "rated":
      return entry.comment ? words.ratedWith(entry.score, entry.comment) : words.rated(entry.score);
    case "cobrowse":
      return actTold(entry.by, entry.act);
    case "rating_declined":
      return words.ratingDeclined;
  }
}
