// Handing a chat over: to whom, and what they should know.

import { useSignal } from "@preact/signals";
import type { Contact } from "../../generated/protocol";
import { colleagues, type Colleague } from "../callbacks";
import { useLoaded } from "../loaded";
import { reason } from "../../text/staff";
import { act, closing, desk, dialog, live, pending, session } from "../model";
import { words as common } from "../words";
import { handingWords as words } from "../words/handing";
import { close, Modal } from "./Modal";
import { Shown } from "./State";

export function HandOverDialog({ contact: { interaction } }: { contact: Contact }) {
  const staff = useLoaded(() => colleagues(), []);
  const trouble = useSignal("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const [is, name] = String(form.get("to") ?? "").split(/:(.*)/s);
    if (!name) return void (trouble.value = words.nobody);
    const to = is === "agent" ? { agent: name } : { queue: name };
    trouble.value = "";
    act({ op: "hand_over", interaction, to, note: String(form.get("note") ?? "").trim() || null }, closing(dialog.value, trouble));
  };
  return (
    <Modal title={words.title}>
      <form onSubmit={submit} noValidate>
        <p>{words.lead}</p>
        <Shown of={staff} texts={words}>
          {(agents) => (
            <label class="field">
              <span>{words.to}</span>
              <select name="to" autofocus aria-describedby="hand-over-trouble" data-testid="hand-over-to">
                <option value="">…</option>
                <optgroup label={words.colleagues}>
                  {agents.filter(({ agent }) => agent !== session.value?.agent).map((each) => (
                    <option key={each.agent} value={`agent:${each.agent}`} disabled={each.presence.is !== "ready"}>
                      {named(each)}
                    </option>
                  ))}
                </optgroup>
                <optgroup label={words.queues}>
                  {desk.value?.queues.map(({ queue }) => (
                    <option key={queue} value={`queue:${queue}`}>
                      {queue}
                    </option>
                  ))}
                </optgroup>
              </select>
            </label>
          )}
        </Shown>
        <label class="field">
          <span>{words.note}</span>
          <textarea name="note" rows={3} maxLength={4_000} placeholder={words.noteHint} data-testid="hand-over-note" />
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

/** Names a colleague, and why they cannot be chosen. */
export function named({ name, presence }: Colleague): string {
  if (presence.is === "ready") return name;
  return words.busy(name, presence.is === "away" ? reason(presence.reason) || words.away : words.gone);
}
