// Filling in and pressing for an agent who was allowed to: as if the visitor did it, so that the page's own code notices.

import { misfit } from "./fits";
import { closest } from "./flat";
import { isSecret } from "./rules";

/** Fills a field in; returns whether it was one that may be filled. */
export function fill(node: Node | null, value: string): boolean {
  // Also within what is disabled as a whole.
  if (!(node instanceof HTMLElement) || node.matches(":disabled") || isSecret(node)) return false;
  if (node instanceof HTMLInputElement) {
    if (node.readOnly || ["submit", "image", "reset", "button"].includes(node.type)) return false;
    if (node.type === "checkbox" || node.type === "radio") {
      if (node.checked !== (value === "true")) node.click();
      return true;
    }
    return !misfit(node.type, node.maxLength, value) && set(node, HTMLInputElement.prototype, value);
  }
  if (node instanceof HTMLTextAreaElement) return !node.readOnly && !misfit(node.type, node.maxLength, value) && set(node, HTMLTextAreaElement.prototype, value);
  if (node instanceof HTMLSelectElement) {
    const option = [...node.options].find((each) => each.value === value || each.text.trim() === value.trim());
    return option !== undefined && set(node, HTMLSelectElement.prototype, option.value);
  }
  return false;
}

// Frameworks put a setter of their own on the element; the prototype's is what typing uses.
function set(field: HTMLElement, prototype: object, value: string): boolean {
  field.focus();
  Object.getOwnPropertyDescriptor(prototype, "value")!.set!.call(field, value);
  field.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true, inputType: "insertReplacementText", data: value }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

/** Presses something; what submits is the visitor's own to press. */
export function press(node: Node | null): boolean {
  const target = node instanceof Element ? closest<HTMLElement>(node, "button, summary, [role='button'], [role='tab'], input[type='button'], a[href]") : null;
  if (!target || target.matches(":disabled")) return false;
  // What stands for a button in a form may be one that has no form of its own.
  const submits = target instanceof HTMLButtonElement && target.type !== "button" && (target.form ?? closest(target, "form")) !== null;
  const leaves = target instanceof HTMLAnchorElement && (target.origin !== location.origin || target.protocol === "javascript:" || target.hasAttribute("download"));
  if (submits || leaves) return false;
  target.click();
  return true;
}
