// Dialogs over the desk: what is in them is not wider than they are, in German too.
import assert from "node:assert/strict";

const SIZES = [
  { width: 1280, height: 800 },
  { width: 820, height: 1180 },
  { width: 390, height: 780 },
];

export const DIALOGS = [["in German the dialog about where a call goes holds what is in it, also on a tablet and a telephone", fits]];

async function fits(house) {
  if (!house.mock) return "only with the stand-in hub, which rings by itself";
  await house.cast.anna.presence("away:Short break");
  const desk = await house.console({ locale: "de-DE" });
  await desk.signIn("ben");
  await desk.onDesk();
  await desk.presence("ready");
  house.mock.hub.ringIn("+4930900200");
  await desk.accept("Ada Brandt");
  await desk.get("transfer").click();
  await desk.get("transfer-to").locator('option[value="agent:anna"]').waitFor({ state: "attached" });
  for (const size of SIZES) {
    await desk.page.setViewportSize(size);
    assert.deepEqual(await desk.get("dialog").evaluate(outside), [], `at ${size.width}`);
    await house.axe(desk.page, `where a call goes, in German, at ${size.width}`);
    await house.shot(desk.page, `49-transfer-german-${size.width}`);
  }
  await desk.page.setViewportSize(SIZES[0]);
  await desk.page.keyboard.press("Escape");
  await desk.get("dialog").waitFor({ state: "detached" });
  await desk.get("hang-up").click();
  await desk.get("wrap-up").waitFor();
  await desk.end();
  await desk.presence("away:Kurze Pause");
  await desk.window.close();
}

// What reaches over the room within the dialog's border.
function outside(dialog) {
  const { left, right } = dialog.getBoundingClientRect();
  const { paddingLeft, paddingRight } = getComputedStyle(dialog);
  const [from, to] = [left + parseFloat(paddingLeft), right - parseFloat(paddingRight)];
  const over = [...dialog.querySelectorAll("*:not(option, optgroup)")].map((one) => ({ one, at: one.getBoundingClientRect() })).filter(({ at }) => at.width > 0 && (at.left < from - 1 || at.right > to + 1));
  const wide = dialog.scrollWidth > dialog.clientWidth ? [`${dialog.scrollWidth} in ${dialog.clientWidth}`] : [];
  return [...wide, ...over.map(({ one, at }) => `${one.tagName} ${one.dataset.testid ?? one.className}: ${Math.round(at.left - from)} to ${Math.round(at.right - to)}`)];
}
