// What lies over everything else on a page: popovers that are shown, whose attributes say so, and modal dialogs. To show them here
// leaves the keyboard where it is.

import { SHOWN } from "../popovers";

type Json = Record<string, any>;

/** Shows and hides the popovers that an event tells of. */
export function raise({ type, data }: { type: number; data: Json }, node: (id: number) => Node | null): void {
  if (type === 2) return inside(data["node"], node);
  if (type !== 3 || data["source"] !== 0) return;
  for (const { node: come } of data["adds"]) inside(come, node);
  for (const { id, attributes } of data["attributes"]) {
    if (SHOWN in attributes) show(node(id), attributes[SHOWN] !== null);
    if (attributes["open"] === null) close(node(id));
  }
}

function inside(told: Json, node: (id: number) => Node | null): void {
  if (told["attributes"]?.[SHOWN] === "") show(node(told["id"]), true);
  for (const child of told["childNodes"] ?? []) inside(child, node);
}

function show(popover: Node | null, shown: boolean): void {
  if (!popover?.isConnected || !("togglePopover" in popover) || !(popover as HTMLElement).hasAttribute("popover")) return;
  quietly(popover as HTMLElement, () => (popover as HTMLElement).togglePopover(shown));
}

// A dialog that is not open any more would keep all else from being pointed at.
function close(dialog: Node | null): void {
  if (dialog?.nodeName !== "DIALOG" || !(dialog as Element).matches(":modal")) return;
  (dialog as HTMLDialogElement).open = true;
  (dialog as HTMLDialogElement).close();
}

/** Has dialogs that are drawn into a frame take no keyboard. */
export function quiet({ contentWindow }: HTMLIFrameElement): void {
  const dialogs = (contentWindow as (Window & typeof globalThis) | null)?.HTMLDialogElement.prototype;
  if (!dialogs) return;
  for (const how of ["show", "showModal"] as const) {
    const real = dialogs[how];
    dialogs[how] = function (this: HTMLDialogElement) {
      quietly(this, () => real.call(this));
    };
  }
}

// Nothing in what is not drawn takes it.
function quietly({ style }: HTMLElement, run: () => void): void {
  const before: [string, string] = [style.getPropertyValue("display"), style.getPropertyPriority("display")];
  style.setProperty("display", "none", "important");
  try {
    run();
  } finally {
    style.setProperty("display", ...before);
  }
}
