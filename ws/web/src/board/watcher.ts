// The supervisor's side: the board's stream, and what was asked and not yet answered. Pure; see `link.ts` for how it is
// driven.

import { Link, UNAUTHORIZED, type LinkOutput } from "../link/link";
import { Timeline } from "../link/timeline";
import { changed as deskChanged } from "../console/desk";
import { reason, refused } from "../text/staff";
import type { AgentDone, AgentNews, AgentPush, AgentRequest, AgentVoice, Board, BoardChange, Channel, Desk, Entry, Headset, Presence, Refusal, Supervise, Supervised, TransferTo } from "../generated/protocol";

/** What the machine asks of the world besides the socket. */
export type WatcherOutput = LinkOutput | { do: "signed_out"; text: string } | { do: "cobrowse"; interaction: string; news: AgentNews } | { do: "cobrowse_reset" } | { do: "voice_back" } | { do: "voice_elsewhere"; leg: string };

type Ask = { is: "hello" } | { is: "watch" } | { is: "presence"; agent: string } | { is: "supervise"; interaction: string } | { is: "write"; told: Told } | { is: "voice"; told: VoiceTold } | { is: "cobrowse"; told: Told } | { is: "other" };

/** Is told what came of something that was written: nothing where it is in the journal, else why not. */
export type Told = (error: string | undefined) => void;

/** Is told why a call cannot be here, or what our offer is answered. */
export type VoiceTold = (error: string | undefined, sdp?: string) => void;

/** Something to tell the supervisor until they dismiss it. */
export interface Notice {
  n: number;
  /** Whose state was not set; none where it is about a call. */
  agent?: string;
  /** Where a call went in which the supervisor took part. */
  went?: TransferTo;
  /** Whether a call is over in which the supervisor took part. */
  over?: true;
  text: string;
}

/** Returns the board after a change. */
export function changed(board: Board, change: BoardChange): Board {
  switch (change.change) {
    case "queue":
      return { ...board, queues: replaced(board.queues, change.queue, (queue) => queue.queue) };
    case "queue_gone":
      return { ...board, queues: board.queues.filter(({ queue }) => queue !== change.queue) };
    case "agent":
      return { ...board, agents: replaced(board.agents, change.agent, (agent) => agent.agent) };
    case "agent_gone":
      return { ...board, agents: board.agents.filter(({ agent }) => agent !== change.agent) };
    case "waiting":
      return { ...board, waiting: change.waiting };
    case "callbacks":
      return { ...board, callbacks: change.callbacks };
    case "decisions":
      return { ...board, decisions: change.decisions };
    case "ratings":
      return { ...board, ratings: change.ratings };
    case "tolls":
      return { ...board, tolls: change.tolls };
    case "trunks":
      return { ...board, trunks: change.trunks };
    case "quarter":
      return { ...board, day: replaced(board.day, change.quarter, (quarter) => String(quarter.at)).slice(-96) };
  }
}

function replaced<T>(list: readonly T[], one: T, key: (one: T) => string): T[] {
  const at = list.findIndex((known) => key(known) === key(one));
  return at < 0 ? [...list, one] : list.with(at, one);
}

/** One signed-in supervisor. */
export class Watcher {
  readonly link: Link<AgentRequest>;
  board: Board | undefined;
  /** How much the server's clock is ahead of this one. */
  ahead = 0;
  /** Agents whose state is being set, and calls in which something is asked. */
  readonly pending = new Set<string>();
  notices: Notice[] = [];
  /** Why nothing is shown, when the server refused the board. */
  refused: string | undefined;
  readonly #outputs: WatcherOutput[] = [];
  readonly #asks = new Map<number, Ask>();
  #seq = 0;
  #epoch = "";
  #desk = 0;
  #own: Desk | undefined;
  #timelines = "";
  /** What is read along no more, or was not to be. */
  readonly #lapsed = new Set<string>();
  /** What this supervisor left of their own accord, until the server says so. */
  readonly #left = new Set<string>();
  readonly #lines = new Map<string, Timeline>();
  #watching = false;
  #greeting = false;
  #noticed = 0;

  constructor(
    private token: string,
    random: () => number,
  ) {
    this.link = new Link(random);
  }

  /** The reasons to be away that are configured; none where each is as good as another. */
  get reasons(): string[] {
    return (this.#own?.reasons ?? []).map((reason) => reason.words);
  }

  start(now: number): void {
    this.link.start(now);
  }

  /** Another credential counts from now on, also after the one before it has ended. */
  goOnBy(token: string, now: number): void {
    this.token = token;
    if (this.link.state.is === "idle") this.start(now);
    if (this.link.state.is === "live") this.#resync(now);
  }

  stop(): void {
    this.link.stop();
    this.#lost();
  }

  /** Sets an agent's state. */
  setPresence(agent: string, presence: Presence, now: number): void {
    if (this.link.state.is !== "live" || this.pending.has(agent)) return;
    this.pending.add(agent);
    this.#ask({ op: "presence_of", agent, presence }, { is: "presence", agent }, now);
  }

  /** Takes part in a running call or chat as a supervisor, or leaves it. */
  supervise(interaction: string, act: Supervise, channel: Channel, now: number): void {
    if (this.link.state.is !== "live" || this.pending.has(interaction)) return;
    this.pending.add(interaction);
    this.#lapsed.delete(interaction);
    this.#left[act === "stop" ? "add" : "delete"](interaction);
    this.#ask({ op: "supervise", interaction, act, channel }, { is: "supervise", interaction }, now);
  }

  /** Returns how this supervisor takes part in a chat, if they do. */
  overseen(interaction: string): Supervised | undefined {
    return this.#own?.supervised?.find((one) => one.interaction === interaction);
  }

  /** Tells whether a chat is read along no more, or could not be, since it was asked for last. */
  lapsed(interaction: string): boolean {
    return this.#lapsed.has(interaction);
  }

  /** The chats in which this supervisor takes part, from whatever page. */
  get supervised(): readonly Supervised[] {
    return this.#own?.supervised ?? [];
  }

  /** The calls at this supervisor's pages. */
  get headset(): Headset | undefined {
    return this.#own?.headset;
  }

  /** Does something about calls at this board. */
  voice(act: AgentVoice, told: VoiceTold, now: number): void {
    if (this.link.state.is !== "live") return told("lost");
    this.#ask({ op: "voice", act }, { is: "voice", told }, now);
  }

  /** What staff wrote to each other, as far as it is the supervisor's to read. */
  get memos() {
    return this.#own?.memos;
  }

  /** Tells whether a chat is the supervisor's own. */
  holds(interaction: string): boolean {
    return this.#own?.contacts.some((one) => one.interaction === interaction) ?? false;
  }

  /** Returns what was said in a chat, as far as it was read along. */
  said(interaction: string): readonly Entry[] {
    return this.#lines.get(interaction)?.entries ?? [];
  }

  /** Writes to the agent of a chat alone, or to everybody in it as message `mid`. */
  write(interaction: string, text: string, mid: string | undefined, told: Told, now: number): void {
    if (this.link.state.is !== "live") return told("");
    const request: AgentRequest = mid === undefined ? { op: "whisper", interaction, text } : { op: "message", interaction, mid, text };
    this.#ask(request, { is: "write", told }, now);
  }

  /** Looks at a shared page of which style sheets are known, or looks no more. */
  look(interaction: string, sheets: string[] | undefined, told: Told, now: number): void {
    if (this.link.state.is !== "live") return;
    this.#ask({ op: "cobrowse", interaction, act: sheets ? { do: "watch", sheets } : { do: "leave" } }, { is: "cobrowse", told }, now);
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
  }

  handleClose(now: number, code?: number): void {
    this.link.handleClose(now, code);
    this.#lost();
    if (code === UNAUTHORIZED) this.#leave("");
  }

  wake(now: number): void {
    this.link.wake(now, { op: "pong", seq: this.#desk });
  }

  handleTimeout(now: number): void {
    if (this.link.handleTimeout(now)) this.#lost();
  }

  pollTimeout(): number | undefined {
    return this.link.pollTimeout();
  }

  pollOutput(): WatcherOutput | undefined {
    return this.#outputs.shift() ?? this.link.pollOutput();
  }

  #handleAnswer(answer: { re: number; ok?: AgentDone; error?: Refusal }, now: number): void {
    const ask = this.#asks.get(answer.re);
    this.#asks.delete(answer.re);
    if (!ask) return;
    if (ask.is === "hello") this.#greeting = false;
    if (ask.is === "write") ask.told(answer.error && refused(answer.error));
    if (ask.is === "voice") ask.told(answer.error && refused(answer.error), answer.error?.code ?? (answer.ok?.done === "media" ? answer.ok.sdp : undefined));
    if (ask.is === "presence") this.pending.delete(ask.agent);
    if (ask.is === "supervise") this.pending.delete(ask.interaction);
    if (answer.ok?.done === "welcome") {
      this.link.welcome(now);
      this.ahead = answer.ok.at - now;
      if (answer.ok.desk_epoch !== this.#epoch) this.board = undefined;
      this.#epoch = answer.ok.desk_epoch;
      this.#timelines = answer.ok.epoch;
      for (const line of this.#lines.values()) line.restart(this.#timelines);
      this.#outputs.push({ do: "cobrowse_reset" }, { do: "voice_back" });
      this.#watch(now);
    }
    if (answer.error) this.#handleRefusal(ask, answer.error, now);
  }

  #handleRefusal(ask: Ask, refusal: Refusal, now: number): void {
    switch (ask.is) {
      case "hello":
        if (refusal.code === "unauthorized" || refusal.code === "forbidden") return this.#leave(refused(refusal));
        this.#outputs.push({ do: "close" });
        this.link.handleClose(now);
        return this.#lost();
      case "watch":
        this.refused = refused(refusal);
        return;
      case "presence":
        this.#noticed += 1;
        this.notices = [...this.notices.slice(-3), { n: this.#noticed, agent: ask.agent, text: refused(refusal) }];
        return;
      case "supervise":
        if (!this.overseen(ask.interaction)) this.#lapsed.add(ask.interaction);
        this.#noticed += 1;
        this.notices = [...this.notices.slice(-3), { n: this.#noticed, text: refused(refusal) }];
        return;
      case "cobrowse":
        return ask.told(refused(refusal));
      case "write":
      case "voice":
      case "other":
        return;
    }
  }

  // A hole in a stream: says hello again, unless that is under way.
  #resync(now: number): void {
    if (!this.#greeting) this.#hello(now);
  }

  // The whole desk follows, and of what is read along what did not come yet.
  #hello(now: number): void {
    this.#greeting = true;
    const timelines = [...this.#lines.values()].map((line) => line.resume());
    this.#ask({ op: "hello", token: this.token, resume: null, timelines }, { is: "hello" }, now);
  }

  #handleEntry(interaction: string, entry: Entry, now: number): void {
    const known = this.#lines.get(interaction);
    if (!known && !this.overseen(interaction)) return;
    const line = known ?? new Timeline(interaction, this.#timelines);
    this.#lines.set(interaction, line);
    if (line.accept(entry) === "gap") this.#resync(now);
  }

  // What is read along no more is forgotten once nobody shows it.
  forget(interaction: string): void {
    if (!this.overseen(interaction)) this.#lines.delete(interaction);
    this.#lapsed.delete(interaction);
  }

  #sit(desk: Desk): void {
    const before = this.supervised;
    this.#own = desk;
    for (const { interaction } of before) if (!this.overseen(interaction) && !this.#left.delete(interaction)) this.#lapsed.add(interaction);
    for (const { interaction } of this.supervised) this.#lapsed.delete(interaction);
  }

  // Says where the stream is to be taken up; what was missed, or everything, follows.
  #watch(now: number): void {
    this.#watching = true;
    const resume = this.board ? { epoch: this.#epoch, seq: this.#seq } : null;
    this.#ask({ op: "watch", resume }, { is: "watch" }, now);
  }

  #handlePush(push: AgentPush, now: number): void {
    switch (push.push) {
      case "board":
        this.#seq = push.seq;
        this.board = push.board;
        this.refused = undefined;
        this.#watching = false;
        return;
      case "board_change":
        return this.#handleChange(push.seq, push.at, push.changes, now);
      case "desk":
        this.#desk = push.seq;
        this.#sit(push.desk);
        return;
      case "change":
        if (!this.#own || push.seq > this.#desk + 1) return this.#resync(now);
        if (push.seq <= this.#desk) return;
        this.#desk = push.seq;
        this.#sit(deskChanged(this.#own, push.change));
        return;
      case "entry":
        return this.#handleEntry(push.interaction, push.entry, now);
      case "elsewhere":
        this.#outputs.push({ do: "voice_elsewhere", leg: push.leg });
        return;
      case "call_moved":
        this.#noticed += 1;
        this.notices = [...this.notices.slice(-3), { n: this.#noticed, went: push.to, text: "" }];
        return;
      case "call_over":
        this.#noticed += 1;
        this.notices = [...this.notices.slice(-3), { n: this.#noticed, over: true, text: reason(push.reason) }];
        return;
      case "cobrowse":
        this.#outputs.push({ do: "cobrowse", interaction: push.interaction, news: push.news });
        return;
      case "ping":
        this.#ask({ op: "pong", seq: this.#desk }, { is: "other" }, now);
        if (push.seq > this.#desk) this.#resync(now);
        return;
      default:
        // The supervisor's own desk is shown by the console.
        return;
    }
  }

  #handleChange(seq: number, at: number, changes: readonly BoardChange[], now: number): void {
    if (!this.board || seq > this.#seq + 1) {
      // A hole in the stream: everything is asked for anew, unless that is under way.
      if (!this.#watching) {
        this.board = undefined;
        this.#watch(now);
      }
      return;
    }
    this.#watching = false;
    if (seq <= this.#seq) return;
    this.#seq = seq;
    this.board = { ...changes.reduce(changed, this.board), at };
  }

  #leave(text: string): void {
    this.stop();
    this.#outputs.push({ do: "signed_out", text });
  }

  #ask(request: AgentRequest, ask: Ask, now: number): void {
    this.#asks.set(this.link.ask(request, now), ask);
  }

  #lost(): void {
    for (const ask of this.#asks.values()) {
      if (ask.is === "write") ask.told("");
      if (ask.is === "voice") ask.told("lost");
    }
    this.#asks.clear();
    this.pending.clear();
    this.#watching = false;
    this.#greeting = false;
  }
}
