// A supervisor who reads along from the board.
import { until } from "./house.mjs";
import { served } from "./console.mjs";

export const WATCH = [["a supervisor reads a contact along from the board, as it goes on", along]];

async function along(house) {
  const { anna } = house.cast;
  const zed = await served(house, "Zed", "Is the kiln on?");
  const sam = await house.board();
  await sam.signIn("sam");
  const held = sam.get("watch-held").filter({ hasText: "Zed" });
  await sam.get("tiles").waitFor();
  await held.waitFor();
  await held.focus();
  await sam.page.keyboard.press("Enter");
  await sam.get("watch").getByText("Is the kiln on?").waitFor();
  await anna.write("It is, until six");
  await sam.get("watch").getByText("It is, until six").waitFor();
  await zed.write("<b>Thank you</b>");
  await sam.get("watch").getByText("<b>Thank you</b>").waitFor();
  await house.axe(sam.page, "board, reading along");
  await house.shot(sam.page, "73-board-watch");
  await sam.page.setViewportSize({ width: 390, height: 780 });
  await sam.page.emulateMedia({ colorScheme: "dark" });
  await house.shot(sam.page, "73-board-watch-phone");
  await anna.end();
  await sam.get("watch").getByText("This contact is over.").waitFor();
  await sam.page.keyboard.press("Escape");
  await until("the dialog is gone", async () => (await sam.get("watch").count()) === 0);
  await sam.window.close();
  await zed.window.close();
}
