import assert from "node:assert/strict";
import { test } from "node:test";
import { raise } from "../src/cobrowse/viewer/tops";

/** As much of an element as is shown over others. */
class Top {
  nodeName = "DIALOG";
  isConnected = true;
  open = true;
  popover = true;
  readonly did: string[] = [];
  readonly #style = new Map<string, string>();
  readonly style = {
    getPropertyValue: (name: string) => this.#style.get(name) ?? "",
    getPropertyPriority: () => "",
    setProperty: (name: string, value: string) => void this.#style.set(name, value),
  };

  hasAttribute(): boolean {
    return this.popover;
  }

  matches(): boolean {
    return true;
  }

  close(): void {
    this.did.push(`closed ${this.open}`);
  }

  togglePopover(shown: boolean): void {
    this.did.push(`${shown ? "shown" : "hidden"} ${this.style.getPropertyValue("display")}`);
  }
}

const change = (attributes: object) => ({ type: 3, data: { source: 0, adds: [], attributes: [{ id: 1, attributes }] } });

test("popovers are shown and hidden as told, undrawn meanwhile, so that nothing takes the keyboard", () => {
  const top = new Top();
  const node = () => top as unknown as Node;

  raise({ type: 2, data: { node: { id: 9, attributes: {}, childNodes: [{ id: 1, attributes: { "tandem-popover": "" } }] } } }, node);
  raise(change({ "tandem-popover": null }), node);
  raise(change({ class: "wide" }), node);

  assert.deepEqual(top.did, ["shown none", "hidden none"]);
  assert.equal(top.style.getPropertyValue("display"), "");
  raise(change({ "tandem-popover": null }), () => Object.assign(top, { popover: false }) as unknown as Node);
  assert.equal(top.did.length, 2, "what is no popover any more cannot be hidden as one");
});

test("a dialog that is not open any more is closed, and keeps nothing else from being pointed at", () => {
  const top = Object.assign(new Top(), { open: false });

  raise(change({ open: null }), () => top as unknown as Node);

  assert.deepEqual(top.did, ["closed true"]);
});
