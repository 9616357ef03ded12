// The frames of subprotocol `tandem.v1`, generated from the Rust types in `ws/src` by the test `ws/tests/typescript.rs`;
// `UPDATE=1 cargo test -p ws --test typescript` writes it anew. PROTOCOL.md explains them.

export type InteractionId = string;

export type VisitorId = string;

export type CustomerId = string;

export type LegId = string;

export type AssignmentId = string;

export type CallbackId = string;

export type RecordingId = string;

export type AgentId = string;

export type QueueId = string;

export type TrunkId = string;

export type ZoneId = string;

export type Skill = string;

export type Mid = string;

export type FileId = string;

export type SheetName = string;

export type Number = string;

/** A place in an interaction's timeline, from 1, without gaps. */
export type Seq = number;

/** A point in time: milliseconds since 1970-01-01T00:00:00Z. */
export type Timestamp = number;

/** A request with the number its answer carries. */
export type Asked<R> = { id: number } & R;

/** What a server sends: an answer or a push. */
export type Told<D, P> = { re: number, ok: D }
  | { re: number, error: Refusal } | P;

/** Where a timeline is taken up. */
export type Resume = { interaction: InteractionId, epoch: string, seq: Seq };

/** Why a request was refused. */
export type Refusal = { code: Code, text: string };

/** The kinds of refusal. */
export type Code = "malformed" | "out_of_range" | "unauthorized" | "forbidden" | "not_found" | "conflict" | "rate_limited" | "full" | "suppressed" | "unavailable";

/** How well the customer found they were served, from 1 (badly) to 5 (very well). */
export type Score = number;

/** Where a contact is handed on to: one of an agent, a queue and a number. */
export type TransferTo = { "agent": AgentId }
  | { "queue": QueueId }
  | { "number": Number };

/** Somebody an agent asks while the customer hears music, as a console shows it. */
export type Consult = { to: TransferTo, joined: boolean };

/** Somebody who was asked or in the conversation and is gone, as a console shows it. */
export type Parted = { leg: LegId, name: string, why: PartedWhy };

/** Why somebody who was asked about a call, or taken into it, is gone. */
export type PartedWhy = "declined" | "busy" | "no_answer" | "unreachable" | "left";

/** Somebody who was taken into the conversation of customer and agent, as a console shows it. */
export type Guest = { leg: LegId } & ({ "agent": AgentId }
  | { "queue": QueueId }
  | { "number": Number });

/** Another agent, as a console shows them. */
export type Colleague = { agent: AgentId, name: string };

/** A colleague in a chat, or asked in, as a console shows them. */
export type Member = { agent: AgentId, name: string, joined: boolean };

/** How a supervisor takes part in a call or a chat; in a chat to hear is to read, and to be heard is to be read. */
export type Supervision = "listen" | "whisper" | "barge";

/** What a supervisor wants in a call or a chat. */
export type Supervise = "listen" | "whisper" | "barge" | "take_over" | "stop";

/** A supervisor in a call or a chat, as boards show it. */
export type Supervisor = { agent: AgentId, channel: Channel, how: Supervision, joined: boolean };

/** A chat in which a supervisor takes part, as their own desk shows it; its timeline follows as that of a contact does. */
export type Supervised = { interaction: InteractionId, queue: QueueId, how: Supervision, agent: AgentId | null, name: string | null, card: Card, whispers: Array<Note>, notes?: Array<Note> };

/** To whom a memo goes. */
export type MemoTo = { "agent": AgentId }
  | { "queue": QueueId } | "supervisors" | "everybody";

/** What somebody wrote to colleagues. */
export type Memo = { n: number, at: Timestamp, mid: Mid, by: AgentId, name: string, to: MemoTo, text: string };

/** The memos of one agent. */
export type Memos = { memos: Array<Memo>, read: number, unread: number };

/** A file in a chat; what is in it is fetched by HTTP. */
export type SharedFile = { file: FileId, name: string, kind: string, bytes: number };

/** One numbered line of an interaction's timeline. */
export type Entry = { seq: Seq, at: Timestamp } & ({ what: "message", from: Author, mid: Mid, text: string }
  | { what: "file", from: Author, mid: Mid, file: SharedFile }
  | { what: "edited", by: Author, of: Seq, text: string }
  | { what: "deleted", by: Author, of: Seq }
  | { what: "queued", queue: QueueId }
  | { what: "held", opens: Timestamp | null }
  | { what: "callback_offered" }
  | { what: "joined", agent: AgentId, name: string }
  | { what: "paused", agent: AgentId }
  | { what: "resumed", agent: AgentId }
  | { what: "left", agent: AgentId }
  | { what: "call", leg: LegId | null, call: CallState }
  | { what: "callback", callback: CallbackId, number: Number, state: CallbackState, by?: Author }
  | { what: "ended", by: Author, reason: string }
  | { what: "rating_asked", channel: Channel, until: Timestamp }
  | { what: "rated", score: Score, comment: string | null }
  | { what: "rating_declined" }
  | { what: "cobrowse", by: Author, act: Act });

/** Who wrote or did something in an interaction. */
export type Author = { party: "customer" }
  | { party: "agent", agent: AgentId, name: string }
  | { party: "program", name: string }
  | { party: "system" };

/** What a timeline entry tells. */
export type What = { what: "message", from: Author, mid: Mid, text: string }
  | { what: "file", from: Author, mid: Mid, file: SharedFile }
  | { what: "edited", by: Author, of: Seq, text: string }
  | { what: "deleted", by: Author, of: Seq }
  | { what: "queued", queue: QueueId }
  | { what: "held", opens: Timestamp | null }
  | { what: "callback_offered" }
  | { what: "joined", agent: AgentId, name: string }
  | { what: "paused", agent: AgentId }
  | { what: "resumed", agent: AgentId }
  | { what: "left", agent: AgentId }
  | { what: "call", leg: LegId | null, call: CallState }
  | { what: "callback", callback: CallbackId, number: Number, state: CallbackState, by?: Author }
  | { what: "ended", by: Author, reason: string }
  | { what: "rating_asked", channel: Channel, until: Timestamp }
  | { what: "rated", score: Score, comment: string | null }
  | { what: "rating_declined" }
  | { what: "cobrowse", by: Author, act: Act };

/** How a call stands. */
export type CallState = { is: "dialling", number: Number }
  | { is: "ringing" }
  | { is: "connected" }
  | { is: "ended", reason: string }
  | { is: "failed", reason: string };

/** How a callback stands. */
export type CallbackState = { is: "promised", due: Timestamp }
  | { is: "dialling" }
  | { is: "done" }
  | { is: "retrying", reason: string, due: Timestamp }
  | { is: "ended", reason: string };

/** By what a customer may be contacted by us. */
export type ContactChannel = "voice" | "chat" | "mail";

/** Whom a call back dials first, once an agent took it. */
export type Order = "together" | "agent_first" | "customer_first";

/** What may be wished of a call back beside number and time. */
export type Wish = { until: Timestamp | null, zone: string | null, owner: AgentId | null, order: Order | null, remind: number | null, keep_place: boolean };

/** A call that a visitor wants later, in place of a chat. */
export type WantedCall = { number: Number, at: Timestamp | null, wish?: Wish | null };

/** What a visitor may allow, each by itself. */
export type Grant = "view" | "point" | "push" | "control";

/** How a page is shared now; nothing is asked and nothing granted when it is not. */
export type Sharing = { asked: Array<Grant>, by: string | null, until: Timestamp | null, granted: Array<Grant>, since: Timestamp | null, page: string | null, title: string | null, viewers: Array<Viewer> };

/** Somebody who looks at a shared page. */
export type Viewer = { agent: AgentId, name: string };

/** What was done about a shared page: a fact, and a line of the timeline. */
export type Act = { is: "asked", grants: Array<Grant>, until: Timestamp }
  | { is: "unanswered" }
  | { is: "granted", grants: Array<Grant> }
  | { is: "declined", grants: Array<Grant> }
  | { is: "revoked", grants: Array<Grant> }
  | { is: "stopped", reason: string }
  | { is: "page", url: string, title: string | null, skipped: number }
  | { is: "pushed", url: string, title: string | null }
  | { is: "joined", agent: AgentId, name: string }
  | { is: "left", agent: AgentId }
  | { is: "marked", label: string | null }
  | { is: "drawn" }
  | { is: "filled", label: string | null }
  | { is: "pressed", label: string | null }
  | { is: "undone", label: string | null }
  | { is: "paired" }
  | { is: "astray", reason: string };

/** What an agent does on a visitor's page. Places are CSS pixels of the whole page, from its upper left corner; nodes are */
/** numbered by the recorder. */
export type Guide = { how: "pointer", x: number, y: number }
  | { how: "scroll", x: number, y: number, node: number | null }
  | { how: "mark", node: number, label: string | null }
  | { how: "draw", points: Array<[number, number]> }
  | { how: "clear" }
  | { how: "fill", node: number, value: string, label: string | null }
  | { how: "press", node: number, label: string | null };

/** What an agent asks. */
export type AgentAct = { do: "ask", grants: Array<Grant> }
  | { do: "stop" }
  | { do: "watch", sheets: Array<SheetName> }
  | { do: "leave" }
  | { do: "guide", stream: string, guide: Guide }
  | { do: "page", url: string, title: string | null }
  | { do: "code" }
  | { do: "pair", code: string };

/** What a visitor does about a call of this page. */
export type VisitorVoice = { act: "call", zone: ZoneId, name: string | null, page: string | null, referrer?: string | null, sdp: string }
  | { act: "media", leg: LegId, sdp: string }
  | { act: "hang_up" };

/** What an agent does about calls at this console. */
export type AgentVoice = { act: "headset", on: boolean }
  | { act: "media", leg: LegId, sdp: string };

/** A call at an agent's console. */
export type HeadsetCall = { interaction: InteractionId, leg: LegId, taken: boolean, name: string | null, number: Number | null };

/** Calls at an agent's consoles. */
export type Headset = { on: boolean, calls: Array<HeadsetCall> };

/** How one line of a call carries speech. */
export type LineQuality = { customer: boolean, poor: boolean, ended: boolean, mos: number, lost: number };

/** What is wanted of the recording of a call. */
export type Record = "start" | "pause" | "resume" | "stop" | "refuse";

/** How it stands with the recording of a call. */
export type RecordingState = "idle" | "announced" | "running" | "paused" | "refused";

/** A recording that can be listened to. */
export type Recording = { recording: RecordingId, ms: number };

/** A message that a caller left. */
export type Voicemail = { recording: RecordingId, ms: number, left: Timestamp };

/** What a visitor asks. */
export type VisitorAct = { do: "answer", grants: Array<Grant> }
  | { do: "revoke", grants: Array<Grant> }
  | { do: "page", url: string, title: string | null }
  | { do: "sheets", stream: string, sheets: Array<SheetName> }
  | { do: "sheet" } & SheetPart | { do: "part" } & Part | { do: "suggest", url: string, title: string | null }
  | { do: "undone", label: string | null }
  | { do: "leave" }
  | { do: "code" }
  | { do: "pair", code: string };

/** A part of a style sheet, which may be longer than a frame. */
export type SheetPart = { stream: string, sheet: SheetName, at: number, of: number, text: string };

/** A part of a batch: a batch may be longer than a frame. */
export type Part = { stream: string, batch: number, at: number, of: number, fresh: boolean, text: string };

/** What an agent is told unasked. */
export type AgentNews = { is: "state", sharing: Sharing }
  | { is: "batch", stream: string, batch: number, fresh: boolean, sheets: Array<SheetName>, events: string }
  | { is: "sheet", sheet: SheetName, text: string }
  | { is: "behind" }
  | { is: "lapsed" }
  | { is: "code", code: string, until: Timestamp };

/** What a visitor is told unasked. */
export type VisitorNews = { is: "state", sharing: Sharing }
  | { is: "guide", by: string, stream: string, guide: Guide }
  | { is: "fresh" }
  | { is: "lapsed" }
  | { is: "code", code: string, until: Timestamp };

/** A zone's form as a visitor filled it in. */
export type Filled = { lang: string | null, later: boolean, answers: { [field: string]: string } };

/** One answer of a customer to a zone's form. */
export type Answer = { field: string, label: string, value: string, words?: string, labels?: { [key in string]: string }, wordings?: { [key in string]: string } };

/** Brings a visitor from one website to another: 32 lowercase hexadecimal digits that the page makes by chance. It is a */
/** secret for as long as it is good, so that it shows nowhere. */
export type Pass = string;

/** What a page knows by itself, and the next one goes on with. */
export type Carried = { read: Seq, open: boolean, leg: LegId | null, muted: boolean };

/** What a widget asks. */
export type VisitorRequest = { op: "hello", token: string, resume: Resume | null }
  | { op: "open", zone: ZoneId, name: string | null, mail: string | null, page: string | null, referrer?: string | null, form?: Filled | null, callback?: WantedCall | null, mid: Mid, text: string }
  | { op: "message", mid: Mid, text: string, interaction?: InteractionId | null }
  | { op: "revise", mid: Mid, text: string | null, interaction?: InteractionId | null }
  | { op: "typing", on: boolean }
  | { op: "receipt", delivered: Seq, read: Seq }
  | { op: "call", number: Number }
  | { op: "callback", number: Number, at: Timestamp | null, wish?: Wish | null }
  | { op: "cancel_callback", callback: CallbackId }
  | { op: "end" }
  | { op: "rate", interaction: InteractionId, score: Score | null, comment: string | null }
  | { op: "cobrowse", act: VisitorAct }
  | { op: "voice", act: VisitorVoice }
  | { op: "cross", to: string, pass: Pass, carried: Carried }
  | { op: "pong", seq: Seq };

/** What an accepted [`Request`] is answered with. */
export type VisitorDone = { done: "welcome", visitor: VisitorId, epoch: string, interaction: InteractionId | null, at: Timestamp }
  | { done: "written", interaction: InteractionId, mid: Mid, seq: Seq }
  | { done: "promised", callback: CallbackId }
  | { done: "code", code: string, until: Timestamp }
  | { done: "missing", sheets: Array<SheetName> }
  | { done: "media", leg: LegId, sdp: string }
  | { done: "ok" };

/** What the hub tells a widget unasked. */
export type VisitorPush = { push: "entry", interaction: InteractionId, entry: Entry }
  | { push: "position", interaction: InteractionId, queue: QueueId, position: number, wait: number | null }
  | { push: "typing", interaction: InteractionId, from: Author, on: boolean }
  | { push: "receipt", interaction: InteractionId, agent: AgentId | null, delivered: Seq, read: Seq }
  | { push: "cobrowse", interaction?: InteractionId, news: VisitorNews }
  | { push: "elsewhere", interaction: InteractionId, leg: LegId }
  | { push: "ping", seq: Seq };

/** What a console asks. */
export type AgentRequest = { op: "hello", token: string, resume: DeskResume | null, timelines: Array<Resume> }
  | { op: "presence", presence: Presence }
  | { op: "accept", interaction: InteractionId }
  | { op: "decline", interaction: InteractionId }
  | { op: "message", interaction: InteractionId, mid: Mid, text: string }
  | { op: "revise", interaction: InteractionId, mid: Mid, text: string | null }
  | { op: "typing", interaction: InteractionId, on: boolean }
  | { op: "receipt", interaction: InteractionId, delivered: Seq, read: Seq }
  | { op: "escalate", interaction: InteractionId, number: Number }
  | { op: "callback", interaction: InteractionId, number: Number, at: Timestamp | null, wish?: Wish | null }
  | { op: "cancel_callback", callback: CallbackId }
  | { op: "consent", interaction: InteractionId, channel: ContactChannel, given: boolean, reason: string | null }
  | { op: "hang_up", interaction: InteractionId }
  | { op: "transfer", interaction: InteractionId, to: TransferTo, note: string | null }
  | { op: "consult", interaction: InteractionId, to: TransferTo }
  | { op: "complete", interaction: InteractionId, note: string | null }
  | { op: "conference", interaction: InteractionId }
  | { op: "dismiss", interaction: InteractionId, leg: LegId }
  | { op: "supervise", interaction: InteractionId, act: Supervise, channel?: Channel }
  | { op: "whisper", interaction: InteractionId, text: string }
  | { op: "take_back", interaction: InteractionId }
  | { op: "hold", interaction: InteractionId, on: boolean }
  | { op: "mute", interaction: InteractionId, on: boolean }
  | { op: "digits", interaction: InteractionId, digits: string }
  | { op: "record", interaction: InteractionId, act: Record }
  | { op: "end", interaction: InteractionId }
  | { op: "wrap_up", interaction: InteractionId, disposition: string | null, note: string | null, solved: boolean | null }
  | { op: "extend_wrap_up", interaction: InteractionId, seconds: number }
  | { op: "park", interaction: InteractionId }
  | { op: "unpark", interaction: InteractionId }
  | { op: "cobrowse", interaction: InteractionId, act: AgentAct }
  | { op: "note", interaction: InteractionId, text: string }
  | { op: "hand_over", interaction: InteractionId, to: HandOverTo, note: string | null }
  | { op: "invite", interaction: InteractionId, agent: AgentId, note: string | null }
  | { op: "withdraw", interaction: InteractionId, agent: AgentId }
  | { op: "leave", interaction: InteractionId }
  | { op: "voice", act: AgentVoice }
  | { op: "memo", mid: Mid, to: MemoTo, text: string }
  | { op: "memos_read", upto: number }
  | { op: "watch", resume: DeskResume | null }
  | { op: "presence_of", agent: AgentId, presence: Presence }
  | { op: "pong", seq: Seq };

/** Where a desk's stream is taken up. */
export type DeskResume = { epoch: string, seq: Seq };

/** To whom a chat is handed over. */
export type HandOverTo = { "agent": AgentId }
  | { "queue": QueueId };

/** Whether an agent takes work. */
export type Presence = { is: "ready" }
  | { is: "away", reason: string }
  | { is: "gone" };

/** What an accepted [`Request`] is answered with. */
export type AgentDone = { done: "welcome", agent: AgentId, desk_epoch: string, epoch: string, at: Timestamp }
  | { done: "written", interaction: InteractionId, mid: Mid, seq: Seq }
  | { done: "promised", callback: CallbackId }
  | { done: "code", code: string, until: Timestamp }
  | { done: "media", leg: LegId, sdp: string }
  | { done: "ok" };

/** What the hub tells a console unasked. */
export type AgentPush = { push: "desk", seq: Seq, desk: Desk }
  | { push: "change", seq: Seq, interaction: InteractionId | null, change: Change }
  | { push: "entry", interaction: InteractionId, entry: Entry }
  | { push: "typing", interaction: InteractionId, from: Author, on: boolean }
  | { push: "receipt", interaction: InteractionId, agent: AgentId | null, delivered: Seq, read: Seq }
  | { push: "queues", queues: Array<QueueLength> }
  | { push: "board", seq: Seq, board: Board }
  | { push: "board_change", seq: Seq, at: Timestamp, changes: Array<BoardChange> }
  | { push: "cobrowse", interaction: InteractionId, news: AgentNews }
  | { push: "elsewhere", interaction: InteractionId, leg: LegId }
  | { push: "call_moved", interaction: InteractionId, to: TransferTo }
  | { push: "call_over", interaction: InteractionId, reason: string }
  | { push: "consents", customers: Array<CustomerId> }
  | { push: "ping", seq: Seq };

/** Everything an agent has before them. */
export type Desk = { agent: AgentId, name: string, skills: Array<Skill>, presence: Presence, presence_since?: Timestamp, reasons?: Array<AwayReason>, dispositions?: Array<Disposition>, phone: boolean, headset?: Headset, chat_slots: number, revise?: number, offers: Array<Offer>, contacts: Array<Contact>, consulted?: Consulted, own?: Array<OwnWait>, supervised?: Array<Supervised>, memos?: Memos, queues: Array<QueueLength> };

/** A configured reason to be away. */
export type AwayReason = { code: string, words: string };

/** A configured disposition: how a contact turned out. */
export type Disposition = { code: string, words: string };

/** How many wait in a queue. */
export type QueueLength = { queue: QueueId, waiting: number, messages: number };

/** A call that a colleague asks about while the customer hears music, or has taken the agent into. */
export type Consulted = { interaction: InteractionId, by: AgentId, name: string, queue: QueueId, joined: boolean, conference: boolean, card: Card };

/** Somebody who waits for one agent: one who asked for them, or whom they served before or promised a call. */
export type OwnWait = { interaction: InteractionId, channel: Channel, queue: QueueId, since: Timestamp, until: Timestamp | null, who: string | null, callback: boolean };

/** The kind of medium. */
export type Channel = "voice" | "chat";

/** An interaction put before the agent, with a deadline. */
export type Offer = { interaction: InteractionId, channel: Channel, queue: QueueId, deadline: Timestamp, waiting_since: Timestamp, callback: CallbackId | null, voicemail?: Voicemail, card: Card, invited_by?: Colleague, why: string, notes?: Array<Note> };

/** What an agent noted in a contact, for colleagues only. */
export type Note = { at: Timestamp, by: Author, text: string };

/** Who the customer is, as far as known. */
export type Card = { customer: CustomerId | null, name: string | null, number: Number | null, caller?: Shown, mail: string | null, verified: boolean, page: string | null, referrer?: string, earlier: Array<Earlier>, screen_pop: string | null, note: string | null, answers?: Array<Answer> };

/** What is known of a call and who makes it, beside a number that may be made up. */
export type Shown = { withheld?: boolean, attestation?: Attestation, flaw?: Flaw, carrier?: CarrierSays, diverted?: Number, user_to_user?: string };

/** What the network that a call comes from vouches for (RFC 8588), and whether its signature holds (RFC 8224). */
export type Attestation = "full" | "partial" | "gateway" | "failed" | "absent" | "unchecked";

/** Why a signature counts for nothing. */
export type Flaw = "form" | "stale" | "number" | "unreachable" | "certificate" | "authority" | "signature";

/** What a carrier says of a number that it has checked. */
export type CarrierSays = "passed" | "failed" | "unchecked";

/** An earlier interaction on a card. */
export type Earlier = { interaction: InteractionId, at: Timestamp, channel: Channel, outcome: string };

/** One contact on the desk. */
export type Contact = { interaction: InteractionId, assignment: AssignmentId, queue: QueueId, owner?: Colleague, members?: Array<Member>, since: Timestamp, chat: boolean, voicemail?: Voicemail, call: CallState | null, leg: LegId | null, consult?: Consult, conference?: Array<Guest>, parted?: Parted, held?: boolean, hold_refused?: boolean, page_away?: boolean, muted?: boolean, recording?: RecordingState, recordings?: Array<Recording>, lines?: Array<LineQuality>, callbacks: Array<Promise>, parked?: Timestamp, paused?: boolean, notes?: Array<Note>, whispers?: Array<Note>, wrap_up_until: Timestamp | null, card: Card };

/** A callback as a console shows it. */
export type Promise = { callback: CallbackId, number: Number, state: CallbackState };

/** One change to a desk. */
export type Change = { change: "offered", offer: Offer }
  | { change: "offer_gone", interaction: InteractionId, reason: string }
  | { change: "contact", contact: Contact }
  | { change: "released", interaction: InteractionId, taken_by?: Colleague }
  | { change: "presence", presence: Presence, since?: Timestamp }
  | { change: "phone", reachable: boolean }
  | { change: "own", own: Array<OwnWait> }
  | { change: "supervised", supervised: Array<Supervised> }
  | { change: "memos", memos: Memos }
  | { change: "consulted", consulted: Consulted | null }
  | { change: "headset", headset: Headset };

/** Everything on a supervisor's board. */
export type Board = { at: Timestamp, since: Timestamp, queues: Array<QueueView>, agents: Array<AgentView>, waiting: Array<WaitingView>, callbacks: Array<CallbackView>, decisions: Array<DecisionView>, ratings: Array<RatingView>, day: Array<Quarter>, tolls: Array<TollView>, trunks: Array<TrunkView> };

/** How a queue stands. */
export type QueueView = { queue: QueueId, configured: boolean, waiting: number, voicemails: number, promised: number, messages: number, longest: Timestamp | null, expected: number | null, ready: number, staffed: number, target: number, today: Figures, hour: Figures, chat_rating: RatingMean | null, call_rating: RatingMean | null, resolution: Share | null, provisional: Share | null };

/** What came of those who came to a queue. */
export type Figures = { arrived: number, answered: number, in_time: number, abandoned: number, abandoned_early: number, diverted: number, waited: number, expected: number, error: number, handled: number, handle: number };

/** What an agent does: at every moment one thing. */
export type Activity = { is: "ready" }
  | { is: "call" }
  | { is: "chat" }
  | { is: "wrap_up" }
  | { is: "away", reason: string }
  | { is: "gone" };

/** How long an agent did something today. */
export type Spent = { activity: Activity, seconds: number };

/** The mean of what customers said. */
export type RatingMean = { count: number, mean: number };

/** A share of served contacts. */
export type Share = { of: number, count: number };

/** How an agent stands. */
export type AgentView = { agent: AgentId, name: string, presence: Presence, since: Timestamp | null, activity: Activity, activity_since: Timestamp | null, today: Array<Spent>, phone: boolean, chat_slots: number, queues: Array<QueueId>, holds: Array<Held> };

/** What an agent holds. */
export type Held = { interaction: InteractionId, queue: QueueId, stage: Stage, since: Timestamp, who: string | null, talks: boolean, chats: boolean, shares: boolean, supervisors: Array<Supervisor> };

/** How far a contact of an agent is. */
export type Stage = "offered" | "chat" | "call" | "wrap_up";

/** Why who waits is put before nobody for now. */
export type Hold = { is: "queue_unknown" }
  | { is: "hours", until: Timestamp | null }
  | { is: "quiet" }
  | { is: "barred" };

/** Somebody who waits. */
export type WaitingView = { interaction: InteractionId, channel: Channel, queue: QueueId, since: Timestamp, position: number, lead: number, who: string | null, offered: AgentId | null, kept_for?: AgentId, hold?: Hold, callback: boolean, voicemail?: boolean };

/** A promise to call that is open. */
export type CallbackView = { callback: CallbackId, queue: QueueId, number: Number, due: Timestamp, attempts: number, state: CallbackState };

/** The choice of an agent. */
export type DecisionView = { at: Timestamp, interaction: InteractionId, channel: Channel, agent: AgentId, why: string, passed_over: number, end: string | null };

/** What a customer said of how they were served. */
export type RatingView = { at: Timestamp, interaction: InteractionId, channel: Channel, queue: QueueId, agent: AgentId | null, score: Score, comment: string | null };

/** A quarter of an hour of the whole house. */
export type Quarter = { at: Timestamp, figures: Figures };

/** What a limit on calls that leave the house bounds. */
export type TollLimit = { is: "house" }
  | { is: "prefix", prefix: string }
  | { is: "agent", agent: AgentId }
  | { is: "trunk", trunk: TrunkId };

/** How a limit on calls that leave the house stands. */
export type TollView = { limit: TollLimit, bound: number, spent: number, refused: number, frees: Timestamp | null };

/** How a trunk stands. */
export type TrunkView = { trunk: TrunkId, up: boolean, since: Timestamp, registered: boolean | null, calls: number, limit: number | null };

/** One change to a board. */
export type BoardChange = { change: "queue", queue: QueueView }
  | { change: "queue_gone", queue: QueueId }
  | { change: "agent", agent: AgentView }
  | { change: "agent_gone", agent: AgentId }
  | { change: "waiting", waiting: Array<WaitingView> }
  | { change: "callbacks", callbacks: Array<CallbackView> }
  | { change: "decisions", decisions: Array<DecisionView> }
  | { change: "ratings", ratings: Array<RatingView> }
  | { change: "tolls", tolls: Array<TollView> }
  | { change: "trunks", trunks: Array<TrunkView> }
  | { change: "quarter", quarter: Quarter };
