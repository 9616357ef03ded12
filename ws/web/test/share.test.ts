import assert from "node:assert/strict";
import { test } from "node:test";
import { start, type Host } from "../src/cobrowse/share";
import type { VisitorAct } from "../src/generated/protocol";
import { install } from "./browser";
import { draw, FakeElement } from "./dom";

install();
draw();
Object.assign(globalThis, { MutationObserver: class { observe(): void {} disconnect(): void {} }, HTMLElement: class {}, HTMLIFrameElement: class {}, window: globalThis });
const body = new FakeElement();
Object.assign(FakeElement.prototype, { attachShadow: () => new FakeElement(), querySelector: () => null, isConnected: true, removeAttribute: () => {}, closest: () => null, getRootNode(this: FakeElement) { return { elementFromPoint: () => this }; }, getBoundingClientRect: () => ({}) });
Object.assign(document, { body, title: "Shop hunter2", hidden: false, activeElement: null, hasFocus: () => true, addEventListener: () => {}, createDocumentFragment: () => new FakeElement() });
Object.defineProperty(globalThis, "location", { value: new URL("https://shop.example/pots/4983"), configurable: true });

/** A page on which `Recorder` records, what is asked for goes to `ask`, and `mask` is what the zone masks at each look. */
const hostOf = (Recorder: unknown, { ask = () => {}, mask = [] }: { ask?: (act: VisitorAct) => void; mask?: string[] } = {}) =>
  ({
    launcher: { lang: "en", texts: {}, root: { host: { isConnected: true } } },
    key: "shop",
    zone: async () => ({ cobrowse: { mask: [...mask], block: [], reveal: [] }, origins: [] }),
    recorder: async () => ({ Recorder }),
    ask,
  }) as unknown as Host;

test("where a page is is told with its title as the recorder covers it, from the first time on", async () => {
  const asked: VisitorAct[] = [];
  class Recorder {
    clean = (title: string) => title.replace("hunter2", "•••••••");
    where = (url: string) => url.replace("4983", "••••");
    stop(): void {}
  }
  const share = start(hostOf(Recorder, { ask: (act: VisitorAct) => void asked.push(act) }));

  share.handle({ is: "state", sharing: { asked: [], by: null, until: null, granted: ["view"], since: 1, page: null, title: null, viewers: [] } });
  await new Promise(setImmediate);

  share.end();

  assert.deepEqual(asked, [{ do: "page", url: "https://shop.example/pots/••••", title: "Shop •••••••" }]);
});

test("what is remembered of fields outlives a change of tabs, until the website has other rules", async () => {
  const ruled: unknown[] = [];
  class Recorder {
    clean = (title: string) => title;
    where = (url: string) => url;
    constructor({ rules }: { rules: unknown }) {
      ruled.push(rules);
    }
    stop(): void {}
  }
  const mask: string[] = [];
  const share = start(hostOf(Recorder, { mask }));
  const shared = async () => {
    share.handle({ is: "state", sharing: { asked: [], by: null, until: null, granted: ["view"], since: 1, page: null, title: null, viewers: [] } });
    await new Promise(setImmediate);
    share.lost();
    share.back();
  };

  await shared();
  await shared();
  mask.push(".mine");
  await shared();
  share.end();

  assert.deepEqual([ruled.length, ruled[0] === ruled[1], ruled[1] === ruled[2]], [3, true, false]);
});

test("a part that scrolls by itself is scrolled where the agent means it, the window where it is meant, and nothing where it is gone", async () => {
  const scrolled: string[] = [];
  class Part extends FakeElement {
    scrollTo({ top }: { top: number }): void {
      scrolled.push(`part ${top}`);
    }
  }
  Object.assign(globalThis, { Element: Part, ShadowRoot: class {}, scrollTo: ({ top }: { top: number }) => scrolled.push(`window ${top}`) });
  class Recorder {
    stream = "f3a9";
    clean = (title: string) => title;
    where = (url: string) => url;
    node = (id: number) => (id === 51 ? new Part() : null);
    stop(): void {}
  }
  const share = start(hostOf(Recorder));
  share.handle({ is: "state", sharing: { asked: [], by: null, until: null, granted: ["view", "point"], since: 1, page: null, title: null, viewers: [] } });
  await new Promise(setImmediate);

  for (const [node, y] of [[51, 300], [null, 900], [52, 100]] as const) share.handle({ is: "guide", by: "Anna", stream: "f3a9", guide: { how: "scroll", x: 0, y, node } });
  share.end();

  assert.deepEqual(scrolled, ["part 300", "window 900"]);
});
