// What staff write to each other: a button with how many are unread, and behind it what was written and where one writes.

import { effect, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { request } from "../link/http";
import type { Memo, Memos, MemoTo } from "../generated/protocol";
import { problem } from "../text/staff";
import { dayTime } from "../text/when";
import { keepMemo, kept } from "./kept";
import { lang, words } from "./words";
import { newMid } from "../link/mid";

/** Somebody to write to. */
export interface Person {
  agent: string;
  name: string;
}

interface Props {
  memos: Memos | undefined;
  /** Who is signed in, by a credential. */
  me: string;
  token: string;
  /** Whether this page is a supervisor's, who writes to everybody. */
  boss: boolean;
  queues: readonly string[];
  people: () => Promise<readonly Person[]>;
  /** Whether there is room for a sign only. */
  small?: boolean;
}

/** Characters of a memo. */
const TEXT = 2_000;

export function MemoButton(props: Props) {
  const open = useSignal(false);
  const unread = props.memos?.unread ?? 0;
  return (
    <>
      <button type="button" class={props.small ? "ghost small memo-button" : "quiet memo-button"} aria-haspopup="dialog" title={words.title} onClick={() => (open.value = true)} data-testid="memos" data-unread={unread}>
        {props.small && (
          <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d="M4 6h16v12H4zM4 7l8 6 8-6" />
          </svg>
        )}
        <span class={props.small ? "hush" : ""}>{words.title}</span>
        {unread > 0 && (
          <span class="memo-unread" aria-label={words.unread(unread)} role="status">
            {unread}
          </span>
        )}
      </button>
      {open.value && <Pane {...props} close={() => (open.value = false)} />}
    </>
  );
}

function Pane({ memos, me, token, boss, queues, people, close }: Props & { close: () => void }) {
  const element = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const known = useSignal<readonly Person[]>([]);
  const before = kept.value?.me === me ? kept.value : undefined;
  const to = useSignal(before?.to ?? "");
  const text = useSignal(before?.text ?? "");
  const mid = useSignal(before?.mid ?? "");
  useLayoutEffect(() => effect(() => keepMemo(text.value.trim() ? { me, to: to.value, text: text.value, mid: mid.value } : undefined)), []);
  const busy = useSignal(false);
  const trouble = useSignal("");
  const sent = useSignal(false);
  const all = memos?.memos ?? [];
  const last = all.at(-1)?.n ?? 0;
  useLayoutEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  useEffect(() => void people().then((found) => (known.value = found.filter(({ agent }) => agent !== me)), () => {}), []);
  // What is shown counts as read.
  useEffect(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
    if (last > (memos?.read ?? 0)) void ask(token, "PUT", `/api/v1/agents/${encodeURIComponent(me)}/memos/read`, { upto: last });
  }, [last]);
  const named = (addressee: MemoTo) => {
    if (addressee === "supervisors") return words.supervisors;
    if (addressee === "everybody") return words.everybody;
    if ("queue" in addressee) return words.queue(addressee.queue);
    return addressee.agent === me ? words.you : (known.value.find(({ agent }) => agent === addressee.agent)?.name ?? addressee.agent);
  };
  const reply = (memo: Memo) => {
    to.value = `agent:${memo.by}`;
    element.current?.querySelector("textarea")?.focus();
  };
  const send = async (event: Event) => {
    event.preventDefault();
    if (busy.value) return;
    if (!to.value || !text.value.trim()) return void (trouble.value = words.needBoth);
    mid.value ||= newMid();
    busy.value = true;
    sent.value = false;
    const error = await ask(token, "POST", `/api/v1/agents/${encodeURIComponent(me)}/memos`, { mid: mid.value, to: read(to.value), text: text.value });
    busy.value = false;
    trouble.value = error ?? "";
    sent.value = error === undefined;
    if (error === undefined) text.value = mid.value = "";
  };
  return (
    <dialog ref={element} class="modal memo-pane" aria-labelledby="memo-title" onClose={close} data-testid="memo-pane">
      <h2 id="memo-title">{words.title}</h2>
      <p class="memo-lead">{words.lead}</p>
      {all.length === 0 && <p class="memo-lead">{words.none}</p>}
      <ol ref={list} class="memo-list" tabIndex={0} aria-label={words.list}>
        {all.map((memo) => (
          <li key={memo.n} class={memo.by === me ? "mine" : ""} data-testid="memo">
            <p class="memo-head">
              <strong>{words.fromTo(memo.by === me ? words.you : memo.name, named(memo.to))}</strong> <time dateTime={new Date(memo.at).toISOString()}>{dayTime(memo.at, Date.now(), lang)}</time>
            </p>
            <p class="memo-text">{memo.text || words.gone}</p>
            {memo.by !== me && (
              <button type="button" class="link" onClick={() => reply(memo)} aria-label={words.replyTo(memo.name)} data-testid="memo-reply">
                {words.reply}
              </button>
            )}
          </li>
        ))}
      </ol>
      <form onSubmit={(event) => void send(event)} noValidate>
        <label class="field">
          <span>{words.to}</span>
          <select value={to.value} onChange={(event) => (to.value = event.currentTarget.value)} data-testid="memo-to">
            <option value="">{words.choose}</option>
            <optgroup label={words.groups}>
              <option value="supervisors">{words.supervisors}</option>
              {boss && <option value="everybody">{words.everybody}</option>}
              {queues.map((queue) => (
                <option key={queue} value={`queue:${queue}`}>
                  {words.queue(queue)}
                </option>
              ))}
            </optgroup>
            <optgroup label={words.people}>
              {known.value.map(({ agent, name }) => (
                <option key={agent} value={`agent:${agent}`}>
                  {name}
                </option>
              ))}
            </optgroup>
          </select>
        </label>
        <label class="field">
          <span>{words.text}</span>
          <textarea
            rows={3}
            maxLength={TEXT}
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
              mid.value = "";
            }}
            data-testid="memo-text"
          />
        </label>
        <p class="error" role="alert">
          {trouble}
        </p>
        <p class="hush" role="status">
          {sent.value && words.sent}
        </p>
        <div class="buttons">
          <button type="button" class="quiet" onClick={close} data-testid="memo-close">
            {words.close}
          </button>
          <button class="primary" disabled={busy.value} data-testid="memo-send">
            {words.send}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function read(chosen: string): MemoTo {
  const [is = "", name = ""] = chosen.split(/:(.*)/s);
  if (is === "agent") return { agent: name };
  return is === "queue" ? { queue: name } : is === "everybody" ? "everybody" : "supervisors";
}

// Says why it was not done, or nothing where it was.
async function ask(token: string, method: string, path: string, body: unknown): Promise<string | undefined> {
  const response = await request(token, method, path, body);
  if (!response) return words.unreachable;
  if (response.ok) return undefined;
  return problem(await response.json().catch(() => ({}))) || words.unreachable;
}
