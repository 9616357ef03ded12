// The network that the voice of browsers passes: a relay on loopback in front of the server's port, of which a browser can lose
// the way it has, as with another Wi-Fi, and packets.
import dgram from "node:dgram";

/** RFC 7983: what is neither STUN nor DTLS. */
const isSound = (data) => data[0] >= 128 && data[0] <= 191;

/** Relays between whoever sends to `front` and the server at `host:port`. */
export async function air(server, front) {
  const [host, port] = server.split(":");
  const ways = new Map();
  let share = 0;
  let count = 0;
  let dead = false;
  let hushed = false;
  // The same ones in every run: as many of a hundred as are to be lost, spread evenly.
  const loses = () => dead || ((count += share * 100) % 100 < share * 100 && share > 0);
  const socket = dgram.createSocket("udp4");
  const way = ({ address, port: from }) => {
    const name = `${address}:${from}`;
    const known = ways.get(name);
    if (known) return known;
    const onward = dgram.createSocket("udp4");
    const made = { onward, lost: false };
    onward.on("message", (data) => made.lost || loses() || (hushed && isSound(data)) || socket.send(data, from, address));
    onward.on("error", () => {});
    ways.set(name, made);
    return made;
  };
  socket.on("message", (data, source) => {
    const { onward, lost } = way(source);
    if (!lost && !loses()) onward.send(data, Number(port), host);
  });
  socket.on("error", () => {});
  await new Promise((done) => socket.bind(Number(port), front, done));
  return {
    /** Every way that was taken until now leads nowhere any more. */
    leave() {
      for (const each of ways.values()) each.lost = true;
    },
    /** Nothing passes any more by whatever way, or it does again. */
    die(on) {
      dead = on;
    },
    /** No sound comes from the server any more, although all else does, or it does again. */
    hush(on) {
      hushed = on;
    },
    /** Loses a share of the packets from now on. */
    lose(part) {
      share = part;
    },
    close() {
      for (const { onward } of ways.values()) onward.close();
      socket.close();
    },
  };
}
