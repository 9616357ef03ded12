// Who the customer is, why they are here, what was promised, and what was before.

import type { Card, Contact } from "../../generated/protocol";
import { answered } from "../../text/answer";
import { reason } from "../../text/staff";
import { dayTime } from "../../text/when";
import { act, cardOpen, dialog, live, nameOf, pending, session } from "../model";
import { useLoaded } from "../loaded";
import { go } from "../place";
import { pageOf, popsByItself, setPops } from "../pop";
import { fetchRecord } from "../history";
import { callbackTold, callerTold } from "../told";
import { lang, words } from "../words";
import { customerWords } from "../words/customer";
import { Consents } from "./customer/Consents";
import { MergeDialog } from "./customer/MergeDialog";
import { Fact } from "./Fact";
import { Icon } from "./Icon";
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

/** `covers` says that it is over the conversation: the keyboard is in it until it is shut. */
export function CardPanel({ contact, covers }: { contact: Contact; covers: boolean }) {
  const { card } = contact;
  const panel = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (!covers) return;
    panel.current?.querySelector<HTMLElement>(".shut")?.focus();
    return () => {
      const at = document.activeElement;
      if (at === document.body || panel.current?.contains(at)) document.querySelector<HTMLElement>(".details")?.focus();
    };
  }, [covers]);
  return (
    <aside ref={panel} class={covers ? "card open" : "card"} tabIndex={covers ? -1 : undefined} data-keeps={covers ? "self" : undefined} aria-label={words.card} data-testid="card">
      <header>
        <h2>{words.card}</h2>
        <span class={card.verified ? "badge good" : "badge"}>
          {card.verified && <Icon name="check" />}
          {card.verified ? words.verified : words.unverified}
        </span>
        <button type="button" class="ghost shut" onClick={() => (cardOpen.value = false)} aria-label={words.close} data-testid="shut-card">
          <Icon name="end" />
        </button>
      </header>
      <ScreenPop card={card} />
      {pageOf(card) && (
        <label class="check">
          <input type="checkbox" checked={popsByItself.value} onChange={(event) => setPops(event.currentTarget.checked)} data-testid="pop-by-itself" />
          <span>{words.popByItself}</span>
        </label>
      )}
      {card.note && (
        <p class="crm" data-testid="crm-note">
          <strong>{words.knownElsewhere}:</strong> {card.note}
        </p>
      )}
      <dl>
        <Fact label={words.name} value={card.name} />
        <Fact label={words.number} value={card.number} />
        <Fact label={words.callerId} value={callerTold(card)} testid="card-caller" />
        <Fact label={words.userToUser} value={card.caller?.user_to_user} mono address testid="card-user-to-user" />
        <Fact label={words.mail} value={card.mail} />
        <Fact label={words.page} value={card.page} address />
        <Fact label={words.referrer} value={card.referrer} address testid="card-referrer" />
        {(card.answers ?? []).map((answer) => {
          const [label, value] = answered(answer, lang);
          return <Fact key={answer.field} label={label} value={value} testid={`answer-${answer.field}`} />;
        })}
        <Fact label={words.queue} value={contact.queue} />
        <Reason key={contact.interaction} interaction={contact.interaction} />
        <Fact label={words.since} value={dayTime(contact.since, Date.now(), lang)} />
        <Fact label={words.interaction} value={contact.interaction} mono />
      </dl>
      {card.customer && <OfCustomer key={card.customer} customer={card.customer} />}
      {!contact.owner && <Callbacks contact={contact} />}
      {card.customer && !contact.owner && <Consents key={`${card.customer}${contact.interaction}`} customer={card.customer} name={nameOf(card)} interaction={contact.interaction} />}
      <h3>{words.earlier}</h3>
      {card.earlier.length === 0 && <p class="none">{words.noEarlier}</p>}
      <ul class="earlier" data-testid="earlier">
        {card.earlier.map((earlier) => (
          <li key={earlier.interaction}>
            <button type="button" onClick={() => (dialog.value = { is: "record", interaction: earlier.interaction })}>
              <Icon name={earlier.channel === "voice" ? "phone" : "chat"} />
              <span>
                <strong>{dayTime(earlier.at, Date.now(), lang)}</strong>
                <span>{earlier.outcome && reason(earlier.outcome)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </aside>
  );
}

/** The page of another system that shows this customer. */
export function ScreenPop({ card }: { card: Card }) {
  const page = pageOf(card);
  if (!page) return null;
  return (
    <a class="quiet pop" href={page} target="_blank" rel="noopener noreferrer" data-testid="screen-pop">
      <Icon name="open" />
      {words.screenPop}
    </a>
  );
}

// Why the contact came to this agent, as the offer that they took says it.
function Reason({ interaction }: { interaction: string }) {
  const { state } = useLoaded(() => fetchRecord(interaction), [interaction]);
  if (state.value.is !== "there") return null;
  const taken = state.value.value.offers.findLast((offer) => offer.agent === session.value?.agent && offer.end === "taken");
  return <Fact label={words.why} value={taken && reason(taken.why)} testid="card-why" />;
}

function OfCustomer({ customer }: { customer: string }) {
  const merging = useSignal(false);
  return (
    <div class="buttons">
      <button type="button" class="quiet" onClick={() => go({ is: "customer", customer })} data-testid="whole-customer">
        {customerWords.open}
      </button>
      <button type="button" class="quiet" disabled={!live.value} onClick={() => (merging.value = true)} data-testid="card-merge">
        {customerWords.mergeShort}
      </button>
      {merging.value && <MergeDialog customer={customer} close={() => (merging.value = false)} done={() => go({ is: "customer", customer })} />}
    </div>
  );
}

function Callbacks({ contact }: { contact: Contact }) {
  if (contact.callbacks.length === 0) return null;
  return (
    <>
      <h3>{words.callbacks}</h3>
      <ul class="callbacks" data-testid="callbacks">
        {contact.callbacks.map(({ callback, number, state }) => (
          <li key={callback} data-state={state.is}>
            <span>{callbackTold(number, state)}</span>
            {(state.is === "promised" || state.is === "retrying") && (
              <button type="button" class="link" disabled={!live.value || pending.value.has(`cancel_callback:${callback}`)} onClick={() => act({ op: "cancel_callback", callback })} data-testid="cancel-callback">
                {words.cancelCallback}
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
