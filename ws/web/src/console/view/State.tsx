// How far a fetched thing is: loading, refused, or there.

import type { ComponentChildren } from "preact";
import type { Loading } from "../loaded";

interface Texts {
  loading: string;
  failed: string;
  again: string;
}

/** Draws a fetched thing once it is there, and what keeps it until then. */
export function Shown<T>({ of, texts, children }: { of: Loading<T>; texts: Texts; children?: (value: T) => ComponentChildren }) {
  const state = of.state.value;
  switch (state.is) {
    case "loading":
      return (
        <div class="waits" role="status" data-testid="loading">
          <span class="spinner" />
          <p>{texts.loading}</p>
        </div>
      );
    case "failed":
      return (
        <div class="waits" role="alert" data-testid="load-failed">
          <p class="error">
            {texts.failed} {state.text}
          </p>
          <button type="button" class="quiet" onClick={() => void of.again()}>
            {texts.again}
          </button>
        </div>
      );
    case "there":
      return <>{children?.(state.value)}</>;
  }
}

/** Says that there is nothing, and what to do about it. */
export function Nothing({ title, text }: { title: string; text: string }) {
  return (
    <div class="waits" data-testid="nothing">
      <h3>{title}</h3>
      <p>{text}</p>
    </div>
  );
}
