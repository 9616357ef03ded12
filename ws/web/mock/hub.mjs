// A stand-in for the hub, for the front ends' own tests and screenshots: the same frames, none of the rules that only
// the real one can keep. What it answers follows PROTOCOL.md.
import { randomBytes } from "node:crypto";
import { boardOf } from "./board.mjs";
import { Files } from "./files.mjs";
import { fits, Party, refuse } from "./party.mjs";

const OFFER_MS = 20_000;
const WRAP_UP_MS = 60_000;
const CALL_STEP_MS = 700;
const hex = (bytes = 16) => randomBytes(bytes).toString("hex");

export class Hub {
  epoch = hex(4);
  deskEpoch = hex(4);
  visitors = new Map();
  agents = new Map();
  tokens = new Map();
  interactions = new Map();
  earlier = [];
  /** How long a sign-in lasts. */
  signIn = 43_200_000;

  addAgent(agent, name, supervisor = false) {
    const party = Object.assign(new Party(), { agent, name, supervisor, stateSince: Date.now(), presence: { is: "away", reason: "Just signed in" }, phone: true, offers: new Map(), contacts: new Map(), seq: 0, changes: [], idleSince: Date.now() });
    this.agents.set(agent, party);
  }

  // Tokens

  newVisitor() {
    const [token, visitor] = [hex(), hex()];
    this.visitors.set(token, Object.assign(new Party(), { visitor, customer: hex() }));
    return { token, visitor, expires_at: Date.now() + 86_400_000 };
  }

  login(agent) {
    const token = hex();
    this.tokens.set(token, agent);
    return { token, agent, name: this.agents.get(agent).name, expires_at: Date.now() + this.signIn, renew_at: null };
  }

  // Requests

  visitor(socket, frame) {
    if (frame.op === "hello") return this.#visitorHello(socket, frame);
    const party = socket.party ?? refuse("unauthorized", "Say hello first.");
    const live = [...this.interactions.values()].find((it) => it.visitor === party && it.state !== "closed");
    switch (frame.op) {
      case "open": {
        const it = live ?? this.#open(party, frame);
        const done = this.#write(it, { party: "customer" }, frame);
        return frame.callback ? (this.#promise(it, frame.callback), done) : done;
      }
      case "message":
        return this.#write(live ?? refuse("not_found", "There is no live chat to write in."), { party: "customer" }, frame);
      case "revise":
        return this.#revise(live ?? refuse("not_found", "There is no live chat."), { party: "customer" }, frame);
      case "typing":
        if (live?.agent) live.agent.tell({ push: "typing", interaction: live.id, from: { party: "customer" }, on: frame.on });
        return { done: "ok" };
      case "receipt":
        if (live) live.receipts.customer = { delivered: frame.delivered, read: frame.read };
        live?.agent?.tell({ push: "receipt", interaction: live.id, agent: null, delivered: frame.delivered, read: frame.read });
        return { done: "ok" };
      case "call":
        return this.#call(live ?? refuse("not_found", "There is no live chat."), frame.number);
      case "callback":
        return this.#promise(live ?? refuse("not_found", "There is no live chat."), frame);
      case "cancel_callback":
        return this.#cancel(frame.callback, "Taken back by the customer");
      case "end":
        this.#end(live ?? refuse("not_found", "There is no live chat."), { party: "customer" }, "Ended by the customer");
        return { done: "ok" };
      case "rate":
        return this.#rate(party, frame);
      case "pong":
        return { done: "ok" };
      default:
        return refuse("malformed", `There is no request "${frame.op}".`);
    }
  }

  agent(socket, frame) {
    if (frame.op === "hello") return this.#agentHello(socket, frame);
    const agent = socket.party ?? refuse("unauthorized", "Say hello first.");
    if (frame.op === "pong") return { done: "ok" };
    if (frame.op === "presence") return this.#setPresence(agent, frame.presence);
    if (frame.op === "watch" || frame.op === "presence_of") {
      if (!agent.supervisor) refuse("forbidden", "only supervisors may do this");
      if (frame.op === "presence_of") return this.#setPresence(this.agents.get(frame.agent) ?? refuse("not_found", "There is no such agent."), frame.presence);
      this.watchers.add(socket);
      setImmediate(() => this.#tellBoard(socket));
      return { done: "ok" };
    }
    if (frame.op === "cancel_callback") return this.#cancel(frame.callback, `Taken back by ${agent.name}`);
    const it = this.interactions.get(frame.interaction) ?? refuse("not_found", "There is no such interaction.");
    if (frame.op === "accept") return this.#accept(agent, it);
    if (frame.op === "decline") return this.#offerGone(agent, it, "declined"), this.#route(), { done: "ok" };
    if (it.agent !== agent) refuse("forbidden", "This contact is not on your desk.");
    switch (frame.op) {
      case "message":
        return this.#write(it, { party: "agent", agent: agent.agent, name: agent.name }, frame);
      case "revise":
        return this.#revise(it, { party: "agent", agent: agent.agent, name: agent.name }, frame);
      case "typing":
        it.visitor?.tell({ push: "typing", interaction: it.id, from: { party: "agent", agent: agent.agent, name: agent.name }, on: frame.on });
        return { done: "ok" };
      case "receipt":
        it.receipts.agent = { delivered: frame.delivered, read: frame.read };
        it.visitor?.tell({ push: "receipt", interaction: it.id, agent: agent.agent, delivered: frame.delivered, read: frame.read });
        return { done: "ok" };
      case "escalate":
        return this.#call(it, frame.number);
      case "callback":
        return this.#promise(it, frame);
      case "hang_up":
        if (!it.call || ["ended", "failed"].includes(it.call.is)) refuse("conflict", "There is no call to hang up.");
        this.#callState(it, { is: "ended", reason: "hung up by the agent" });
        if (it.channel === "voice") this.#end(it, { party: "agent", agent: agent.agent, name: agent.name }, "hung up");
        return { done: "ok" };
      case "end":
        this.#end(it, { party: "agent", agent: agent.agent, name: agent.name }, "Ended by the agent");
        return { done: "ok" };
      case "wrap_up":
        it.outcome = { disposition: frame.disposition, note: frame.note };
        this.#release(it);
        return { done: "ok" };
      case "extend_wrap_up":
        it.wrapUpUntil = (it.wrapUpUntil ?? refuse("conflict", "There is no wrap-up.")) + frame.seconds * 1_000;
        this.#contactChanged(it);
        return { done: "ok" };
      case "park":
      case "unpark":
        it.parked = frame.op === "park" ? Date.now() : undefined;
        this.#contactChanged(it);
        return { done: "ok" };
      case "note":
        return this.#note(it, agent, frame.text);
      case "hand_over":
        return this.#handOver(it, agent, frame);
      case "consent":
        this.files.say(it.card.customer, frame.channel, frame.given ? "given" : "withdrawn", frame.reason, null, "agent");
        return { done: "ok" };
      default:
        return refuse("malformed", `There is no request "${frame.op}".`);
    }
  }

  #revise(it, by, { mid, text }) {
    const of = it.entries.find((entry) => entry.mid === mid)?.seq ?? refuse("not_found", "there is no such message in this chat");
    this.#entry(it, text === null ? { what: "deleted", by, of } : { what: "edited", by, of, text });
    return { done: "ok" };
  }

  #note(it, agent, text) {
    (it.notes ??= []).push({ at: Date.now(), by: { party: "agent", agent: agent.agent, name: agent.name }, text });
    this.#contactChanged(it);
    return { done: "ok" };
  }

  /** Puts a file into a chat, for its visitor or its agent. */
  share(id, visitor, mid, file) {
    const it = this.interactions.get(id);
    const from = visitor ? { party: "customer" } : { party: "agent", agent: it.agent.agent, name: it.agent.name };
    return this.#entry(it, { what: "file", from, mid, file });
  }

  #handOver(it, agent, { to, note }) {
    const other = to.agent && this.agents.get(to.agent);
    if (other && other.presence.is !== "ready") refuse("conflict", `${other.name} is away; choose somebody else, or a queue`);
    if (note) this.#note(it, agent, note);
    agent.contacts.delete(it.id);
    it.agent = null;
    this.#change(agent, it.id, { change: "released", interaction: it.id });
    it.state = "queued";
    if (other) this.#offer(other, it, "was chosen by the colleague who hands it over");
    else this.#route();
    return { done: "ok" };
  }

  // Customers

  files = new Files();

  reviseCallback(callback, { at, owner }) {
    const it = this.interactions.get(callback.split(".")[0]);
    const promise = it?.callbacks.get(callback);
    if (!promise) return undefined;
    if (owner !== undefined) promise.owner = owner;
    if (at !== undefined) this.#callbackState(it, callback, promise.number, { is: "promised", due: at });
    return [200, {}];
  }

  #setPresence(agent, presence) {
    agent.presence = presence;
    agent.stateSince = Date.now();
    this.#change(agent, null, { change: "presence", presence });
    this.#route();
    return { done: "ok" };
  }

  // Ratings

  #rate(party, { interaction, score, comment }) {
    const it = this.interactions.get(interaction);
    if (it?.visitor !== party || !it.ratingAsked || it.ratingDeclined) refuse("conflict", "nobody asked how this contact was");
    if (score === null) {
      if (!it.rating) this.#entry(it, { what: "rating_declined" });
      it.ratingDeclined = !it.rating;
      return { done: "ok" };
    }
    it.rating = { at: Date.now(), interaction, channel: it.channel, queue: it.queue, agent: it.agent?.agent ?? null, score, comment };
    this.#entry(it, { what: "rated", score, comment });
    return { done: "ok" };
  }

  // The board, told whole whenever it changed

  watchers = new Set();
  boardSeq = 0;
  decisions = [];
  #boardTold = "";

  #tellBoard(only) {
    const board = boardOf(this, this.#waiting());
    const text = JSON.stringify({ ...board, at: 0 });
    if (!only && text === this.#boardTold) return;
    this.#boardTold = text;
    this.boardSeq += 1;
    for (const socket of only ? [only] : this.watchers) {
      if (socket.readyState === 1) socket.send(JSON.stringify({ push: "board", seq: this.boardSeq, board }));
      else this.watchers.delete(socket);
    }
  }

  closed(socket) {
    this.watchers.delete(socket);
    socket.party?.sockets.delete(socket);
  }

  // Hello

  #visitorHello(socket, { token, resume }) {
    const party = this.visitors.get(token) ?? refuse("unauthorized", "This credential is not known.");
    socket.party = party;
    party.sockets.add(socket);
    const own = [...this.interactions.values()].filter((it) => it.visitor === party);
    const live = own.find((it) => it.state !== "closed");
    const shown = live ?? own.find((it) => it.id === resume?.interaction);
    const from = resume?.interaction === shown?.id && resume?.epoch === this.epoch ? resume.seq : 0;
    queueMicrotask(() => {
      for (const entry of shown?.entries.slice(from) ?? []) socket.send(JSON.stringify({ push: "entry", interaction: shown.id, entry }));
      if (shown?.agent && shown.receipts.agent) socket.send(JSON.stringify({ push: "receipt", interaction: shown.id, agent: shown.agent.agent, ...shown.receipts.agent }));
      this.#positions();
    });
    return { done: "welcome", visitor: party.visitor, epoch: this.epoch, interaction: live?.id ?? null, at: Date.now() };
  }

  #agentHello(socket, { token, resume, timelines }) {
    const agent = this.agents.get(this.tokens.get(token)) ?? refuse("unauthorized", "This credential is not known or has expired.");
    socket.party = agent;
    agent.sockets.add(socket);
    queueMicrotask(() => {
      const send = (frame) => socket.send(JSON.stringify(frame));
      if (resume?.epoch === this.deskEpoch) for (const change of agent.changes.slice(resume.seq)) send(change);
      else send({ push: "desk", seq: agent.seq, desk: this.#desk(agent) });
      for (const it of agent.contacts.values()) {
        const known = timelines?.find((line) => line.interaction === it.id && line.epoch === this.epoch)?.seq ?? 0;
        for (const entry of it.entries.slice(known)) send({ push: "entry", interaction: it.id, entry });
        if (it.receipts.customer) send({ push: "receipt", interaction: it.id, agent: null, ...it.receipts.customer });
      }
      send({ push: "queues", queues: this.lengths() });
    });
    return { done: "welcome", agent: agent.agent, desk_epoch: this.deskEpoch, epoch: this.epoch, at: Date.now() };
  }

  // Interactions

  #open(party, { name, mail, page, referrer, callback }) {
    const id = hex();
    const card = { customer: party.customer, name, number: null, mail, verified: false, page, referrer, earlier: this.#earlier(party), screen_pop: null, note: null };
    const it = { id, visitor: party, channel: "chat", queue: "support", state: "promised", since: Date.now(), entries: [], mids: new Map(), receipts: {}, card, call: null, callbacks: new Map(), agent: null, outcome: null, n: 0 };
    this.interactions.set(id, it);
    if (!callback) this.#wait(it);
    return it;
  }

  #wait(it) {
    it.state = "queued";
    this.#entry(it, { what: "queued", queue: it.queue });
    setImmediate(() => this.#route());
  }

  /** Makes a telephone call wait in the queue, as a carrier would. */
  ringIn(number) {
    const id = hex();
    const card = { customer: hex(), name: "Ada Brandt", number, mail: null, verified: false, page: null, earlier: [], screen_pop: "https://crm.example/customers/4711", note: "Gold customer since 2019; prefers to be called in the morning." };
    const it = { id, visitor: null, channel: "voice", queue: "support", state: "queued", since: Date.now(), entries: [], mids: new Map(), receipts: {}, card, call: { is: "ringing" }, callbacks: new Map(), agent: null, outcome: null, n: 1 };
    this.interactions.set(id, it);
    this.#entry(it, { what: "queued", queue: it.queue });
    this.#route();
    return id;
  }

  #write(it, from, { mid, text, callback }) {
    const known = it.mids.get(mid);
    if (known) return { done: "written", interaction: it.id, mid, seq: known };
    if (it.state === "closed" || it.state === "wrap_up") refuse("conflict", "The chat is over.");
    if (it.state === "promised" && !callback) this.#wait(it);
    if (text.length > 4_000) refuse("out_of_range", "A message has 1 to 4,000 characters.");
    const seq = this.#entry(it, { what: "message", from, mid, text });
    it.mids.set(mid, seq);
    return { done: "written", interaction: it.id, mid, seq };
  }

  #entry(it, what) {
    const entry = { seq: it.entries.length + 1, at: Date.now(), ...what };
    it.entries.push(entry);
    const frame = { push: "entry", interaction: it.id, entry };
    it.visitor?.tell(frame);
    it.agent?.tell(frame);
    return entry.seq;
  }

  #call(it, number) {
    if (!it.agent) refuse("conflict", "Nobody is free to call right now. You keep your place in line.");
    if (it.call && !["ended", "failed"].includes(it.call.is)) refuse("conflict", "There is a call already.");
    it.n += 1;
    it.card.number = number;
    this.#callState(it, { is: "dialling", number });
    const step = (state, then) => setTimeout(() => {
      if (!it.call || ["ended", "failed"].includes(it.call.is)) return;
      this.#callState(it, state);
      then?.();
    }, CALL_STEP_MS);
    if (number.endsWith("486")) step({ is: "failed", reason: "the line is busy" });
    else step({ is: "ringing" }, () => step({ is: "connected" }));
    return { done: "ok" };
  }

  #callState(it, call) {
    it.call = call;
    this.#entry(it, { what: "call", leg: `${it.id}.${it.n}`, call });
    this.#contactChanged(it);
  }

  #promise(it, { number, at }) {
    if (it.state === "promised") for (const one of it.callbacks.values()) this.#callbackState(it, one.callback, one.number, { is: "ended", reason: "it was taken back" });
    const callback = `${it.id}.c${it.callbacks.size + 1}`;
    this.#callbackState(it, callback, number, { is: "promised", due: at ?? Date.now() });
    return { done: "promised", callback };
  }

  #cancel(callback, reason) {
    const it = this.interactions.get(callback.split(".")[0]) ?? refuse("not_found", "There is no such callback.");
    const promise = it.callbacks.get(callback) ?? refuse("not_found", "There is no such callback.");
    if (promise.state.is !== "promised") refuse("conflict", "This callback can no longer be cancelled.");
    this.#callbackState(it, callback, promise.number, { is: "ended", reason });
    if (it.state === "promised") this.#end(it, { party: "system" }, "nothing is left to be done");
    return { done: "ok" };
  }

  #callbackState(it, callback, number, state) {
    it.callbacks.set(callback, { ...it.callbacks.get(callback), callback, number, state });
    this.#entry(it, { what: "callback", callback, number, state });
    this.#contactChanged(it);
  }

  #end(it, by, reason) {
    if (it.state === "closed") return;
    if (it.call && !["ended", "failed"].includes(it.call.is)) this.#callState(it, { is: "ended", reason });
    this.#entry(it, { what: "ended", by, reason });
    if (it.channel === "chat" && it.agent) {
      it.ratingAsked = true;
      this.#entry(it, { what: "rating_asked", channel: "chat", until: Date.now() + 600_000 });
    }
    it.ended = Date.now();
    this.earlier.unshift({ visitor: it.visitor, interaction: it.id, at: it.since, channel: it.channel, outcome: "served" });
    const holder = it.agent;
    for (const agent of this.agents.values()) this.#offerGone(agent, it, "the customer left");
    if (!holder) it.state = "closed";
    else {
      it.state = "wrap_up";
      it.wrapUpUntil = Date.now() + WRAP_UP_MS;
      this.#contactChanged(it);
      setTimeout(() => this.#release(it), WRAP_UP_MS).unref();
    }
    this.#route();
  }

  #release(it) {
    if (it.state === "closed") return;
    it.state = "closed";
    it.agent?.contacts.delete(it.id);
    if (it.agent) this.#change(it.agent, it.id, { change: "released", interaction: it.id });
    this.#route();
  }

  #earlier(party) {
    return this.earlier.filter(({ visitor }) => visitor === party).slice(0, 10).map(({ visitor, ...shown }) => shown);
  }

  // Work

  #route() {
    const waiting = [...this.interactions.values()].filter((it) => it.state === "queued");
    for (const it of waiting) {
      const free = [...this.agents.values()].filter((agent) => agent.presence.is === "ready" && fits(agent, it.channel, this.interactions));
      const agent = free.sort((a, b) => a.idleSince - b.idleSince)[0];
      if (agent) this.#offer(agent, it);
    }
    this.#positions();
    for (const agent of this.agents.values()) agent.tell({ push: "queues", queues: this.lengths() });
    setImmediate(() => this.#tellBoard());
  }

  #offer(agent, it, why = "Free the longest of the agents with skill general") {
    it.state = "offered";
    const offer = { interaction: it.id, channel: it.channel, queue: it.queue, deadline: Date.now() + OFFER_MS, waiting_since: it.since, callback: null, card: it.card, notes: it.notes, why };
    this.decisions.unshift({ at: Date.now(), interaction: it.id, channel: it.channel, agent: agent.agent, why: offer.why, passed_over: 1, end: null });
    agent.offers.set(it.id, { offer, timer: setTimeout(() => { this.#offerGone(agent, it, "the answer window closed"); this.#route(); }, OFFER_MS).unref() });
    agent.idleSince = Date.now();
    this.#change(agent, it.id, { change: "offered", offer });
  }

  #offerGone(agent, it, reason) {
    const open = agent.offers.get(it.id);
    if (!open) return;
    clearTimeout(open.timer);
    agent.offers.delete(it.id);
    if (it.state === "offered") it.state = "queued";
    this.#change(agent, it.id, { change: "offer_gone", interaction: it.id, reason });
  }

  #accept(agent, it) {
    const open = agent.offers.get(it.id) ?? refuse("not_found", "The offer is gone.");
    clearTimeout(open.timer);
    agent.offers.delete(it.id);
    it.state = "held";
    const decision = this.decisions.find(({ interaction, end }) => interaction === it.id && end === null);
    if (decision) decision.end = "it was taken";
    it.heldSince = Date.now();
    it.agent = agent;
    agent.contacts.set(it.id, it);
    this.#change(agent, it.id, { change: "offer_gone", interaction: it.id, reason: "accepted" });
    this.#contactChanged(it);
    for (const entry of it.entries) agent.tell({ push: "entry", interaction: it.id, entry });
    if (it.receipts.customer) agent.tell({ push: "receipt", interaction: it.id, agent: null, ...it.receipts.customer });
    this.#entry(it, { what: "joined", agent: agent.agent, name: agent.name });
    if (it.channel === "voice") this.#callState(it, { is: "connected" });
    this.#route();
    return { done: "ok" };
  }

  #contactChanged(it) {
    if (it.agent) this.#change(it.agent, it.id, { change: "contact", contact: this.#contact(it) });
  }

  #contact(it) {
    return { interaction: it.id, assignment: `${it.id}.a1`, queue: it.queue, since: it.heldSince, chat: it.channel === "chat" && it.state === "held", parked: it.parked, notes: it.notes, call: it.call, leg: it.call ? `${it.id}.${it.n}` : null, callbacks: [...it.callbacks.values()], wrap_up_until: it.wrapUpUntil ?? null, card: it.card };
  }

  #change(agent, interaction, change) {
    agent.seq += 1;
    const frame = { push: "change", seq: agent.seq, interaction, change };
    agent.changes.push(frame);
    agent.tell(frame);
    setImmediate(() => this.#tellBoard());
  }

  #desk(agent) {
    return { agent: agent.agent, name: agent.name, skills: ["general"], presence: agent.presence, phone: agent.phone, chat_slots: 6, revise: 900, offers: [...agent.offers.values()].map(({ offer }) => offer), contacts: [...agent.contacts.values()].map((it) => this.#contact(it)), queues: this.lengths() };
  }

  #waiting() {
    return [...this.interactions.values()].filter((it) => it.state === "queued" || it.state === "offered");
  }

  lengths() {
    return [{ queue: "support", waiting: this.#waiting().length, messages: 0 }];
  }

  #positions() {
    this.#waiting().forEach((it, at) => it.visitor?.tell({ push: "position", interaction: it.id, queue: it.queue, position: at + 1, wait: (at + 1) * 95 }));
  }

  /** Fills a contact with messages, for long histories. */
  fill(id, count) {
    const it = this.interactions.get(id);
    for (let n = 1; n <= count; n++) {
      this.#entry(it, { what: "message", from: n % 2 ? { party: "customer" } : { party: "agent", agent: it.agent.agent, name: it.agent.name }, mid: hex(8), text: n % 7 ? `Line ${n}` : `Line ${n}, which is a good deal longer than the others so that the rows have different heights on every screen there is.` });
    }
  }

  ping() {
    for (const agent of this.agents.values()) agent.tell({ push: "ping", seq: agent.seq });
    for (const it of this.interactions.values()) if (it.state !== "closed") it.visitor?.tell({ push: "ping", seq: it.entries.length });
  }
}
