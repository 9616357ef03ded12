// What is put before the agent, and for how long.

import type { Consulted, Offer, OwnWait } from "../../generated/protocol";
import { reason } from "../../text/staff";
import { span } from "../../text/when";
import { act, live, nameOf, now, pending } from "../model";
import { words } from "../words";
import { companyWords } from "../words/company";
import { voicemailWords } from "../words/voicemail";
import { Notes } from "./Notes";
import { ScreenPop } from "./CardPanel";
import { Icon } from "./Icon";

export function Offers({ offers }: { offers: readonly Offer[] }) {
  if (offers.length === 0) return null;
  return (
    <section class="offers" aria-label={words.offers} data-testid="offers">
      {offers.map((offer) => (
        <OfferCard key={offer.interaction} offer={offer} />
      ))}
    </section>
  );
}

/** The call that a colleague asks about, or has taken the agent into. */
export function AskedAbout({ asked }: { asked: Consulted }) {
  const { interaction, card, name, joined, conference } = asked;
  const told = conference ? words.together(name) : words.asks(name);
  return (
    <section class="offers" aria-label={words.askedAbout} data-testid="asked">
      <article class="offer asked" data-interaction={interaction}>
        <header>
          <Icon name="phone" />
          <h2 title={told}>{told}</h2>
        </header>
        <p>
          {nameOf(card)} · {words.inQueue(asked.queue)} · {conference ? words.togetherOnLine : joined ? words.askedOnLine : words.askedRings}
        </p>
        {card.note && (
          <p class="crm">
            <strong>{words.knownElsewhere}:</strong> {card.note}
          </p>
        )}
        <ScreenPop card={card} />
        <div class="buttons">
          <button type="button" class="danger" disabled={!live.value || pending.value.has(`leave:${interaction}`)} onClick={() => act({ op: "leave", interaction })} data-testid="leave-call">
            {joined ? words.leaveCall : words.decline}
          </button>
        </div>
      </article>
    </section>
  );
}

/** Who waits for this agent alone; others are asked once the time is over. */
export function OwnQueue({ own }: { own: readonly OwnWait[] }) {
  const waiting = own.filter(({ until }) => until === null || until > now.value);
  if (waiting.length === 0) return null;
  return (
    <section class="offers" aria-label={words.ownQueue} data-testid="own">
      <article class="offer">
        <header>
          <Icon name="clock" />
          <h2>{words.ownQueue}</h2>
        </header>
        {waiting.map((wait) => (
          <p key={wait.interaction} data-interaction={wait.interaction}>
            {wait.who ?? words.somebody} · {wait.callback ? words.callbackOffer : words[wait.channel]} · <Waiting since={wait.since} />
            {wait.until !== null && <> · {words.ownUntil(span(wait.until - now.value))}</>}
          </p>
        ))}
      </article>
    </section>
  );
}

function OfferCard({ offer }: { offer: Offer }) {
  const { interaction, channel, card } = offer;
  const busy = !live.value || pending.value.has(`accept:${interaction}`) || pending.value.has(`decline:${interaction}`);
  return (
    <article class="offer" data-testid="offer" data-interaction={interaction}>
      <header>
        <Icon name={offer.invited_by ? "people" : channel === "voice" || offer.voicemail ? "phone" : "chat"} />
        <h2 title={nameOf(card)}>{nameOf(card)}</h2>
        <Countdown deadline={offer.deadline} />
      </header>
      <p>
        {offer.callback ? words.callbackOffer : offer.voicemail ? `${voicemailWords.offer} (${span(offer.voicemail.ms)})` : words[channel]} · {words.inQueue(offer.queue)} · <Waiting since={offer.waiting_since} />
      </p>
      {card.page && <p class="where">{card.page}</p>}
      <p class="why">{offer.invited_by ? <strong>{companyWords.asks(offer.invited_by.name)}</strong> : <Why why={offer.why} />}</p>
      <Notes notes={offer.notes} />
      {card.note && (
        <p class="crm">
          <strong>{words.knownElsewhere}:</strong> {card.note}
        </p>
      )}
      <ScreenPop card={card} />
      <div class="buttons">
        <button type="button" class="primary" disabled={busy} onClick={() => act({ op: "accept", interaction })} data-testid="accept">
          {words.accept} <kbd>Alt+Y</kbd>
        </button>
        <button type="button" class="quiet" disabled={busy} onClick={() => act({ op: "decline", interaction })} data-testid="decline">
          {words.decline} <kbd>Alt+N</kbd>
        </button>
      </div>
    </article>
  );
}

function Why({ why }: { why: string }) {
  return (
    <>
      <strong>{words.why}:</strong> {reason(why)}
    </>
  );
}

function Countdown({ deadline }: { deadline: number }) {
  const left = Math.max(0, Math.ceil((deadline - now.value) / 1_000));
  return (
    <span class={left <= 5 ? "countdown last" : "countdown"} role="timer" aria-live="off">
      {words.secondsLeft(left)}
    </span>
  );
}

function Waiting({ since }: { since: number }) {
  return <span>{words.waitingFor(span(now.value - since))}</span>;
}
