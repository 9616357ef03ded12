// The frames of subprotocol `tandem.v1` as the Rust types in `ws/src` define them.

export type InteractionId = string;
export type VisitorId = string;
export type CustomerId = string;
export type LegId = string;
export type AssignmentId = string;
export type CallbackId = string;
export type AgentId = string;
export type QueueId = string;
export type ZoneId = string;
export type Skill = string;
export type Mid = string;
export type Number = string;
export type Seq = number;
export type Timestamp = number;

export type Asked<R> = { id: number } & R;
export type Told<D, P> = { re: number; ok: D } | { re: number; error: Refusal } | P;
export type Resume = { interaction: string; epoch: string; seq: Seq };
export type Refusal = { code: Code; text: string };
export type Code =
  | "malformed"
  | "out_of_range"
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "rate_limited"
  | "full"
  | "suppressed"
  | "unavailable";

export type Entry = { seq: Seq; at: Timestamp } & What;
export type Author = { party: "customer" } | { party: "agent"; agent: string; name: string } | { party: "system" };
export type What =
  | { what: "message"; from: Author; mid: string; text: string }
  | { what: "queued"; queue: string }
  | { what: "joined"; agent: string; name: string }
  | { what: "left"; agent: string }
  | { what: "call"; leg: string | null; call: CallState }
  | { what: "callback"; callback: string; number: string; state: CallbackState }
  | { what: "ended"; by: Author; reason: string };
export type CallState =
  | { is: "dialling"; number: string }
  | { is: "ringing" }
  | { is: "connected" }
  | { is: "ended"; reason: string }
  | { is: "failed"; reason: string };
export type CallbackState =
  | { is: "promised"; due: Timestamp }
  | { is: "dialling" }
  | { is: "done" }
  | { is: "retrying"; reason: string; due: Timestamp }
  | { is: "ended"; reason: string };

export type VisitorRequest =
  | { op: "hello"; token: string; resume: Resume | null }
  | {
      op: "open";
      zone: string;
      name: string | null;
      mail: string | null;
      page: string | null;
      mid: string;
      text: string;
    }
  | { op: "message"; mid: string; text: string }
  | { op: "typing"; on: boolean }
  | { op: "receipt"; delivered: Seq; read: Seq }
  | { op: "call"; number: string }
  | { op: "callback"; number: string; at: Timestamp | null }
  | { op: "cancel_callback"; callback: string }
  | { op: "end" }
  | { op: "pong"; seq: Seq };
export type VisitorDone =
  | { done: "welcome"; visitor: string; epoch: string; interaction: string | null }
  | { done: "written"; interaction: string; mid: string; seq: Seq }
  | { done: "promised"; callback: string }
  | { done: "ok" };
export type VisitorPush =
  | { push: "entry"; interaction: string; entry: Entry }
  | { push: "position"; interaction: string; queue: string; position: number; wait: number | null }
  | { push: "typing"; interaction: string; from: Author; on: boolean }
  | { push: "receipt"; interaction: string; agent: string | null; delivered: Seq; read: Seq }
  | { push: "ping"; seq: Seq };

export type AgentRequest =
  | { op: "hello"; token: string; resume: DeskResume | null; timelines: Array<Resume> }
  | { op: "presence"; presence: Presence }
  | { op: "accept"; interaction: string }
  | { op: "decline"; interaction: string }
  | { op: "message"; interaction: string; mid: string; text: string }
  | { op: "typing"; interaction: string; on: boolean }
  | { op: "receipt"; interaction: string; delivered: Seq; read: Seq }
  | { op: "escalate"; interaction: string; number: string }
  | { op: "callback"; interaction: string; number: string; at: Timestamp | null }
  | { op: "cancel_callback"; callback: string }
  | { op: "hang_up"; interaction: string }
  | { op: "end"; interaction: string }
  | { op: "wrap_up"; interaction: string; disposition: string | null; note: string | null }
  | { op: "pong"; seq: Seq };
export type DeskResume = { epoch: string; seq: Seq };
export type Presence = { is: "ready" } | { is: "away"; reason: string } | { is: "gone" };
export type AgentDone =
  | { done: "welcome"; agent: string; desk_epoch: string; epoch: string }
  | { done: "written"; interaction: string; mid: string; seq: Seq }
  | { done: "promised"; callback: string }
  | { done: "ok" };
export type AgentPush =
  | { push: "desk"; seq: Seq; desk: Desk }
  | { push: "change"; seq: Seq; interaction: string | null; change: Change }
  | { push: "entry"; interaction: string; entry: Entry }
  | { push: "typing"; interaction: string; from: Author; on: boolean }
  | { push: "receipt"; interaction: string; agent: string | null; delivered: Seq; read: Seq }
  | { push: "queues"; queues: Array<QueueLength> }
  | { push: "ping"; seq: Seq };
export type Desk = {
  agent: string;
  name: string;
  skills: Array<string>;
  presence: Presence;
  phone: boolean;
  chat_slots: number;
  offers: Array<Offer>;
  contacts: Array<Contact>;
  queues: Array<QueueLength>;
};
export type QueueLength = { queue: string; waiting: number };
export type Channel = "voice" | "chat";
export type Offer = {
  interaction: string;
  channel: Channel;
  queue: string;
  deadline: Timestamp;
  waiting_since: Timestamp;
  callback: string | null;
  card: Card;
  why: string;
};
export type Card = {
  customer: string | null;
  name: string | null;
  number: string | null;
  mail: string | null;
  verified: boolean;
  page: string | null;
  earlier: Array<Earlier>;
};
export type Earlier = { interaction: string; at: Timestamp; channel: Channel; outcome: string };
export type Contact = {
  interaction: string;
  assignment: string;
  queue: string;
  since: Timestamp;
  chat: boolean;
  call: CallState | null;
  leg: string | null;
  callbacks: Array<Promise>;
  wrap_up_until: Timestamp | null;
  card: Card;
};
export type Promise = { callback: string; number: string; state: CallbackState };
export type Change =
  | { change: "offered"; offer: Offer }
  | { change: "offer_gone"; interaction: string; reason: string }
  | { change: "contact"; contact: Contact }
  | { change: "released"; interaction: string }
  | { change: "presence"; presence: Presence }
  | { change: "phone"; reachable: boolean };
