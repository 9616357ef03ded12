// What opens below its button: Escape closes it, and whoever was in it is at the button again.

import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

/** `children` is told how it is closed. */
export function Fold({ label, testid, children }: { label: string; testid: string; children: (close: () => void) => ComponentChildren }) {
  const menu = useRef<HTMLDetailsElement>(null);
  const close = () => {
    if (!menu.current?.open) return;
    menu.current.open = false;
    menu.current.querySelector("summary")?.focus();
  };
  return (
    <details class="page-ask" ref={menu} onKeyDown={(event) => event.key === "Escape" && close()}>
      <summary data-testid={testid}>{label}</summary>
      {children(close)}
    </details>
  );
}
