// Limits on calls that leave the house, as a supervisor's board shows them.
import assert from "node:assert/strict";
import { served } from "./console.mjs";
import { until } from "./house.mjs";
import { boss } from "./watch.mjs";

export const TOLLS = [["a limit on calls that leave the house shows on the board when it is reached, and what it refused", tolls]];

// One call within an hour may go there, none at all there; the numbers are nobody's.
const ONCE = "+49309009970";
const NEVER = "+882";

async function tolls(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const sam = await boss(house);
  const uri = await served(house, "Uri", "Can you call my office?");
  const told = (limit) => sam.get("tolls").locator(`[data-limit="prefix"]`, { hasText: limit });
  assert.equal(await told(ONCE).count(), 0, "a limit that is far away is not shown");

  await calls(anna, `${ONCE}1`);
  await anna.page.locator('[data-testid="call"][data-call="failed"]').waitFor();
  await told(ONCE).getByText("1 of 1 within the hour").waitFor();
  await told(ONCE).getByText(/room again at \d/).waitFor();
  assert.equal(await told(ONCE).getAttribute("data-reached"), "true");
  assert.equal(await told(ONCE).getByText(/refused/).count(), 0);

  for (const [number, limit] of [[`${ONCE}2`, ONCE], [`${NEVER}9701`, NEVER]]) {
    await calls(anna, number);
    const notice = anna.page.locator('[data-testid="notices"] [role="alert"], [data-testid="notice"]').first();
    await notice.waitFor();
    await told(limit).getByText("1 refused within the hour").waitFor();
    await notice.getByRole("button").click();
    await anna.page.keyboard.press("Escape");
  }
  await told(NEVER).getByText("never allowed").waitFor();
  await house.axe(sam.page, "board, limits");
  await house.shot(sam.page, "77-board-limits");
  await sam.page.setViewportSize({ width: 390, height: 780 });
  const wide = await until("the board is drawn", () => sam.page.evaluate(() => document.documentElement.scrollWidth));
  assert.ok(wide <= 390, `on a telephone it is ${wide} wide`);
  await house.shot(sam.page, "77-board-limits-phone");
  await sam.page.setViewportSize({ width: 1280, height: 800 });
  await sam.reload();
  await told(ONCE).getByText("1 refused within the hour").waitFor();
  await anna.end();
  await uri.window.close();
}

async function calls(anna, number) {
  await anna.get("escalate").click();
  await anna.get("number").fill(number);
  await anna.get("confirm").click();
}
