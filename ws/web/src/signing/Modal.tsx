// A dialog over a page: keeps the keyboard, closes by Escape, gives the focus back.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

export function Modal({ id, title, children, wide = false, closed }: { id: string; title: string; children: ComponentChildren; wide?: boolean; closed: (dialog: HTMLDialogElement) => void }) {
  const element = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => {
      // While it is modal nothing behind it takes the focus.
      queueMicrotask(() => {
        if (document.activeElement === document.body && before instanceof HTMLElement && before.isConnected) before.focus();
      });
    };
  }, []);
  return (
    <dialog ref={element} class={wide ? "modal wide" : "modal"} aria-labelledby={id} onClose={(event) => closed(event.currentTarget)} data-testid="dialog">
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}
