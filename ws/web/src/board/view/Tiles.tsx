// What a supervisor looks at first.

import type { Board } from "../../generated/protocol";
import { clockTime, span } from "../../text/when";
import { abandonRate, level, shown, sum } from "../figures";
import { now, queue } from "../model";
import { lang, words } from "../words";

export function Tiles({ board }: { board: Board }) {
  const queues = shown(board, queue.value);
  const today = sum(queues.map((view) => view.today));
  const messages = queues.reduce((all, view) => all + view.messages, 0);
  const waiting = queues.reduce((all, view) => all + view.waiting, 0) - messages;
  const longest = Math.min(...queues.map((view) => view.longest ?? Infinity));
  const serve = board.agents.filter((agent) => queue.value === "" || agent.queues.includes(queue.value));
  const serving = serve.filter((agent) => agent.queues.length > 0);
  const ready = serving.filter((agent) => agent.presence.is === "ready").length;
  const late = now.value - longest > 120_000 ? "late" : "";
  const since = words.today(clockTime(board.since, lang));
  return (
    <dl class="tiles" data-testid="tiles">
      <Tile name={words.waiting} value={String(waiting)} is="waiting" />
      {messages > 0 && <Tile name={words.messages} value={String(messages)} is="messages" />}
      <Tile name={words.longest} value={Number.isFinite(longest) ? span(now.value - longest) : words.none} is="longest" mood={late} />
      <Tile name={words.agentsReady} value={words.readyOf(ready, serving.length)} is="ready" mood={waiting > 0 && ready === 0 ? "late" : ""} />
      <Tile name={words.serviceLevel} value={level(today)} note={since} hint={words.levelHint} is="level" />
      <Tile name={words.abandoned} value={abandonRate(today)} note={since} is="abandoned" />
    </dl>
  );
}

function Tile({ name, value, note, hint, is, mood = "" }: { name: string; value: string; note?: string; hint?: string; is: string; mood?: string }) {
  return (
    <div class={`tile ${mood}`} title={hint}>
      <dt>{name}</dt>
      <dd data-testid={`tile-${is}`}>{value}</dd>
      {note && <dd class="note">{note}</dd>}
    </div>
  );
}
