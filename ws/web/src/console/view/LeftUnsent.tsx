// What was typed in contacts that are gone, to be copied or given up.

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { dismissLeft, left } from "../model";
import type { Left } from "../left";
import { words } from "../words";
import { leftWords } from "../words/left";

export function LeftUnsent() {
  if (left.value.length === 0) return null;
  return (
    <section class="left-unsent" role="region" data-keeps="next" aria-label={leftWords.title} data-testid="left-unsent">
      <ul>
        {left.value.map((each) => (
          <One key={each.n} left={each} />
        ))}
      </ul>
    </section>
  );
}

function One({ left: { n, as, name, text } }: { left: Left }) {
  const told = useRef<HTMLParagraphElement>(null);
  const copied = useSignal(false);
  const copy = () => {
    const taken = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("no clipboard"));
    // Where the browser gives no clipboard the words are marked, for the keys that copy.
    taken.then(
      () => (copied.value = true),
      () => told.current && getSelection()?.selectAllChildren(told.current),
    );
  };
  return (
    <li>
      <div>
        <strong>{leftWords.as[as](name || words.unnamed)}</strong>
        <p ref={told} tabIndex={0}>
          {text}
        </p>
      </div>
      <button type="button" class="quiet" onClick={copy} data-testid="copy-left">
        <span role="status">{copied.value ? leftWords.copied : leftWords.copy}</span>
      </button>
      <button type="button" class="link" onClick={() => dismissLeft(n)} data-testid="dismiss-left">
        {leftWords.dismiss}
      </button>
    </li>
  );
}
