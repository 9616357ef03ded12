// The day as curves; what draws them is fetched when they are first shown.

import { useEffect, useRef } from "preact/hooks";
import type { Quarter } from "../../generated/protocol";
import { words } from "../words";

export function Curve({ day }: { day: readonly Quarter[] }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<{ draw(day: readonly Quarter[]): void; destroy(): void } | undefined>(undefined);
  const latest = useRef(day);
  latest.current = day;
  useEffect(() => {
    let gone = false;
    void import("../plot").then(({ Plot }) => {
      if (gone || !place.current) return;
      plot.current = new Plot(place.current);
      plot.current.draw(latest.current);
    });
    return () => {
      gone = true;
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, []);
  useEffect(() => plot.current?.draw(day), [day]);
  const total = (key: "arrived" | "answered" | "abandoned") => day.reduce((all, quarter) => all + quarter.figures[key], 0);
  return (
    <section class="card" aria-label={words.day} data-testid="curve">
      <h2>{words.day}</h2>
      <p class="quietly">{words.curveOf(total("arrived"), total("answered"), total("abandoned"))}</p>
      <div ref={place} class="curve" aria-hidden="true" />
    </section>
  );
}
