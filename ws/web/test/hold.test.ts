import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Hold } from "../src/cobrowse/hold";

/** A page of one layer above it: what was put there last is found there. */
class Place {
  isConnected = true;
  inert = false;
  parentNode: unknown = null;
  popover = "manual";
  shows = 0;
  top: unknown = this;
  open = false;
  shown = () => {};
  append(child: Place): void {
    child.parentNode = this;
  }
  removeAttribute(): void {}
  matches = () => this.open;
  showPopover(): void {
    this.open = true;
    this.shows += 1;
    this.top = this;
    this.shown();
  }
  hidePopover(): void {
    this.open = false;
  }
  getRootNode = () => ({ elementFromPoint: () => this.top });
}

const page = new EventTarget();
const globals = {
  document: { hidden: false, body: new Place(), documentElement: new Place(), querySelectorAll: () => [] },
  addEventListener: page.addEventListener.bind(page),
  removeEventListener: page.removeEventListener.bind(page),
  MutationObserver: class { observe(): void {} disconnect(): void {} },
};
for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });

/** What is held in it, whether it is reached as was told last, and a clock that only the test moves. */
function held(t: TestContext) {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const world = { stand: new Place(), reached: true, lost: 0, now: 0, wait: (seconds: number) => { for (let n = 0; n < seconds * 2; n++) { world.now += 500; t.mock.timers.tick(500); } } };
  t.mock.method(performance, "now", () => world.now);
  const part = { getBoundingClientRect: () => ({ left: 0, top: 0, width: 10, height: 10 }) } as Element;
  const hold = new Hold({ stand: world.stand as unknown as HTMLElement, beside: new Place() as unknown as Element, parts: () => [part], told: (reached) => (world.reached = reached), lost: () => (world.lost += 1), tick: () => {} });
  t.after(() => hold.end());
  hold.begin();
  return world;
}

test("a page that puts itself above what is held whenever that is stood above it is let have its way, and nothing is shown until it has rested", (t) => {
  const world = held(t);
  const { stand } = world;
  let fights = true;
  const covers = () => {
    if (!fights || stand.shows > 1_000) return;
    queued += 1;
  };
  // As browsers do: what was opened is told of afterwards, once.
  let queued = 0;
  stand.shown = covers;
  const settle = () => {
    for (; queued > 0; queued--) {
      stand.top = "the page's";
      page.dispatchEvent(new Event("toggle"));
    }
  };

  stand.top = "the page's";
  page.dispatchEvent(new Event("toggle"));
  settle();

  assert.ok(stand.shows < 40, `it was stood anew ${stand.shows} times`);
  assert.equal(world.reached, false);
  const before = stand.shows;
  for (let n = 0; n < 60; n++) {
    world.wait(1);
    settle();
    assert.equal(world.reached, false);
  }
  assert.ok(stand.shows - before <= 6, `it was stood anew ${stand.shows - before} times in a minute`);

  fights = false;
  world.wait(30);

  assert.deepEqual([world.reached, world.lost], [true, 0]);
  stand.top = "another of the page's";
  page.dispatchEvent(new Event("toggle"));
  assert.deepEqual([stand.top === stand, world.reached], [true, true], "as before");
});

test("what nothing can be stood above is not fought, and what is held is reached as soon as it is gone", (t) => {
  const world = held(t);
  const { stand } = world;
  const film = () => (stand.top = "a film");
  stand.shown = film;
  film();

  world.wait(2);

  assert.equal(world.reached, false);
  const before = stand.shows;
  world.wait(60);
  assert.ok(stand.shows - before <= 4 * 12, `it was stood anew ${stand.shows - before} times in a minute`);
  stand.shown = () => {};
  page.dispatchEvent(new Event("fullscreenchange"));
  assert.deepEqual([stand.top === stand, world.reached], [true, true]);
});

test("a page that opens one thing after the other has what is held above each of them", (t) => {
  const world = held(t);

  for (let n = 0; n < 100; n++) {
    world.stand.top = `thing ${n}`;
    page.dispatchEvent(new Event("toggle"));
    assert.deepEqual([world.stand.top === world.stand, world.reached], [true, true]);
    world.wait(1);
  }
});

test("a page that hides what is held whenever it is shown has nothing shown after a while", (t) => {
  const world = held(t);
  const { stand } = world;
  const told: boolean[] = [];

  for (let n = 0; n < 60; n++) {
    stand.hidePopover();
    world.wait(0.5);
    told.push(world.reached);
  }

  assert.deepEqual([told[0], told.slice(25).includes(true)], [true, false]);
  assert.ok(stand.shows < 30, `it was shown ${stand.shows} times`);
});
