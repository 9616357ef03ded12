// Where a supervisor writes: to the agent of a contact alone, or to everybody in its chat.

import { useComputed, useSignal } from "@preact/signals";
import { newMid } from "../../link/mid";
import { clearSent, drafts, live, write as say } from "../model";
import { words } from "../words";

/** Characters of a message. */
const TEXT = 4_000;

export function Composer({ interaction, how, agent }: { interaction: string; how: "whisper" | "barge"; agent: string }) {
  // It stands there again after the end of a sign-in.
  const key = `${how} ${interaction}`;
  const text = useComputed(() => drafts.value[key] ?? "");
  const write = (typed: string) => (drafts.value = { ...drafts.value, [key]: typed });
  const mid = useSignal("");
  const busy = useSignal(false);
  const trouble = useSignal("");
  const send = (event: Event) => {
    event.preventDefault();
    if (busy.value || !text.value.trim()) return;
    mid.value ||= newMid();
    busy.value = true;
    const sent = text.value;
    say(interaction, sent, how === "barge" ? mid.value : undefined, (error) => {
      busy.value = false;
      trouble.value = error === undefined ? "" : error || words.notWritten;
      if (error !== undefined) return;
      mid.value = "";
      clearSent(key, sent);
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
            write(event.currentTarget.value);
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
