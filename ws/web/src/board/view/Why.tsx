// Why an interaction waits, or went where it went, as the server's record of its choices tells.

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { holdTold, stood } from "../../text/route";
import { reason } from "../../text/staff";
import type { DecisionView } from "../../generated/protocol";
import { agentNamed, ask, explained, now } from "../model";
import { chosen, shape, type Reasons } from "../reasons";
import { lang, words } from "../words";

export function Why() {
  const about = explained.value;
  return about ? <Dialog key={`${about.interaction}${about.choice?.at ?? ""}`} {...about} /> : null;
}

// What was chosen stands in the record; how one who waits stands now is worked out when it is asked.
async function fetchReasons(interaction: string, choice: DecisionView | undefined): Promise<Reasons> {
  const record = `/api/v1/interactions/${interaction}`;
  if (choice) return chosen(await ask(record), choice);
  return shape(await ask(`${record}/route`).catch(() => ask(record)));
}

function Dialog({ interaction, choice }: { interaction: string; choice?: DecisionView }) {
  const element = useRef<HTMLDialogElement>(null);
  const reasons = useSignal<Reasons | undefined>(undefined);
  const trouble = useSignal("");
  useLayoutEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  useEffect(() => {
    fetchReasons(interaction, choice).then(
      (told) => (reasons.value = told),
      (error: Error) => (trouble.value = error.message),
    );
  }, []);
  return (
    <dialog ref={element} class="modal" aria-labelledby="why-title" onClose={() => (explained.value = undefined)} data-testid="why-dialog">
      <h2 id="why-title">{choice ? words.choiceTitle : words.whyTitle}</h2>
      {!reasons.value && !trouble.value && <p role="status">{words.loading}</p>}
      {trouble.value && <p class="error" role="alert">{trouble}</p>}
      {reasons.value?.hold && <p data-testid="why-held">{holdTold(reasons.value.hold, now.value, lang)}</p>}
      {reasons.value && !reasons.value.hold && reasons.value.why === "" && reasons.value.lookedAt.length === 0 && <p>{words.noDecision}</p>}
      {reasons.value && reasons.value.why !== "" && (
        <p>
          <strong>{agentNamed(reasons.value.agent)}</strong>: {reason(reasons.value.why)}
        </p>
      )}
      {reasons.value && reasons.value.lookedAt.length > 0 && (
        <ul class="reasons">
          {reasons.value.lookedAt.map((each) => (
            <li key={each.agent}>
              <strong>{agentNamed(each.agent)}</strong>
              <span>{stood(each)}</span>
            </li>
          ))}
        </ul>
      )}
      <div class="buttons">
        <button type="button" class="quiet" autofocus onClick={() => (explained.value = undefined)} data-testid="why-close">
          {words.close}
        </button>
      </div>
    </dialog>
  );
}
