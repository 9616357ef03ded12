// Brings the page of a caller into their call by six digits.

import { useEffect, useRef, useState } from "preact/hooks";
import { codeIn, lapse } from "../../cobrowse/code";
import { cobrowse, lineOf } from "../model";
import { Fold } from "./Fold";
import { codes, drop, keep } from "./store";
import { pageWords as words } from "./words";

export function PairPage({ interaction }: { interaction: string }) {
  const [typed, setTyped] = useState("");
  const [error, setError] = useState("");
  const code = codes.value.get(interaction);
  // What was shown is said to be good no more, and not what never was.
  const shown = useRef(false);
  if (code) shown.current = true;
  useEffect(() => {
    setError("");
    return code && lapse(code.by - Date.now(), () => drop(interaction));
  }, [code]);
  const paired = lineOf(interaction)?.timeline.entries.some((entry) => entry.what === "cobrowse" && entry.act.is === "paired");
  const submit = (event: Event) => {
    event.preventDefault();
    const digits = codeIn(typed);
    if (digits === undefined) return setError(words.pairCode);
    cobrowse(interaction, { do: "pair", code: digits }, (error) => setError(error ?? ""));
  };
  const make = () => cobrowse(interaction, { do: "code" }, (error, code, left = 0) => (code ? keep(interaction, code, Date.now() + left) : setError(error ?? "")));
  // One page belongs to a contact, and the code for it was used.
  if (paired) return null;
  return (
    <Fold label={words.pair} testid="pair-open">
      {() => (
        <form onSubmit={submit}>
          <p>{words.pairHint}</p>
          <label class="field">
            <span>{words.pairCode}</span>
            <input value={typed} inputMode="numeric" onInput={(event) => setTyped(event.currentTarget.value)} data-testid="pair-code" />
          </label>
          <button class="primary" data-testid="pair-connect">
            {words.connect}
          </button>
          <button type="button" class="quiet" onClick={make} data-testid="pair-make">
            {words.newCode}
          </button>
          <p role="status" data-testid="pair-said">
            {error || (code ? words.ourCode(code.code) : shown.current ? words.lapsed : "")}
          </p>
        </form>
      )}
    </Fold>
  );
}
