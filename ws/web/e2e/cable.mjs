// The network between a browser and the server, as an HTTP proxy on loopback that can be cut and mended.
import http from "node:http";
import net from "node:net";

/** Lays a cable; a browser uses it as its proxy. */
export async function lay() {
  const ends = new Set();
  let cut = false;
  const keep = (socket) => {
    ends.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => ends.delete(socket));
    return socket;
  };
  const server = http.createServer((request, response) => {
    const url = new URL(request.url);
    const onward = http.request({ host: url.hostname, port: url.port || 80, method: request.method, path: url.pathname + url.search, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    // Who leaves while an answer goes on is gone for the server, too.
    response.on("close", () => response.writableFinished || onward.destroy());
    request.pipe(onward);
  });
  server.on("connection", (socket) => (cut ? socket.destroy() : keep(socket)));
  server.on("connect", (request, socket, head) => {
    const [host, port] = request.url.split(":");
    const onward = keep(net.connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    }));
    onward.on("close", () => socket.destroy());
    socket.on("close", () => onward.destroy());
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    server: `http://127.0.0.1:${server.address().port}`,
    get broken() {
      return cut;
    },
    cut() {
      cut = true;
      for (const end of ends) end.destroy();
    },
    /** Nothing passes any more, and nobody is told. */
    freeze() {
      cut = true;
      for (const end of ends) end.unpipe().resume();
    },
    mend() {
      cut = false;
    },
    close() {
      for (const end of ends) end.destroy();
      server.close();
    },
  };
}
