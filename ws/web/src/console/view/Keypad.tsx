// The keys of a telephone within a call, towards the customer's side or whoever is asked.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { keyOf, KEYS } from "../../voice/keys";
import { act, live, pending } from "../model";
import { words } from "../words";
import { Icon } from "./Icon";

const NAMES: Record<string, string> = { "*": words.star, "#": words.hash };
/** So many go at a time, and of those that were pressed so many are shown. */
const MOST = 16;

export function Keypad({ interaction }: { interaction: string }) {
  const open = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const waiting = useSignal("");
  const pressed = useSignal("");
  const busy = !live.value || pending.value.has(`digits:${interaction}`);
  useEffect(() => {
    const digits = waiting.value.slice(0, MOST);
    if (busy || digits === "") return;
    waiting.value = waiting.value.slice(digits.length);
    act({ op: "digits", interaction, digits });
  });
  const press = (key: string) => {
    waiting.value += key;
    pressed.value = (pressed.value + key).slice(-MOST);
  };
  const typed = (event: KeyboardEvent) => {
    if (event.key === "Escape" && open.value) {
      button.current?.focus();
      open.value = false;
    }
    const key = keyOf(event);
    if (key) press(key);
  };
  const toggle = () => {
    open.value = !open.value;
    pressed.value = "";
  };
  return (
    <span class="keypad" onKeyDown={typed}>
      <button ref={button} type="button" class="quiet" aria-expanded={open.value} aria-label={words.keypad} title={words.keypad} onClick={toggle} data-testid="keypad">
        <Icon name="keypad" />
      </button>
      {open.value && (
        <span class="keys" role="group" aria-label={words.keypad} data-testid="keys">
          <output data-testid="pressed">{pressed.value}</output>
          {KEYS.map((key) => (
            <button key={key} type="button" class="quiet" aria-label={NAMES[key] ?? key} disabled={!live.value} onClick={() => press(key)} data-key={key}>
              {key}
            </button>
          ))}
        </span>
      )}
    </span>
  );
}
