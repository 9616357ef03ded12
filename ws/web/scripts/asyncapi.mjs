// Holds the AsyncAPI document of a running daemon against AsyncAPI's own schema, and every frame in PROTOCOL.md against the
// document.
//
//   node scripts/asyncapi.mjs DOCUMENT.json PROTOCOL.md

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import Ajv from "ajv";

const require = createRequire(import.meta.url);
const [documentPath, protocolPath] = process.argv.slice(2);
const document = JSON.parse(readFileSync(documentPath, "utf8"));
const wrong = [];

const judge = new Ajv.default({ strict: false, validateFormats: false, allErrors: true });
const specification = require("@asyncapi/specs/schemas/3.0.0-without-$id.json");
if (!judge.validate(specification, document)) {
  for (const error of judge.errors.slice(0, 10)) wrong.push(`the document at ${error.instancePath}: ${error.message}`);
}

// One judge for each message; its references lead into the document.
const frames = new Ajv.default({ strict: false, validateFormats: false });
frames.addSchema({ $id: "document", ...document });
const judges = new Map(
  Object.entries(document.components.messages).map(([name, message]) => {
    const payload = JSON.parse(JSON.stringify(message.payload).replaceAll('"#/', '"document#/'));
    return [name, frames.compile(payload)];
  }),
);

/** Returns the messages of a side that a frame is. */
function fits(side, way, frame) {
  const asked = (name) => way === "asks" && document.operations[name]?.action === "receive";
  const told = (name) => way === "told" && document.operations[name]?.action !== "receive";
  const names = [...judges.keys()].filter((name) => name.startsWith(`${side}_`) && (asked(name) || told(name)));
  return names.filter((name) => judges.get(name)(frame));
}

let seen = 0;
const blocks = readFileSync(protocolPath, "utf8").matchAll(/^```json (visitor|agent) (asks|told)\n([\s\S]*?)^```/gm);
for (const [, side, way, text] of blocks) {
  for (const line of text.split("\n").filter((line) => line.startsWith("{"))) {
    const frame = JSON.parse(line);
    seen += 1;
    const found = fits(side, way, frame);
    if (found.length !== 1) wrong.push(`${side} ${way}, ${found.length} messages fit: ${line}`);
    const broken = "op" in frame ? { ...frame, op: "nothing" } : "push" in frame ? { ...frame, push: "nothing" } : { ...frame, re: "x" };
    if (fits(side, way, broken).length > 0) wrong.push(`${side} ${way}, broken and taken all the same: ${JSON.stringify(broken)}`);
  }
}
if (seen < 100) wrong.push(`only ${seen} frames were found in ${protocolPath}`);

for (const one of wrong) console.log(one);
console.log(`${seen} frames, ${judges.size} messages, ${wrong.length} wrong`);
process.exit(wrong.length > 0 ? 1 : 0);
