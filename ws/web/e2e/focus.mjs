// Where the keyboard is after what it pressed is gone.
import { until } from "./house.mjs";
import { at, focused, tabTo } from "./keyboard.mjs";

const run = Date.now().toString(36).slice(-4);
const named = (name) => `${name} ${run}`;

export const FOCUS = [["whoever works by keyboard goes on where the work does when what they pressed is gone", goingOn]];

async function goingOn(house) {
  const { anna } = house.cast;
  await anna.presence("away:Short break");
  const ben = await house.console();
  const { page } = ben;
  const press = async (id) => {
    await until(`${id} can be pressed`, () => ben.get(id).first().isEnabled());
    await tabTo(page, at(id));
    await page.keyboard.press("Enter");
  };
  const isAt = (id, after) => focused(page, "id", id).catch(async () => {
    throw new Error(`after ${after} the focus is not on ${id} but on ${await page.evaluate("document.activeElement.outerHTML.slice(0, 160)")}`);
  });
  await ben.signIn("ben");
  await ben.onDesk();
  if ((await ben.get("presence").inputValue()) === "ready") await ben.presence("away:Lunch");
  await press("go-ready");
  await isAt("conversation", "going ready");

  const kim = await house.visitor();
  await kim.begin("Is it in stock?", named("Kaja"));
  await ben.offer(named("Kaja")).waitFor();
  await press("accept");
  await isAt("composer", "taking it");
  await press("park");
  await ben.get("parked").waitFor();
  await isAt("composer", "parking");
  // What is half written is not sent by a press that was for the button.
  await ben.get("composer").fill("Half a");
  await press("unpark");
  await ben.get("parked").waitFor({ state: "detached" });
  await isAt("conversation", "bringing back");
  await ben.get("composer").fill("");
  await press("end");
  await press("confirm");
  await isAt("wrap-up", "ending");
  await press("finish");
  await ben.tab(named("Kaja")).waitFor({ state: "detached" });
  await isAt("conversation", "finishing");
  await kim.window.close();

  const lea = await house.visitor();
  await lea.begin("Never mind", named("Lova"));
  await ben.offer(named("Lova")).waitFor();
  await press("accept");
  await isAt("composer", "taking another");
  await page.keyboard.type("But there are still some");
  await lea.end();
  await isAt("wrap-up", "the customer's end");
  await page.keyboard.type(" left");
  await press("dismiss-left");
  await ben.get("left-unsent").waitFor({ state: "detached" });
  await isAt("wrap-up", "giving words up");
  await press("finish");
  await ben.tab(named("Lova")).waitFor({ state: "detached" });
  await lea.window.close();

  const mia = await house.visitor();
  await mia.begin("Hello?", named("Mia"));
  await ben.offer(named("Mia")).waitFor();
  await anna.presence("ready");
  await press("decline");
  await isAt("conversation", "declining");
  await ben.presence("away:Lunch");
  await anna.offer(named("Mia")).waitFor();
  await anna.accept(named("Mia"));
  await anna.show(named("Mia"));
  await anna.end();
  await mia.window.close();

  await press("sign-out");
  await focused(page, "name", "agent");
  await ben.window.close();
}
