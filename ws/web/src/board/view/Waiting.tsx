// Who waits, the longest on top, each with the question why.

import type { Board, WaitingView } from "../../generated/protocol";
import { holdTold } from "../../text/route";
import { span } from "../../text/when";
import { agentNamed, explained, now, queue, watched } from "../model";
import { lang, words } from "../words";
import { Table } from "./Table";

export function Waiting({ board }: { board: Board }) {
  const columns = [{ name: words.who }, { name: words.channel }, { name: words.queue }, { name: words.position, number: true }, { name: words.since, number: true }, { name: words.before }, { name: words.why }];
  const waiting = board.waiting.filter((entry) => queue.value === "" || entry.queue === queue.value);
  return (
    <Table title={words.waiting} columns={columns} empty={words.nobodyWaits} testid="waiting">
      {waiting.map((entry) => (
        <tr key={entry.interaction} data-interaction={entry.interaction}>
          <th scope="row">
            {entry.channel === "chat" && !entry.callback && !entry.voicemail ? (
              <button type="button" class="link" title={words.watch} onClick={() => (watched.value = { interaction: entry.interaction, who: entry.who ?? words.withNameless.chat, chats: true })} data-testid="watch-waiting">
                {entry.who ?? words.nameless[entry.channel]}
              </button>
            ) : (
              (entry.who ?? words.nameless[entry.channel])
            )}
          </th>
          <td>{entry.callback ? words.callbackDue : entry.voicemail ? words.voicemail : words[entry.channel]}</td>
          <td>{entry.queue}</td>
          <td class="number">{entry.position}</td>
          <td class={now.value - entry.since > 120_000 ? "number late" : "number"}>{span(now.value - entry.since)}</td>
          <td data-testid="before">{before(entry)}</td>
          <td>
            <button type="button" class="link" onClick={() => (explained.value = { interaction: entry.interaction })} aria-label={words.whyOf(entry.who ?? words.nameless[entry.channel])} data-testid="why">
              {words.why}
            </button>
          </td>
        </tr>
      ))}
    </Table>
  );
}

// Before whom it is, or why before nobody.
function before({ offered, kept_for, hold }: WaitingView): string {
  if (offered) return agentNamed(offered);
  if (hold) return holdTold(hold, now.value, lang);
  return kept_for ? words.keptFor(agentNamed(kept_for)) : words.none;
}
