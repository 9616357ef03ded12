// A message that a caller left: taken, played and called back, with nowhere to write.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { until } from "./house.mjs";

/** The folder of the phones and the daemon; without it nobody calls. */
const PHONES = process.env.TANDEM_PHONES;
const SIP = process.env.TANDEM_SIP;
const NUMBER = process.env.TANDEM_CALL_NUMBER;
const ONLY = "only with a daemon and phones";

export const VOICEMAIL = [["a message that a caller left is offered, played and called back, and nothing can be written", message]];

// Gives the caller's phone a command (a netstring of JSON).
function command(name, params = "") {
  const config = readFileSync(path.join(PHONES, `baresip-${NUMBER}`, "config"), "utf8");
  const port = Number(/ctrl_tcp_listen 127\.0\.0\.1:(\d+)/.exec(config)[1]);
  const text = JSON.stringify({ command: name, params, token: "t" });
  return new Promise((done, failed) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.write(`${Buffer.byteLength(text)}:${text},`));
    socket.on("error", failed);
    socket.on("data", (data) => /"response"/.test(data.toString()) && (socket.end(), done()));
  });
}

/** The bytes of the recording that is being made. */
function written() {
  const files = readdirSync(path.join(PHONES, "daemon"), { recursive: true }).filter((name) => name.endsWith(".part"));
  return files.reduce((sum, name) => sum + statSync(path.join(PHONES, "daemon", name)).size, 0);
}

async function message(house) {
  if (!PHONES || !SIP) return ONLY;
  const { anna } = house.cast;
  await anna.presence("away:Short break");
  await command("dial", `sip:mailbox@${SIP}`);
  await until("some seconds are recorded", () => written() > 20_000, 30_000);
  await command("hangup");
  await anna.presence("ready");
  const offer = anna.get("offer").filter({ hasText: "Voice message" });
  await offer.waitFor();
  await house.axe(anna.page, "desk, a voice message is offered");
  await house.shot(anna.page, "95-voicemail-offered");
  const interaction = await offer.getAttribute("data-interaction");
  await offer.getByTestId("accept").click();
  await anna.page.locator(`[data-testid="contact"][data-interaction="${interaction}"]`).click();
  await anna.get("voicemail").waitFor();
  assert.equal(await anna.get("composer").count(), 0, "there is a field whose text nobody would read");
  assert.match(await anna.get("card").textContent(), /4930900200/);
  await played(anna);
  await house.axe(anna.page, "desk, a voice message");
  await house.shot(anna.page, "96-voicemail");
  await calledBack(anna);
  await anna.end();
}

async function played(anna) {
  const player = anna.get("player").last();
  await player.getByTestId("player-play").click();
  const sound = (ask) => player.locator("audio").evaluate(ask);
  await until("time passes", async () => (await sound((audio) => audio.currentTime)) > 0.5);
  const duration = await sound((audio) => audio.duration);
  assert.ok(duration > 1 && duration < 60, `it lasts ${duration} s`);
}

async function calledBack(anna) {
  await anna.get("escalate").click();
  assert.equal(await anna.get("number").inputValue(), NUMBER, "the number that called stands there");
  await anna.get("confirm").click();
  await anna.page.locator('[data-testid="call"][data-call="connected"]').waitFor({ timeout: 30_000 });
  await anna.get("hang-up").click();
  await anna.page.locator('[data-testid="call"][data-call="ended"]').waitFor();
  await anna.get("voicemail").waitFor();
}
