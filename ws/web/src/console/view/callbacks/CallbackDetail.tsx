// One promised call: its attempts, and what can be done with it.

import { useSignal, type Signal } from "@preact/signals";
import { reason as told } from "../../../text/staff";
import { dayTime, fieldTime, span } from "../../../text/when";
import { changeable, oneCallback, revise, takeBack, type Attempt, type Callback, type Revision } from "../../callbacks";
import { useFresh, useLoaded } from "../../loaded";
import { live, now, session } from "../../model";
import { arrive, open } from "../../opened";
import { moved } from "../../promise";
import { agentNamed, colleagues } from "../../roster";
import { lang, words as common } from "../../words";
import { callbackWords as words, reminder } from "../../words/callbacks";
import { Fact } from "../Fact";
import { Icon } from "../Icon";
import { Modal } from "../Modal";
import { Shown } from "../State";

type Step = "move" | "give" | "take back";

export function CallbackDetail({ callback, changed, back }: { callback: string; changed: () => void; back: () => void }) {
  const found = useLoaded(() => oneCallback(callback), [callback]);
  useFresh(found);
  const trouble = useSignal("");
  const step = useSignal<Step | undefined>(undefined);
  const run = (change: Promise<unknown>) =>
    change.then(
      () => {
        trouble.value = "";
        step.value = undefined;
        void found.again();
        changed();
      },
      (error: Error) => {
        trouble.value = error.message;
        // Somebody may have been faster.
        void found.refresh();
      },
    );
  // What one step was refused for is no other's.
  const turn = (next?: Step) => {
    step.value = next;
    trouble.value = "";
  };
  const close = () => turn();
  const give = ({ owner: owner_was }: Callback, owner: string | null) => void run(revise(callback, { owner, owner_was }));
  return (
    <Shown of={found} texts={words}>
      {(shown) => (
        <article ref={arrive} tabIndex={-1} data-opened data-keeps="self" aria-labelledby="detail-title" data-testid="callback-detail" data-state={shown.state}>
          <header>
            <button type="button" class="ghost back" onClick={back} aria-label={words.back}>
              <Icon name="back" />
            </button>
            <h3 id="detail-title">{shown.number}</h3>
            <span class={`pill ${shown.state}`}>{words.states[shown.state]}</span>
          </header>
          {changeable(shown) ? <Steps shown={shown} turn={turn} take={() => give(shown, session.value?.agent ?? null)} /> : <p class="none">{words.noLonger}</p>}
          {!step.value && trouble.value && (
            <p class="error" role="alert">
              {trouble}
            </p>
          )}
          <Facts shown={shown} />
          <h4>{words.attempts}</h4>
          <Attempts attempts={shown.history} />
          <button type="button" class="quiet" onClick={() => open({ is: "history", interaction: shown.interaction })} data-testid="callback-record">
            <Icon name="card" />
            {words.record}
          </button>
          {step.value === "move" && <Move shown={shown} trouble={trouble} close={close} move={(to) => void run(revise(callback, to))} />}
          {step.value === "give" && <Give shown={shown} trouble={trouble} close={close} give={(owner) => give(shown, owner)} />}
          {step.value === "take back" && <Back trouble={trouble} close={close} sure={() => void run(takeBack(callback))} />}
        </article>
      )}
    </Shown>
  );
}

function Steps({ shown, turn, take }: { shown: Callback; turn: (step: Step) => void; take: () => void }) {
  const mine = shown.owner === session.value?.agent;
  return (
    <div class="buttons" data-keeps="next">
      <button type="button" class="primary" disabled={!live.value} onClick={() => turn("move")} data-testid="callback-move">
        {words.move}
      </button>
      {!mine && (
        <button type="button" class="quiet" disabled={!live.value} onClick={take} data-testid="callback-take">
          {words.take}
        </button>
      )}
      <button type="button" class="quiet" disabled={!live.value} onClick={() => turn("give")} data-testid="callback-give">
        {words.give}
      </button>
      <button type="button" class="danger" disabled={!live.value} onClick={() => turn("take back")} data-testid="callback-take-back">
        {words.takeBack}
      </button>
    </div>
  );
}

function Facts({ shown }: { shown: Callback }) {
  const at = (time: number | null) => (time === null ? null : dayTime(time, now.value, lang));
  return (
    <dl class="facts">
      <Fact label={words.name} value={shown.name} />
      <Fact label={words.due} value={at(shown.due)} />
      <Fact label={words.until} value={at(shown.until)} />
      <Fact label={words.owner} value={shown.owner ? agentNamed(shown.owner) : words.anybody} testid="callback-owner" />
      <Fact label={words.queue} value={shown.queue} />
      <Fact label={words.zone} value={shown.zone} />
      <Fact label={words.order} value={shown.order && (words.orders[shown.order] ?? shown.order)} testid="callback-order" />
      <Fact label={words.remind} value={shown.remind ? reminder(shown.remind) : null} testid="callback-remind" />
      <Fact label={words.promised} value={at(shown.promised_at)} />
      <Fact label={words.result} value={shown.end && (words.ends[shown.end] ?? shown.end)} testid="callback-end" />
    </dl>
  );
}

function Attempts({ attempts }: { attempts: Attempt[] }) {
  if (attempts.length === 0) return <p class="none">{words.noAttempts}</p>;
  return (
    <ol class="attempts" data-testid="attempts">
      {attempts.map(({ attempt, at, agent, ended_at, result, reason }) => (
        <li key={attempt}>
          <strong>{words.attempt(attempt)}</strong>
          <span>
            {dayTime(at, now.value, lang)} · {agentNamed(agent)}
            {ended_at !== null && ` · ${span(ended_at - at)}`}
          </span>
          <span>{result === null ? words.under : (words.results[result] ?? (reason && told(reason)) ?? result)}</span>
        </li>
      ))}
    </ol>
  );
}

function Move({ shown, trouble, close, move }: { shown: Callback; trouble: Signal<string>; close: () => void; move: (to: Revision) => void }) {
  const first = fieldTime(Math.max(shown.due, Date.now() + 3_600_000));
  const typed = useSignal(first);
  const until = moved(shown, new Date(typed.value).getTime()).until;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const at = new Date(String(new FormData(event.currentTarget as HTMLFormElement).get("time"))).getTime();
    if (Number.isNaN(at)) return void (trouble.value = words.chosenEmpty);
    if (at <= now.peek()) return void (trouble.value = words.chosenPast);
    move(moved(shown, at));
  };
  return (
    <Modal title={words.moveTitle} closed={close}>
      <form onSubmit={submit} onInput={() => (trouble.value = "")} noValidate>
        <label class="field">
          <span>{words.moveTo}</span>
          <input name="time" type="datetime-local" autofocus defaultValue={first} onInput={(event) => (typed.value = event.currentTarget.value)} aria-describedby="step-trouble" data-testid="move-time" />
        </label>
        {until && (
          <p class="hint" role="status" data-testid="move-until">
            {words.keeps(dayTime(until, now.value, lang))}
          </p>
        )}
        <End yes={words.move} trouble={trouble} close={close} />
      </form>
    </Modal>
  );
}

function Give({ shown, trouble, close, give }: { shown: Callback; trouble: Signal<string>; close: () => void; give: (owner: string | null) => void }) {
  const staff = useLoaded(() => colleagues(shown.queue), [shown.queue]);
  const state = staff.state.value;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    give(String(new FormData(event.currentTarget as HTMLFormElement).get("owner") ?? "") || null);
  };
  return (
    <Modal title={words.giveTitle} closed={close}>
      <form onSubmit={submit}>
        <label class="field">
          <span>{words.giveTo}</span>
          <select name="owner" autofocus data-testid="give-to">
            <option value="">{words.anybody}</option>
            {state.is === "there" &&
              state.value.map(({ agent, name }) => (
                <option key={agent} value={agent} selected={agent === shown.owner}>
                  {name}
                </option>
              ))}
          </select>
        </label>
        <Shown of={staff} texts={words} />
        <End yes={words.give} waits={state.is !== "there"} trouble={trouble} close={close} />
      </form>
    </Modal>
  );
}

function Back({ trouble, close, sure }: { trouble: Signal<string>; close: () => void; sure: () => void }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    sure();
  };
  return (
    <Modal title={words.takeBackTitle} closed={close}>
      <form onSubmit={submit}>
        <p>{words.takeBackText}</p>
        <End yes={words.takeBackYes} danger trouble={trouble} close={close} />
      </form>
    </Modal>
  );
}

function End({ yes, danger = false, waits = false, trouble, close }: { yes: string; danger?: boolean; waits?: boolean; trouble: Signal<string>; close: () => void }) {
  return (
    <>
      <p class="error" role="alert" id="step-trouble">
        {trouble}
      </p>
      <div class="buttons">
        <button type="button" class="quiet" onClick={close}>
          {common.cancel}
        </button>
        <button class={danger ? "danger" : "primary"} disabled={waits} data-testid="confirm">
          {yes}
        </button>
      </div>
    </>
  );
}
