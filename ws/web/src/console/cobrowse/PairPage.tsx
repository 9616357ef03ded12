// Brings the page of a caller into their call by six digits.

import { useEffect, useRef, useState } from "preact/hooks";
import { codeIn, lapse } from "../../cobrowse/code";
import { cobrowse, lineOf } from "../model";
import { Fold } from "./Fold";
import { heed } from "./store";
import { pageWords as words } from "./words";

export function PairPage({ interaction }: { interaction: string }) {
  const [typed, setTyped] = useState("");
  const [said, setSaid] = useState("");
  const paired = lineOf(interaction)?.timeline.entries.some((entry) => entry.what === "cobrowse" && entry.act.is === "paired");
  const submit = (event: Event) => {
    event.preventDefault();
    const code = codeIn(typed);
    if (code === undefined) return setSaid(words.pairCode);
    cobrowse(interaction, { do: "pair", code }, (error) => setSaid(error ?? ""));
  };
  const stop = useRef(() => {});
  useEffect(() => () => stop.current(), []);
  const make = () =>
    cobrowse(interaction, { do: "code" }, (error, code, left = 0) => {
      if (!code) return setSaid(error ?? "");
      stop.current();
      setSaid(words.ourCode(code));
      const gone = () => (stop.current(), setSaid(words.lapsed));
      const stops = [lapse(left, gone), heed(interaction, gone)];
      stop.current = () => stops.forEach((each) => each());
    });
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
            {said}
          </p>
        </form>
      )}
    </Fold>
  );
}
