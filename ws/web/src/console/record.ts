// The record of an interaction as `GET /api/v1/interactions/{id}` gives it. The front end is lenient here: a record
// may come from an older server, and what is missing is left out.

import type { Channel, Entry } from "../generated/protocol";
import { fields, list, number, text, time } from "../text/lenient";
import { standOf, type Stand } from "../text/route";
import { cause, steps, whoOf, whose, type Taken } from "./course";

/** What of a record is shown. */
export interface InteractionRecord {
  interaction: string;
  opened_at: number | null;
  sealed_at: number | null;
  channel: Channel | null;
  queue: string | null;
  page: string;
  referrer: string;
  customer: { customer: string; name: string };
  legs: RecordLeg[];
  assignments: RecordStay[];
  offers: RecordOffer[];
  /** What the customer answered to the zone's form. */
  answers: { label: string; text: string }[];
  /** Whether it waits in a queue. */
  waits: boolean;
  timeline: Entry[];
  notes: RecordNote[];
  handOvers: HandOver[];
  invitations: HandOver[];
  /** Colleagues who were asked in and did not come. */
  uncome: Uncome[];
  /** Whom the agent of a call asked or took into it. */
  asked: Asked[];
  recordings: Recorded[];
  /** When the customer did not want any recording. */
  refused_at: number | null;
  outcome: string;
  /** The earlier interaction whose matter it is about again. */
  repeatOf: string;
  /** Whether its matter is solved, as far as the last agent could say. */
  solved: boolean | null;
  /** The interaction it is part of. */
  partOf: string;
  /** Those that are part of it. */
  parts: InteractionRecord[];
  /** What else happened. */
  steps: Taken[];
}

/** One agent's stay. */
export interface RecordStay {
  agent: string;
  started_at: number | null;
  ended_at: number | null;
  disposition: string;
  note: string;
}

/** One offer, with how the choice came about. */
export interface RecordOffer {
  agent: string;
  at: number | null;
  why: string;
  /** What came of it; empty while it stands. */
  end: string;
  waited: number | null;
  considered: number;
  candidates: Candidate[];
}

/** An agent who was looked at. */
export interface Candidate extends Stand {
  agent: string;
}

/** What was recorded of a call. */
export interface Recorded {
  n: number;
  started_at: number | null;
  /** How long it is; none until it is a whole file. */
  ms: number | null;
  /** Whether it can be heard. */
  there: boolean;
  /** Why there is none. */
  failed: string;
  /** Whether a crash cut it. */
  cut: boolean;
  /** How much of it is missing, in milliseconds. */
  lost: number;
  /** When its caller left it as a message. */
  left_at: number | null;
  /** From when to when silence takes the place of what was said, in milliseconds from its begin. */
  pauses: { from: number; to: number | null }[];
}

/** Somebody of the house: an agent, else a program or queue by its name. */
export interface Who {
  /** Empty where it is no agent. */
  agent: string;
  /** As it was called then. */
  name: string;
}

/** What an agent noted for colleagues. */
export interface RecordNote {
  at: number;
  by: Who;
  text: string;
}

/** A handing over. */
export interface HandOver {
  at: number;
  from: Who;
  to: Who;
}

/** One party's participation. */
export interface RecordLeg {
  leg: string;
  /** Whose, and on what: `customer_phone`, `agent_chat` and so on. */
  kind: string;
  /** The number or agent. */
  who: string;
  cause: string;
  started_at: number | null;
  ended_at: number | null;
  reason: string;
}

/** A colleague who was asked in and did not come. */
export interface Uncome {
  at: number;
  who: string;
  /** `declined`, `expired`, `withdrawn`, … */
  end: string;
}

/** What became of somebody whom the agent of a call asked or took into it. */
export interface Asked {
  at: number;
  step: "consult_started" | "consult_joined" | "consult_ended" | "conference_joined" | "conference_left";
  /** Who asked, where that is told. */
  by: Who;
  /** An agent, or whoever has this number. */
  whom: Who;
  why: string;
}

/** One line of a record in order of time, and whose it is: the record's own, or of what is part of it. */
export type RecordLine = Line & { of: InteractionRecord };

type Line =
  | { at: number; is: "part" }
  | { at: number; is: "entry"; entry: Entry }
  | { at: number; is: "offer"; offer: RecordOffer }
  | { at: number; is: "leg_began" | "leg_ended"; leg: RecordLeg }
  | { at: number; is: "note"; stay: RecordStay }
  | { at: number; is: "internal"; note: RecordNote }
  | { at: number; is: "hand_over"; handOver: HandOver }
  | { at: number; is: "invited"; invitation: HandOver }
  | { at: number; is: "uncome"; uncome: Uncome }
  | { at: number; is: "asked"; asked: Asked }
  | ({ is: "step" } & Taken);

/** Brings what came into the shape that is shown. */
export function shape(body: Record<string, unknown>, asked: string): InteractionRecord {
  const interaction = text(body["interaction"]) || asked;
  const customer = fields(body["customer"]);
  const recording = happened(body, "recording");
  const legs = list(body["legs"]).map(leg);
  return {
    interaction,
    opened_at: time(body["opened_at"]),
    sealed_at: time(body["sealed_at"]),
    channel: body["channel"] === "voice" || body["channel"] === "chat" ? body["channel"] : null,
    queue: text(body["queue"]) || null,
    page: text(body["page"]),
    referrer: text(body["referrer"]),
    customer: { customer: text(customer["customer"]), name: text(customer["name"]) || text(customer["number"]) || text(customer["mail"]) },
    legs,
    assignments: list(body["assignments"]).map(stay),
    offers: list(body["offers"]).map(offer),
    answers: list(body["answers"]).map((each) => ({ label: text(each["label"]), text: text(each["words"]) || text(each["value"]) })),
    waits: list(body["waits"]).some((wait) => wait["left_at"] === null),
    timeline: list(body["timeline"]).filter((entry) => typeof entry["what"] === "string") as unknown as Entry[],
    notes: happened(body, "noted").concat(inChat(body, "whispered")).map(noted).concat([...happened(body, "handed_over"), ...invited(body), ...transferred(body)].filter((each) => text(fields(each["details"])["note"])).map(toldAlong)),
    handOvers: happened(body, "handed_over").map(handOver),
    invitations: invited(body).map(invitation),
    uncome: inChat(body, "invitation_ended").map(uncome),
    asked: happened(body, "in_call").flatMap((each) => askedOf(each, legs)),
    recordings: list(body["recordings"]).map((each) => recorded(each, recording)),
    refused_at: time(recording.find((each) => text(fields(each["details"])["step"]) === "refused")?.["at"]),
    outcome: text(body["outcome"]),
    repeatOf: text(body["repeat_of"]),
    solved: typeof body["solved"] === "boolean" ? body["solved"] : null,
    partOf: text(body["merged_into"]),
    parts: list(body["merged"]).map((part) => shape(part, "")),
    steps: steps(body, interaction, legs),
  };
}

/** Returns a record, and those of all that is part of it. */
export function whole(record: InteractionRecord): InteractionRecord[] {
  return [record, ...record.parts.flatMap(whole)];
}

/** Returns everything that happened, in order, also in what is part of it; what happened at once keeps the order of a contact's life. */
export function inOrder(record: InteractionRecord): RecordLine[] {
  const lines = whole(record).flatMap((of) => {
    if (of === record) return own(of).map((line) => ({ ...line, of }));
    const began: Line[] = of.opened_at === null ? [] : [{ at: of.opened_at, is: "part" }];
    // How it became a part stands among the lines of what it is part of.
    const rest = own(of).filter((line) => line.is !== "step" || !("stays" in line.step) || line.step.stays);
    return [...began, ...rest].map((line) => ({ ...line, of }));
  });
  return lines.sort((one, other) => one.at - other.at);
}

function own(record: InteractionRecord): Line[] {
  const lines: Line[] = [];
  for (const entry of record.timeline) lines.push({ at: entry.at, is: "entry", entry });
  for (const each of record.offers) if (each.at !== null) lines.push({ at: each.at, is: "offer", offer: each });
  for (const each of record.asked) lines.push({ at: each.at, is: "asked", asked: each });
  for (const each of record.steps) lines.push({ is: "step", ...each });
  for (const each of record.legs) {
    if (each.started_at !== null) lines.push({ at: each.started_at, is: "leg_began", leg: each });
    if (each.ended_at !== null) lines.push({ at: each.ended_at, is: "leg_ended", leg: each });
  }
  for (const each of record.assignments) if (each.ended_at !== null && (each.note || each.disposition)) lines.push({ at: each.ended_at, is: "note", stay: each });
  for (const note of record.notes) lines.push({ at: note.at, is: "internal", note });
  for (const each of record.handOvers) lines.push({ at: each.at, is: "hand_over", handOver: each });
  for (const each of record.invitations) lines.push({ at: each.at, is: "invited", invitation: each });
  for (const each of record.uncome) lines.push({ at: each.at, is: "uncome", uncome: each });
  return lines;
}

// Facts that have no list of their own stand among the happenings.
function happened(body: Record<string, unknown>, event: string): Record<string, unknown>[] {
  return list(body["happenings"]).filter((each) => each["event"] === event);
}

function noted(each: Record<string, unknown>): RecordNote {
  const details = fields(each["details"]);
  const by = fields(details["by"]);
  return { at: time(each["at"]) ?? 0, by: whoOf(by), text: text(details["text"]) };
}

function toldAlong(each: Record<string, unknown>): RecordNote {
  const details = fields(each["details"]);
  const by = fields(details["by"]);
  return { at: time(each["at"]) ?? 0, by: whoOf(details["by"] ? by : details), text: text(details["note"]) };
}

function handOver(each: Record<string, unknown>): HandOver {
  const details = fields(each["details"]);
  const to = fields(details["to"]);
  return { at: time(each["at"]) ?? 0, from: whoOf(details), to: { agent: text(to["agent"]), name: text(to["queue"]) } };
}

// Colleagues who were asked in.
function invited(body: Record<string, unknown>): Record<string, unknown>[] {
  return inChat(body, "invited");
}

function inChat(body: Record<string, unknown>, step: string): Record<string, unknown>[] {
  return happened(body, "in_chat").filter((each) => text(fields(each["details"])["step"]) === step);
}

// Those to whom a call was given.
function transferred(body: Record<string, unknown>): Record<string, unknown>[] {
  return happened(body, "in_call").filter((each) => text(fields(each["details"])["step"]) === "transferred");
}

function uncome(each: Record<string, unknown>): Uncome {
  const details = fields(each["details"]);
  return { at: time(each["at"]) ?? 0, who: text(details["agent"]), end: text(details["end"]) };
}

// Steps of a call that tell of nobody who was asked have no line.
function askedOf(each: Record<string, unknown>, legs: readonly RecordLeg[]): Asked[] {
  const details = fields(each["details"]);
  const step = text(details["step"]);
  if (!isAsked(step)) return [];
  const to = fields(details["to"]);
  const there = whose(details["leg"], legs);
  const agent = text(to["agent"]) || text(details["consulted"]) || text(details["left"]) || there.agent;
  return [{ at: time(each["at"]) ?? 0, step, by: whoOf(details), whom: { agent, name: agent ? "" : text(to["number"]) || there.name }, why: cause(details) }];
}

function isAsked(step: string): step is Asked["step"] {
  return ["consult_started", "consult_joined", "consult_ended", "conference_joined", "conference_left"].includes(step);
}

function invitation(each: Record<string, unknown>): HandOver {
  const details = fields(each["details"]);
  const by = fields(details["by"]);
  return { at: time(each["at"]) ?? 0, from: whoOf(by), to: { agent: text(details["agent"]), name: "" } };
}

function recorded(each: Record<string, unknown>, steps: Record<string, unknown>[]): Recorded {
  const n = number(each["n"]);
  const began = time(each["started_at"]);
  const ended = time(each["ended_at"]);
  const after = (at: number | null) => (at === null || began === null ? null : Math.max(0, at - began));
  const pauses: Recorded["pauses"] = [];
  for (const step of steps) {
    const details = fields(step["details"]);
    if (number(details["n"]) !== n) continue;
    const at = after(time(step["at"]));
    const open = pauses.find((pause) => pause.to === null);
    if (text(details["step"]) === "paused" && at !== null && !open) pauses.push({ from: at, to: null });
    if (text(details["step"]) === "resumed" && open) open.to = at;
  }
  for (const pause of pauses) pause.to ??= after(ended);
  return {
    n,
    started_at: began,
    ms: time(each["ms"]),
    there: text(each["mediatype"]) !== "",
    failed: text(each["failed"]),
    cut: each["cut"] === true,
    lost: number(each["lost_ms"]),
    left_at: time(each["message_left_at"]),
    pauses,
  };
}

function stay(each: Record<string, unknown>): RecordStay {
  return {
    agent: text(each["agent"]),
    started_at: time(each["started_at"]),
    ended_at: time(each["ended_at"]),
    disposition: text(each["disposition"]),
    note: text(each["note"]),
  };
}

function offer(each: Record<string, unknown>): RecordOffer {
  const route = fields(each["route"]);
  return {
    agent: text(each["agent"]),
    at: time(each["at"]),
    why: text(each["why"]),
    end: text(each["end"]),
    waited: time(route["waited_ms"]),
    considered: number(route["considered"]),
    candidates: list(route["candidates"]).map((one) => ({ agent: text(one["agent"]), ...standOf(one) })),
  };
}

function leg(each: Record<string, unknown>): RecordLeg {
  const party = fields(each["party"]);
  return {
    leg: text(each["leg"]),
    kind: text(each["kind"]) || text(party["kind"]),
    who: text(each["party"]) || text(party["number"]) || text(party["agent"]),
    cause: text(each["cause"]),
    started_at: time(each["started_at"]),
    ended_at: time(each["ended_at"]),
    reason: text(each["reason"]) || text(fields(each["reason"])["text"]) || text(fields(each["reason"])["kind"]),
  };
}
