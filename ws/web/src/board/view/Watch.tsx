// One contact as it goes on, to be read only: what was said so far, and what is said while one looks.

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { authorName, told } from "../../console/told";
import type { Entry } from "../../protocol";
import { clockTime } from "../../text/when";
import { news, watched } from "../model";
import { lang, words } from "../words";

/** How often it is asked what is new; who has it already is answered without a body. */
const EVERY = 1_500;
/** Who reads further up is not moved. */
const AT_END = 48;

export function Watch() {
  const chosen = watched.value;
  return chosen ? <Dialog key={chosen.interaction} {...chosen} /> : null;
}

function Dialog({ interaction, who }: { interaction: string; who: string }) {
  const element = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const entries = useSignal<Entry[] | undefined>(undefined);
  const trouble = useSignal("");
  const stuck = useRef(true);
  useLayoutEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  useEffect(() => {
    let left = false;
    let known: string | undefined;
    const look = async () => {
      try {
        const found = document.hidden ? undefined : await news(`/api/v1/interactions/${interaction}`, known);
        if (left) return;
        trouble.value = "";
        if (found) {
          known = found.mark;
          entries.value = (found.body["timeline"] ?? []) as Entry[];
        }
      } catch (error) {
        if (!left) trouble.value = error instanceof Error ? error.message : words.unreachable;
      }
      if (!left) timer = setTimeout(() => void look(), EVERY);
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    void look();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, []);
  useLayoutEffect(() => {
    if (stuck.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  });
  const over = entries.value?.some((entry) => entry.what === "ended") ?? false;
  return (
    <dialog ref={element} class="modal watch" aria-labelledby="watch-title" onClose={() => (watched.value = undefined)} data-testid="watch">
      <h2 id="watch-title">{words.watching(who)}</h2>
      <p class="quietly" role="status">
        {entries.value ? (over ? words.watchOver : words.watchLive) : words.loading}
      </p>
      {trouble.value && (
        <p class="error" role="alert">
          {trouble}
        </p>
      )}
      <ol
        ref={list}
        class="said"
        tabIndex={0}
        aria-label={words.watchLog}
        onScroll={({ currentTarget: box }) => (stuck.current = box.scrollHeight - box.scrollTop - box.clientHeight < AT_END)}
      >
        {entries.value?.map((entry) => (
          <li key={entry.seq} class={entry.what === "message" ? "" : "event"}>
            <time class="quietly" dateTime={new Date(entry.at).toISOString()}>
              {clockTime(entry.at, lang)}
            </time>
            {entry.what === "message" ? (
              <p>
                <strong>{authorName(entry.from)}:</strong> {entry.text}
              </p>
            ) : (
              <p>{told(entry)}</p>
            )}
          </li>
        ))}
      </ol>
      <div class="buttons">
        <button type="button" class="quiet" autofocus onClick={() => (watched.value = undefined)} data-testid="watch-close">
          {words.close}
        </button>
      </div>
    </dialog>
  );
}
