import assert from "node:assert/strict";
import { test } from "node:test";
import { start, type Host } from "../src/cobrowse/share";
import type { Recording } from "../src/cobrowse/recorder";
import type { VisitorAct } from "../src/generated/protocol";
import { install } from "./browser";
import { draw, FakeElement } from "./dom";

install();
draw();
Object.assign(globalThis, { MutationObserver: class { observe(): void {} disconnect(): void {} }, HTMLElement: class {}, HTMLIFrameElement: class {}, window: globalThis });
const body = new FakeElement();
/** Whether something of the page is above all that is shown of the sharing. */
let covered = false;
/** What the sharing stands in, each time that it begins. */
const stands: FakeElement[] = [];
Object.assign(FakeElement.prototype, { attachShadow: () => stands[stands.push(new FakeElement()) - 1], querySelector: () => null, matches: () => false, isConnected: true, style: { setProperty: () => {} }, removeAttribute: () => {}, closest: () => null, getRootNode(this: FakeElement) { return { elementFromPoint: () => (covered ? null : this) }; }, getBoundingClientRect: () => ({}) });
Object.assign(document, { body, documentElement: body, querySelectorAll: () => [], title: "Shop hunter2", hidden: false, activeElement: null, hasFocus: () => true, addEventListener: () => {}, createDocumentFragment: () => new FakeElement() });
Object.defineProperty(globalThis, "location", { value: new URL("https://shop.example/pots/4983"), configurable: true });

/** A page on which `Recorder` records, what is asked for goes to `ask`, and `mask` is what the zone masks at each look. */
const hostOf = (Recorder: unknown, { ask = () => {}, mask = [] }: { ask?: (act: VisitorAct, told?: (error?: string, answer?: string) => void) => void; mask?: string[] } = {}) =>
  ({
    launcher: { lang: "en", texts: {}, root: { host: { isConnected: true }, adoptedStyleSheets: [], querySelector: () => null } },
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

test("when the server takes nothing since nothing is shared, nothing is sent any more and the bar goes", async () => {
  const recorders: { recording: Recording; stopped: boolean }[] = [];
  class Recorder {
    clean = (title: string) => title;
    where = (url: string) => url;
    stream = "s";
    stopped = false;
    constructor(readonly recording: Recording) {
      recorders.push(this);
    }
    stop(): void {
      this.stopped = true;
    }
  }
  let code = "conflict";
  const ask = (act: VisitorAct, told?: (error?: string, answer?: string) => void) => act.do === "part" && told?.("refused", code);
  const share = start(hostOf(Recorder, { ask }));
  share.handle({ is: "state", sharing: { asked: [], by: null, until: null, granted: ["view"], since: 1, page: null, title: null, viewers: [] } });
  await new Promise(setImmediate);
  const bar = stands.at(-1)!.get("cobrowse-bar");
  const [recorder] = recorders;
  const told: (string | undefined)[] = [];
  const send = (stream = "s") => recorder!.recording.send({ do: "part", stream, batch: 1, at: 0, of: 1, fresh: true, text: "[]" }, (_, answer) => void told.push(answer));

  send();
  const begunAnew = [bar.hidden, recorder!.stopped];
  code = "forbidden";
  send("before");
  const ofAnother = [bar.hidden, recorder!.stopped];
  send();

  assert.deepEqual([begunAnew, ofAnother, [bar.hidden, recorder!.stopped], told], [[false, false], [false, false], [true, true], ["conflict", "forbidden"]]);
  share.end();
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

test("while the visitor cannot stop it nothing is recorded, nothing is done on the page, and both are told", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const [asked, scrolled, veils]: [VisitorAct[], string[], string[]] = [[], [], []];
  Object.assign(globalThis, { scrollTo: ({ top }: { top: number }) => scrolled.push(`window ${top}`) });
  class Recorder {
    stream = "f3a9";
    clean = (title: string) => title;
    where = (url: string) => url;
    node = () => null;
    veil = () => void veils.push("veiled");
    stop = () => void veils.push("stopped");
  }
  const share = start(hostOf(Recorder, { ask: (act: VisitorAct) => void asked.push(act) }));
  const bar = () => stands.at(-1)!.get("cobrowse-bar").textContent;
  share.handle({ is: "state", sharing: { asked: [], by: null, until: null, granted: ["view", "point", "control"], since: 1, page: null, title: null, viewers: [{ agent: "anna", name: "Anna" }] } });
  await new Promise(setImmediate);
  const seen = bar();
  const done = () => {
    for (const guide of [{ how: "scroll", x: 0, y: 300, node: null }, { how: "press", node: 51, label: "More" }] as const) share.handle({ is: "guide", by: "Anna", stream: "f3a9", guide });
    return [scrolled.splice(0), asked.splice(0)];
  };
  asked.length = 0;

  covered = true;
  t.mock.timers.tick(1_500);
  const veiled = [bar(), ...veils.splice(0), done()];
  covered = false;
  t.mock.timers.tick(1_500);
  await new Promise(setImmediate);
  const again = [bar(), ...veils.splice(0), done()];
  share.end();

  const undone = { do: "undone", label: "More" };
  assert.deepEqual(veiled, ["Nothing is shown while this bar cannot be pressed" + seen!.slice(seen!.indexOf("can see this page") + 17), "veiled", [[], [undone]]]);
  assert.deepEqual(again, [seen, "stopped", [["window 300"], [{ do: "page", url: "https://shop.example/pots/4983", title: "Shop hunter2" }, undone]]]);
});
