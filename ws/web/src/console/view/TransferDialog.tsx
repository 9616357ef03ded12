// Where a call goes: a colleague, a queue or a number, at once or after a question.

import { useSignal } from "@preact/signals";
import type { Contact, TransferTo } from "../../generated/protocol";
import { useLoaded } from "../loaded";
import { act, closing, desk, dialog, live, nameOf, pending } from "../model";
import type { Group } from "../options";
import { targets } from "../targets";
import { textIn, typeIn } from "../typed";
import { words } from "../words";
import { close, Modal } from "./Modal";
import { named, ownQueues } from "./HandOverDialog";
import { NumberField, numberIn } from "./NumberField";
import { Picker } from "./Picker";

const NUMBER = "number:";

export function TransferDialog({ contact: { interaction, queue, card } }: { contact: Contact }) {
  const own = desk.value?.agent;
  const found = useLoaded(() => targets(ownQueues()), []);
  const choice = useSignal(`queue:${queue}`);
  const complaint = useSignal("");
  const trouble = useSignal("");
  const busy = !live.value || pending.value.has(`consult:${interaction}`) || pending.value.has(`transfer:${interaction}`);
  const there = found.state.value.is === "there" ? found.state.value.value : { agents: [], queues: desk.value?.queues ?? [] };
  const others = there.agents.filter((one) => one.agent !== own);
  const groups: Group[] = [
    { label: words.transferAgents, options: others.map((one) => ({ value: `agent:${one.agent}`, text: named(one), disabled: one.presence.is === "gone" })) },
    { label: words.transferQueues, options: there.queues.map((one) => ({ value: `queue:${one.queue}`, text: words.waitingIn(one.queue, one.waiting) })) },
    { label: words.transferElsewhere, options: [{ value: NUMBER, text: words.transferNumber }] },
  ];
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const typed = choice.value === NUMBER ? numberIn(form) : undefined;
    if (typed && "complaint" in typed) return void (complaint.value = typed.complaint);
    const to = target(choice.value, typed?.number ?? "");
    const note = String(new FormData(form).get("note") ?? "").trim() || null;
    const asks = (event.submitter as HTMLButtonElement | null)?.value === "ask";
    trouble.value = "";
    // Who is asked first gets the note once they take over.
    act(asks ? { op: "consult", interaction, to } : { op: "transfer", interaction, to, note }, closing(dialog.value, trouble, !asks));
  };
  return (
    <Modal title={words.transferTitle}>
      <form onSubmit={submit} noValidate>
        <p>{words.transferText}</p>
        <Picker label={words.transferTo} groups={groups} value={choice.value} choose={(value) => (choice.value = value)} testid="transfer-to" waits={found.state.value.is === "loading"} />
        {choice.value === NUMBER && <NumberField value="" complaint={complaint.value} />}
        <label class="field">
          <span>{words.transferNote}</span>
          <textarea name="note" rows={2} maxLength={4000} defaultValue={textIn("transfer", interaction)} onInput={(event) => typeIn("transfer", interaction, nameOf(card), event.currentTarget.value)} data-testid="transfer-note" />
        </label>
        <p class="error" role="alert">
          {trouble}
        </p>
        {found.state.value.is === "failed" && (
          <p class="error" role="alert">
            {found.state.value.text}
          </p>
        )}
        <div class="buttons">
          <button type="button" class="quiet" onClick={close}>
            {words.cancel}
          </button>
          <button class="quiet" value="ask" disabled={busy || !choice.value || choice.value.startsWith("queue:")} data-testid="ask-first">
            {words.askFirst}
          </button>
          <button class="primary" value="now" disabled={busy || !choice.value} data-testid="confirm">
            {words.transferNow}
          </button>
        </div>
      </form>
    </Modal>
  );
}

function target(choice: string, number: string): TransferTo {
  const at = choice.indexOf(":");
  const name = choice.slice(at + 1);
  switch (choice.slice(0, at)) {
    case "agent":
      return { agent: name };
    case "queue":
      return { queue: name };
    default:
      return { number };
  }
}
