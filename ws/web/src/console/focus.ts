// Where the keyboard goes on when what has the focus goes: back to it where it comes back, else to where the work does.
// `data-keeps` says of an element that the focus stays in it: `self` is on the element, `next` on the next stop that is left.

/** Where the keyboard can stand. */
const STOPS = "a[href], button, input, select, textarea, [tabindex='0']";
const FIELDS = "textarea, input:not([type=checkbox], [type=radio], [type=file])";

/** What has, or had, the focus. */
interface Held {
  element: HTMLElement;
  around: HTMLElement[];
  /** The other stops of what keeps the focus, in the order in which they are gone on with. */
  others: HTMLElement[];
}

let held: Held | undefined;
/** What has, or had, the focus in a dialog. */
let inDialog: HTMLElement | undefined;
/** What the focus was put on because nothing better was there: it goes on from it as soon as something is. */
let stopgap: HTMLElement | undefined;

/** Where work goes on, of a page: the first that is there. */
let goesOn: (from: HTMLElement) => (HTMLElement | null)[] = () => [];

/** Keeps the focus in a page, from now on. */
export function keepFocus(root: HTMLElement, places: typeof goesOn): void {
  goesOn = places;
  document.addEventListener("focusin", ({ target }) => target instanceof HTMLElement && note(target));
  // Whoever presses where nothing is leaves it; what goes, or waits for an answer, is not left.
  document.addEventListener("focusout", ({ target, relatedTarget }) => {
    if (relatedTarget) return;
    queueMicrotask(() => {
      if (target === held?.element && isThere(held.element) && document.activeElement === document.body) held = undefined;
    });
  });
  new MutationObserver(follow).observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ["disabled", "hidden", "class", "data-keeps"] });
}

/** A contact was taken here: the keyboard goes on at it, where its button went. */
export function goOnAt(interaction: string, shown: boolean): void {
  const at = document.activeElement;
  if ((at !== document.body && at !== stopgap) || document.querySelector("dialog[open]")) return;
  put((shown ? composer() : null) ?? document.getElementById(`tab-${interaction}`));
}

function note(element: HTMLElement): void {
  if (element === stopgap) return;
  stopgap = undefined;
  if (element.closest("dialog")) return void (inDialog = element.matches("dialog") ? undefined : element);
  const around: HTMLElement[] = [];
  for (let each = element.parentElement; each; each = each.parentElement) around.push(each);
  const stops = [...(element.closest("[data-keeps=next]")?.querySelectorAll<HTMLElement>(STOPS) ?? [])];
  const at = stops.indexOf(element);
  held = { element, around, others: [...stops.slice(at + 1), ...stops.slice(0, Math.max(0, at)).reverse()] };
}

function follow(): void {
  const over = [...document.querySelectorAll<HTMLDialogElement>("dialog[open]")].at(-1);
  if (over) return followIn(over);
  if (!held) return;
  const at = document.activeElement;
  if (at && at !== document.body && at !== held.element && at !== stopgap) return;
  if (held.element.isConnected && held.element.checkVisibility()) {
    // It waits for an answer, or is there again.
    if (at !== held.element && isThere(held.element)) held.element.focus();
    return;
  }
  const next = successor(held);
  if (next !== at) put(next);
}

// In a dialog the dialog itself has it while what had it waits for an answer, or where that is gone.
function followIn(dialog: HTMLDialogElement): void {
  const at = document.activeElement;
  if (at && at !== stopgap && dialog.contains(at) && !at.matches(":disabled")) return;
  if (inDialog && dialog.contains(inDialog) && isThere(inDialog)) return inDialog.focus();
  if (at === dialog) return;
  dialog.tabIndex = -1;
  put(dialog);
}

function put(element: HTMLElement | null | undefined): void {
  if (!element) return;
  if (!element.matches(STOPS)) stopgap = element;
  element.focus();
}

function successor({ element, around, others }: Held): HTMLElement | undefined {
  const keeper = around.find((each) => isThere(each) && each.dataset["keeps"] !== undefined);
  if (keeper?.dataset["keeps"] === "self") return keeper;
  const next = keeper && others.find(isThere);
  if (next) return next;
  return goesOn(element).find((each) => each !== null && isThere(each)) ?? undefined;
}

/** Where it does at the desk. Whoever types goes on typing: what was for one customer is sent to no other, and changes no choice. */
export function atDesk(from: HTMLElement): (HTMLElement | null)[] {
  return [document.getElementById("wrap-up"), from.matches(FIELDS) ? null : composer(), document.getElementById("conversation"), shownTab()];
}

/** Where it does at the board. */
export function atBoard(): (HTMLElement | null)[] {
  return [shownTab(), document.getElementById("main")];
}

function shownTab(): HTMLElement | null {
  return document.querySelector("[role=tab][tabindex='0']");
}

// A key that is pressed once more sends nothing that is half written.
function composer(): HTMLTextAreaElement | null {
  const field = document.querySelector<HTMLTextAreaElement>("textarea#composer");
  return field?.value === "" ? field : null;
}

function isThere(element: HTMLElement): boolean {
  return element.isConnected && !element.matches(":disabled, [inert], [inert] *") && element.checkVisibility();
}
