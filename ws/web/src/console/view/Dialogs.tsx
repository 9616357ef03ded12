// The dialogs: calling, ending, the keyboard.

import { useSignal } from "@preact/signals";
import type { Contact } from "../../generated/protocol";
import { act, desk, dialog, live, signOut, unsent } from "../model";
import { words } from "../words";
import { companyWords } from "../words/company";
import { leftWords } from "../words/left";
import { voicemailWords } from "../words/voicemail";
import { close, Modal } from "./Modal";
import { NumberField, numberIn } from "./NumberField";
import { HandOverDialog } from "./HandOverDialog";
import { InviteDialog } from "./InviteDialog";
import { PromiseDialog } from "./PromiseDialog";
import { RecordDialog } from "./RecordDialog";
import { TransferDialog } from "./TransferDialog";

export function Dialogs() {
  const shown = dialog.value;
  if (!shown) return null;
  if (!("interaction" in shown)) return shown.is === "keyboard" ? <Keyboard /> : <SignOut contacts={desk.value?.contacts.length ?? 0} />;
  if (shown.is === "record") return <RecordDialog key={shown.interaction} interaction={shown.interaction} />;
  const contact = desk.value?.contacts.find((held) => held.interaction === shown.interaction);
  if (!contact) return null;
  switch (shown.is) {
    case "escalate":
      return <Escalate contact={contact} />;
    case "callback":
      return <PromiseDialog contact={contact} />;
    case "transfer":
      return <TransferDialog contact={contact} />;
    case "hand_over":
      return <HandOverDialog contact={contact} />;
    case "invite":
      return <InviteDialog contact={contact} />;
    case "leave":
      return <Leave contact={contact} />;
    case "end":
      return <End contact={contact} />;
  }
}

export function Buttons({ yes, danger = false }: { yes: string; danger?: boolean }) {
  return (
    <div class="buttons">
      <button type="button" class="quiet" onClick={close}>
        {words.cancel}
      </button>
      <button class={danger ? "danger" : "primary"} disabled={!live.value} data-testid="confirm">
        {yes}
      </button>
    </div>
  );
}

function Escalate({ contact: { interaction, card, voicemail } }: { contact: Contact }) {
  const complaint = useSignal("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const typed = numberIn(event.currentTarget as HTMLFormElement);
    if ("complaint" in typed) return void (complaint.value = typed.complaint);
    act({ op: "escalate", interaction, number: typed.number });
    close();
  };
  return (
    <Modal title={words.escalateTitle}>
      <form onSubmit={submit} noValidate>
        <p>{voicemail ? voicemailWords.call : words.escalateText}</p>
        <NumberField value={card.number ?? ""} complaint={complaint.value} />
        <Buttons yes={words.callNow} />
      </form>
    </Modal>
  );
}

function Leave({ contact: { interaction, owner, members = [] } }: { contact: Contact }) {
  const next = owner?.name ?? members.find(({ joined }) => joined)?.name ?? "";
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    act({ op: "leave", interaction });
    close();
  };
  return (
    <Modal title={companyWords.leaveTitle}>
      <form onSubmit={submit}>
        <p>{companyWords.leaveText(next)}</p>
        <Buttons yes={companyWords.leaveYes} />
      </form>
    </Modal>
  );
}

function End({ contact: { interaction } }: { contact: Contact }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    act({ op: "end", interaction });
    close();
  };
  return (
    <Modal title={words.endSure}>
      <form onSubmit={submit}>
        <p>{words.endText}</p>
        <Buttons yes={words.endYes} danger />
      </form>
    </Modal>
  );
}

function SignOut({ contacts }: { contacts: number }) {
  return (
    <Modal title={leftWords.signOutTitle}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          signOut();
        }}
      >
        {contacts > 0 && <p data-testid="still-held">{leftWords.contacts(contacts)}</p>}
        {unsent.value && <p data-testid="still-unsent">{leftWords.unsent}</p>}
        <div class="buttons">
          <button type="button" class="quiet" autofocus onClick={close}>
            {words.cancel}
          </button>
          <button class="danger" data-testid="confirm">
            {leftWords.signOutYes}
          </button>
        </div>
      </form>
    </Modal>
  );
}

function Keyboard() {
  return (
    <Modal title={words.shortcutsTitle}>
      <dl class="shortcuts">
        {words.shortcuts.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <div class="buttons">
        <button type="button" class="quiet" autofocus onClick={close}>
          {words.close}
        </button>
      </div>
    </Modal>
  );
}
