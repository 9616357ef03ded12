// How the lines of a call carry speech: a warning while one is poor, what they were worth at the end.

import type { Contact } from "../../generated/protocol";
import { words } from "../words";

export function Lines({ contact }: { contact: Contact }) {
  const lines = contact.lines ?? [];
  return lines.map(({ customer, poor, ended, mos, lost }) => {
    const whose = customer ? "customer" : "own";
    if (ended) {
      return (
        <span key={whose} class="hint" data-testid="line-quality" data-line={whose} data-mos={mos}>
          {words.lineWas[whose]((mos / 100).toFixed(1))}
        </span>
      );
    }
    // What is fair again needs no word.
    if (!poor) return null;
    return (
      <span key={whose} class="poor" role="alert" data-testid="poor-line" data-line={whose}>
        {words.linePoor[whose](Math.round(lost / 100))}
      </span>
    );
  });
}
