// The agent's side: the desk's stream, the contacts' lines, and what was asked and not yet answered. Pure; see
// `link.ts` for how it is driven.

import { Link, TOO_LONG, UNAUTHORIZED } from "../link/link";
import type { AgentAct, AgentDone, AgentPush, AgentRequest, AgentVoice, Change, Desk, Entry, Refusal } from "../generated/protocol";
import { reason, refused } from "../text/staff";
import { actionKey, given, isPassing, type Action, type AgentOutput, type Ask, type Done, type Notice, type Told } from "./asks";
import { changed, whoAsked } from "./desk";
import type { Drafts } from "./drafts";
import { askedBy, heardOf, memoIn, partedIn, unsaidOf, whisperIn } from "./heard";
import type { Left, LeftWords } from "./left";
import type { KeptLine, Line } from "./line";
import { Lines } from "./lines";
import { words } from "./words";
import type { KeptWrapUp } from "./wrapping";
import { companyWords } from "./words/company";

const RECEIPTS_AFTER = 200;
const RECEIPTS_AGAIN = 2_000;
const TYPING_LASTS = 6_000;
const TYPING_EVERY = 3_000;

/** One signed-in agent. */
export class Agent {
  readonly link: Link<AgentRequest>;
  desk: Desk | undefined;
  /** How much the server's clock is ahead of this one. */
  ahead = 0;
  readonly lines: Lines;
  notices: Notice[] = [];
  readonly #outputs: AgentOutput[] = [];
  readonly #asks = new Map<number, Ask>();
  #seq = 0;
  #deskEpoch: string | undefined;
  #greeting = false;
  #noticed = 0;
  #receiptsDue: number | undefined;
  #dirty = false;
  // Offers that this console took or turned down, and chats of colleagues that it leaves.
  readonly #answered = new Set<string>();

  constructor(
    public token: string,
    kept: Record<string, KeptLine>,
    random: () => number,
    left: readonly Left[] = [],
  ) {
    this.lines = new Lines(kept, left);
    this.link = new Link(random);
  }

  start(now: number): void {
    this.link.start(now);
  }

  stop(): void {
    this.link.stop();
    this.#lost();
  }

  /** Another credential counts from now on, also after the one before it has ended. */
  goOnBy(token: string, now: number): void {
    this.token = token;
    if (this.link.state.is === "idle") this.start(now);
    if (this.link.state.is === "live") this.resync(now);
  }

  /** Keys of actions that are not answered yet. */
  get pending(): Set<string> {
    return new Set([...this.#asks.values()].flatMap((ask) => (ask.is === "action" ? [actionKey(ask.action)] : [])));
  }

  /** Asks for something that shows on the desk when it is done; what comes of it nobody is told becomes a notice. */
  act(action: Action, now: number, told?: Done): void {
    if (this.link.state.is !== "live") return this.#failed(action, told, words.notConnected);
    // A button that was pressed twice.
    const same = JSON.stringify(action);
    if ([...this.#asks.values()].some((ask) => ask.is === "action" && JSON.stringify(ask.action) === same)) return;
    if (action.op === "accept" || action.op === "decline" || action.op === "leave") this.#answered.add(action.interaction);
    this.#ask(action, { is: "action", action, told, noticed: this.#noticed }, now);
  }

  write(interaction: string, text: string, mid: string, now: number): void {
    const line = this.lines.of(interaction);
    line.outbox.add(mid, text, now, interaction);
    line.typingTold = 0;
    this.#remember();
    this.#flush(now);
  }

  retry(interaction: string, mid: string, now: number): void {
    this.lines.get(interaction)?.outbox.retry(mid);
    this.#remember();
    this.#flush(now);
  }

  discard(interaction: string, mid: string): void {
    this.lines.get(interaction)?.outbox.discard(mid);
    this.#remember();
  }

  /** Changes what the agent has typed in a contact; only of what is for the customer somebody is told. */
  compose(interaction: string, change: (drafts: Drafts) => void, now: number): void {
    const line = this.lines.of(interaction);
    change(line.drafts);
    this.#remember();
    // A note that was refused comes back to a contact that is gone.
    if (this.desk && !this.#contact(interaction)) return this.lines.part(interaction);
    const on = line.drafts.mode === "reply" && line.drafts.text.trim() !== "";
    if (this.link.state.is !== "live") return;
    if (on ? now - line.typingTold < TYPING_EVERY : line.typingTold === 0) return;
    line.typingTold = on ? now : 0;
    this.#ask({ op: "typing", interaction, on }, { is: "other" }, now);
  }

  /** Changes what the agent has typed in a wrap-up. */
  wrap(interaction: string, change: Partial<KeptWrapUp>): void {
    this.lines.get(interaction)?.wrapUp.write(change);
    this.#remember();
  }

  /** Changes the words that went nowhere. */
  changeLeft(change: (left: LeftWords) => void): void {
    change(this.lines.left);
    this.#remember();
  }

  /** What arrived in a contact was on screen, here or at another console of the agent; all of it where nothing else is said. */
  saw(interaction: string, now: number, upTo = this.lines.get(interaction)?.timeline.last ?? 0): void {
    const line = this.lines.get(interaction);
    if (!line || line.seen >= upTo) return;
    line.seen = upTo;
    this.#remember();
    this.#acknowledge(now);
  }

  /** Everything that was whispered in a contact was on screen. */
  heed(interaction: string): void {
    const line = this.lines.get(interaction);
    if (line) line.heeded = this.#contact(interaction)?.whispers?.length ?? 0;
    this.#remember();
  }

  /** Does something about a contact's shared page; a refusal nobody waits for becomes a notice. */
  cobrowse(interaction: string, act: AgentAct, told: Told | undefined, now: number): void {
    const passing = act.do === "leave" || (act.do === "guide" && isPassing(act.guide));
    if (this.link.state.is !== "live") {
      // Looking begins anew by itself, and where a pointer was is of no use later.
      if (told) told(words.notConnected);
      else if (!passing && act.do !== "watch") this.notice("cobrowse", words.notConnected);
      return;
    }
    this.#ask({ op: "cobrowse", interaction, act }, { is: "cobrowse", told: told ?? (passing ? () => {} : undefined) }, now);
  }

  /** Does something about calls at this console. */
  voice(act: AgentVoice, told: Told, now: number): void {
    if (this.link.state.is !== "live") return told("lost");
    this.#ask({ op: "voice", act }, { is: "voice", told }, now);
  }

  dismiss(n: number): void {
    this.notices = this.notices.filter((notice) => notice.n !== n);
  }

  handleOpen(now: number): void {
    this.link.handleOpen(now);
    this.#hello(now);
  }

  handleText(text: string, now: number): void {
    const frame = this.link.handleText(text, now);
    if (!frame) return;
    if (typeof frame["re"] === "number") this.#handleAnswer(frame as { re: number; ok?: AgentDone; error?: Refusal }, now);
    else this.#handlePush(frame as unknown as AgentPush, now);
    this.#flush(now);
  }

  handleClose(now: number, code?: number): void {
    this.link.handleClose(now, code);
    if (code === TOO_LONG) this.lines.handleTooLong(refused({ code: "too_large", text: "This is larger than is taken here." }));
    this.#lost();
    this.#remember();
    if (code === UNAUTHORIZED) this.#leave("");
  }

  wake(now: number): void {
    this.link.wake(now, { op: "pong", seq: this.#seq });
  }

  handleTimeout(now: number): void {
    if (this.#receiptsDue !== undefined && this.#receiptsDue <= now) this.#tellReceipts(now);
    this.lines.handleTimeout(now);
    if (this.link.handleTimeout(now)) this.#lost();
    this.#wrapUpInTime(now);
    this.#flush(now);
  }

  pollTimeout(): number | undefined {
    const live = this.link.state.is === "live";
    const due = [this.link.pollTimeout(), this.#receiptsDue, ...this.lines.pollTimeouts(live)];
    if (live) due.push(...this.lines.due(this.desk?.contacts ?? []).map(({ at }) => at - this.ahead));
    const times = due.filter((time) => time !== undefined);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  pollOutput(): AgentOutput | undefined {
    const output = this.#outputs.shift() ?? this.link.pollOutput();
    if (output || !this.#dirty) return output;
    this.#dirty = false;
    return { do: "remember", lines: this.lines.kept(), left: this.lines.left.all };
  }

  #hello(now: number): void {
    this.#greeting = true;
    const resume = this.desk && this.#deskEpoch ? { epoch: this.#deskEpoch, seq: this.#seq } : null;
    const timelines = [...this.lines.values()].map((line) => line.timeline.resume());
    this.#ask({ op: "hello", token: this.token, resume, timelines }, { is: "hello" }, now);
  }

  /** Says hello again, unless that is under way: there is a hole in a stream, or another credential. */
  resync(now: number): void {
    if (!this.#greeting) this.#hello(now);
  }

  #handleAnswer(answer: { re: number; ok?: AgentDone; error?: Refusal }, now: number): void {
    const ask = this.#asks.get(answer.re);
    this.#asks.delete(answer.re);
    if (!ask) return;
    if (answer.ok && ask.is === "action") {
      // Who went on, and was not refused, has done with what was told before.
      this.notices = this.notices.filter(({ n }) => n > ask.noticed);
      if (ask.action.op === "wrap_up") this.lines.handleFinished(ask.action, true);
      ask.told?.(undefined);
    }
    if (answer.ok && (ask.is === "cobrowse" || ask.is === "voice")) return ask.told?.(undefined, ...given(answer.ok, now + this.ahead));
    if (answer.ok) this.#handleDone(answer.ok, now);
    else if (answer.error) this.#handleRefusal(ask, answer.error, now);
  }

  #handleDone(done: AgentDone, now: number): void {
    switch (done.done) {
      case "welcome":
        this.ahead = done.at - now;
        return this.#welcome(done.desk_epoch, done.epoch, now);
      case "written":
        this.lines.get(done.interaction)?.outbox.handleWritten(done.mid, done.seq);
        return this.#remember();
      case "promised":
      case "code":
      case "media":
      case "ok":
        // What it changed comes as a change of the desk.
        return;
    }
  }

  #welcome(deskEpoch: string, epoch: string, now: number): void {
    this.#greeting = false;
    this.link.welcome(now);
    // Of a desk from another run of the server only the snapshot that follows counts.
    if (deskEpoch !== this.#deskEpoch) this.#seq = 0;
    this.#deskEpoch = deskEpoch;
    this.lines.epoch = epoch;
    for (const line of this.lines.values()) line.timeline.restart(epoch);
    this.#acknowledge(now);
    this.#outputs.push({ do: "cobrowse_reset" }, { do: "voice_back" });
  }

  #handleRefusal(ask: Ask, refusal: Refusal, now: number): void {
    switch (ask.is) {
      case "hello":
        this.#greeting = false;
        if (refusal.code === "unauthorized" || refusal.code === "forbidden") {
          return this.#leave(refused(refusal));
        }
        this.#outputs.push({ do: "close" });
        this.link.handleClose(now);
        return this.#lost();
      case "write":
        this.lines.get(ask.interaction)?.outbox.handleRefused(ask.mid, { ...refusal, text: refused(refusal) }, now);
        return this.#remember();
      case "action":
        return this.#failed(ask.action, ask.told, refused(refusal));
      case "receipt": {
        const line = this.lines.get(ask.interaction);
        if (refusal.code !== "rate_limited" || !line) return;
        line.told = { delivered: 0, read: 0 };
        this.#receiptsDue = now + RECEIPTS_AGAIN;
        return;
      }
      case "voice":
        return ask.told(refused(refusal), refusal.code);
      case "cobrowse":
        if (ask.told) return ask.told(refused(refusal));
        return this.notice("cobrowse", refused(refusal));
      case "other":
        // A refused typing sign has no consequence.
        return;
    }
  }

  #failed(action: Action, told: Done | undefined, why: string): void {
    if (action.op === "accept" || action.op === "decline" || action.op === "leave") this.#answered.delete(action.interaction);
    if (action.op === "wrap_up") this.lines.handleFinished(action, false);
    if (told) told(why);
    else this.notice(action.op, why);
  }

  #leave(text: string): void {
    this.stop();
    this.#outputs.push({ do: "signed_out", text });
  }

  #handlePush(push: AgentPush, now: number): void {
    switch (push.push) {
      case "desk":
        return this.#replace(push.seq, push.desk);
      case "change":
        return this.#handleChange(push.seq, push.change, now);
      case "entry":
        return this.#handleEntry(push.interaction, push.entry, now);
      case "typing":
        return this.lines.get(push.interaction)?.handleTyping(push.from, push.on ? now + TYPING_LASTS : 0);
      case "receipt":
        if (push.agent === null) return this.lines.get(push.interaction)?.handleReceipt(push.delivered, push.read);
        // Seen at another console of the agent's.
        if (push.agent === this.desk?.agent) this.saw(push.interaction, now, push.read);
        return;
      case "cobrowse":
        return void this.#outputs.push({ do: "cobrowse", interaction: push.interaction, news: push.news });
      case "elsewhere":
        return void this.#outputs.push({ do: "voice_elsewhere", leg: push.leg });
      case "call_moved":
      case "call_over":
        return void this.#outputs.push({ do: "unsupervised", push });
      case "consents":
        return void this.#outputs.push({ do: "consents", customers: push.customers });
      case "queues":
        return void (this.desk &&= { ...this.desk, queues: push.queues });
      case "ping":
        this.#ask({ op: "pong", seq: this.#seq }, { is: "other" }, now);
        if (push.seq > this.#seq) this.resync(now);
    }
  }

  #replace(seq: number, desk: Desk): void {
    const offered = new Set(this.desk?.offers.map((offer) => offer.interaction));
    this.#seq = seq;
    this.desk = desk;
    this.lines.replace(desk);
    for (const offer of desk.offers) if (!offered.has(offer.interaction)) this.#outputs.push({ do: "offered", offer });
    this.#remember();
  }

  #handleChange(seq: number, change: Change, now: number): void {
    if (!this.desk || seq > this.#seq + 1) return this.resync(now);
    if (seq <= this.#seq) return;
    this.#seq = seq;
    this.#tell(change);
    this.desk = changed(this.desk, change);
  }

  #tell(change: Change): void {
    switch (change.change) {
      case "offered":
        this.#outputs.push({ do: "offered", offer: change.offer });
        return;
      case "offer_gone":
        // Asked for by the agent, here or at another console of theirs, or somebody else's doing: only the latter is news.
        if (!this.#answered.delete(change.interaction) && !this.#contact(change.interaction)) this.notice("offer_gone", `${whoAsked(this.desk, change.interaction)}: ${reason(change.reason)}`, change.interaction);
        return;
      case "contact": {
        this.lines.hold(change.contact);
        this.notices = this.notices.filter(({ offer }) => offer !== change.contact.interaction);
        const before = this.#contact(change.contact.interaction);
        this.#say(whisperIn(change.contact, before));
        const gone = partedIn(change.contact, before);
        if (gone) this.notice("parted", gone);
        return this.#remember();
      }
      case "released": {
        const gone = this.#contact(change.interaction);
        // Whoever helps did nothing to end it, and may be writing.
        const who = gone?.card.name || words.unnamed;
        const asked = this.#answered.delete(change.interaction);
        if (change.taken_by) this.notice("taken_over", companyWords.taken(who, change.taken_by.name));
        else if (!asked && gone?.owner) this.notice("not_in_chat", companyWords.over(who));
        this.lines.part(change.interaction, this.pending.has(`wrap_up:${change.interaction}`));
        return this.#remember();
      }
      case "supervised":
        return this.lines.keep([...change.supervised, ...(this.desk?.contacts ?? [])]);
      case "memos":
        return this.#say(memoIn(change.memos.memos, this.desk?.agent));
      case "consulted":
        return this.#say(askedBy(change.consulted, this.desk?.consulted));
      case "presence":
      case "phone":
      case "own":
      case "headset":
    }
  }

  #handleEntry(interaction: string, entry: Entry, now: number): void {
    const line = this.lines.of(interaction);
    switch (line.timeline.accept(entry)) {
      case "gap":
        return this.resync(now);
      case "old":
        return;
      case "new":
        this.#hear(line, entry);
        if (entry.what === "edited" || entry.what === "deleted") this.#say(unsaidOf(line.timeline.entries[entry.of - 1]));
        this.#acknowledge(now);
    }
  }

  #hear(line: Line, entry: Entry): void {
    const said = entry.what === "message" || entry.what === "file";
    if (said) line.handleSaid(entry, this.desk?.agent);
    if (said && entry.from.party !== "customer") this.#remember();
    this.#say(heardOf(entry, line, this.#contact(line.timeline.interaction)));
  }

  #say(output: AgentOutput | undefined): void {
    if (output) this.#outputs.push(output);
  }

  // Many entries at once are acknowledged together.
  #acknowledge(now: number): void {
    this.#receiptsDue ??= now + RECEIPTS_AFTER;
  }

  #tellReceipts(now: number): void {
    this.#receiptsDue = undefined;
    if (this.link.state.is !== "live" || this.#greeting) return;
    for (const line of this.lines.values()) if (this.#contact(line.timeline.interaction)) this.#tellReceipt(line, now);
  }

  #tellReceipt(line: Line, now: number): void {
    const delivered = line.timeline.last;
    const read = Math.min(line.seen, delivered);
    if (delivered <= line.told.delivered && read <= line.told.read) return;
    line.told = { delivered, read };
    this.#ask({ op: "receipt", interaction: line.timeline.interaction, delivered, read }, { is: "receipt", interaction: line.timeline.interaction }, now);
  }

  #flush(now: number): void {
    if (this.link.state.is !== "live" || this.#greeting) return;
    for (const [interaction, line] of this.lines) {
      const next = line.outbox.next(now);
      if (!next) continue;
      const { mid, text } = next;
      line.outbox.handleSent(mid, interaction);
      this.#ask({ op: "message", interaction, mid, text }, { is: "write", interaction, mid }, now);
    }
  }

  #contact(interaction: string) {
    return this.desk?.contacts.find((contact) => contact.interaction === interaction);
  }

  // What is typed in a wrap-up is sent before the server ends it.
  #wrapUpInTime(now: number): void {
    if (this.link.state.is !== "live" || this.#greeting) return;
    for (const { line, until, at } of this.lines.due(this.desk?.contacts ?? [])) {
      if (at - this.ahead > now) continue;
      line.wrapUp.handleDue(until);
      this.act(line.wrapUp.finish(line.timeline.interaction), now);
    }
  }

  #ask(request: AgentRequest, ask: Ask, now: number): void {
    this.#asks.set(this.link.ask(request, now), ask);
  }

  #lost(): void {
    this.#greeting = false;
    this.#receiptsDue = undefined;
    const open = [...this.#asks.values()];
    this.#asks.clear();
    for (const ask of open) {
      if (ask.is === "voice") ask.told("lost");
      if (ask.is === "cobrowse") ask.told?.(words.unknownOutcome);
      if (ask.is === "action") this.#failed(ask.action, ask.told, words.unknownOutcome);
    }
    this.lines.handleLost();
  }

  /** Tells the agent something until they dismiss it, or go on. */
  notice(about: Notice["about"], text: string, offer?: string): void {
    this.#noticed += 1;
    this.notices = [...this.notices.slice(-3), { n: this.#noticed, about, text, ...(offer && { offer }) }];
  }

  #remember(): void {
    this.#dirty = true;
  }
}
