// A plain relay on socket.io, by WebSocket only: an agent is a room, and the writer is told by the acknowledgement. Nothing is kept.

import { Server } from "socket.io";
import { listen, server } from "./listen.mjs";

const io = new Server(server, { transports: ["websocket"], serveClient: false });

io.on("connection", (socket) => {
  socket.on("hello", ({ hello, agent }, told) => {
    if (agent) socket.join(hello);
    told({ welcome: hello });
  });
  socket.on("message", ({ to, mid, text }, told) => {
    io.to(to).emit("message", { mid, text });
    told({ ack: mid });
  });
});

listen();
