// The HTTP server under a relay: `node FILE PORT [CERTIFICATE KEY]`, on loopback, by TLS where there is a certificate.

import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";

const [port, certificate, key] = process.argv.slice(2);

export const server = certificate
  ? https.createServer({ cert: readFileSync(certificate), key: readFileSync(key) })
  : http.createServer();

export function listen() {
  server.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 }, () => console.log("listening"));
}
