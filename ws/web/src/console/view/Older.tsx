// The button that fetches the next page of a long list, once at a time, and says why it did not come.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Page } from "../api";
import type { Loading } from "../loaded";

/** Shows the button where there is a page behind what is shown; what comes is put at its end, unless that was fetched anew meanwhile. */
export function Older<T>({ of, fetch, children }: { of: Loading<Page<T[]>>; fetch: (next: string) => Promise<Page<T[]>>; children: string }) {
  const busy = useSignal(false);
  const trouble = useSignal("");
  const shown = of.state.value;
  useEffect(() => void (trouble.value = ""), [shown]);
  const next = shown.is === "there" ? shown.value.next : undefined;
  if (shown.is !== "there" || !next) return null;
  const click = async () => {
    busy.value = true;
    await fetch(next).then(
      (page) => of.state.peek() === shown && (of.state.value = { is: "there", value: { body: shown.value.body.concat(page.body), next: page.next } }),
      (error: Error) => (trouble.value = error.message),
    );
    busy.value = false;
  };
  return (
    <>
      <button type="button" class="quiet more" disabled={busy} onClick={() => void click()} data-testid="more">
        {children}
      </button>
      <p class="error" role="alert">
        {trouble}
      </p>
    </>
  );
}
