// Who the customer is, what was promised, and what was before.

import type { Contact } from "../../protocol";
import { dayTime } from "../../text/when";
import { act, cardOpen, dialog, live, pending } from "../model";
import { callbackTold } from "../told";
import { lang, words } from "../words";
import { Icon } from "./Icon";

export function CardPanel({ contact }: { contact: Contact }) {
  const { card } = contact;
  return (
    <aside class={cardOpen.value ? "card open" : "card"} aria-label={words.card} data-testid="card">
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
      <dl>
        <Fact label={words.name} value={card.name} />
        <Fact label={words.number} value={card.number} />
        <Fact label={words.mail} value={card.mail} />
        <Fact label={words.page} value={card.page} />
        <Fact label={words.queue} value={contact.queue} />
        <Fact label={words.since} value={dayTime(contact.since, Date.now(), lang)} />
        <Fact label={words.interaction} value={contact.interaction} mono />
      </dl>
      <Callbacks contact={contact} />
      <h3>{words.earlier}</h3>
      {card.earlier.length === 0 && <p class="none">{words.noEarlier}</p>}
      <ul class="earlier" data-testid="earlier">
        {card.earlier.map((earlier) => (
          <li key={earlier.interaction}>
            <button type="button" onClick={() => (dialog.value = { is: "record", interaction: earlier.interaction })}>
              <Icon name={earlier.channel === "voice" ? "phone" : "chat"} />
              <span>
                <strong>{dayTime(earlier.at, Date.now(), lang)}</strong>
                <span>{earlier.outcome}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </aside>
  );
}

function Fact({ label, value, mono = false }: { label: string; value: string | null; mono?: boolean }) {
  if (!value) return null;
  return (
    <div>
      <dt>{label}</dt>
      <dd class={mono ? "mono" : undefined}>{value}</dd>
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
