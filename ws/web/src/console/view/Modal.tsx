// A dialog over the desk.

import type { ComponentChildren } from "preact";
import { Modal as Over } from "../../signing/Modal";
import { dialog } from "../model";

export function Modal({ closed = close, ...rest }: { title: string; children: ComponentChildren; wide?: boolean; closed?: (dialog: HTMLDialogElement) => void }) {
  return <Over id="modal-title" closed={closed} {...rest} />;
}

/** Closes the dialog of the desk. */
export function close(): void {
  dialog.value = undefined;
}
