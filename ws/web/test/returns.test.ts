import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { giveBack, giveBackLeft } from "../src/link/returns";
import { install, settle } from "./browser";

/** A server that answers with `answers` in turn, 0 being one that is not reached. */
function server(t: TestContext, ...answers: number[]) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const asked: string[] = [];
  globalThis.fetch = (async (path: string, { method, headers }: { method: string; headers: Record<string, string> }) => {
    asked.push(`${method} ${path} ${headers["authorization"]}`);
    const status = answers.shift();
    if (!status) throw new TypeError("Failed to fetch");
    return { status };
  }) as unknown as typeof fetch;
  return asked;
}

const ASKED = "DELETE /api/v1/login Bearer t1";

test("a sign-in that is given back without a network goes back as soon as there is one", async (t) => {
  const { browser, page } = install();
  const asked = server(t, 0, 503, 204);
  giveBackLeft();

  giveBack({ token: "t1" });
  await settle();
  page.dispatchEvent(new Event("online"));
  await settle();
  t.mock.timers.tick(10_000);
  await settle();
  t.mock.timers.tick(60_000);
  await settle();

  assert.deepEqual(asked, [ASKED, ASKED, ASKED]);
  assert.equal(browser.getItem("tandem.returns"), null);
});

test("it goes back after a reload too, and one that the server does not know any more is not asked for again", async (t) => {
  const { browser } = install();
  browser.setItem("tandem.returns", JSON.stringify(["t1"]));
  const asked = server(t, 401);

  giveBackLeft();
  await settle();
  t.mock.timers.tick(60_000);
  await settle();

  assert.deepEqual(asked, [ASKED]);
  assert.equal(browser.getItem("tandem.returns"), null);
});

test("what stands before the server does not answer for it, and one that is good for nothing any more lies nowhere", async (t) => {
  const { browser, page } = install();
  const until = (exp: number) => `h.${btoa(JSON.stringify({ exp }))}.s`;
  browser.setItem("tandem.returns", JSON.stringify([until(1), "t1"]));
  const asked = server(t, 200, 204);

  giveBackLeft();
  await settle();
  page.dispatchEvent(new Event("online"));
  await settle();

  assert.deepEqual(asked, [ASKED, ASKED]);
  assert.equal(browser.getItem("tandem.returns"), null);
});
