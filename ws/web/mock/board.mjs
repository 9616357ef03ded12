// The board of the stand-in hub, drawn whole.

/** Returns the board as it stands. */
export function boardOf(hub, waiting) {
  const all = [...hub.interactions.values()];
  const figures = { arrived: all.length, answered: all.filter((it) => it.agent).length, in_time: all.filter((it) => it.agent).length, abandoned: all.filter((it) => it.state === "closed" && !it.agent).length, abandoned_early: 0, diverted: 0, waited: 0, expected: 3, error: 40, handled: all.length, handle: 120 * all.length };
  const rated = all.map((it) => it.rating).filter(Boolean).sort((a, b) => b.at - a.at);
  const staff = [...hub.agents.values()].filter((agent) => !agent.supervisor);
  const mean = rated.length ? { count: rated.length, mean: rated.reduce((sum, { score }) => sum + score, 0) / rated.length } : null;
  const quarter = Date.now() - (Date.now() % 900_000);
  return {
    at: Date.now(),
    since: quarter,
    queues: [{ queue: "support", configured: true, waiting: waiting.length, voicemails: 0, promised: 0, messages: 0, longest: waiting[0]?.since ?? null, expected: 95 * (waiting.length + 1), ready: staff.filter((agent) => agent.presence.is === "ready").length, staffed: staff.length, target: 20, today: figures, hour: figures, chat_rating: mean, call_rating: null, resolution: { of: 40, count: 34 }, provisional: { of: 12, count: 11 } }],
    agents: [...hub.agents.values()].map((agent) => ({ agent: agent.agent, name: agent.name, presence: agent.sockets.size ? agent.presence : { is: "gone" }, since: agent.stateSince, activity: agent.presence, activity_since: null, today: [], phone: agent.phone, chat_slots: 6, queues: agent.supervisor ? [] : ["support"], holds: holds(agent) })),
    waiting: waiting.map((it, at) => ({ interaction: it.id, channel: it.channel, queue: it.queue, since: it.since, position: at + 1, lead: 0, who: it.card.name ?? it.card.number, offered: staff.find((agent) => agent.offers.has(it.id))?.agent ?? null, callback: false })),
    callbacks: all.flatMap((it) => [...it.callbacks.values()].filter(({ state }) => state.is === "promised").map(({ callback, number, state }) => ({ callback, queue: it.queue, number, due: state.due, attempts: 0, state }))),
    decisions: hub.decisions.slice(0, 50),
    ratings: rated.slice(0, 50),
    tolls: [],
    trunks: [],
    day: Array.from({ length: 8 }, (_, back) => ({ at: quarter - (7 - back) * 900_000, figures: back === 7 ? figures : { ...figures, arrived: 3 + ((back * 5) % 7), answered: 2 + ((back * 3) % 5), abandoned: back % 3 } })),
  };
}

function holds(agent) {
  const held = [...agent.contacts.values()].map((it) => ({ interaction: it.id, queue: it.queue, stage: it.state === "wrap_up" ? "wrap_up" : it.call && !["ended", "failed"].includes(it.call.is) ? "call" : "chat", since: it.heldSince, who: it.card.name ?? it.card.number, talks: false, chats: false, shares: false, supervisors: [] }));
  const offered = [...agent.offers.values()].map(({ offer }) => ({ interaction: offer.interaction, queue: offer.queue, stage: "offered", since: offer.waiting_since, who: offer.card.name ?? offer.card.number, talks: false, chats: false, shares: false, supervisors: [] }));
  return held.concat(offered);
}
