import assert from "node:assert/strict";
import { test } from "node:test";
import { Later } from "../src/widget/later";
import { parts } from "../src/widget/part";

/** What is loaded at the `at`th try. */
function loadedAt(at: number) {
  const world = { tries: 0, told: [] as string[] };
  const later = new Later(async () => {
    world.tries += 1;
    if (world.tries < at) throw new Error("no network");
    return world.told;
  });
  return { world, later };
}

const settled = () => new Promise(setImmediate);

test("a part that could not be loaded is asked for under another address, and one that could under its own", async () => {
  const asked: string[] = [];
  let network = false;
  const load = parts(async (url) => {
    asked.push(url);
    if (!network) throw new Error("no network");
    return url;
  }, new URL("https://tandem.example/"));

  await assert.rejects(load("widget/chat.js"));
  await assert.rejects(load("widget/chat.js"));
  network = true;
  for (const name of ["widget/chat.js", "widget/chat.js", "widget/share.js"]) await load(name);

  const chat = "https://tandem.example/widget/chat.js";
  assert.deepEqual(asked, [chat, `${chat}?1`, `${chat}?2`, `${chat}?2`, "https://tandem.example/widget/share.js"]);
});

test("what is told to a part that cannot be loaded waits, in order, until it can", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { world, later } = loadedAt(3);

  for (const word of ["asked", "withdrawn"]) later.tell((told) => told.push(word));
  await settled();
  assert.deepEqual([world.tries, later.wanted, world.told], [1, true, []]);
  t.mock.timers.tick(2_000);
  await settled();
  later.tell((told) => told.push("asked again"));
  t.mock.timers.tick(3_999);
  await settled();
  assert.equal(world.tries, 2);
  t.mock.timers.tick(1);
  await settled();

  assert.deepEqual([world.tries, world.told], [3, ["asked", "withdrawn", "asked again"]]);
});

test("what is pressed is done now or not at all, and the next press tries again", async () => {
  const { world, later } = loadedAt(2);
  let lost = 0;
  const press = (word: string) => later.tell((told) => told.push(word), () => (lost += 1));

  press("first");
  await settled();
  assert.deepEqual([lost, later.wanted, world.told], [1, false, []]);
  press("second");
  await settled();

  assert.deepEqual([lost, world.tries, world.told], [1, 2, ["second"]]);
});

test("what a part throws while it is told keeps nothing else from it", async (t) => {
  const { world, later } = loadedAt(1);
  const thrown: unknown[] = [];
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", (error) => thrown.push((error as Error).message));
  t.after(() => {
    process.removeAllListeners("unhandledRejection");
    for (const each of listeners) process.on("unhandledRejection", each);
  });

  later.tell(() => {
    throw new Error("its own fault");
  });
  later.tell((told) => told.push("next"));
  await settled();
  await settled();

  assert.deepEqual([world.tries, world.told, thrown], [1, ["next"], ["its own fault"]]);
});
