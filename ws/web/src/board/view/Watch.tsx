// One contact as it goes on: a chat is read along, and taken part in; of what else goes on the record is read, and its page seen.

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Entry } from "../../generated/protocol";
import { heldNow, news, watched } from "../model";
import { words } from "../words";
import { Oversee } from "./Oversee";
import { Said } from "./Said";
import { SharedPage } from "./SharedPage";

/** How often it is asked what is new; who has it already is answered without a body. */
const EVERY = 1_500;

export function Watch() {
  const chosen = watched.value;
  return chosen ? <Dialog key={chosen.interaction} {...chosen} /> : null;
}

function Dialog({ interaction, who, chats }: { interaction: string; who: string; chats: boolean }) {
  const element = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const shares = heldNow(interaction)?.shares ?? false;
  return (
    <dialog ref={element} class={chats || shares ? "modal watch wide" : "modal watch"} aria-labelledby="watch-title" onClose={() => (watched.value = undefined)} data-testid="watch">
      <h2 id="watch-title">{words.watching(who)}</h2>
      {chats ? <Oversee interaction={interaction} /> : <Reading interaction={interaction} shares={shares} />}
      <div class="buttons">
        <button type="button" class="quiet" autofocus onClick={() => (watched.value = undefined)} data-testid="watch-close">
          {words.close}
        </button>
      </div>
    </dialog>
  );
}

function Reading({ interaction, shares }: { interaction: string; shares: boolean }) {
  const entries = useSignal<Entry[] | undefined>(undefined);
  const trouble = useSignal("");
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
  const over = entries.value?.some((entry) => entry.what === "ended") ?? false;
  return (
    <>
      <p class="quietly" role="status">
        {entries.value ? (over ? words.watchOver : words.watchLive) : words.loading}
      </p>
      {trouble.value && (
        <p class="error" role="alert">
          {trouble}
        </p>
      )}
      <SharedPage interaction={interaction} shared={shares} />
      <Said entries={entries.value ?? []} />
    </>
  );
}
