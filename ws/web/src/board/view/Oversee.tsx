// A chat that a supervisor reads along, and takes part in as they choose: unseen, to the agent alone, or to all.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Card, Supervise } from "../../generated/protocol";
import { leave, live, overseen, pending, supervise, write } from "../model";
import { words } from "../words";
import { Said } from "./Said";
import { SharedPage } from "./SharedPage";
import { newMid } from "../../link/mid";

const WAYS = ["listen", "whisper", "barge"] as const;
/** Characters of a message. */
const TEXT = 4_000;

export function Oversee({ interaction }: { interaction: string }) {
  const { mine, own, said } = overseen(interaction);
  const connected = live.value;
  // Also after a connection that was lost for too long.
  useEffect(() => {
    if (connected && !overseen(interaction).mine && !overseen(interaction).own) supervise(interaction, "listen", "chat");
  }, [connected]);
  useEffect(() => () => leave(interaction), []);
  const busy = !connected || pending.value.has(interaction);
  const over = said.some((entry) => entry.what === "ended");
  return (
    <>
      <p class="quietly" role="status" data-testid="oversee-state">
        {own ? words.ownNow : over ? words.watchOver : mine ? words.overseeing[mine.how](mine.name ?? words.nobodyYet) : words.loading}
      </p>
      {mine && (
        <div class="ways" role="group" aria-label={words.takePart}>
          {WAYS.map((way) => (
            <button key={way} type="button" class="quiet" aria-pressed={mine.how === way} disabled={busy || (way !== "listen" && mine.agent === null)} onClick={() => supervise(interaction, way, "chat")} data-testid={`oversee-${way}`}>
              {words.superviseChat[way]}
            </button>
          ))}
          <TakeOver interaction={interaction} disabled={busy || mine.agent === null} />
        </div>
      )}
      <SharedPage interaction={interaction} />
      <div class="overseen">
        <div>
          <Said entries={said} whispers={mine?.whispers ?? []} />
          {mine && mine.how !== "listen" && <Composer key={mine.how} interaction={interaction} how={mine.how} agent={mine.name ?? words.nobodyYet} />}
        </div>
        {mine && <Customer card={mine.card} queue={mine.queue} />}
      </div>
    </>
  );
}

// Once it is done the agent has lost the chat: it is asked once more.
function TakeOver({ interaction, disabled }: { interaction: string; disabled: boolean }) {
  const sure = useSignal(false);
  const act: Supervise = "take_over";
  if (!sure.value) {
    return (
      <button type="button" class="quiet" disabled={disabled} onClick={() => (sure.value = true)} data-testid="oversee-take_over">
        {words.superviseChat.take_over}
      </button>
    );
  }
  return (
    <span class="sure">
      <button type="button" class="primary" disabled={disabled} ref={(button) => button?.focus()} onClick={() => supervise(interaction, act, "chat")} data-testid="oversee-sure">
        {words.takeOverSure}
      </button>
      <button type="button" class="quiet" onClick={() => (sure.value = false)}>
        {words.no}
      </button>
    </span>
  );
}

function Composer({ interaction, how, agent }: { interaction: string; how: "whisper" | "barge"; agent: string }) {
  const text = useSignal("");
  const mid = useSignal("");
  const busy = useSignal(false);
  const trouble = useSignal("");
  const send = (event: Event) => {
    event.preventDefault();
    if (busy.value || !text.value.trim()) return;
    mid.value ||= newMid();
    busy.value = true;
    write(interaction, text.value, how === "barge" ? mid.value : undefined, (error) => {
      busy.value = false;
      trouble.value = error === undefined ? "" : error || words.notWritten;
      if (error === undefined) text.value = mid.value = "";
    });
  };
  const label = how === "whisper" ? words.whisperTo(agent) : words.writeToAll;
  return (
    <form class={`compose ${how}`} onSubmit={send}>
      <label>
        <span>{label}</span>
        <textarea
          rows={2}
          maxLength={TEXT}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            mid.value = "";
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
          }}
          data-testid="oversee-text"
        />
      </label>
      <button class="primary" disabled={busy.value || !live.value} data-testid="oversee-send">
        {words.send}
      </button>
      <p class="error" role="alert">
        {trouble}
      </p>
    </form>
  );
}

function Customer({ card, queue }: { card: Card; queue: string }) {
  const facts: [string, string | null][] = [
    [words.name, card.name],
    [words.number, card.number],
    [words.mail, card.mail],
    [words.page, card.page],
    [words.referrer, card.referrer ?? null],
    [words.queue, queue],
    [words.identity, card.verified ? words.verified : words.unverified],
  ];
  return (
    <section class="customer" aria-label={words.customer} data-testid="oversee-card">
      <h3>{words.customer}</h3>
      <dl>
        {facts
          .filter(([, value]) => value)
          .map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      {card.note && <p>{card.note}</p>}
      <p class="quietly">{words.earlierContacts(card.earlier.length)}</p>
    </section>
  );
}
