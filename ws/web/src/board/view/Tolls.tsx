// Limits on calls that leave the house: those that are near or reached, and how many calls they refused.

import type { Board, TollView } from "../../generated/protocol";
import { clockTime } from "../../text/when";
import { agentNamed } from "../model";
import { lang, words } from "../words";

export function Tolls({ board }: { board: Board }) {
  const { tolls = [] } = board;
  if (tolls.length === 0) return null;
  return (
    <section class="card tolls" aria-label={words.tolls.title} data-testid="tolls">
      <h2>{words.tolls.title}</h2>
      <ul>
        {tolls.map((toll) => (
          <li key={JSON.stringify(toll.limit)} data-limit={toll.limit.is} data-reached={toll.spent >= toll.bound}>
            <strong>{named(toll)}</strong>
            <span class={toll.spent >= toll.bound ? "late" : ""}>{toll.bound === 0 ? words.tolls.denied : words.tolls.spent(toll.spent, toll.bound)}</span>
            {toll.refused > 0 && <span>{words.tolls.refused(toll.refused)}</span>}
            {toll.frees !== null && <span class="quietly">{words.tolls.frees(clockTime(toll.frees, lang))}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function named({ limit }: TollView): string {
  switch (limit.is) {
    case "house":
      return words.tolls.house;
    case "prefix":
      return limit.prefix === "" ? words.tolls.others : words.tolls.prefix(limit.prefix);
    case "agent":
      return words.tolls.agent(agentNamed(limit.agent));
    case "trunk":
      return words.tolls.trunk(limit.trunk);
  }
}
