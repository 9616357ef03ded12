// Serves dist/ and a stand-in hub: node mock/server.mjs [PORT]. Signs in any agent below with the password "mock".
import { randomBytes } from "node:crypto";
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { WebSocketServer } from "ws";
import { answerApi } from "./api.mjs";
import { Hub } from "./hub.mjs";
import { shareFiles } from "./shared.mjs";

const DIST = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../dist");
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const ZONE = { zone: "shop", title: "Juniper & Rye", greeting: "Hello! Ask us anything about our goods, your order, or the weather in the workshop.", chat: true, call: true, callback: true, mail: true, revise: 900, open: true, closes_at: Date.now() + 3_600_000, files: { largest: 10_000_000, types: ["image/png", "text/plain"] } };

/** Starts the server on loopback; port 0 picks a free one. */
export async function serve(port = 0) {
  const hub = new Hub();
  hub.addAgent("anna", "Anna");
  hub.addAgent("ben", "Ben");
  hub.addAgent("sam", "Sam", true);
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => (offered.has("tandem.v1") ? "tandem.v1" : false) });
  const server = http.createServer((request, response) => void answer(hub, sockets, request, response));
  server.on("upgrade", (request, socket, head) => {
    const side = { "/ws/visitor": "visitor", "/ws/agent": "agent" }[request.url];
    if (!side) return socket.destroy();
    sockets.handleUpgrade(request, socket, head, (ws) => listen(hub, side, ws));
  });
  const pings = setInterval(() => hub.ping(), 25_000);
  await new Promise((done) => server.listen(port, "127.0.0.1", done));
  const close = () => {
    clearInterval(pings);
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, hub, close };
}

function listen(hub, side, ws) {
  ws.on("message", (text) => {
    const { id, ...frame } = JSON.parse(text);
    try {
      ws.send(JSON.stringify({ re: id, ok: hub[side](ws, frame) }));
    } catch (error) {
      if (!error.code) throw error;
      ws.send(JSON.stringify({ re: id, error: { code: error.code, text: error.message } }));
    }
  });
  ws.on("close", () => hub.closed(ws));
}

async function answer(hub, sockets, request, response) {
  const url = new URL(request.url, "http://mock");
  const json = (status, body) => {
    response.writeHead(status, { "content-type": status < 400 ? "application/json" : "application/problem+json" });
    response.end(body === undefined ? "" : JSON.stringify(body));
  };
  const route = `${request.method} ${url.pathname}`;
  if (route === "POST /api/v1/visitors") return json(201, hub.newVisitor());
  if (route === "POST /api/v1/visitors/transcripts") return json(202);
  if (route === "GET /api/v1/zones/shop") return json(200, ZONE);
  if (route === "DELETE /api/v1/login") return json(200, {});
  if (route === "POST /api/v1/login") {
    const { agent, password } = JSON.parse(await body(request));
    const right = hub.agents.has(agent) && password === (process.env.TANDEM_PASSWORD ?? "mock");
    return right ? json(200, hub.login(agent)) : json(401, { type: "about:blank", title: "Not signed in", status: 401, detail: "This name and password do not belong together." });
  }
  if (await shareFiles(hub, request, response, url)) return;
  if (url.pathname.startsWith("/api/v1/")) {
    const text = await body(request);
    const told = answerApi(hub, request.method, url, text ? JSON.parse(text) : undefined);
    if (told) return json(...told);
  }
  if (route === "POST /mock/ring") return json(200, { interaction: hub.ringIn(url.searchParams.get("number") ?? "+49301234567") });
  if (route === "POST /mock/fill") return hub.fill(url.searchParams.get("id"), Number(url.searchParams.get("count"))), json(200, {});
  if (request.method === "GET") return file(url.pathname, response);
  return json(404, { type: "about:blank", title: "Not found", status: 404, detail: "There is no such page." });
}

function file(pathname, response) {
  const asked = path.join(DIST, pathname.endsWith("/") ? `${pathname}index.html` : pathname);
  if (!asked.startsWith(DIST) || !existsSync(asked) || statSync(asked).isDirectory()) {
    response.writeHead(404).end();
    return;
  }
  const type = TYPES[path.extname(asked)] ?? "application/octet-stream";
  if (pathname === "/widget.js") {
    response.writeHead(200, { "content-type": type });
    response.end(readFileSync(asked, "utf8").replaceAll("__LANGS__", "{}"));
    return;
  }
  if (!asked.endsWith(".html")) {
    response.writeHead(200, { "content-type": type });
    createReadStream(asked).pipe(response);
    return;
  }
  // The strictest policy the real server sends: a nonce for the shop's scripts, nothing inline anywhere.
  const nonce = randomBytes(16).toString("base64");
  const policy = pathname.startsWith("/demo/")
    ? `default-src 'none'; script-src 'nonce-${nonce}' 'strict-dynamic'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'`
    : "default-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
  response.writeHead(200, { "content-type": type, "content-security-policy": policy });
  response.end(readFileSync(asked, "utf8").replaceAll("__CSP_NONCE__", nonce));
}

async function body(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { url } = await serve(Number(process.argv[2] ?? 8090));
  console.log(`${url}/demo/, ${url}/console/ (agents anna and ben) and ${url}/board/ (sam, password "mock")`);
}
