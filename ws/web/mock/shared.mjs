// Files in chats, as far as the front ends need them: kept in memory, known by their first bytes.
import { randomBytes } from "node:crypto";

const PNG = Buffer.from("\x89PNG", "latin1");
const kept = new Map();

/** Answers a request for a file; returns false when it is none. */
export async function shareFiles(hub, request, response, url) {
  const [, at, own] = /^\/api\/v1\/(visitors\/interactions|agents\/[^/]+\/contacts|interactions)\/([0-9a-f]{32})\/files/.exec(url.pathname) ?? [];
  if (!at) return false;
  const refuse = (status, detail) => void response.writeHead(status, { "content-type": "application/problem+json" }).end(JSON.stringify({ type: "x", title: "x", status, detail }));
  const id = url.pathname.split("/files/")[1];
  if (request.method === "GET") {
    const bytes = kept.get(id);
    if (!bytes) refuse(404, "there is no such file, or it is not kept any more");
    else response.writeHead(200, { "content-type": "application/octet-stream", "content-disposition": "attachment" }).end(bytes);
    return true;
  }
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const name = decodeURIComponent(request.headers["x-file-name"]).replace(/[<>"]/g, "");
  const kind = bytes.subarray(0, 4).equals(PNG) ? "image/png" : "text/plain";
  if ((kind === "image/png") !== name.endsWith(".png") || !/\.(png|txt)$/.test(name)) {
    refuse(415, `its content is ${kind}, and such a name ends in ${kind === "image/png" ? ".png" : ".txt, .csv, .md"}`);
    return true;
  }
  const file = randomBytes(16).toString("hex");
  kept.set(file, bytes);
  const seq = hub.share(own, at.startsWith("visitors"), url.searchParams.get("mid"), { file, name, kind, bytes: bytes.length });
  response.writeHead(201, { "content-type": "application/json" }).end(JSON.stringify({ interaction: own, mid: url.searchParams.get("mid"), seq }));
  return true;
}
