// A call that is promised: whom, when, and what else may be wished of it.

import { useSignal, type Signal } from "@preact/signals";
import type { Contact } from "../../generated/protocol";
import { fieldTime, moment, type When } from "../../text/when";
import { useLoaded } from "../loaded";
import { act, now } from "../model";
import { ORDERS, read, REMINDERS, zones, type Fault } from "../promise";
import { colleagues } from "../roster";
import { words } from "../words";
import { callbackWords as more, reminder } from "../words/callbacks";
import { Buttons } from "./Dialogs";
import { close, Modal } from "./Modal";
import { NumberField, numberIn } from "./NumberField";

const WHENS: readonly When[] = ["now", "minutes20", "hour", "tomorrow", "chosen"];
const FAULTS: Record<Fault["is"], string> = { none: more.untilNone, early: more.untilEarly, unknown: more.zoneUnknown };

export function PromiseDialog({ contact: { interaction, queue, card } }: { contact: Contact }) {
  const complaint = useSignal("");
  const timeComplaint = useSignal("");
  const fault = useSignal<Fault | undefined>(undefined);
  const open = useSignal(false);
  const when = useSignal<When>("minutes20");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const typed = numberIn(form);
    complaint.value = "complaint" in typed ? typed.complaint : "";
    const fields = new FormData(form);
    const field = (name: string) => String(fields.get(name) ?? "");
    const at = moment(when.value, field("time"), now.value);
    const late = at !== undefined && at <= now.value;
    timeComplaint.value = when.value === "chosen" && at === undefined ? words.chosenEmpty : late ? words.chosenPast : "";
    const until = form.elements.namedItem("until") as HTMLInputElement;
    const wished = read({ until: until.value, zone: field("zone"), owner: field("owner"), order: field("order"), remind: field("remind") }, at ?? now.value, until.validity.badInput);
    fault.value = "wish" in wished ? undefined : wished;
    open.value ||= fault.value !== undefined;
    if ("complaint" in typed || timeComplaint.value || !("wish" in wished)) return;
    act({ op: "callback", interaction, number: typed.number, at: at ?? null, wish: wished.wish });
    close();
  };
  return (
    <Modal title={words.promiseTitle}>
      <form onSubmit={submit} noValidate>
        <NumberField value={card.number ?? ""} complaint={complaint.value} />
        <label class="field">
          <span>{words.when}</span>
          <select value={when} onChange={(event) => (when.value = event.currentTarget.value as When)} data-testid="when">
            {WHENS.map((choice) => (
              <option key={choice} value={choice}>
                {words[choice]}
              </option>
            ))}
          </select>
        </label>
        {when.value === "chosen" && (
          <label class="field">
            <span>{words.chosenTime}</span>
            <input name="time" type="datetime-local" defaultValue={fieldTime(Date.now() + 7_200_000)} aria-describedby="time-complaint" />
            <span id="time-complaint" class="error" role="alert">
              {timeComplaint}
            </span>
          </label>
        )}
        <More queue={queue} fault={fault} open={open} />
        <Buttons yes={words.promise} />
      </form>
    </Modal>
  );
}

// What most promises need not say. Where something of it is wrong it is unfolded.
function More({ queue, fault, open }: { queue: string; fault: Signal<Fault | undefined>; open: Signal<boolean> }) {
  const staff = useLoaded(() => colleagues(queue), [queue]);
  const { value: shown } = staff.state;
  const agents = shown.is === "there" ? shown.value : [];
  const wrong = (field: Fault["field"]) => (fault.value?.field === field ? FAULTS[fault.value.is] : "");
  return (
    <details class="wishes" open={open.value} onToggle={(event) => (open.value = event.currentTarget.open)} onInput={() => (fault.value = undefined)} data-testid="promise-more">
      <summary>{more.wishes}</summary>
      <label class="field">
        <span>{more.until}</span>
        <input name="until" type="datetime-local" aria-invalid={wrong("until") !== ""} aria-describedby="until-complaint" data-testid="promise-until" />
        <span id="until-complaint" class="error" role="alert">
          {wrong("until")}
        </span>
      </label>
      <label class="field">
        <span>{more.owner}</span>
        <select name="owner" data-testid="promise-owner">
          <option value="">{more.anybody}</option>
          {agents.map(({ agent, name }) => (
            <option key={agent} value={agent}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {shown.is === "failed" && (
        <p class="error" role="alert">
          {shown.text}
        </p>
      )}
      <div class="sides">
        <label class="field">
          <span>{more.order}</span>
          <select name="order" data-testid="promise-order">
            <option value="">{more.asQueue}</option>
            {ORDERS.map((order) => (
              <option key={order} value={order}>
                {more.orders[order]}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{more.remind}</span>
          <select name="remind" data-testid="promise-remind">
            <option value="">{more.asHouse}</option>
            {REMINDERS.map((seconds) => (
              <option key={seconds} value={seconds}>
                {reminder(seconds)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <label class="field">
        <span>{more.theirZone}</span>
        <input name="zone" list="zones" maxLength={100} spellcheck={false} aria-invalid={wrong("zone") !== ""} aria-describedby="zone-hint zone-complaint" data-testid="promise-zone" />
        <span id="zone-hint" class="hint">
          {more.zoneHint}
        </span>
        <span id="zone-complaint" class="error" role="alert">
          {wrong("zone")}
        </span>
      </label>
      <datalist id="zones">
        {zones().map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </details>
  );
}
