// Something that is fetched for a view: under way, there, or refused with a sentence.

import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/** How far a thing is fetched. */
export type Loaded<T> = { is: "loading" } | { is: "there"; value: T } | { is: "failed"; text: string };

/** A thing that is fetched, and the way to fetch it again. */
export interface Loading<T> {
  state: Signal<Loaded<T>>;
  /** Fetches it again; what is shown stays until the answer is there. */
  again: () => Promise<void>;
  /** Fetches it again, and keeps what is shown where that fails. */
  refresh: () => Promise<void>;
}

/** How often what others change is fetched anew while it is looked at. */
const OFTEN = 5_000;

/** Fetches now, and anew whenever one of `on` changed. An answer that was overtaken by a later question is dropped. */
export function useLoaded<T>(fetch: () => Promise<T>, on: readonly unknown[]): Loading<T> {
  const state = useSignal<Loaded<T>>({ is: "loading" });
  const turn = useRef(0);
  const again = async () => {
    const mine = ++turn.current;
    const told = await fetch().then(
      (value): Loaded<T> => ({ is: "there", value }),
      (error: Error): Loaded<T> => ({ is: "failed", text: error.message }),
    );
    if (mine === turn.current) state.value = told;
  };
  const refresh = async () => {
    const mine = turn.current;
    const value = await fetch().catch(() => undefined);
    if (value !== undefined && mine === turn.current) state.value = { is: "there", value };
  };
  useEffect(() => {
    state.value = { is: "loading" };
    void again();
    return () => void (turn.current += 1);
  }, on);
  return { state, again, refresh };
}

/** Keeps a thing fresh while its page is looked at and `wanted`. */
export function useFresh<T>(thing: Loading<T>, wanted: () => boolean = () => true): void {
  const latest = useRef(thing);
  latest.current = thing;
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden && wanted() && latest.current.state.value.is === "there") void latest.current.refresh();
    }, OFTEN);
    return () => clearInterval(timer);
  }, []);
}
