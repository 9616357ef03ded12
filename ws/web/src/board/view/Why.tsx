// Why an interaction waits, or went where it went, as the server's record of its choices tells.

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { holdTold, stood } from "../../text/route";
import { reason } from "../../text/staff";
import { agentNamed, ask, explained, now } from "../model";
import { shape, type Reasons } from "../reasons";
import { lang, words } from "../words";

export function Why() {
  const interaction = explained.value;
  return interaction ? <Dialog key={interaction} interaction={interaction} /> : null;
}

function Dialog({ interaction }: { interaction: string }) {
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
    ask(`/api/v1/interactions/${interaction}/route`).then(
      (body) => (reasons.value = shape(body)),
      () =>
        ask(`/api/v1/interactions/${interaction}`).then(
          (body) => (reasons.value = shape(body)),
          (error: Error) => (trouble.value = error.message),
        ),
    );
  }, []);
  return (
    <dialog ref={element} class="modal" aria-labelledby="why-title" onClose={() => (explained.value = undefined)} data-testid="why-dialog">
      <h2 id="why-title">{words.whyTitle}</h2>
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
