// The front ends against a running server: prints a line a check, exits non-zero when one failed.
//
//   TANDEM_URL=http://127.0.0.1:8080 TANDEM_PASSWORD=… ARTIFACTS=/tmp/shots node e2e/run.mjs [WORD]
//
// Without TANDEM_URL it runs against mock/. With WORD, a regular expression, only checks whose name it matches run, besides those that set
// the scene; with ACT, only those of that act; with KEEP_GOING=1 those after a failed one run too. TANDEM_CALL=answered demands that calls connect; TANDEM_CALL_NUMBER is the number they go to.
// TANDEM_AIR=HOST:PORT>FRONT has the voice of browsers relayed from the same port of FRONT, where the server says it is.
import { mkdirSync } from "node:fs";
import { air } from "./air.mjs";
import { ACTS, SCENE } from "./checks.mjs";
import { House } from "./house.mjs";

const { ACT: act } = process.env;
const word = process.argv[2] ?? "";
const artifacts = process.env.ARTIFACTS;
if (artifacts) mkdirSync(artifacts, { recursive: true });

const mock = process.env.TANDEM_URL ? undefined : await (await import("../mock/server.mjs")).serve();
const house = await House.open({ url: process.env.TANDEM_URL ?? mock.url, password: process.env.TANDEM_PASSWORD ?? "mock", artifacts });
house.cast = {};
if (process.env.TANDEM_AIR) house.air = await air(...process.env.TANDEM_AIR.split(">"));
house.mock = mock;

let failed = 0;
let ran = 0;
const checks = [...SCENE, ...(act ? ACTS[act] : Object.values(ACTS).flat())];
for (const [at, [name, check]] of checks.entries()) {
  // Whoever chooses checks means those of a desk with a chat.
  if (at > SCENE.length && !new RegExp(word).test(name)) continue;
  ran += 1;
  const began = Date.now();
  try {
    const said = await check(house);
    const faults = house.faults.splice(0);
    if (faults.length) throw new Error(faults.join("\n"));
    console.log(`${said?.startsWith("only with") ? "skipped" : "ok     "} ${name}${said ? `: ${said}` : ""} (${Date.now() - began} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n        ${String(error.stack ?? error).replaceAll("\n", "\n        ")}`);
    for (const told of await house.left(`failed-${at + 1}`)) console.log(`        ${told}`);
    // The checks after it rest on what this one should have left.
    if (!process.env.KEEP_GOING) break;
  }
}
await house.close();
house.air?.close();
mock?.close();
console.log(failed ? `${failed} of ${ran} checks failed` : `all ${ran} checks went well`);
process.exit(failed ? 1 : 0);
