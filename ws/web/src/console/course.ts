// What happened in the course of a contact besides what was said and who came: what a menu asked, how the call was handed on,
// held and carried, who listened in, what another system knew, what those who waited were told and why a promised call waited,
// what was said about contact and whom the gate refused, and what it is one matter with.

import { fields, list, number, text, time } from "../text/lenient";
import type { RecordLeg, Who } from "./record";

/** One such step. */
export type Step =
  | { is: "transferred"; by: Who; to: Who }
  | { is: "transfer_failed"; to: Who; why: string }
  | { is: "handed_out"; to: Who }
  | { is: "plain"; what: "hand_out_failed" | "held" | "resumed" | "muted" | "unmuted" }
  | { is: "supervised"; by: Who; how: "listening" | "reading" | "whispering" | "barging" }
  | { is: "taken_over"; by: Who; from: Who }
  | { is: "parked" | "unparked"; by: Who }
  | { is: "diverted"; queue: string; rule: string; instead: string; into: string }
  | { is: "menu_entered"; menu: string }
  | { is: "menu_keyed"; menu: string; keys: string }
  | { is: "menu_left"; menu: string; to: string; where: string; why: string }
  | { is: "rerouted"; trunk: string; left: string; why: string; status: number; passed: string; lack: string }
  | { is: "redirected"; to: string }
  | { is: "looked_up"; found: string[] }
  | { is: "refused"; channel: string; way: string; closed: string }
  | { is: "awaits"; why: string; who: Who; closed: string; until: number | null }
  | { is: "promised"; position: number; expected: number | null }
  | { is: "waited"; queue: string; waited: number; end: string; inTime: boolean; off: number | null }
  | { is: "consent"; channel: string; change: string; source: string; by: Who; why: string; until: number | null }
  | { is: "merged" | "unmerged"; other: string; stays: boolean; by: Who; why: string };

/** A step and when it was. */
export interface Taken {
  at: number;
  step: Step;
}

type Fields = Record<string, unknown>;

/** Reads all steps out of a record; `interaction` is whose it is. */
export function steps(body: Fields, interaction: string, legs: readonly RecordLeg[]): Taken[] {
  const happenings = list(body["happenings"]);
  const watchers = new Map(happenings.map(({ details }) => fields(details)).filter((each) => each["step"] === "supervision_started").map((each) => [text(each["leg"]), text(each["agent"])]));
  const within = (each: Fields): Step | undefined => {
    const details = fields(each["details"]);
    switch (each["event"]) {
      case "in_call":
        return inCall(details, legs, watchers);
      case "in_chat":
        return inChat(details, watchers);
      case "parked":
        return { is: "parked", by: whoOf(fields(details["by"])) };
      case "unparked":
        return { is: "unparked", by: whoOf(details) };
      case "diverted": {
        const to = fields(details["to"]);
        return { is: "diverted", queue: text(details["queue"]), rule: text(details["rule"]), instead: text(to["instead"]), into: text(to["queue"]) };
      }
      case "looked_up":
        return { is: "looked_up", found: Object.keys(fields(details["found"])) };
      case "contact_refused":
        return { is: "refused", channel: text(details["channel"]), way: text(details["way"]), closed: text(details["closed"]) };
      case "callback_waits":
        return { is: "awaits", why: text(details["why"]), who: { agent: text(details["agent"]), name: "" }, closed: text(details["closed"]), until: time(details["until"]) };
      default:
        return undefined;
    }
  };
  return [
    ...happenings.flatMap((each) => taken(each["at"], within(each))),
    ...list(body["promised_waits"]).flatMap(waited),
    ...list(body["consents"]).flatMap((each) => taken(each["at"], consent(each))),
    ...list(body["merges"]).flatMap((each) => merged(each, interaction)),
  ];
}

function taken(at: unknown, step: Step | undefined): Taken[] {
  const when = time(at);
  return step && when !== null ? [{ at: when, step }] : [];
}

function inCall(details: Fields, legs: readonly RecordLeg[], watchers: ReadonlyMap<string, string>): Step | undefined {
  const on = details["on"] === true;
  switch (details["step"]) {
    case "transferred": {
      const to = fields(details["to"]);
      return { is: "transferred", by: whoOf(details), to: { agent: text(to["agent"]), name: text(to["queue"]) || text(to["number"]) } };
    }
    case "transfer_failed":
      return { is: "transfer_failed", to: whose(details["leg"], legs), why: cause(details) };
    case "handed_out":
      return { is: "handed_out", to: { agent: "", name: text(details["number"]) } };
    case "hand_out_failed":
      return { is: "plain", what: "hand_out_failed" };
    case "held":
      return { is: "plain", what: on ? "held" : "resumed" };
    case "muted":
      return { is: "plain", what: on ? "muted" : "unmuted" };
    case "supervised":
      return supervised(details, watchers, "listening");
    case "menu_entered":
      return { is: "menu_entered", menu: text(details["menu"]) };
    case "menu_keyed":
      return { is: "menu_keyed", menu: text(details["menu"]), keys: text(details["keys"]) };
    case "menu_left": {
      const [to = "", where = ""] = text(details["to"]).split(":");
      return { is: "menu_left", menu: text(details["menu"]), to, where, why: text(details["reason"]) };
    }
    case "rerouted": {
      const passed = fields(details["passed_over"]);
      return { is: "rerouted", trunk: text(details["trunk"]), left: text(details["left"]), why: text(details["why"]), status: number(details["status"]), passed: text(passed["trunk"]), lack: text(passed["lack"]) };
    }
    case "redirected":
      return { is: "redirected", to: text(details["number"]) };
    default:
      return undefined;
  }
}

function inChat(details: Fields, watchers: ReadonlyMap<string, string>): Step | undefined {
  switch (details["step"]) {
    // In a call they take part once their phone is answered.
    case "supervision_started":
    case "supervised":
      return supervised(details, watchers, "reading");
    case "taken_over":
      return { is: "taken_over", by: { agent: text(details["by"]), name: "" }, from: { agent: text(details["from"]), name: "" } };
    default:
      return undefined;
  }
}

function supervised(details: Fields, watchers: ReadonlyMap<string, string>, unnoticed: "listening" | "reading"): Step {
  const how = details["how"] === "whisper" ? "whispering" : details["how"] === "barge" ? "barging" : unnoticed;
  return { is: "supervised", by: { agent: watchers.get(text(details["leg"])) ?? "", name: "" }, how };
}

function waited(each: Fields): Taken[] {
  const promises = list(each["promises"]).flatMap((told) => taken(told["at"], { is: "promised", position: number(told["position"]), expected: time(told["expected_ms"]) }));
  const [came, ended] = [time(each["came_at"]), time(each["ended_at"])];
  if (came === null || ended === null) return promises;
  return [...promises, { at: ended, step: { is: "waited", queue: text(each["queue"]), waited: ended - came, end: text(each["end"]), inTime: each["in_time"] === true, off: time(each["error_ms"]) } }];
}

function consent(each: Fields): Step {
  return { is: "consent", channel: text(each["channel"]), change: text(each["change"]), source: text(each["source"]), by: doer(each, ""), why: text(each["reason"]), until: time(each["until"]) };
}

// A merge and its end are two steps of both contacts.
function merged(each: Fields, interaction: string): Taken[] {
  const stays = each["kept"] === interaction;
  const other = text(each[stays ? "merged" : "kept"]);
  return [
    ...taken(each["at"], { is: "merged", other, stays, by: doer(each, ""), why: text(each["reason"]) }),
    ...taken(each["undone_at"], { is: "unmerged", other, stays, by: doer(each, "undone_"), why: text(each["undone_reason"]) }),
  ];
}

function doer(each: Fields, when: "" | "undone_"): Who {
  return { agent: text(each[`${when}agent`]), name: text(each[`${when}program`]) };
}

/** Whose a leg is: an agent's, else a number. */
export function whose(leg: unknown, legs: readonly RecordLeg[]): Who {
  const found = legs.find((each) => each.leg === text(leg));
  return found?.kind.startsWith("agent_") ? { agent: found.who, name: "" } : { agent: "", name: found?.who ?? "" };
}

/** Somebody of the house as facts name them. */
export function whoOf(one: Fields): Who {
  return { agent: text(one["agent"]), name: text(one["name"]) };
}

/** Why something ended. */
export function cause(details: Fields): string {
  const why = fields(details["cause"]);
  return text(why["text"]) || text(why["kind"]);
}
