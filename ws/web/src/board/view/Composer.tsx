// Where a supervisor writes: to the agent of a contact alone, or to everybody in its chat.

import { useSignal } from "@preact/signals";
import { newMid } from "../../link/mid";
import { live, write } from "../model";
import { words } from "../words";

/** Characters of a message. */
const TEXT = 4_000;

export function Composer({ interaction, how, agent }: { interaction: string; how: "whisper" | "barge"; agent: string }) {
  const text = useSignal("");
  const mid = useSignal("");
  const busy = useSignal(false);
  const trouble = useSignal("");
  const send = (event: Event) => {
    event.preventDefault();
    if (busy.value || !text.value.trim()) return;
    mid.value ||= newMid();
    busy.value = true;
    write(interaction, text.value, how === "barge" ? mid.value : undefined, (error) => {
      busy.value = false;
      trouble.value = error === undefined ? "" : error || words.notWritten;
      if (error === undefined) text.value = mid.value = "";
    });
  };
  const label = how === "whisper" ? words.whisperTo(agent) : words.writeToAll;
  return (
    <form class={`compose ${how}`} onSubmit={send}>
      <label>
        <span>{label}</span>
        <textarea
          rows={2}
          maxLength={TEXT}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            mid.value = "";
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
          }}
          data-testid="oversee-text"
        />
      </label>
      <button class="primary" disabled={busy.value || !live.value} data-testid="oversee-send">
        {words.send}
      </button>
      <p class="error" role="alert">
        {trouble}
      </p>
    </form>
  );
}
