// Puts the agent's machine, the browser and the views together: who is signed in, which contact is shown, what time it is.

import { computed, signal, type Signal } from "@preact/signals";
import { Driver } from "../link/drive";
import { eager } from "../link/eager";
import type { LinkOutput } from "../link/link";
import { newMid } from "../link/mid";
import type { AgentAct, AgentVoice, Contact, Desk, Offer } from "../generated/protocol";
import { keepMemo, kept } from "../memos/kept";
import { Signing } from "../signing/signing";
import { store, stored } from "../signing/stored";
import { chime } from "./alerts";
import { Agent } from "./agent";
import { announce, unsay } from "./announce";
import type { Action, AgentOutput, Done, Notice, Told } from "./asks";
import { handle as handlePage, reset as resetPages } from "./cobrowse/store";
import { restate } from "./customer";
import type { Drafts } from "./drafts";
import { goOnAt } from "./focus";
import type { Left } from "./left";
import type { KeptLine, Line } from "./line";
import { newsOf } from "./news";
import { noticeOf, settle, takeBack, type Noticed } from "./notices";
import { reason } from "../text/staff";
import { go, place } from "./place";
import { pop } from "./pop";
import type { Reply } from "./replies";
import { goalNamed } from "./roster";
import * as headset from "./voice/headset";
import { forgetSought } from "./sought";
import { forgetTyped, takeGone, takeOut, textIn, typed } from "./typed";
import { words } from "./words";
import { companyWords } from "./words/company";
import { voicemailWords } from "./words/voicemail";
import type { KeptWrapUp } from "./wrapping";

/** A dialog over the desk. */
export type Dialog = { is: "escalate" | "callback" | "transfer" | "end" | "hand_over" | "invite" | "leave"; interaction: string } | { is: "record"; interaction: string } | { is: "keyboard" | "sign_out" };

const LINES = "tandem.lines";
const LEFT = "tandem.left";
/** The contact that is shown, so that a reload does not turn to another. */
const SELECTED = "tandem.selected";

/** Changes whenever the machine may have changed; views that read the machine read this first. */
const tick = signal(0);
const running = signal<{ agent: Agent; driver: Driver<Exclude<AgentOutput, LinkOutput>> } | undefined>(undefined);

export const selected = signal<string | undefined>(stored(SELECTED));
export const dialog = signal<Dialog | undefined>(undefined);
/** On a narrow screen: whether the customer's card covers the conversation. */
export const cardOpen = signal(false);
/** What time it is at the server, once a second. */
export const now = signal(Date.now());

/** The sign-in at this desk. */
export const signing = new Signing(
  {
    kept: "tandem.session",
    author: "tandem.author",
    words,
    open,
    goOn: (token) => step((agent, time) => agent.goOnBy(token, time)),
    stop: () => running.value?.driver.step(() => running.value?.agent.stop()),
    close,
    forget,
  },
  now,
);
export const { session } = signing;

export const desk = computed<Desk | undefined>(() => (tick.value, running.value?.agent.desk));
export const live = computed(() => (tick.value, running.value?.agent.link.state.is === "live"));
export const notices = computed(() => (tick.value, running.value?.agent.notices ?? []));
/** Words that were not sent when their contacts went. */
export const left = computed<readonly Left[]>(() => (tick.value, running.value?.agent.lines.left.all ?? []));
/** Whether something is typed anywhere that was not sent. */
export const unsent = computed(() => (tick.value, left.value.length > 0 || kept.value !== undefined || Object.keys(typed.value).length > 0 || [...(running.value?.agent.lines.values() ?? [])].some((line) => line.isUnsent)));
export const pending = computed(() => (tick.value, new Set(running.value?.agent.pending)));

/** Closes a dialog once what it asked for is done, and says in it why not; it may have been closed meanwhile. What is typed in it is sent, or stays. */
export function closing(asked: Dialog | undefined, trouble: Signal<string>, sends = true): Done {
  const giveBackText = asked && "interaction" in asked && sends ? takeOut(asked.is, asked.interaction) : () => {};
  return (error) => {
    if (error !== undefined) {
      trouble.value = error;
      giveBackText();
    }
    else if (dialog.value === asked) dialog.value = undefined;
  };
}

/** Connects the customer with the colleague who was asked; what is typed for them goes along. */
export function complete(interaction: string): void {
  const note = textIn("transfer", interaction).trim() || null;
  const giveBackText = takeOut("transfer", interaction, true);
  act({ op: "complete", interaction, note }, (error) => {
    if (error === undefined) return;
    giveBackText();
    notice("complete", error);
  });
}

export const contact = computed<Contact | undefined>(() => desk.value?.contacts.find((held) => held.interaction === selected.value));

/** Returns a contact's line, and makes the caller follow its changes. */
export function lineOf(interaction: string): Line | undefined {
  void tick.value;
  return running.value?.agent.lines.get(interaction);
}

/** Returns how much of a contact the agent has not seen: what the customer wrote and what supervisors whispered. */
export function newsIn({ interaction, whispers }: Contact): number {
  const line = lineOf(interaction);
  return line ? line.unread + line.unheeded(whispers) : 0;
}

/** How much is unseen in all contacts. */
export const unseen = computed(() => (desk.value?.contacts ?? []).reduce((sum, each) => sum + newsIn(each), 0));

/** How much is unseen in the contacts that are not shown. */
export const elsewhere = computed(() => (desk.value?.contacts ?? []).filter(({ interaction }) => interaction !== selected.value).reduce((sum, each) => sum + newsIn(each), 0));

/** Tells whether colleagues can be asked into it: an open chat of the agent's own that is not parked. */
export function takesMembers({ chat, owner, parked, wrap_up_until }: Contact): boolean {
  return chat && !owner && parked === undefined && wrap_up_until === null;
}

export function nameOf(card: Contact["card"] | Offer["card"]): string {
  return card.name || card.number || card.mail || words.unnamed;
}

/** The reasons to be away that people may choose: those of the configuration, ours where it has none. */
export function awayReasons(): string[] {
  const configured = desk.value?.reasons ?? [];
  return configured.length > 0 ? configured.map((reason) => reason.words) : words.reasons;
}

/** How a contact may have turned out: as configured, in words of ours where nothing is. */
export function dispositions(): string[] {
  const configured = desk.value?.dispositions ?? [];
  return configured.length > 0 ? configured.map((one) => one.words) : words.dispositions;
}

/** Signs out, or asks first where contacts or words that were not sent stand. */
export function wantOut(): void {
  if (unsent.value || (desk.value?.contacts.length ?? 0) > 0) dialog.value = { is: "sign_out" };
  else signOut();
}

/** Gives the sign-in back. */
export function signOut(): void {
  signing.out();
}

/** The server lets nobody in by this sign-in any more. */
export function signedOut(why: string): void {
  signing.over(why);
}

// What was typed is not for whoever comes next, nor is what was looked at.
function forget(): void {
  for (const key of [LINES, LEFT]) sessionStorage.removeItem(key);
  forgetTyped();
  forgetSought();
  keepMemo(undefined);
  selected.value = undefined;
}

function close(): void {
  running.value = undefined;
  dialog.value = undefined;
  settle(new Set());
}

/** Opens the desk of who is signed in. */
export function open(): void {
  if (!session.value || running.value) return;
  const agent = new Agent(session.value.token, stored<Record<string, KeptLine>>(LINES) ?? {}, Math.random, stored<Left[]>(LEFT));
  const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/agent`;
  const driver = new Driver<Exclude<AgentOutput, LinkOutput>>(agent, url, carryOut, follow);
  running.value = { agent, driver };
  driver.step((time) => agent.start(time));
  void fetchReplies(session.value.token);
}

headset.serve({ kept: "tandem.headset", voice, calls: () => desk.value?.headset, awake: () => step((agent, time) => agent.wake(time)) });
eager((tell) => step((agent, time) => tell(agent.link, time)));

let accepted: string | undefined;
/** The desk of which all that is news was told. */
let before: Desk | undefined;

/** Asks for something; `told` is told what came of it, else a notice is shown where it was not done. */
export function act(action: Action, told?: Done): void {
  if (action.op === "accept") {
    accepted = action.interaction;
    headset.answerNext(action.interaction);
  }
  step((agent, time) => agent.act(action, time, told));
}

export function writeTo(interaction: string, text: string): void {
  const mid = newMid();
  step((agent, time) => agent.write(interaction, text, mid, time));
}

/** Puts a text into the field of a contact. */
export function draftIn(interaction: string, text: string): void {
  compose(interaction, (drafts) => drafts.write(text));
}

export function compose(interaction: string, change: (drafts: Drafts) => void): void {
  step((agent, time) => agent.compose(interaction, change, time));
}

/** Changes what is typed in the wrap-up of a contact. */
export function wrap(interaction: string, change: Partial<KeptWrapUp>): void {
  step((agent) => agent.wrap(interaction, change));
}

export function dismissLeft(n: number): void {
  step((agent) => agent.changeLeft((words) => words.dismiss(n)));
}

/** The configured replies, fetched once a session. */
const replies = signal<Reply[]>([]);

export function repliesOf(): Reply[] {
  return replies.value;
}

async function fetchReplies(token: string): Promise<void> {
  const response = await fetch("/api/v1/replies", { headers: { authorization: `Bearer ${token}` } }).catch(() => undefined);
  // Without them agents type what they mean.
  if (response?.ok) replies.value = ((await response.json()) as { replies: Reply[] }).replies;
}

export function retry(interaction: string, mid: string): void {
  step((agent, time) => agent.retry(interaction, mid, time));
}

export function discard(interaction: string, mid: string): void {
  step((agent) => agent.discard(interaction, mid));
}

/** Does something about a contact's shared page. */
export function cobrowse(interaction: string, what: AgentAct, told?: Told): void {
  step((agent, time) => agent.cobrowse(interaction, what, told, time));
}

/** Does something about calls at this console. */
export function voice(what: AgentVoice, told: Told): void {
  step((agent, time) => agent.voice(what, told, time));
}

/** Tells the agent something until they dismiss it. */
export function notice(about: Notice["about"], text: string): void {
  step((agent) => agent.notice(about, text));
}

export function dismiss(n: number): void {
  step((agent) => agent.dismiss(n));
}

/** Shows a contact. */
export function select(interaction: string | undefined): void {
  selected.value = interaction;
  cardOpen.value = false;
  go({ is: "desk" });
  look();
}

function step(tell: (agent: Agent, time: number) => void): void {
  const current = running.value;
  current?.driver.step((time) => tell(current.agent, time));
}

// The clock of whoever sits here may be wrong: deadlines and ages are the server's.
function tell(): void {
  const current = running.value;
  const there = current ? current.driver.now + current.agent.ahead : Date.now();
  if (Math.abs(there - now.value) > 500) now.value = there;
  if (live.value) signing.tell(there);
}

function follow(): void {
  tick.value += 1;
  tell();
  headset.follow(desk.value?.headset, accepted);
  const told = newsOf(before, desk.value, accepted);
  before = desk.value;
  if (told) announce(told);
  const contacts = desk.value?.contacts ?? [];
  const came = contacts.find((held) => held.interaction === accepted);
  const left = desk.value && selected.value && !contacts.some((held) => held.interaction === selected.value);
  if (desk.value) for (const { name, text } of takeGone(new Set(contacts.map(({ interaction }) => interaction)))) step((agent) => agent.changeLeft((words) => words.add("note", name, text)));
  if (left) {
    selected.value = undefined;
    if (dialog.value && "interaction" in dialog.value && dialog.value.is !== "record") dialog.value = undefined;
  }
  // What is shown when nothing is: the contact just accepted; on a wide screen any.
  const wide = matchMedia("(min-width: 821px)").matches;
  selected.value ??= came?.interaction ?? (wide ? contacts[0]?.interaction : undefined);
  if (came) {
    accepted = undefined;
    pop(came.card);
    // Whoever takes work from a page beside the desk wants to do it.
    if (place.value.is !== "desk") select(came.interaction);
  }
  if (came) requestAnimationFrame(() => goOnAt(came.interaction, came.interaction === selected.value));
  look();
  settle(standing());
}

function isShown(interaction: string): boolean {
  return interaction === selected.value && place.value.is === "desk" && !document.hidden;
}

/** What an agent saw at one console of this browser, for their others. */
interface Seen {
  agent: string;
  interaction: string;
  epoch: string;
  seen: number;
}

const beside = new BroadcastChannel("tandem.seen");
beside.onmessage = ({ data }: MessageEvent<Seen>) => {
  const line = running.value?.agent.lines.get(data.interaction);
  if (data.agent === session.value?.agent && data.epoch === line?.timeline.epoch) step((agent, time) => agent.saw(data.interaction, time, data.seen));
};

/** On a visible page whispers count as seen, and what is at the end while that is in view. */
export function look(): void {
  const shown = selected.value;
  const line = shown ? running.value?.agent.lines.get(shown) : undefined;
  if (!shown || !line || !isShown(shown)) return;
  if (line.unheeded(contact.value?.whispers) > 0) step((agent) => agent.heed(shown));
  if (!line.reading.atEnd || line.seen >= line.timeline.last) return;
  step((agent, time) => agent.saw(shown, time));
  const seen: Seen = { agent: session.value?.agent ?? "", interaction: shown, epoch: line.timeline.epoch, seen: line.seen };
  beside.postMessage(seen);
}

function carryOut(output: Exclude<AgentOutput, LinkOutput>): void {
  switch (output.do) {
    case "remember":
      store(LINES, output.lines);
      return store(LEFT, output.left);
    case "cobrowse":
      return handlePage(output.interaction, output.news, running.value?.agent.ahead ?? 0);
    case "cobrowse_reset":
      return resetPages();
    case "voice_back":
      return headset.back();
    case "voice_elsewhere":
      return headset.elsewhere(output.leg);
    case "unsupervised":
      return notice("supervised", output.push.push === "call_over" ? companyWords.callOver(reason(output.push.reason)) : companyWords.moved(goalNamed(output.push.to)));
    case "consents":
      return restate(output.customers);
    case "signed_out":
      return void queueMicrotask(() => signedOut(output.text || words.signedOut));
    case "offered":
      chime("offer");
      return alertTo({ of: `offer ${output.offer.interaction}`, plain: words.newOffer, title: words.offerOf(output.offer.voicemail ? voicemailWords.offer : words[output.offer.channel], nameOf(output.offer.card)), body: words.inQueue(output.offer.queue), lead: () => go({ is: "desk" }) });
    case "asked":
      chime("offer");
      return alertTo({ of: `asked ${output.interaction}`, plain: words.newQuestion, title: output.text, body: words.inQueue(output.queue), lead: () => go({ is: "desk" }) });
    case "memo":
      chime("message");
      announce(words.saidBy(output.from, output.text));
      return noticeOf({ of: "memos", plain: words.newMessage, title: output.from, body: output.text, lead: () => {} });
    case "heard":
      announce(words.saidBy(output.from, output.text));
      if (isShown(output.interaction)) return;
      chime("message");
      return noticeOf({ of: `chat ${output.interaction}`, plain: words.newMessage, title: output.from, body: output.text, lead: () => select(output.interaction) });
    case "over":
      return announce(output.text);
    case "unsaid":
      unsay(output.text);
      return takeBack(output.text);
  }
}

function alertTo(news: Noticed): void {
  announce(news.title);
  noticeOf(news);
}

// What there is that a notification may tell of.
function standing(): Set<string> {
  const { offers = [], contacts = [], consulted, memos } = desk.value ?? {};
  const unread = contacts.filter((each) => newsIn(each) > 0);
  return new Set([...offers.map(({ interaction }) => `offer ${interaction}`), ...unread.map(({ interaction }) => `chat ${interaction}`), ...(consulted && !consulted.joined ? [`asked ${consulted.interaction}`] : []), ...(memos && memos.unread > 0 ? ["memos"] : [])]);
}

place.subscribe(() => queueMicrotask(look));
selected.subscribe((shown) => store(SELECTED, shown ?? null));
setInterval(tell, 1_000);
document.addEventListener("visibilitychange", look);
// Where one reads changes with each turn of a wheel: it is kept when the page goes.
addEventListener("pagehide", () => running.peek() && store(LINES, running.peek()!.agent.lines.kept()));
