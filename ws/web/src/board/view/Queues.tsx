// Every queue in a line.

import type { Board } from "../../generated/protocol";
import { span } from "../../text/when";
import { abandonRate, handleTime, level, levelOfOffered, meanError, shown, speedOfAnswer, wait } from "../figures";
import { now, queue } from "../model";
import { words } from "../words";
import { Table } from "./Table";

export function Queues({ board }: { board: Board }) {
  const columns = [
    { name: words.queue },
    { name: words.waiting, number: true },
    { name: words.oldest, number: true },
    { name: words.expected, number: true },
    { name: words.error, hint: words.errorHint, number: true },
    { name: words.staffed, number: true },
    { name: words.level, hint: words.levelHint, number: true },
    { name: words.levelLate, hint: words.levelLateHint, number: true },
    { name: words.levelHour, hint: words.levelHint, number: true },
    { name: words.abandonRate, number: true },
    { name: words.speed, hint: words.speedHint, number: true },
    { name: words.handle, hint: words.handleHint, number: true },
  ];
  return (
    <Table title={words.queues} columns={columns} empty={words.none} testid="queues">
      {shown(board, queue.value).map((view) => (
        <tr key={view.queue} data-queue={view.queue}>
          <th scope="row">
            {view.queue}
            {view.messages > 0 && <div>{words.messagesIn(view.messages)}</div>}
            {!view.configured && <div class="late">{words.notConfigured}</div>}
            {!view.configured && view.promised > 0 && <div class="late">{words.promised(view.promised)}</div>}
          </th>
          <td class={view.waiting > view.messages && view.ready === 0 ? "number late" : "number"} title={view.voicemails > 0 ? words.voicemails(view.voicemails) : undefined}>
            {view.waiting - view.messages}
          </td>
          <td class={view.longest !== null && now.value - view.longest > 120_000 ? "number late" : "number"}>{view.longest === null ? words.none : span(now.value - view.longest)}</td>
          <td class="number">{wait(view.expected)}</td>
          <td class="number">{meanError(view.today)}</td>
          <td class="number">{words.readyOf(view.ready, view.staffed)}</td>
          <td class="number" title={words.target(view.target)}>
            {level(view.today)}
          </td>
          <td class="number">{levelOfOffered(view.today)}</td>
          <td class="number">{level(view.hour)}</td>
          <td class="number">{abandonRate(view.today)}</td>
          <td class="number">{speedOfAnswer(view.today)}</td>
          <td class="number">{handleTime(view.today)}</td>
        </tr>
      ))}
    </Table>
  );
}
