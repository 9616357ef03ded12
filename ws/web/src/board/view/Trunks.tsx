// How the trunks stand: whether they answer, since when, and how many calls they have.

import type { Board, TrunkView } from "../../generated/protocol";
import { clockTime } from "../../text/when";
import { lang, words } from "../words";

export function Trunks({ board }: { board: Board }) {
  const { trunks = [] } = board;
  if (trunks.length === 0) return null;
  const down = trunks.some((trunk) => !trunk.up);
  return (
    <section class={down ? "card tolls trunks" : "card tolls trunks fair"} aria-label={words.trunks.title} data-testid="trunks">
      <h2>{words.trunks.title}</h2>
      <ul>
        {trunks.map((trunk) => (
          <li key={trunk.trunk} data-trunk={trunk.trunk} data-up={trunk.up}>
            <strong>{trunk.trunk}</strong>
            <span class={trunk.up ? "" : "late"}>{stands(trunk)}</span>
            {trunk.registered === false && <span class="late">{words.trunks.unregistered}</span>}
            <span class="quietly">{trunk.limit === null ? words.trunks.calls(trunk.calls) : words.trunks.callsOf(trunk.calls, trunk.limit)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function stands({ up, since }: TrunkView): string {
  const at = clockTime(since, lang);
  return up ? words.trunks.up(at) : words.trunks.down(at);
}
