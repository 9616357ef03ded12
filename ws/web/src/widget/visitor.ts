// The visitor's side of a chat: one interaction's timeline, what is unsent, and the requests about calls. Pure; see
// `link.ts` for how it is driven.

import { Link, TOO_LONG, UNAUTHORIZED } from "../link/link";
import type { Unsent } from "../link/outbox";
import { Timeline } from "../link/timeline";
import type { Entry, Filled, Refusal, VisitorAct, VisitorDone, VisitorPush, VisitorRequest, VisitorVoice, WantedCall } from "../generated/protocol";
import { Asks, earliest, type Ask } from "./asks";
import { Credential } from "./credential";
import { effect, newsOf } from "./effect";
import type { Memory } from "./memory";
import type { Told, VisitorOutput } from "./output";
import { asked } from "./question";
import { highest, Receipts } from "./receipts";
import { Standing } from "./standing";
import { Wishes, type Wish } from "./wishes";

export type { Position, Told, VisitorOutput } from "./output";

/** One visitor on one zone. */
export class Visitor extends Standing {
  readonly link: Link<VisitorRequest>;
  readonly wishes = new Wishes();
  credential = new Credential();
  /** The credential that was no good any more. */
  refused: string | null = null;
  readonly #outputs: VisitorOutput[] = [];
  readonly #asks = new Asks();
  #greeting = false;
  readonly #receipts = new Receipts();
  #dirty = false;
  #acts: { request: VisitorRequest; told: Told | undefined }[] = [];
  #form: Filled | undefined;
  #voiced: Told | undefined; // It is told, too, when another page takes the call.
  #left: string | undefined = ""; // Told of it still, this chat is opened no more.

  constructor(
    private readonly zone: string,
    memory: Memory,
    random: () => number,
  ) {
    super(memory);
    this.#form = memory.form;
    this.link = new Link(random);
  }

  /** The visitor opened the panel, or a live interaction was found. */
  open(now: number): void {
    if (this.kept.token) this.link.start(now);
    else this.#fetchToken();
  }

  /** The visitor is at it. */
  hurry(now: number): void {
    this.link.hurry(now);
  }

  handleToken(token: string, now: number): void {
    this.credential.handleFetched();
    this.#keep({ token });
    this.link.start(now);
  }

  /** Whoever comes so is not let in for good where that is `told`; what was written then goes out when its writer tries again. */
  handleTokenFailed(why: string, now: number, told?: string): void {
    if (!told) return this.credential.handleFailed(why, now);
    this.credential.handleRefused(told);
    this.outbox.close(told);
    this.#keepUnsent();
  }

  /** It is somebody else as whom the visitor goes on with what they began; nobody in particular where none is given. Where nothing
   *  is begun, how the one before is called and reached is not theirs. */
  goOnAs(who: string | undefined): void {
    const begun = who !== undefined || this.outbox.items.length > 0;
    this.#keep(begun ? { who } : { who, name: "", mail: "", form: undefined });
  }

  /** Writes a message; the first one opens the chat, or has the call promised that is wanted instead. */
  write(text: string, mid: string, now: number, callback?: WantedCall): void {
    this.outbox.add(mid, text, now, this.timeline?.interaction, callback);
    this.writing.rest();
    this.#keepUnsent();
    this.open(now);
    this.#flush(now);
  }

  /** Remembers how the visitor wants to be called, and what they answered, before the first message. */
  introduce(name: string, mail: string, form?: Filled): void {
    this.#form = form;
    this.#keep({ name, mail, form });
  }

  retry(mid: string, now: number): void {
    // In a chat that is over nothing is written: it opens the next one.
    if (this.ended) return this.startOver(now);
    this.outbox.retry(mid);
    this.#keepUnsent();
    this.open(now);
    this.#flush(now);
  }

  discard(mid: string): void {
    this.outbox.discard(mid);
    this.#keepUnsent();
  }

  /** The visitor is writing, or emptied the field. */
  typing(on: boolean, now: number): void {
    if (this.link.state.is !== "live" || !this.timeline || this.ended) return;
    if (this.writing.tells(on, now)) this.#ask({ op: "typing", on }, { is: "other" }, now);
  }

  /** Everything up to `seq` was on screen. */
  saw(seq: number, now: number): void {
    if (seq <= this.kept.read) return;
    this.#keep({ read: seq });
    this.#outputs.push({ do: "unread", count: this.unread });
    this.#receipts.gather(now);
  }

  /** Somebody else is there: nothing of whoever was before is left. */
  turn(memory: Memory): void {
    this.link.stop();
    this.#lost();
    this.#acts = [];
    this.#forget();
    this.begin(memory);
    this.#form = memory.form;
    this.credential = new Credential();
    this.#dirty = true;
  }

  /** Asks for something about calls, as soon as there is an interaction to ask it in. */
  want(wish: Wish, now: number): void {
    this.wishes.add(wish);
    this.#flush(now);
  }

  /** Does something about a shared page; parts of it are of no use later. */
  cobrowse(act: VisitorAct, told: Told | undefined, now: number): void {
    if ("stream" in act && (this.link.state.is !== "live" || this.#greeting)) return told?.("lost");
    this.aside({ op: "cobrowse", act }, told, now);
  }

  /** Asks for something beside the conversation. */
  aside(request: VisitorRequest, told: Told | undefined, now: number): void {
    this.#acts.push({ request, told });
    this.hurry(now);
    this.#flush(now);
  }

  /** Writes one of the visitor's own messages anew, or takes it back. */
  revise(mid: string, text: string | null, told: Told, now: number): void {
    if (this.link.state.is !== "live" || this.#greeting || !this.timeline) return told("lost");
    this.aside({ op: "revise", mid, text, interaction: this.timeline.interaction }, told, now);
  }

  /** Does something about a call of this page. */
  voice(act: VisitorVoice, told: Told, now: number): void {
    this.open(now);
    this.aside({ op: "voice", act }, (this.#voiced = told), now);
  }

  dismiss(): void {
    this.wishes.notice = undefined;
  }

  /** Answers how well they were served; no score leaves the question. */
  rate(score: number | null, comment: string | null, now: number): void {
    if (this.timeline) this.want({ op: "rate", interaction: this.timeline.interaction, score, comment }, now);
  }

  /** Leaves a chat that is over, and with it a question that was not answered. */
  startOver(now: number): void {
    const question = asked(this.timeline);
    if (this.timeline && question && !question.rated && this.link.state.is === "live") {
      this.#ask({ op: "rate", interaction: this.timeline.interaction, score: null, comment: null }, { is: "other" }, now);
    }
    this.#left = this.timeline?.interaction;
    const unsent = this.outbox.kept();
    this.outbox.items = [];
    this.#forget();
    for (const { mid, text, callback } of unsent) this.outbox.add(mid, text, now, undefined, callback);
    this.#keepUnsent();
    this.#flush(now);
  }

  handleOpen(now: number): void {
    this.link.handleOpen(now);
    this.#hello(now);
  }

  handleText(text: string, now: number): void {
    const frame = this.link.handleText(text, now);
    if (!frame) return;
    if (typeof frame["re"] === "number") this.#handleAnswer(frame as { re: number; ok?: VisitorDone; error?: Refusal }, now);
    else this.#handlePush(frame as unknown as VisitorPush, now);
    this.#flush(now);
  }

  handleClose(now: number, code?: number): void {
    this.link.handleClose(now, code);
    if (code === TOO_LONG) this.outbox.handleTooLong(this.tooLong);
    this.#lost();
    this.#keepUnsent();
    if (code === UNAUTHORIZED) this.#renounce();
  }

  wake(now: number): void {
    if (this.credential.pollTimeout() !== undefined) this.#fetchToken();
    this.link.wake(now, { op: "pong", seq: this.timeline?.last ?? 0 });
  }

  handleTimeout(now: number): void {
    if ((this.credential.pollTimeout() ?? now + 1) <= now) this.#fetchToken();
    if (this.#receipts.take(now)) this.#tellReceipt(now);
    this.writing.handleTimeout(now);
    if (this.link.handleTimeout(now)) this.#lost();
    this.#flush(now);
  }

  pollTimeout(): number | undefined {
    const unsent = this.link.state.is === "live" ? this.outbox.pollTimeout(0) : undefined;
    return earliest(this.link.pollTimeout(), this.credential.pollTimeout(), this.#receipts.pollTimeout(), this.writing.pollTimeout(), unsent);
  }

  pollOutput(): VisitorOutput | undefined {
    const output = this.#outputs.shift() ?? this.link.pollOutput();
    if (output || !this.#dirty) return output;
    this.#dirty = false;
    return { do: "remember", memory: this.kept };
  }

  #hello(now: number): void {
    if (!this.kept.token) return;
    this.#greeting = true;
    const resume = this.timeline?.resume() ?? null;
    this.#ask({ op: "hello", token: this.kept.token, resume }, { is: "hello" }, now);
  }

  #handleAnswer(answer: { re: number; ok?: VisitorDone; error?: Refusal }, now: number): void {
    const ask = this.#asks.take(answer.re);
    if (!ask) return;
    if (answer.ok) this.#handleDone(ask, answer.ok, now);
    else this.#handleRefusal(ask, answer.error as Refusal, now);
  }

  #handleDone(ask: Ask, done: VisitorDone, now: number): void {
    switch (done.done) {
      case "welcome":
        this.ahead = done.at - now;
        return this.#welcome(done.epoch, done.interaction, now);
      case "written":
        // It was of the chat before the one that is shown, where no entry will stand for it.
        if (ask.is === "write" && ask.interaction !== undefined && ask.interaction !== this.timeline?.interaction) {
          this.outbox.handleSeen(done.mid);
          return this.#keepUnsent();
        }
        this.#live(done.interaction);
        this.outbox.handleWritten(done.mid, done.seq);
        return this.#keepUnsent();
      case "code":
        if (ask.is === "aside") ask.told?.(undefined, done.code, `${done.until - now - this.ahead}`);
        return;
      case "missing":
        if (ask.is === "aside") ask.told?.(undefined, `${done.sheets}`);
        return;
      case "media":
        this.#live(done.leg.slice(0, done.leg.lastIndexOf(".")));
        if (ask.is === "aside") ask.told?.(undefined, done.sdp, done.leg);
        return;
      case "promised":
      case "ok":
        if (ask.is === "aside") ask.told?.(undefined);
        if (ask.is === "wish") this.wishes.handleDone();
    }
  }

  #handleRefusal(ask: Ask, told: Refusal, now: number): void {
    const refusal = { ...told, text: this.say(told) };
    switch (ask.is) {
      case "hello":
        this.#greeting = false;
        if (refusal.code !== "unauthorized") return this.#giveUp(now);
        return this.#renounce();
      case "write":
        this.outbox.handleRefused(ask.mid, refusal, now);
        return this.#keepUnsent();
      case "wish":
        return this.wishes.handleRefused(ask.wish, refusal);
      case "receipt":
        if (refusal.code === "rate_limited") this.#receipts.handleLimited(now);
        return;
      case "aside":
        return ask.told?.(refusal.text, refusal.code);
      case "other":
        return; // A refused typing sign has no consequence.
    }
  }

  // The credential expired: what it could see is out of reach, a new one starts anew.
  #renounce(): void {
    this.refused = this.kept.token;
    this.link.stop();
    this.#forget();
    this.outbox.unbind();
    this.#keepUnsent();
    this.#keep({ token: null });
    this.#fetchToken();
  }

  #welcome(epoch: string, interaction: string | null, now: number): void {
    this.#greeting = false;
    this.link.welcome(now);
    this.#keep({ epoch });
    this.timeline?.restart(epoch);
    if (interaction) this.#live(interaction);
    else if (this.timeline) {
      this.over = true;
      this.outbox.close("");
      this.#keepUnsent();
    }
    this.#receipts.gather(now);
    this.#outputs.push({ do: "cobrowse_link", back: true });
  }

  #live(interaction: string): void {
    if (this.timeline?.interaction === interaction) {
      this.over = false;
      return;
    }
    this.#forget();
    this.timeline = new Timeline(interaction, this.kept.epoch ?? "");
    // What was answered has arrived: it is kept no longer than this page lives.
    this.#keep({ interaction, form: undefined });
  }

  #handlePush(push: VisitorPush, now: number): void {
    if (push.push === "ping") return this.#handlePing(push.seq, now);
    if (push.interaction === this.#left) return;
    // An answer that names the interaction may still be under way: the first entry names it too.
    if (!this.timeline && push.push === "entry") this.#live(push.interaction);
    // What another tab began after the chat of this one was over.
    if (this.ended && push.push === "entry" && push.interaction !== this.timeline?.interaction) this.#live(push.interaction);
    if (push.interaction !== this.timeline?.interaction) return;
    switch (push.push) {
      case "entry":
        return this.#handleEntry(push.entry, now);
      case "position":
        if (!this.held) this.position = { position: push.position, wait: push.wait };
        return;
      case "typing":
        if (push.from.party !== "agent") return;
        return this.writing.hear(push.on ? push.from.name : undefined, now);
      case "cobrowse":
        // By this browser's clock.
        if (push.news.is === "code") push.news.until -= this.ahead;
        this.#outputs.push({ do: "cobrowse", news: push.news });
        return;
      case "elsewhere":
        return this.#voiced?.("", push.push, push.leg);
      case "receipt":
        if (push.agent) this.receipt = highest(this.receipt, push);
        else this.saw(push.read, now);
        return;
    }
  }

  #handlePing(seq: number, now: number): void {
    const last = this.timeline?.last ?? 0;
    this.#ask({ op: "pong", seq: last }, { is: "other" }, now);
    if (seq > last && this.timeline && !this.over) this.#resync(now);
  }

  #handleEntry(entry: Entry, now: number): void {
    const how = this.timeline?.accept(entry);
    if (how === "gap") this.#resync(now);
    if (how !== "new") return;
    this.#apply(entry);
    this.#receipts.gather(now);
  }

  #apply(entry: Entry): void {
    const changed = effect(entry);
    const news = entry.seq > this.kept.read ? newsOf(entry) : undefined;
    if (news) this.#outputs.push(news);
    if (entry.what === "message") this.outbox.handleSeen(entry.mid);
    if (changed === "over" || (entry.what === "message" && entry.from.party !== "customer")) this.writing.writer = undefined;
    if (changed) this.position = undefined;
    if (changed === "over") {
      this.wishes.handleDone();
      this.outbox.close("");
      this.#keep({ ended: true });
    }
    this.#keepUnsent();
    this.#outputs.push({ do: "unread", count: this.unread });
  }

  // A hole in the stream: says hello again, unless that is under way.
  #resync(now: number): void {
    if (!this.#greeting) this.#hello(now);
  }

  #tellReceipt(now: number): void {
    if (this.link.state.is !== "live" || this.ended || this.#greeting) return;
    const receipt = this.#receipts.news(this.timeline?.last ?? 0, this.kept.read);
    if (receipt) this.#ask({ op: "receipt", ...receipt }, { is: "receipt" }, now);
  }

  #flush(now: number): void {
    if (this.link.state.is !== "live" || this.#greeting) return;
    const next = this.ended ? undefined : this.outbox.next(now);
    if (next) {
      const { mid, text } = next;
      this.outbox.handleSent(mid, this.timeline?.interaction);
      this.#keepUnsent();
      const interaction = this.timeline && next.interaction;
      this.#ask(interaction ? { op: "message", mid, text, interaction } : this.#opening(next), { is: "write", mid, interaction }, now);
    }
    for (const { request, told } of this.#acts.splice(0)) this.#ask(request, { is: "aside", told }, now);
    if (!this.timeline) return;
    for (const wish of this.wishes.take()) this.#ask(wish, { is: "wish", wish }, now);
  }

  #opening({ mid, text, callback }: Unsent): VisitorRequest {
    const { name, mail } = this.kept;
    return { op: "open", zone: this.zone, name: name || null, mail: mail || null, ...this.where(), form: this.#form ?? null, ...(callback && { callback }), mid, text };
  }

  /** Says why something was refused, in the visitor's language. */
  say: (refusal: Refusal) => string = ({ text }) => text;

  /** Says that a message is longer than the server takes. */
  tooLong = "";

  /** The page the chat is opened on, and the one that led there, empty where none did. */
  where = () => ({ page: "", referrer: "" });

  #ask(request: VisitorRequest, ask: Ask, now: number): void {
    this.#asks.add(this.link.ask(request, now), ask);
  }

  #lost(): void {
    this.#greeting = false;
    this.#asks.lost();
    this.#outputs.push({ do: "cobrowse_link", back: false });
    this.#receipts.handleLost();
    this.writing.rest();
    this.writing.writer = undefined;
    this.position = undefined;
    this.outbox.handleLost();
    this.wishes.handleLost();
  }

  // The server cannot serve a hello now: the socket is given up and tried again later.
  #giveUp(now: number): void {
    this.#outputs.push({ do: "close" });
    this.link.handleClose(now);
    this.#lost();
  }

  #fetchToken(): void {
    if (this.credential.fetch()) this.#outputs.push({ do: "fetch_token" });
  }

  #forget(): void {
    this.timeline = undefined;
    this.over = false;
    this.position = undefined;
    this.writing.writer = undefined;
    this.receipt = { delivered: 0, read: 0 };
    this.#receipts.forget();
    this.wishes.forget();
    this.#keep({ interaction: null, ended: false, read: 0 });
    this.#outputs.push({ do: "unread", count: 0 });
  }

  #keepUnsent(): void {
    this.#keep({ unsent: this.outbox.kept() });
  }

  #keep(change: Partial<Memory>): void {
    this.kept = { ...this.kept, ...change };
    this.#dirty = true;
  }
}
