// Asking a colleague into a chat: whom, and what they should know.

import { useSignal } from "@preact/signals";
import type { Contact } from "../../generated/protocol";
import { colleagues, type Colleague } from "../roster";
import { useLoaded } from "../loaded";
import { act, closing, dialog, live, nameOf, pending, session } from "../model";
import { textIn, typeIn } from "../typed";
import { words as common } from "../words";
import { companyWords as words } from "../words/company";
import { handingWords } from "../words/handing";
import { named } from "./HandOverDialog";
import { close, Modal } from "./Modal";
import { Picker } from "./Picker";
import { Shown } from "./State";

export function InviteDialog({ contact: { interaction, card, members = [] } }: { contact: Contact }) {
  const staff = useLoaded(() => colleagues(), []);
  const state = staff.state.value;
  const choice = useSignal("");
  const trouble = useSignal("");
  const isThere = (agent: string) => members.some((member) => member.agent === agent);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const agent = choice.value;
    trouble.value = agent ? "" : words.nobody;
    if (agent) act({ op: "invite", interaction, agent, note: String(form.get("note") ?? "").trim() || null }, closing(dialog.value, trouble));
  };
  return (
    <Modal title={words.title}>
      <form onSubmit={submit} noValidate>
        <p>{words.lead}</p>
        <Picker
          label={words.whom}
          groups={[{ label: handingWords.colleagues, options: state.is === "there" ? optionsOf(state.value, isThere) : [] }]}
          waits={state.is !== "there"}
          value={choice.value}
          choose={(value) => ((choice.value = value), (trouble.value = ""))}
          testid="invite-agent"
          describedBy="invite-trouble"
        />
        <Shown of={staff} texts={handingWords} />
        <label class="field">
          <span>{words.note}</span>
          <textarea name="note" rows={3} maxLength={4_000} defaultValue={textIn("invite", interaction)} onInput={(event) => typeIn("invite", interaction, nameOf(card), event.currentTarget.value)} placeholder={handingWords.noteHint} data-testid="invite-note" />
        </label>
        <p class="error" role="alert" id="invite-trouble">
          {trouble}
        </p>
        <div class="buttons">
          <button type="button" class="quiet" onClick={close}>
            {common.cancel}
          </button>
          <button class="primary" disabled={!live.value || pending.value.has(`invite:${interaction}`)} data-testid="confirm">
            {words.yes}
          </button>
        </div>
      </form>
    </Modal>
  );
}

function optionsOf(agents: readonly Colleague[], isThere: (agent: string) => boolean) {
  const others = agents.filter(({ agent }) => agent !== session.value?.agent);
  return others.map((each) => ({ value: each.agent, text: isThere(each.agent) ? words.inChat(each.name) : named(each), disabled: each.presence.is !== "ready" || isThere(each.agent) }));
}
