// The steps of a contact's course in words.

import { dayTime, span } from "../text/when";
import { because } from "./because";
import type { Step } from "./course";
import type { Who } from "./record";
import { customerWords } from "./words/customer";
import { historyWords } from "./words/history";

/** The words it is told in. */
export interface Words {
  history: typeof historyWords;
  customer: typeof customerWords;
  /** Why something ended, as the server says it. */
  reason: (text: string) => string;
  lang: string;
}

/** Says what a step was; `who` names somebody, and nobody by nothing. */
export function walked(step: Step, who: (who: Who) => string, { history: words, customer, reason, lang }: Words): string {
  const house = (by: Who) => who(by) || words.house;
  switch (step.is) {
    case "transferred":
      return words.transferred(house(step.by), who(step.to) || words.outside);
    case "transfer_failed":
      return words.transferFailed(who(step.to) || words.outside, reason(step.why));
    case "handed_out":
      return words.handedOut(who(step.to) || words.outside);
    case "plain":
      return words.plain[step.what];
    case "supervised":
      return words.supervised[step.how](house(step.by));
    case "taken_over":
      return words.takenOver(house(step.by), who(step.from));
    case "parked":
    case "unparked":
      return words[step.is](house(step.by));
    case "diverted":
      return words.diverted(step.queue, words.rules[step.rule] ?? step.rule, step.into ? words.into(step.into) : (words.instead[step.instead] ?? step.instead));
    case "menu_entered":
      return words.menuEntered(step.menu);
    case "menu_keyed":
      return words.menuKeyed(step.keys, step.menu);
    case "menu_left": {
      const where = step.to === "agent" ? who({ agent: step.where, name: "" }) : step.where;
      return words.menuLeft(step.menu, (words.exits[step.to] ?? (() => step.to))(where), named(words.menuWhy, step.why));
    }
    case "rerouted":
      if (step.passed) return words.passedOver(step.passed, named(words.lacks, step.lack), step.trunk);
      return words.rerouted(step.left, step.status >= 300 ? `${named(words.left, step.why)}, ${step.status}` : named(words.left, step.why), step.trunk);
    case "redirected":
      return words.redirected(step.to);
    case "looked_up":
      return words.lookedUp(step.found.map((each) => named(words.found, each)).join(", "));
    case "refused":
      return words.refused(named(words.ways, step.way), named(customer.channels, step.channel), named(words.closed, step.closed));
    case "awaits": {
      const why = step.why === "gate" ? named(words.closed, step.closed) : step.why === "agent" && step.who.agent ? words.awaitsAgent(who(step.who)) : named(words.awaits, step.why);
      return words.promiseWaits(step.until === null ? why : `${why}, ${customer.untilTime(dayTime(step.until, Date.now(), lang))}`);
    }
    case "promised":
      return step.expected === null ? words.promisedPlace(step.position) : words.promised(step.position, span(step.expected));
    case "waited": {
      const off = step.off !== null && Math.abs(step.off) >= 1_000 && (step.off > 0 ? words.longer(span(step.off)) : words.shorter(span(-step.off)));
      const timely = step.end === "answered" && (step.inTime ? words.inTime : words.notInTime);
      return words.waitOver(span(step.waited), step.queue, [words.waits[step.end] ?? step.end, timely, off].filter(Boolean).join(", "));
    }
    case "consent": {
      const said = words.consent(named(customer.changes, step.change), named(customer.channels, step.channel), who(step.by) || (customer.sources[step.source] ?? step.source));
      return because(step.until === null ? said : `${said}, ${customer.untilTime(dayTime(step.until, Date.now(), lang))}`, step.why);
    }
    case "merged":
    case "unmerged":
      return because(words[step.is][step.stays ? "here" : "there"](house(step.by)), step.why);
  }
}

function named(words: Record<string, string>, word: string): string {
  return words[word] ?? word;
}
