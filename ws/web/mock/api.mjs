// The stand-in hub's HTTP interface for what a console reads and changes beside its socket: agents, callbacks,
// interactions, customers and what they said about contact. The shapes are those of /api/openapi.json.

const REPLIES = [
  { name: "hello", queues: [], language: "en", text: "Hello {customer}, I am {agent}. How can I help?" },
  { name: "hello", queues: [], language: "de", text: "Guten Tag {customer}, hier ist {agent}." },
  { name: "post", queues: ["support"], language: "en", text: "Parcels leave the workshop on Mondays and Thursdays." },
];
const WHY = [["ben", "is away: Lunch"], ["sam", "does not serve this queue"]];
const CHANNELS = ["voice", "chat", "mail"];

/** Answers a request under /api/v1, or returns undefined when there is no such call. */
export function answerApi(hub, method, url, body) {
  const parts = url.pathname.split("/").slice(3).map(decodeURIComponent);
  const handler = HANDLERS[`${method} ${parts[0]}`];
  return handler?.(hub, parts, url.searchParams, body);
}

const HANDLERS = {
  "GET queues": (hub) => ok({ queues: hub.lengths() }),
  "GET agents": (hub) => ok({ agents: [...hub.agents.values()].map(({ agent, name, presence }) => ({ agent, name, presence, phone: true, queues: ["support"], offers: 0, chats: 0, chat_slots: 6, calls: 0 })) }),
  "GET replies": (hub) => ok({ replies: REPLIES }),
  "GET callbacks": (hub, [, id], query) => {
    const all = [...hub.interactions.values()].flatMap((it) => [...it.callbacks.values()].map((each) => callback(it, each)));
    if (id) {
      const found = all.find((each) => each.callback === id);
      return found ? ok({ ...found, history: [] }) : missing("callback");
    }
    const wanted = query.get("state");
    const fits = all.filter((each) => (!query.has("owner") || each.owner === query.get("owner")) && (!query.has("queue") || each.queue === query.get("queue")) && (!wanted || (wanted === "open" ? each.state !== "ended" : each.state === wanted)));
    return ok({ callbacks: fits.sort((a, b) => (query.get("order") === "soonest" ? a.due - b.due : b.due - a.due)) });
  },
  "PATCH callbacks": (hub, [, id], _, change) => hub.reviseCallback(id, change) ?? missing("callback"),
  "DELETE callbacks": (hub, [, id]) => (hub.agent({ party: [...hub.agents.values()][0] }, { op: "cancel_callback", callback: id }), [204]),
  "GET mails": () => ok({ server: "mail.example", state: "well", behind: 0, cursor: 1, delivered_at: 1, error: "it answered 550: it does not take this mail", error_at: 1, rests_until: null, gone_at: null, waiting: 0, dead: 1 }),
  "GET webhooks": () => ok({ webhooks: [{ webhook: "crm", url: "https://crm.example/tandem", events: ["*"], state: "well", behind: 0, cursor: 1, delivered_at: 1, error: "it answered 500; 2xx would be right", error_at: 1, rests_until: null, gone_at: null, waiting: 0, dead: 2 }] }),
  "GET interactions": (hub, [, id], query) => {
    if (id) {
      const record = recordOf(hub, id);
      return record ? ok(record) : missing("interaction");
    }
    if (query.has("customer")) return ok({ interactions: customer(hub, query.get("customer"))?.interactions ?? [] });
    const said = (it) => it.entries.map((entry) => entry.text ?? "").join(" ");
    const whole = (text, words) => words.toLowerCase().split(/\s+/).every((word) => text.toLowerCase().split(/\W+/).includes(word.replace(/\W/g, "")));
    const found = [...hub.interactions.values()].filter((it) => (!query.has("text") || whole(said(it), query.get("text"))) && (!query.has("name") || whole(it.card.name ?? "", query.get("name"))) && (!query.has("number") || it.card.number === query.get("number")) && (!query.has("agent") || it.agent?.agent === query.get("agent")) && (query.get("state") !== "live" || it.state !== "closed"));
    return ok({ interactions: found.reverse().map(line) });
  },
  "GET customers": (hub, [, id], query) => {
    if (id) {
      const found = customer(hub, id);
      return found ? ok(found) : missing("customer");
    }
    const known = [...hub.interactions.values()].find((it) => it.card.number && it.card.number === query.get("number"));
    return ok({ customers: known ? [customer(hub, known.card.customer)] : [] });
  },
  "POST customers": (hub, [, id, what], _, body) => {
    const files = hub.files.of(id);
    if (what === "notes") files.notes.unshift({ at: Date.now(), author: "agent", agent: "anna", text: body.text });
    if (what === "merge") files.merges.unshift({ kept: id, merged: body.customer, at: Date.now(), author: "agent", agent: "anna", reason: body.reason, undone_at: null, undone_reason: null });
    if (what === "unmerge") for (const { merges } of hub.files.all()) for (const merge of merges) if (merge.merged === id) if (merge.undone_at === null) Object.assign(merge, { undone_at: Date.now(), undone_agent: "anna", undone_program: null, undone_reason: body.reason });
    return [204];
  },
  "GET consents": (hub, [, subject, history]) => {
    const { said } = hub.files.of(subject.split(":")[1]);
    return ok(history ? { history: said } : standing(subject, said));
  },
  "PUT consents": (hub, [, subject], _, { channel, change, reason, until }) => {
    hub.files.say(subject.split(":")[1], channel, change, reason, until);
    return ok(standing(subject, hub.files.of(subject.split(":")[1]).said));
  },
};

const ok = (body) => [200, body];
const missing = (what) => [404, { type: "not_found", title: "Not found", status: 404, detail: `There is no such ${what}.` }];

function callback(it, { callback: id, number, state, owner = null }) {
  return { callback: id, interaction: it.id, queue: it.queue, number, name: it.card?.name ?? null, due: state.due ?? it.since, until: null, zone: null, owner, promised_at: it.since, state: state.is === "done" ? "ended" : state.is, attempts: 0, end: state.reason ?? null, ended_at: null };
}

function line(it) {
  return { interaction: it.id, opened_at: it.since, ended_at: it.ended ?? null, sealed_at: it.ended ?? null, channel: it.channel, queue: it.queue, zone: null, customer: it.card.customer, outcome: it.ended ? (it.outcome?.disposition ?? "served") : null };
}

function customer(hub, id) {
  const { merges, notes } = hub.files.of(id);
  const merged = merges.filter((merge) => merge.undone_at === null).map((merge) => merge.merged);
  const own = [...hub.interactions.values()].filter((it) => [id, ...merged].includes(it.card.customer)).reverse();
  if (own.length === 0) return undefined;
  const { name, number, mail } = own[0].card;
  return { customer: id, merged, name, number, mail, verified: null, value: 0, familiar: own[0].agent?.agent ?? null, known_at: own.at(-1).since, identities: [{ kind: "visitor", value: id, leads: true }], merges, notes, interactions: own.map(line) };
}

function standing(subject, said) {
  return {
    subject,
    channels: CHANNELS.map((channel) => {
      const last = (changes) => said.find((each) => each.channel === channel && changes.includes(each.change));
      const [consent, suppression] = [last(["given", "withdrawn"]), last(["suppressed", "unsuppressed"])];
      const mark = (of) => of && { allows: ["given", "unsuppressed"].includes(of.change), at: of.at, source: of.source, reason: of.reason, until: of.until };
      const reason = suppression?.change === "suppressed" ? "suppressed" : consent?.change === "withdrawn" ? "withdrawn" : null;
      return { channel, allowed: !reason, reason, consent: mark(consent) ?? null, suppression: mark(suppression) ?? null };
    }),
  };
}

/** What `GET /api/v1/interactions/{id}` shows. */
export function recordOf(hub, id) {
  const it = hub.interactions.get(id);
  if (!it) return undefined;
  const legs = it.n ? [{ leg: `${it.id}.${it.n}`, party: { kind: "customer_phone", number: it.card.number, trunk: "mock" }, parent: null, cause: "escalation", started_at: it.since, answered_at: it.since, ended_at: it.ended ?? null, reason: { kind: "normal" } }] : [];
  return { interaction: id, opened_at: it.since, sealed_at: it.ended ?? null, channel: it.channel, queue: it.queue, customer: it.card, legs, assignments: it.agent ? [{ assignment: `${id}.a1`, agent: it.agent.agent, name: it.agent.name, started_at: it.heldSince, ended_at: it.ended ?? null, ...it.outcome }] : [], offers: hub.decisions.filter(({ interaction }) => interaction === id).reverse().map(offer), timeline: it.entries, callbacks: [...it.callbacks.values()], outcome: it.outcome?.disposition ?? null };
}

function offer({ agent, at, channel, why, end }) {
  return { agent, at, channel, why, end: end === "it was taken" ? "taken" : end, passed_over: WHY, route: { waited_ms: 1_000, considered: 2, candidates: [{ agent, is: "free", load: 0, idle_ms: 61_000 }, { agent: WHY[0][0], is: "away" }] } };
}
