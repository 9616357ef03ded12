// Puts the supervisor's machine, the browser and the views together.

import { computed, effect, signal } from "@preact/signals";
import { Driver } from "../link/drive";
import { eager } from "../link/eager";
import type { LinkOutput } from "../link/link";
import { keepMemo } from "../memos/kept";
import type { AgentView, AgentVoice, Channel, DecisionView, Held, Presence, Supervise } from "../generated/protocol";
import { Signing } from "../signing/signing";
import { problem } from "../text/staff";
import { handle as handlePage, known, reset as resetPages } from "../console/cobrowse/store";
import * as headset from "../console/voice/headset";
import { EVERY, type Webhook } from "./webhooks";
import { Watcher, type Told, type VoiceTold, type WatcherOutput } from "./watcher";
import { words } from "./words";

/** What is shown of the board. */
export type Tab = "now" | "callbacks" | "decisions" | "satisfaction" | "recordings";

const tick = signal(0);
const running = signal<{ watcher: Watcher; driver: Driver<Exclude<WatcherOutput, LinkOutput>> } | undefined>(undefined);

export const tab = signal<Tab>("now");
/** Shows one queue only, or all. */
export const queue = signal("");
/** The interaction whose waiting is explained, or one choice that was made for it. */
export const explained = signal<{ interaction: string; choice?: DecisionView } | undefined>(undefined);
/** The contact that is looked at. */
export const watched = signal<{ interaction: string; who: string; chats: boolean } | undefined>(undefined);
/** What time it is at the server, once a second. */
export const now = signal(Date.now());
/** What is typed to a contact and not sent, by how and contact. */
export const drafts = signal<Record<string, string>>({});

/** It was sent: it goes from its field, unless something else stands there by now. */
export function clearSent(key: string, text: string): void {
  if (drafts.value[key] === text) drafts.value = { ...drafts.value, [key]: "" };
}

/** The sign-in at this board. */
export const signing = new Signing(
  {
    kept: "tandem.board",
    author: "tandem.board.author",
    words,
    open,
    goOn(token) {
      const current = running.value;
      current?.driver.step((time) => current.watcher.goOnBy(token, time));
    },
    stop: () => running.value?.driver.step(() => running.value?.watcher.stop()),
    close,
    forget,
  },
  now,
);
export const { session } = signing;

export const board = computed(() => (tick.value, running.value?.watcher.board));
const shown = computed(() => board.value !== undefined);
/** The reasons to be away that agents may be given: those of the configuration, ours where it has none. */
export const reasons = computed(() => {
  void tick.value;
  const configured = running.value?.watcher.reasons ?? [];
  return configured.length > 0 ? configured : words.reasons;
});
export const live = computed(() => (tick.value, running.value?.watcher.link.state.is === "live"));
export const refused = computed(() => (tick.value, running.value?.watcher.refused));
export const notices = computed(() => (tick.value, running.value?.watcher.notices ?? []));
export const pending = computed(() => (tick.value, new Set(running.value?.watcher.pending)));

/** Webhooks, as they stood when they were asked for last. */
export const webhooks = signal<Webhook[]>([]);

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
  keepMemo(undefined);
  drafts.value = {};
  explained.value = undefined;
  watched.value = undefined;
  tab.value = "now";
  queue.value = "";
}

function close(): void {
  running.value = undefined;
  webhooks.value = [];
}

/** Opens the board of who is signed in. */
export function open(): void {
  if (!session.value || running.value) return;
  const watcher = new Watcher(session.value.token, Math.random);
  const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/agent`;
  const driver = new Driver<Exclude<WatcherOutput, LinkOutput>>(watcher, url, carryOut, follow);
  running.value = { watcher, driver };
  driver.step((time) => watcher.start(time));
}

// The clock of whoever sits here may be wrong: deadlines and ages are the server's.
function tell(): void {
  const current = running.value;
  const there = current ? current.driver.now + current.watcher.ahead : Date.now();
  if (Math.abs(there - now.value) > 500) now.value = there;
  if (live.value) signing.tell(there);
}

function follow(): void {
  tick.value += 1;
  tell();
  headset.follow(calls.value, undefined);
}

function carryOut(output: Exclude<WatcherOutput, LinkOutput>): void {
  switch (output.do) {
    case "signed_out":
      return void queueMicrotask(() => signedOut(output.text || words.signedOut));
    case "cobrowse":
      return handlePage(output.interaction, output.news, running.value?.watcher.ahead ?? 0);
    case "cobrowse_reset":
      return resetPages();
    case "voice_back":
      return headset.back();
    case "voice_elsewhere":
      return headset.elsewhere(output.leg);
  }
}

// A board nobody sees asks for nothing, and neither does who is shown no board.
async function lookAtWebhooks(): Promise<void> {
  if (!shown.value || document.hidden) return;
  const nothing = (): Record<string, unknown> => ({});
  const [hooks, mails] = await Promise.all([ask("/api/v1/webhooks").catch(nothing), ask("/api/v1/mails").catch(nothing)]);
  const told = (hooks["webhooks"] as Webhook[] | undefined) ?? [];
  const sent = "dead" in mails ? [{ ...(mails as unknown as Webhook), webhook: words.mails, mails: true }] : [];
  webhooks.value = [...told, ...sent];
}

export function setPresence(agent: string, presence: Presence): void {
  step((watcher, time) => watcher.setPresence(agent, presence, time));
}

/** Takes part as a supervisor, or leaves. A call that is taken up where the headset is answers itself. */
export function supervise(interaction: string, act: Supervise, channel: Channel): void {
  const current = running.value;
  if (channel === "voice" && headset.wanted.value && (act === "listen" || act === "whisper" || act === "barge")) headset.answerNext(interaction);
  current?.driver.step((time) => current.watcher.supervise(interaction, act, channel, time));
}

/** The chats that are read along, and not shown here: after a reload, or from another page. */
export const elsewhere = computed(() => (tick.value, (running.value?.watcher.supervised ?? []).filter(({ interaction }) => interaction !== watched.value?.interaction && !running.value?.watcher.pending.has(interaction))));

/** The calls at this supervisor's pages. */
export const calls = computed(() => (tick.value, running.value?.watcher.headset));

function step(tell: (watcher: Watcher, time: number) => void): void {
  const current = running.value;
  current?.driver.step((time) => tell(current.watcher, time));
}

function voice(act: AgentVoice, told: VoiceTold): void {
  step((watcher, time) => watcher.voice(act, told, time));
}

headset.serve({ kept: "tandem.board.headset", voice, calls: () => calls.value, awake: () => step((watcher, time) => watcher.wake(time)) });
eager((tell) => step((watcher, time) => tell(watcher.link, time)));

/** What staff wrote to each other. */
export const memos = computed(() => (tick.value, running.value?.watcher.memos));

/** Returns what is known of a chat that is read along; makes the caller follow its changes. */
export function overseen(interaction: string) {
  void tick.value;
  const watcher = running.value?.watcher;
  // What is said goes into the list that is there: who has drawn that would see no change.
  const said = [...(watcher?.said(interaction) ?? [])];
  return { mine: watcher?.overseen(interaction), own: watcher?.holds(interaction) ?? false, lapsed: watcher?.lapsed(interaction) ?? false, said };
}

/** Returns what an agent is called, as the board has it, or the id of who is not on it; makes the caller follow its changes. */
export function agentNamed(agent: string): string {
  return board.value?.agents.find((known) => known.agent === agent)?.name || agent;
}

/** Returns how a contact stands, and with whom; makes the caller follow its changes. */
export function heldNow(interaction: string): { held: Held; agent: AgentView } | undefined {
  const all = board.value?.agents.flatMap((agent) => agent.holds.map((held) => ({ held, agent }))) ?? [];
  return all.find(({ held }) => held.interaction === interaction && held.stage !== "offered");
}

/** Writes in a chat that is read along: to its agent alone, or to everybody under `mid`. */
export function write(interaction: string, text: string, mid: string | undefined, told: Told): void {
  step((watcher, time) => watcher.write(interaction, text, mid, told, time));
}

/** Looks at a shared page, or looks no more. */
export function look(interaction: string, on: boolean, told: Told = () => {}): void {
  step((watcher, time) => watcher.look(interaction, on ? known(interaction) : undefined, told, time));
}

/** Reads a chat along no more. */
export function leave(interaction: string): void {
  const current = running.value;
  if (current?.watcher.overseen(interaction)) supervise(interaction, "stop", "chat");
  current?.driver.step(() => current.watcher.forget(interaction));
}

export function dismiss(n: number): void {
  step((watcher) => watcher.dismiss(n));
}

/** Asks the server for something; throws an error with its sentence. */
export async function ask(path: string): Promise<Record<string, unknown>> {
  return body(await answer(path));
}

/** Asks for what changed since `mark`; nothing where nothing did. */
export async function news(path: string, mark: string | undefined): Promise<{ body: Record<string, unknown>; mark: string | undefined } | undefined> {
  const response = await answer(path, mark ? { "if-none-match": mark } : {}, "no-store");
  return response.status === 304 ? undefined : { body: await body(response), mark: response.headers.get("etag") ?? undefined };
}

async function answer(path: string, headers: Record<string, string> = {}, cache: RequestCache = "default"): Promise<Response> {
  const asked = session.value;
  const response = await fetch(path, { headers: { ...headers, authorization: `Bearer ${asked?.token ?? ""}` }, cache });
  if (response.status === 401 && asked === session.value) signedOut(words.signedOut);
  return response;
}

async function body(response: Response): Promise<Record<string, unknown>> {
  const read = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (!response.ok) throw new Error(problem(read) || String(response.status));
  return read;
}

setInterval(tell, 1_000);
setInterval(() => void lookAtWebhooks(), EVERY);
effect(() => void (shown.value && lookAtWebhooks()));
