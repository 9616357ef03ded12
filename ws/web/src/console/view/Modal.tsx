// A dialog over the desk: keeps the keyboard, closes by Escape, gives the focus back.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { dialog } from "../model";

export function Modal({ title, children, wide = false, closed = close }: { title: string; children: ComponentChildren; wide?: boolean; closed?: (dialog: HTMLDialogElement) => void }) {
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
    <dialog ref={element} class={wide ? "modal wide" : "modal"} aria-labelledby="modal-title" onClose={(event) => closed(event.currentTarget)} data-testid="dialog">
      <h2 id="modal-title">{title}</h2>
      {children}
    </dialog>
  );
}

/** Closes the dialog of the desk. */
export function close(): void {
  dialog.value = undefined;
}
