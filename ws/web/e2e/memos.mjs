// What staff write to each other, from console and board.
import assert from "node:assert/strict";
import { until } from "./house.mjs";
import { press } from "./keyboard.mjs";

export const MEMOS = [["agents and supervisors write to each other and to groups, and nobody who is away loses any", written]];

// Whatever is written, it is read on a telephone, and the whole of the pane is reached.
async function onPhone(house, sam) {
  const before = sam.page.viewportSize();
  for (const text of ["Donaudampfschifffahrtsgesellschaft".repeat(4), "One line after the other\n".repeat(9)]) {
    await sam.get("memo-to").selectOption("supervisors");
    await sam.get("memo-text").fill(text);
    await press(sam.page, "memo-send");
    await until("it is sent", async () => (await sam.get("memo-text").inputValue()) === "");
  }
  for (const [width, height] of [[390, 780], [390, 480], [320, 568]]) {
    await sam.page.setViewportSize({ width, height });
    await house.shot(sam.page, `82-board-memos-${width}-${height}`);
    const pane = sam.get("memo-pane");
    const { x, y, width: wide, height: high } = await pane.boundingBox();
    assert.ok(x >= 0 && y >= 0 && x + wide <= width && y + high <= height, `at ${width} by ${height} the pane is ${wide} by ${high} at ${x}, ${y}`);
    assert.deepEqual(await pane.evaluate((all) => [...all.querySelectorAll("*"), all].filter((each) => !each.matches(".hush") && each.clientWidth && each.scrollWidth > each.clientWidth + 1).map(({ className, tagName }) => `${tagName}.${className}`)), [], `at ${width}`);
    const list = await pane.locator(".memo-list").boundingBox();
    assert.ok(list.height >= 70, `at ${width} by ${height} there is room for ${list.height} of what was written`);
    // Without scrolling, but where a keyboard takes half of the screen.
    if (height < 500) await sam.get("memo-send").scrollIntoViewIfNeeded();
    const send = await sam.get("memo-send").boundingBox();
    assert.ok(send.y + send.height <= y + high, `at ${width} by ${height} the button is at ${send.y} of ${y + high}`);
  }
  await house.axe(sam.page, "board, memos, phone");
  await sam.page.setViewportSize(before);
}

async function written(house) {
  if (house.mock) return "only with the real server";
  const { anna } = house.cast;
  const sam = await house.board();
  await sam.signIn("sam");
  await sam.get("tiles").waitFor();
  await press(sam.page, "memos");
  await sam.get("memo-pane").waitFor();
  await sam.get("memo-to").selectOption("queue:support");
  await sam.get("memo-text").fill("The kiln is off until two <b>today</b>");
  await press(sam.page, "memo-send");
  await sam.get("memo").filter({ hasText: "off until two <b>today</b>" }).waitFor();
  await until("anna has one unread", async () => (await anna.get("memos").getAttribute("data-unread")) === "1");
  await house.shot(anna.page, "80-console-memo-unread");
  await anna.get("memos").click();
  await anna.get("memo").filter({ hasText: "off until two" }).waitFor();
  await until("it is read", async () => (await anna.get("memos").getAttribute("data-unread")) === "0");
  await anna.get("memo-reply").last().focus();
  await anna.page.keyboard.press("Enter");
  await anna.page.keyboard.type("Thank you, boss");
  await anna.get("memo-send").click();
  await anna.get("memo").filter({ hasText: "Thank you, boss" }).waitFor();
  await house.axe(anna.page, "console, memos");
  await house.shot(anna.page, "81-console-memos");
  await sam.get("memo").filter({ hasText: "Thank you, boss" }).waitFor();
  await house.axe(sam.page, "board, memos");
  await house.shot(sam.page, "82-board-memos");
  await onPhone(house, sam);
  await anna.page.keyboard.press("Escape");
  // Ben was not there; it waits for him.
  const ben = await house.console({ locale: "de-DE", colorScheme: "dark", viewport: { width: 820, height: 1100 } });
  await ben.signIn("ben");
  await ben.onDesk();
  assert.equal(await ben.get("memos").getAttribute("data-unread"), "1");
  // Where the names of buttons are for screen readers only, how many there are is for all.
  for (const width of [820, 480]) {
    await ben.page.setViewportSize({ width, height: 900 });
    const unread = ben.get("memos").locator(".memo-unread");
    const { width: wide, height: high } = await unread.boundingBox();
    assert.deepEqual([await unread.textContent(), wide > 8, high > 8], ["1", true, true], `at ${width} it is ${wide} by ${high}`);
    await house.shot(ben.page, `83-console-memo-unread-${width}`);
  }
  await ben.page.setViewportSize({ width: 820, height: 1100 });
  await ben.get("memos").click();
  await ben.get("memo").filter({ hasText: "off until two" }).waitFor();
  assert.equal(await ben.get("memo").filter({ hasText: "Thank you" }).count(), 0, "what is between two is theirs");
  await house.axe(ben.page, "console, memos, German, dark, tablet");
  await house.shot(ben.page, "83-console-memos-dark-de");
  await ben.window.close();
  await sam.window.close();
}
