// The last choices of an agent, each with its reason and what came of it.

import type { Board } from "../../generated/protocol";
import { reason } from "../../text/staff";
import { clockTime } from "../../text/when";
import { agentNamed, explained } from "../model";
import { lang, words } from "../words";
import { Table } from "./Table";

export function Decisions({ board }: { board: Board }) {
  const columns = [{ name: words.time }, { name: words.channel }, { name: words.chosen }, { name: words.reason }, { name: words.candidates }, { name: words.result }];
  return (
    <Table title={words.decisions} columns={columns} empty={words.noDecisions} testid="decisions">
      {board.decisions.map((decision) => (
        <tr key={`${decision.interaction}${decision.at}`} data-interaction={decision.interaction}>
          <td>{clockTime(decision.at, lang)}</td>
          <td>{words[decision.channel]}</td>
          <th scope="row">{agentNamed(decision.agent)}</th>
          <td>{reason(decision.why)}</td>
          <td class="whole">
            <button type="button" class="link" onClick={() => (explained.value = { interaction: decision.interaction, choice: decision })}>
              {words.passedOver(decision.passed_over)}
            </button>
          </td>
          <td>{decision.end === null ? words.open : reason(decision.end)}</td>
        </tr>
      ))}
    </Table>
  );
}
