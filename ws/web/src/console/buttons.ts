// Each button has a node of its own.

import { options } from "preact";

/** Sees to it: drawn in the node of another that went, a button would have its focus, and take the second press that was for the other. */
export function ownNodes(): void {
  const before = options.vnode;
  options.vnode = (vnode) => {
    const name = (vnode.props as { "data-testid"?: string })["data-testid"];
    if (vnode.type === "button" && name !== undefined) vnode.key ??= name;
    before?.(vnode);
  };
}
