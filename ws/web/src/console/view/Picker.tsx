// A list to choose from with a field that narrows it: what is typed chooses the first that fits, the arrows go on from there.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { first, fitting, type Group } from "../options";
import { handingWords as words } from "../words/handing";

/** `waits` says that what there is to choose from has not come: what is typed meanwhile chooses once it has. */
export function Picker({ label, groups, value, choose, testid, describedBy, waits = false }: { label: string; groups: readonly Group[]; value: string; choose: (value: string) => void; testid: string; describedBy?: string; waits?: boolean }) {
  const typed = useSignal("");
  const list = useRef<HTMLSelectElement>(null);
  const type = (text: string) => {
    typed.value = text;
    if (text.trim()) choose(first(groups, text) ?? "");
  };
  useEffect(() => {
    if (!waits && !value) type(typed.value);
  }, [waits]);
  const press = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    const [next] = fitting(groups, typed.value, value).flatMap(({ options }) => options.filter(({ disabled }) => !disabled));
    if (!value && next) choose(next.value);
    list.current?.focus();
  };
  const shown = fitting(groups, typed.value, value);
  return (
    <div class="field picker">
      <label>
        <span>{words.find}</span>
        <input type="search" value={typed} autofocus autocomplete="off" onInput={(event) => type(event.currentTarget.value)} onKeyDown={press} data-testid={`${testid}-find`} />
      </label>
      <label>
        <span>{label}</span>
        <select ref={list} size={8} value={value} aria-describedby={describedBy} onChange={(event) => choose(event.currentTarget.value)} data-testid={testid}>
          {shown.map((group) => (
            <optgroup key={group.label} label={group.label}>
              {group.options.map((option) => (
                <option key={option.value} value={option.value} disabled={option.disabled} selected={option.value === value}>
                  {option.text}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
      <p class="hush" role="status">
        {typed.value.trim() && !waits ? words.found(shown.reduce((sum, { options }) => sum + options.length, 0)) : ""}
      </p>
    </div>
  );
}
