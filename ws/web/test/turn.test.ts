import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { PATIENCE, Turn } from "../src/cobrowse/turn";

type Hold = () => Promise<void>;

/** What browsers keep of one lock. */
class Locks {
  #held: { end: (why: Error) => void } | undefined;
  #waiting: (() => void)[] = [];

  request = ((_: string, { steal, signal }: { steal?: boolean; signal?: AbortSignal }, hold: Hold) =>
    new Promise<void>((done, failed) => {
      const begin = () => {
        const held = { end: failed };
        this.#held = held;
        void hold().then(() => {
          done();
          if (this.#held !== held) return;
          this.#held = undefined;
          this.#waiting.shift()?.();
        });
      };
      if (steal) {
        this.#held?.end(new Error("stolen"));
        return begin();
      }
      if (!this.#held) return begin();
      this.#waiting.push(begin);
      signal?.addEventListener("abort", () => {
        this.#waiting = this.#waiting.filter((each) => each !== begin);
        failed(new Error("aborted"));
      });
    })) as never;
}

const settled = () => new Promise<void>((done) => setImmediate(done));

test("of two windows the one that was turned to last is shown, and the other once it is closed", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const locks = new Locks();
  const shown = { a: false, b: false };
  const a = new Turn("shop", locks, (mine) => (shown.a = mine));
  const b = new Turn("shop", locks, (mine) => (shown.b = mine));

  a.take(true);
  b.take(false);
  await settled();
  assert.deepEqual(shown, { a: true, b: false });

  b.take(true);
  await settled();
  assert.deepEqual(shown, { a: false, b: true });

  // It may only be on its way to the next page, which takes its turn back.
  b.leave();
  shown.b = false;
  await settled();
  const next = new Turn("shop", locks, (mine) => (shown.b = mine));
  next.take(true);
  await settled();
  mock.timers.tick(PATIENCE);
  assert.deepEqual(shown, { a: false, b: true });

  next.leave();
  shown.b = false;
  await settled();
  mock.timers.tick(PATIENCE);
  assert.deepEqual(shown, { a: true, b: false });
  mock.timers.reset();
});

test("where there are no locks a window is shown when it is looked at", () => {
  const told: boolean[] = [];
  const turn = new Turn("shop", undefined, (mine) => told.push(mine));

  turn.take(false);
  turn.take(true);
  turn.leave();
  turn.take(false);

  assert.deepEqual(told, [true, true]);
});

test("a window that may take no locks is shown, and asks for none again", async () => {
  let asked = 0;
  const refused = { request: () => ((asked += 1), Promise.reject(new DOMException("storage is refused", "SecurityError"))) } as never;
  let shown = false;
  const turn = new Turn("shop", refused, (mine) => (shown = mine));

  turn.take(false);
  await settled();
  turn.leave();
  turn.take(true);
  await settled();

  assert.deepEqual([shown, asked], [true, 1]);
});
