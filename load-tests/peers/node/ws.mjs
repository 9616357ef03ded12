// A plain relay on `ws`: what a visitor writes reaches the agent it names, and the writer is told. Nothing is kept.

import { WebSocketServer } from "ws";
import { listen, server } from "./listen.mjs";

const agents = new Map();

new WebSocketServer({ server }).on("connection", (socket) => {
  socket.on("error", () => socket.terminate());
  socket.on("message", (bytes) => {
    const frame = JSON.parse(bytes);
    if (frame.hello) {
      if (frame.agent) agents.set(frame.hello, socket);
      socket.send(JSON.stringify({ welcome: frame.hello }));
      return;
    }
    const { to, mid, text } = frame;
    agents.get(to)?.send(JSON.stringify({ mid, text }));
    socket.send(JSON.stringify({ ack: mid }));
  });
});

listen();
