// Handing a chat over: to whom, and what they should know.

import { useSignal } from "@preact/signals";
import type { Contact } from "../../generated/protocol";
import type { Colleague } from "../roster";
import { useLoaded } from "../loaded";
import { reason } from "../../text/staff";
import { act, closing, desk, dialog, live, nameOf, pending, session } from "../model";
import type { Group } from "../options";
import { targets, type Targets } from "../targets";
import { textIn, typeIn } from "../typed";
import { words as common } from "../words";
import { handingWords as words } from "../words/handing";
import { close, Modal } from "./Modal";
import { Picker } from "./Picker";
import { Shown } from "./State";

export function HandOverDialog({ contact: { interaction, card } }: { contact: Contact }) {
  const staff = useLoaded(() => targets(ownQueues()), []);
  const state = staff.state.value;
  const found = state.is === "there" ? state.value : { agents: [], queues: [] };
  const choice = useSignal("");
  const trouble = useSignal("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const [is, name] = choice.value.split(/:(.*)/s);
    if (!name) return void (trouble.value = words.nobody);
    const to = is === "agent" ? { agent: name } : { queue: name };
    trouble.value = "";
    act({ op: "hand_over", interaction, to, note: String(form.get("note") ?? "").trim() || null }, closing(dialog.value, trouble));
  };
  return (
    <Modal title={words.title}>
      <form onSubmit={submit} noValidate>
        <p>{words.lead}</p>
        <Picker label={words.to} groups={groupsOf(found)} waits={state.is !== "there"} value={choice.value} choose={(value) => ((choice.value = value), (trouble.value = ""))} testid="hand-over-to" describedBy="hand-over-trouble" />
        <Shown of={staff} texts={words} />
        <label class="field">
          <span>{words.note}</span>
          <textarea name="note" rows={3} maxLength={4_000} defaultValue={textIn("hand_over", interaction)} onInput={(event) => typeIn("hand_over", interaction, nameOf(card), event.currentTarget.value)} placeholder={words.noteHint} data-testid="hand-over-note" />
        </label>
        <p class="error" role="alert" id="hand-over-trouble">
          {trouble}
        </p>
        <div class="buttons">
          <button type="button" class="quiet" onClick={close}>
            {common.cancel}
          </button>
          <button class="primary" disabled={!live.value || pending.value.has(`hand_over:${interaction}`)} data-testid="confirm">
            {words.yes}
          </button>
        </div>
      </form>
    </Modal>
  );
}

/** The queues of the agent, by name. */
export function ownQueues(): string[] {
  return (desk.value?.queues ?? []).map(({ queue }) => queue);
}

function groupsOf({ agents, queues }: Targets): Group[] {
  const others = agents.filter(({ agent }) => agent !== session.value?.agent);
  return [
    { label: words.colleagues, options: others.map((each) => ({ value: `agent:${each.agent}`, text: named(each), disabled: each.presence.is !== "ready" })) },
    { label: words.queues, options: queues.map(({ queue, waiting }) => ({ value: `queue:${queue}`, text: common.waitingIn(queue, waiting) })) },
  ];
}

/** Names a colleague, and why they cannot be chosen. */
export function named({ name, presence }: Colleague): string {
  if (presence.is === "ready") return name;
  return words.busy(name, presence.is === "away" ? reason(presence.reason) || words.away : words.gone);
}
