// One contact: its call, its timeline, and where the agent writes.

import type { Contact } from "../../generated/protocol";
import { span } from "../../text/when";
import { CobrowsePane } from "../cobrowse/Pane";
import { act, cardOpen, desk, dialog, elsewhere, lineOf, live, nameOf, now, pending, select, takesMembers } from "../model";
import { download } from "../transcript";
import { words } from "../words";
import { companyWords } from "../words/company";
import { handingWords } from "../words/handing";
import { voicemailWords } from "../words/voicemail";
import { CallBar } from "./CallBar";
import { Company } from "./Company";
import { Composer } from "./Composer";
import { filesIn, sendFiles } from "../files";
import { Icon } from "./Icon";
import { Notes } from "./Notes";
import { Recordings } from "./Recording";
import { TimelineList } from "./TimelineList";
import { VoicemailBar } from "./Voicemail";
import { WrapUp } from "./WrapUp";

// Files that are dropped anywhere on the conversation go to the customer.
function dropsOn(interaction: string) {
  const mark = (event: DragEvent, on: boolean) => (event.currentTarget as HTMLElement).classList.toggle("dropping", on);
  return {
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      mark(event, true);
    },
    onDragLeave: (event: DragEvent) => mark(event, false),
    onDrop: (event: DragEvent) => {
      mark(event, false);
      const files = filesIn(event.dataTransfer);
      if (files.length === 0) return;
      event.preventDefault();
      void sendFiles(interaction, files);
    },
  };
}

/** `covered` says that the customer's card is over it. */
export function Conversation({ contact, covered }: { contact: Contact; covered: boolean }) {
  const { interaction } = contact;
  const line = lineOf(interaction);
  const over = contact.wrap_up_until !== null;
  const own = contact.owner === undefined;
  return (
    <section class="conversation" id="conversation" tabIndex={-1} inert={covered} role="tabpanel" aria-labelledby={`tab-${interaction}`} data-testid="conversation" data-interaction={interaction} {...(over || contact.voicemail ? {} : dropsOn(interaction))}>
      <Head key={`head-${interaction}`} contact={contact} over={over} />
      <Company contact={contact} agent={desk.value?.agent ?? ""} />
      {own && <CallBar key={`call-${interaction}`} contact={contact} />}
      {contact.voicemail && <VoicemailBar voicemail={contact.voicemail} />}
      {own && <Recordings contact={contact} />}
      {contact.parked !== undefined && <Parked interaction={interaction} since={contact.parked} />}
      {contact.paused && (
        <div class="parked" role="status" data-testid="paused">
          <Icon name="phone" />
          <span>{words.chatRests}</span>
        </div>
      )}
      {(!contact.voicemail || contact.call?.is === "connected") && <CobrowsePane key={`page-${interaction}`} contact={contact} />}
      <Notes notes={contact.notes} whispers={contact.whispers} />
      {line && <TimelineList key={interaction} interaction={interaction} />}
      {line && line.writingUntil > 0 && !over && (
        <p class="typing" data-testid="typing">
          {words.typing(nameOf(contact.card))}
        </p>
      )}
      {line && line.colleague.until > 0 && !over && (
        <p class="typing" data-testid="colleague-typing">
          {companyWords.writes(line.colleague.name)}
        </p>
      )}
      {over ? <WrapUp key={interaction} contact={contact} /> : <Write contact={contact} />}
    </section>
  );
}

function Parked({ interaction, since }: { interaction: string; since: number }) {
  return (
    <div class="parked" data-testid="parked">
      <Icon name="pause" />
      <span>{words.parked(span(now.value - since))}</span>
      <button type="button" class="quiet" disabled={!live.value || pending.value.has(`unpark:${interaction}`)} onClick={() => act({ op: "unpark", interaction })} data-testid="unpark">
        <Icon name="play" />
        {words.unpark}
      </button>
    </div>
  );
}

function Write({ contact }: { contact: Contact }) {
  if (contact.voicemail) return <p class="voice-only">{voicemailWords.nobody}</p>;
  if (!contact.chat) return <p class="voice-only">{words.voiceOnly}</p>;
  return <Composer key={contact.interaction} interaction={contact.interaction} queue={contact.queue} customer={contact.card.name ?? ""} name={nameOf(contact.card)} />;
}

function Head({ contact, over }: { contact: Contact; over: boolean }) {
  const { interaction, call } = contact;
  const held = contact.chat || contact.voicemail !== undefined;
  const calling = call !== null && call.is !== "ended" && call.is !== "failed";
  const show = (is: "escalate" | "callback" | "end" | "hand_over" | "invite" | "leave") => () => (dialog.value = { is, interaction });
  return (
    <header class="head">
      <button type="button" class="ghost back" onClick={() => select(undefined)} aria-label={elsewhere.value > 0 ? `${words.back}, ${words.unread(elsewhere.value)}` : words.back} data-testid="back">
        <Icon name="back" />
        {elsewhere.value > 0 && <span class="unread">{elsewhere.value}</span>}
      </button>
      <div class="title">
        <h2>{nameOf(contact.card)}</h2>
        <p>{words.inQueue(contact.queue)}</p>
      </div>
      {!over && contact.owner && (
        <div class="buttons">
          <Transcript interaction={interaction} />
          <LeaveButton interaction={interaction} show={show("leave")} />
        </div>
      )}
      {!over && !contact.owner && (
        <div class="buttons">
          {held && (
            <button type="button" class="quiet" disabled={!live.value || calling || pending.value.has(`escalate:${interaction}`)} onClick={show("escalate")} data-testid="escalate">
              <Icon name="phone" />
              <span>{words.call}</span>
            </button>
          )}
          <button type="button" class="quiet" disabled={!live.value} onClick={show("callback")} data-testid="callback">
            <Icon name="clock" />
            <span>{words.callback}</span>
          </button>
          {held && !calling && (
            <button type="button" class="quiet" disabled={!live.value || pending.value.has(`hand_over:${interaction}`)} onClick={show("hand_over")} data-testid="hand-over">
              <Icon name="pass" />
              <span>{handingWords.handOver}</span>
            </button>
          )}
          {contact.chat && !calling && contact.parked === undefined && !contact.paused && (
            <button type="button" class="quiet small" disabled={!live.value || pending.value.has(`park:${interaction}`)} onClick={() => act({ op: "park", interaction })} title={words.park} aria-label={words.park} data-testid="park">
              <Icon name="pause" />
            </button>
          )}
          <Transcript interaction={interaction} />
          {takesMembers(contact) && (
            <button type="button" class="quiet small" disabled={!live.value || pending.value.has(`invite:${interaction}`)} onClick={show("invite")} title={companyWords.invite} aria-label={companyWords.invite} data-testid="invite">
              <Icon name="people" />
            </button>
          )}
          {contact.members?.some(({ joined }) => joined) && !calling && <LeaveButton interaction={interaction} show={show("leave")} />}
          <button type="button" class="quiet" disabled={!live.value || pending.value.has(`end:${interaction}`)} onClick={show("end")} data-testid="end">
            <Icon name="end" />
            <span>{words.end}</span>
          </button>
        </div>
      )}
      <button type="button" class="ghost details" aria-expanded={cardOpen.value} onClick={() => (cardOpen.value = !cardOpen.value)} aria-label={words.details} data-testid="details">
        <Icon name="card" />
      </button>
    </header>
  );
}

function Transcript({ interaction }: { interaction: string }) {
  return (
    <button type="button" class="quiet small" onClick={() => download(interaction, lineOf(interaction)?.timeline.entries ?? [])} title={words.transcript} aria-label={words.transcript} data-testid="transcript">
      <Icon name="save" />
    </button>
  );
}

function LeaveButton({ interaction, show }: { interaction: string; show: () => void }) {
  return (
    <button type="button" class="quiet" disabled={!live.value || pending.value.has(`leave:${interaction}`)} onClick={show} data-testid="leave">
      <Icon name="leave" />
      <span>{companyWords.leave}</span>
    </button>
  );
}
