// Promises to call that are open, the next due on top.

import type { Board } from "../../generated/protocol";
import { reason } from "../../text/staff";
import { dayTime } from "../../text/when";
import { now, queue } from "../model";
import { lang, words } from "../words";
import { Table } from "./Table";

export function Callbacks({ board }: { board: Board }) {
  const columns = [{ name: words.number }, { name: words.queue }, { name: words.due }, { name: words.attempts, number: true }, { name: words.state }];
  const callbacks = board.callbacks.filter((promise) => queue.value === "" || promise.queue === queue.value);
  return (
    <Table title={words.callbacks} columns={columns} empty={words.noCallbacks} testid="callbacks">
      {callbacks.map((promise) => (
        <tr key={promise.callback}>
          <th scope="row">{promise.number}</th>
          <td>{promise.queue}</td>
          <td class={promise.due < now.value - 60_000 ? "late" : ""}>{dayTime(promise.due, now.value, lang)}</td>
          <td class="number">{promise.attempts}</td>
          <td>{promise.state.is === "retrying" ? `${words.states.retrying} (${reason(promise.state.reason)})` : words.states[promise.state.is]}</td>
        </tr>
      ))}
    </Table>
  );
}
