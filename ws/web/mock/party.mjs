// Who is told by sockets, and how a request is refused.

export class Refused extends Error {
  constructor(code, text) {
    super(text);
    this.code = code;
  }
}

/** A party's sockets, all told the same. */
export class Party {
  sockets = new Set();
  tell(frame) {
    for (const socket of this.sockets) socket.send(JSON.stringify(frame));
  }
}

export function refuse(code, text) {
  throw new Refused(code, text);
}

/** Tells whether an agent has room for one more contact of a channel. */
export function fits(agent, channel, interactions) {
  const held = [...agent.contacts.values()].filter((it) => it.state === "held").concat([...agent.offers.keys()].map((id) => interactions.get(id)));
  return held.filter((it) => it.channel === channel).length < (channel === "chat" ? 6 : 1);
}
