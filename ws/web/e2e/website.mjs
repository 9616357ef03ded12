// A website of its own beside Tandem, as customers of Tandem have one: another origin, a policy of its own with nonces, a style
// sheet and a picture.
import { randomBytes } from "node:crypto";
import http from "node:http";

const DRAWING = `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96"><circle cx="48" cy="48" r="40" fill="teal"/></svg>`;
const SHEET = `body { margin: 0; padding: 48px; font: 17px/1.6 Georgia, serif; color: rgb(20, 40, 60); background: rgb(246, 242, 234) }
h1 { color: rgb(1, 99, 3) } @media (prefers-color-scheme: dark) { body, a { color: rgb(230, 230, 220) } body { background: rgb(24, 30, 36) } h1 { color: rgb(120, 220, 130) } }
.long { height: 2600px }`;

/** What README says that a page's policy must allow, and nothing besides the page's own. */
function policy(nonce, { host, protocol }) {
  const socket = `${protocol === "https:" ? "wss" : "ws"}://${host}`;
  return `default-src 'none'; script-src 'nonce-${nonce}'; connect-src ${protocol}//${host} ${socket}; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors *`;
}

const CHAPTERS = { "/": "Bread of the harbour", "/oven.html": "Our oven", "/long.html": "A long page", "/phone.html": "Call us" };

function html(path, nonce, tandem, tag) {
  const title = CHAPTERS[path];
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
<link rel="stylesheet" href="/bread.css"><link rel="icon" href="/bread.svg"></head><body><main><h1>${title}</h1><img src="/bread.svg" alt="A loaf" width="96" height="96">
<p class="plain">Baked at four, sold at six.</p><p><a href="/oven.html">To the oven</a> <a href="/">To the bread</a></p>${path === "/long.html" ? '<div class="long"></div><p>The end.</p>' : ""}</main>
<script nonce="${nonce}" src="${tandem}/widget.js" async ${tag}></script></body></html>`;
}

/** Serves the website of `address`, whose pages have the widget of `tandem`; `tag` tells what the script tag of a path says. */
export async function website(address, tandem, tag) {
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, address);
    if (pathname === "/bread.css") return response.writeHead(200, { "content-type": "text/css" }).end(SHEET);
    if (pathname === "/bread.svg") return response.writeHead(200, { "content-type": "image/svg+xml" }).end(DRAWING);
    if (!(pathname in CHAPTERS)) return response.writeHead(404).end();
    const nonce = randomBytes(12).toString("base64");
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": policy(nonce, new URL(tandem)) });
    response.end(html(pathname, nonce, tandem, tag(pathname)));
  });
  await new Promise((done) => server.listen(Number(new URL(address).port), "127.0.0.1", done));
  server.unref();
  return { close: () => server.close() };
}
