// Who vouches for a caller's number (STIR/SHAKEN), on the agent's card: calls of a network that signs here what it says.
import assert from "node:assert/strict";
import { randomBytes, randomUUID, sign } from "node:crypto";
import dgram from "node:dgram";
import { readFileSync } from "node:fs";
import path from "node:path";
import { until } from "./house.mjs";

/** The folder with the network's key; without it nobody calls. */
const NUMBERS = process.env.TANDEM_NUMBERS;
const SIP = process.env.TANDEM_SIP;
const CALLED = "+4930900100";

export const VOUCHED = [["the card says who vouches for a caller's number, how far, and what is wrong with a signature", vouched]];

const CASES = [
  { caller: "+49301001", attest: "A", says: "the network vouches for the number (A)" },
  { caller: "+49301002", attest: "B", says: "the network knows the caller, not the number (B)" },
  { caller: "+49301003", attest: "C", says: "the network knows only where the call came in (C)" },
  { caller: "+49301004", attest: "A", age: 120, says: "the number's signature does not hold; it is not of now" },
  { caller: "+49301005", attest: "A", signed: "+49301999", says: "the number's signature does not hold; it is for another call" },
  { caller: "+49301006", attest: "A", spoiled: true, says: "the number's signature does not hold; it was not made with its certificate's key" },
  { caller: "+49301007", says: "the number is not signed" },
];

// What a network says of a call (RFC 8225, RFC 8588).
function identity({ caller, signed = caller, attest, age = 0, spoiled = false }) {
  const url = "https://network.example/net.pem";
  const said = { attest, dest: { tn: [CALLED.slice(1)] }, iat: Math.floor(Date.now() / 1_000) - age, orig: { tn: signed.slice(1) }, origid: randomUUID() };
  const text = [{ alg: "ES256", ppt: "shaken", typ: "passport", x5u: url }, said].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const key = readFileSync(path.join(NUMBERS, "net.key"));
  const made = sign("sha256", Buffer.from(spoiled ? `${text} ` : text), { key, dsaEncoding: "ieee-p1363" });
  return `${text}.${made.toString("base64url")};info=<${url}>;alg=ES256;ppt=shaken`;
}

/** A call of `caller` over UDP that is answered; `key` presses one, `end` hangs up. */
export async function call(given) {
  const socket = dgram.createSocket("udp4");
  await new Promise((done) => socket.bind(0, "127.0.0.1", done));
  const [host, port] = SIP.split(":");
  const here = `127.0.0.1:${socket.address().port}`;
  const [id, tag] = [randomBytes(8).toString("hex"), randomBytes(4).toString("hex")];
  const write = (method, uri, number, to, headers = [], body = "") => {
    const via = `Via: SIP/2.0/UDP ${here};branch=z9hG4bK${number}${method === "ACK" ? "a" : "i"}${id};rport`;
    const lines = [`${method} ${uri} SIP/2.0`, via, "Max-Forwards: 70", `From: <sip:${given.caller}@127.0.0.1>;tag=${tag}`, `To: ${to}`, `Call-ID: ${id}`, `CSeq: ${number} ${method}`, `Contact: <sip:load@${here}>`, ...headers, `Content-Length: ${body.length}`, "", body];
    socket.send(lines.join("\r\n"), Number(port), host);
  };
  const answers = [];
  let peer, to;
  let number = 1;
  socket.on("message", (data) => {
    const text = data.toString();
    const code = Number(/^SIP\/2\.0 (\d+)/.exec(text)?.[1] ?? 0);
    // Whatever is asked within the call is done.
    if (!code) return socket.send(`SIP/2.0 200 OK\r\n${text.split("\r\n").filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line)).join("\r\n")}\r\nContent-Length: 0\r\n\r\n`, Number(port), host);
    answers.push(code);
    if (code !== 200 || !/^CSeq: 1 INVITE/im.test(text)) return;
    [peer, to] = [/^Contact: <([^>]+)>/im.exec(text)[1], /^To: (.+?)\r$/im.exec(text)[1]];
    write("ACK", peer, 1, to);
  });
  const sdp = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 39990 RTP/AVP 0 8\r\n`;
  const signed = given.attest ? [`Identity: ${identity(given)}`] : [];
  write("INVITE", `sip:support@${SIP}`, 1, `<sip:${CALLED}@${SIP}>`, [...signed, "Content-Type: application/sdp"], sdp);
  return {
    async key(key) {
      await until("the call was answered", () => peer);
      const before = answers.length;
      write("INFO", peer, ++number, to, ["Content-Type: application/dtmf-relay"], `Signal=${key}\r\nDuration=160\r\n`);
      await until("the key was heard", () => answers.length > before);
    },
    async end() {
      await until("the call was answered", () => peer);
      const before = answers.length;
      write("BYE", peer, ++number, to);
      await until("the end was answered", () => answers.length > before);
      socket.close();
    },
  };
}

async function vouched(house) {
  if (!NUMBERS || !SIP) return "only with the real server and a network's key";
  const { anna } = house.cast;
  for (const given of CASES) {
    await anna.presence("ready");
    const made = await call(given);
    await anna.offer(given.caller).waitFor();
    await anna.accept(given.caller);
    await anna.show(given.caller);
    assert.equal(await anna.get("card-caller").textContent(), given.says, given.caller);
    await anna.page.locator('[data-testid="call"][data-call="connected"]').waitFor();
    if (given.attest === "B" || given.age) {
      await house.axe(anna.page, "desk, who vouches");
      await house.shot(anna.page, given.age ? "47-vouched-stale" : "47-vouched-partial");
    }
    await made.end();
    await anna.get("wrap-up").waitFor();
    await anna.end();
  }
}
