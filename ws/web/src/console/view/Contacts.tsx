// The contacts on the desk, as tabs.

import type { Contact, Desk } from "../../generated/protocol";
import { span } from "../../text/when";
import { lineOf, nameOf, now, select, selected } from "../model";
import { lastTold } from "../told";
import { words } from "../words";
import { companyWords } from "../words/company";
import { handingWords } from "../words/handing";
import { voicemailWords } from "../words/voicemail";
import { Icon } from "./Icon";

export function Contacts({ desk }: { desk: Desk }) {
  const chats = desk.contacts.filter((contact) => (contact.chat || contact.voicemail) && contact.parked === undefined && contact.wrap_up_until === null).length;
  return (
    <section class="contacts" aria-label={words.contacts}>
      <h2>
        {words.contacts} <span class="slots">{words.slots(chats, desk.chat_slots)}</span>
      </h2>
      {desk.contacts.length > 0 && (
        <div role="tablist" aria-orientation="vertical" aria-label={words.contacts} onKeyDown={move} data-testid="contacts">
          {desk.contacts.map((contact) => (
            <Tab key={contact.interaction} contact={contact} first={desk.contacts[0] === contact} />
          ))}
        </div>
      )}
    </section>
  );
}

function Tab({ contact, first }: { contact: Contact; first: boolean }) {
  const { interaction, card, call } = contact;
  const line = lineOf(interaction);
  const shown = selected.value === interaction;
  const last = line && lastTold(line.timeline);
  const unread = line?.unread ?? 0;
  const whispered = line?.unheeded(contact.whispers) ?? 0;
  const calling = call && call.is !== "ended" && call.is !== "failed";
  return (
    <button
      type="button"
      role="tab"
      id={`tab-${interaction}`}
      aria-selected={shown}
      aria-controls={shown ? "conversation" : undefined}
      tabIndex={shown || (selected.value === undefined && first) ? 0 : -1}
      class="tab"
      onClick={() => select(interaction)}
      data-testid="contact"
      data-interaction={interaction}
      data-unread={unread}
    >
      <span class={`avatar ${contact.chat ? "chat" : "voice"}`}>
        <Icon name={contact.parked !== undefined || contact.paused ? "pause" : calling ? "phone" : contact.wrap_up_until !== null ? "check" : contact.chat ? "chat" : "phone"} />
      </span>
      <span class="what">
        <span class="name">{nameOf(card)}</span>
        <span class="last">{last ?? (calling ? words.onCall : contact.voicemail ? voicemailWords.offer : words.inQueue(contact.queue))}</span>
      </span>
      <span class="marks">
        {contact.wrap_up_until !== null && <span class="mark-wrap">{words.wrapUpShort}</span>}
        {contact.parked !== undefined && <span class="mark-wrap">{words.parkedShort}</span>}
        {contact.owner && <span class="mark-wrap">{companyWords.helping}</span>}
        {contact.paused && <span class="mark-wrap">{words.restsShort}</span>}
        {whispered > 0 && (
          <span class="mark-wrap whispered" title={handingWords.whispered(whispered)} aria-label={handingWords.whispered(whispered)} data-testid="whispered">
            <Icon name="whisper" />
            {whispered}
          </span>
        )}
        {unread > 0 && (
          <span class="unread" aria-label={words.unread(unread)}>
            {unread}
          </span>
        )}
        {contact.wrap_up_until === null && !contact.paused && line?.waitingSince !== undefined && <Unanswered since={line.waitingSince} />}
      </span>
    </button>
  );
}

function Unanswered({ since }: { since: number }) {
  const waited = now.value - since;
  const level = waited > 180_000 ? "late" : waited > 60_000 ? "soon" : "fresh";
  const time = span(waited);
  return (
    <span class={`waited ${level}`} title={words.answerWaits(time)}>
      <Icon name="clock" />
      {time}
    </span>
  );
}

function move(event: KeyboardEvent): void {
  const tabs = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("[role=tab]")];
  const at = tabs.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
  const next = to === undefined ? undefined : tabs[(to + tabs.length) % tabs.length];
  if (!next) return;
  event.preventDefault();
  select(next.dataset["interaction"]);
  next.focus();
}
