// A chat that a supervisor reads along, and takes part in as they choose: unseen, to the agent alone, or to all.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Card, Supervise } from "../../generated/protocol";
import { leave, live, overseen, pending, supervise } from "../model";
import { answered } from "../../text/answer";
import { lang, words } from "../words";
import { Composer } from "./Composer";
import { Said } from "./Said";
import { SharedPage } from "./SharedPage";

const WAYS = ["listen", "whisper", "barge"] as const;

/** `lost` is told when there is nothing to be read along any more, and how it ended did not come. */
export function Oversee({ interaction, lost }: { interaction: string; lost: () => void }) {
  const { mine, own, lapsed, said } = overseen(interaction);
  const connected = live.value;
  const over = said.some((entry) => entry.what === "ended");
  // Also after a connection that was lost for too long.
  useEffect(() => {
    if (connected && !over && !overseen(interaction).mine && !overseen(interaction).own) supervise(interaction, "listen", "chat");
  }, [connected]);
  useEffect(() => () => leave(interaction), []);
  const busy = !connected || pending.value.has(interaction);
  const alone = lapsed && !own && !over;
  // Read anew: what is asked for above has just become another question.
  useEffect(() => {
    const now = overseen(interaction);
    if (alone && now.lapsed && !now.own) lost();
  }, [alone]);
  return (
    <>
      <p class="quietly" role="status" data-testid="oversee-state">
        {own ? <OwnNow /> : over ? words.watchOver : mine ? words.overseeing[mine.how](mine.name ?? words.nobodyYet) : words.loading}
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
          <Said entries={said} whispers={mine?.whispers} notes={mine?.notes} />
          {mine && mine.how !== "listen" && <Composer key={mine.how} interaction={interaction} how={mine.how} agent={mine.name ?? words.nobodyYet} />}
        </div>
        {mine && <Customer card={mine.card} queue={mine.queue} />}
      </div>
    </>
  );
}

// Where a chat that was taken over goes on.
function OwnNow() {
  return (
    <>
      {words.ownNow}{" "}
      <a href="/console/" target="_blank" rel="noopener" data-testid="to-console">
        {words.toConsole}
      </a>
    </>
  );
}

// Once it is done the agent has lost the chat: it is asked once more.
function TakeOver({ interaction, disabled }: { interaction: string; disabled: boolean }) {
  const sure = useSignal(false);
  const no = useRef(false);
  const backOn = (button: HTMLElement | null) => {
    if (!button || !no.current) return;
    no.current = false;
    button.focus();
  };
  const act: Supervise = "take_over";
  if (!sure.value) {
    return (
      <button type="button" class="quiet" disabled={disabled} ref={backOn} onClick={() => (sure.value = true)} data-testid="oversee-take_over">
        {words.superviseChat.take_over}
      </button>
    );
  }
  return (
    <span class="sure">
      <button type="button" class="primary" disabled={disabled} ref={startOn} onClick={() => supervise(interaction, act, "chat")} data-testid="oversee-sure">
        {words.takeOverSure}
      </button>
      <button type="button" class="quiet" onClick={() => ((sure.value = false), (no.current = true))} data-testid="oversee-no">
        {words.no}
      </button>
    </span>
  );
}

function startOn(button: HTMLElement | null): void {
  button?.focus();
}

function Customer({ card, queue }: { card: Card; queue: string }) {
  const facts: [string, string | null][] = [
    [words.name, card.name],
    [words.number, card.number],
    [words.mail, card.mail],
    [words.page, card.page],
    [words.referrer, card.referrer ?? null],
    ...(card.answers ?? []).map((answer) => answered(answer, lang)),
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
