// The agent's time after a contact: how it turned out, and a note.

import type { Contact } from "../../generated/protocol";
import { span } from "../../text/when";
import { act, dispositions, lineOf, live, now, pending, wrap } from "../model";
import { words } from "../words";

export function WrapUp({ contact }: { contact: Contact }) {
  const { interaction, wrap_up_until: until } = contact;
  const draft = lineOf(interaction)?.wrapUp;
  const { disposition = "", note = "", solved = false } = draft?.kept ?? {};
  const finish = (event: SubmitEvent) => {
    event.preventDefault();
    if (draft) act(draft.finish(interaction));
  };
  return (
    <form class="wrapup" id="wrap-up" tabIndex={-1} onSubmit={finish} aria-label={words.wrapUp} data-testid="wrap-up">
      <header>
        <h3>{words.wrapUp}</h3>
        {until !== null && <Left until={until} />}
        <button type="button" class="link" disabled={!live.value || pending.value.has(`extend_wrap_up:${interaction}`)} onClick={() => act({ op: "extend_wrap_up", interaction, seconds: 60 })} data-testid="longer">
          {words.longer}
        </button>
      </header>
      <label class="field">
        <span>{words.disposition}</span>
        <select value={disposition} onChange={(event) => wrap(interaction, { disposition: event.currentTarget.value })} data-testid="disposition">
          <option value="">{words.noDisposition}</option>
          {dispositions().map((choice) => (
            <option key={choice} selected={choice === disposition}>{choice}</option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{words.note}</span>
        <textarea rows={2} maxLength={4_000} value={note} onInput={(event) => wrap(interaction, { note: event.currentTarget.value })} data-testid="note" />
      </label>
      <label class="check">
        <input type="checkbox" checked={solved} onChange={(event) => wrap(interaction, { solved: event.currentTarget.checked })} data-testid="solved" />
        <span>{words.solved}</span>
      </label>
      <button class="primary" disabled={!live.value || pending.value.has(`wrap_up:${interaction}`)} data-testid="finish">
        {words.finish}
      </button>
    </form>
  );
}

function Left({ until }: { until: number }) {
  return (
    <span class="left" role="timer" aria-live="off">
      {words.wrapUpLeft(span(until - now.value))}
    </span>
  );
}
