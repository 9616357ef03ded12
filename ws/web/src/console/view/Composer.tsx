// Where the agent writes.

import { useLayoutEffect, useRef } from "preact/hooks";
import { draftIn, writeTo } from "../model";
import { words } from "../words";
import { Icon } from "./Icon";

const LONGEST = 4_000;

export function Composer({ interaction, name, draft }: { interaction: string; name: string; draft: string }) {
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => fit(field.current), [draft]);
  const over = [...draft.trim()].length - LONGEST;
  const send = () => {
    const text = field.current?.value.trim() ?? "";
    if (!field.current || !text || [...text].length > LONGEST) return;
    field.current.value = "";
    draftIn(interaction, "");
    writeTo(interaction, text);
    field.current.focus();
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        id="composer"
        rows={1}
        value={draft}
        placeholder={words.messageTo(name)}
        aria-label={words.messageTo(name)}
        aria-describedby="composer-hint"
        aria-invalid={over > 0}
        onInput={(event) => draftIn(interaction, event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
        data-testid="composer"
      />
      <button class="primary send" aria-label={words.send} data-testid="send">
        <Icon name="send" />
      </button>
      <p id="composer-hint" class={over > 0 ? "error" : "hint"}>
        {over > 0 ? words.tooLong(over) : words.sendHint}
      </p>
    </form>
  );
}

// Grows with what is written, up to the limit in the style sheet.
function fit(field: HTMLTextAreaElement | null): void {
  if (!field) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}
