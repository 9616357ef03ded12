// Every agent: state, since when, and what they hold. Their state can be set.

import type { AgentView, Board, Channel, Held, Presence, Supervise } from "../../generated/protocol";
import { span } from "../../text/when";
import { reason } from "../../text/staff";
import { agentNamed, live, now, pending, reasons, queue, session, setPresence, supervise, watched } from "../model";
import { words } from "../words";
import { Table } from "./Table";

const ORDER = { ready: 0, away: 1, gone: 2 };

export function Agents({ board }: { board: Board }) {
  const columns = [{ name: words.name }, { name: words.state }, { name: words.since, number: true }, { name: words.todaySpent }, { name: words.holds }, { name: words.phone }, { name: words.setHead }];
  const agents = board.agents.filter((agent) => queue.value === "" || agent.queues.includes(queue.value));
  agents.sort((a, b) => ORDER[a.presence.is] - ORDER[b.presence.is] || a.name.localeCompare(b.name));
  return (
    <Table title={words.agents} columns={columns} empty={words.noAgents} testid="agents">
      {agents.map((agent) => (
        <Line key={agent.agent} agent={agent} />
      ))}
    </Table>
  );
}

function Line({ agent }: { agent: AgentView }) {
  const { presence } = agent;
  const own = agent.agent === session.value?.agent;
  return (
    <tr data-agent={agent.agent} data-presence={presence.is}>
      <th scope="row">{agent.name}</th>
      <td>
        <span class={`dot ${presence.is}`} aria-hidden="true" />
        {/* The sign stays beside the first word. */ "\u2060"}
        {said(presence)}
        {presence.is !== "gone" && agent.activity_since !== null && agent.activity.is !== presence.is && (
          <span class="quietly"> {words.doingFor(words.doing[agent.activity.is], span(now.value - agent.activity_since))}</span>
        )}
      </td>
      <td class="number">{agent.since === null || presence.is === "gone" ? words.none : span(now.value - agent.since)}</td>
      <td class="quietly" data-testid="spent">
        {spent(agent)}
      </td>
      <td>
        {agent.holds.length === 0 ? (
          <span class="quietly">{words.nothingHeld}</span>
        ) : (
          <ul class="holds">
            {agent.holds.map((held) => (
              <li key={held.interaction} class={held.stage}>
                <button type="button" class="link" title={words.watch} onClick={() => (watched.value = { interaction: held.interaction, who: held.who ?? words.withNameless[channelOf(held)], chats: held.chats && !own })} data-testid="watch-held">
                  {words.holding(words.stages[held.stage], held.who ?? words.nameless[channelOf(held)], span(now.value - held.since))}
                </button>
                {held.supervisors.length > 0 && <Overseers held={held} />}
                {held.talks && <Supervision held={held} own={own} />}
              </li>
            ))}
          </ul>
        )}
      </td>
      <td class="quietly">{agent.phone ? words.phoneOn : words.phoneOff}</td>
      <td>
        {presence.is !== "gone" && (
          <select
            class="set"
            value=""
            disabled={!live.value || pending.value.has(agent.agent)}
            aria-label={words.setState(agent.name)}
            onChange={(event) => set(agent.agent, event.currentTarget)}
            data-testid="set-presence"
          >
            <option value="">{words.set}</option>
            <option value="ready">{words.ready}</option>
            {reasons.value.map((reason) => (
              <option key={reason} value={`away:${reason}`}>
                {words.awayFor(reason)}
              </option>
            ))}
          </select>
        )}
      </td>
    </tr>
  );
}

// What is offered or wrapped up may have been either.
function channelOf({ chats, stage }: Held): Channel | "either" {
  if (stage === "call") return "voice";
  return chats || stage === "chat" ? "chat" : "either";
}

// The supervisors in a chat; what they can do there stands where it is read.
function Overseers({ held }: { held: Held }) {
  const there = held.supervisors.filter(({ channel }) => channel === "chat");
  return (
    <>
      {there.map(({ agent, how }) => (
        <span key={agent} class="quietly" data-testid="overseer" data-how={how}>
          {words.supervising(agentNamed(agent), words.superviseChat[how])}
        </span>
      ))}
    </>
  );
}

// What a supervisor can do in a running call, and who does.
function Supervision({ held, own }: { held: Held; own: boolean }) {
  const { interaction } = held;
  const supervisors = held.supervisors.filter(({ channel }) => channel === "voice");
  const mine = supervisors.find(({ agent }) => agent === session.value?.agent);
  const others = supervisors.filter((one) => one !== mine);
  const button = (act: Supervise) => (
    <button
      type="button"
      class="quiet"
      aria-pressed={mine?.how === act}
      disabled={!live.value || pending.value.has(interaction)}
      onClick={() => supervise(interaction, act, "voice")}
      data-testid={`supervise-${act}`}
    >
      {words.supervise[act]}
    </button>
  );
  return (
    <span class="supervision" data-joined={mine?.joined} data-how={mine?.how}>
      {others.map(({ agent, how }) => (
        <span key={agent} class="quietly">
          {words.supervising(agentNamed(agent), words.supervise[how])}
        </span>
      ))}
      {!own && button("listen")}
      {!own && button("whisper")}
      {!own && button("barge")}
      {mine?.joined && button("take_over")}
      {mine && button("stop")}
    </span>
  );
}

function set(agent: string, select: HTMLSelectElement): void {
  const chosen = select.value;
  select.value = "";
  if (chosen === "ready") setPresence(agent, { is: "ready" });
  else if (chosen) setPresence(agent, { is: "away", reason: chosen.slice("away:".length) });
}

// What the day was spent with, in what is over; nothing of who is not there.
function spent(agent: AgentView): string {
  const parts = agent.today
    .filter((one) => one.activity.is !== "gone" && one.seconds >= 60)
    .map((one) => words.spentOn(one.activity.is === "away" ? words.awayFor(reason(one.activity.reason)) : words.doing[one.activity.is], span(one.seconds * 1000)));
  return parts.length === 0 ? words.none : parts.join(", ");
}

function said(presence: Presence): string {
  switch (presence.is) {
    case "ready":
      return words.ready;
    case "away":
      return words.awayFor(reason(presence.reason));
    case "gone":
      return words.gone;
  }
}
