// One contact as it goes on: a chat is read along, and taken part in; of what else goes on the record is read, its page seen, and
// written to who is in the call.

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Entry, Note } from "../../generated/protocol";
import { heldNow, news, session, watched } from "../model";
import { words } from "../words";
import { Composer } from "./Composer";
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
  const lost = useSignal(false);
  const current = heldNow(interaction);
  // What was offered when it was opened may have become a chat, and one that ended was one.
  const chat = useRef(chats);
  chat.current ||= current !== undefined && current.held.chats && current.agent.agent !== session.value?.agent;
  const along = chat.current && !lost.value;
  const shares = current?.held.shares ?? false;
  return (
    <dialog ref={element} class={chat.current || shares ? "modal watch wide" : "modal watch"} aria-labelledby="watch-title" onClose={() => (watched.value = undefined)} data-testid="watch">
      <h2 id="watch-title">{words.watching(who)}</h2>
      {along ? <Oversee interaction={interaction} lost={() => (lost.value = true)} /> : <Reading interaction={interaction} shares={shares} />}
      <div class="buttons">
        <button type="button" class="quiet" autofocus onClick={() => (watched.value = undefined)} data-testid="watch-close">
          {words.close}
        </button>
      </div>
    </dialog>
  );
}

/** What else happened, as a record tells it. */
interface Happening {
  at: number;
  event: string;
  details: { step?: string } & Pick<Note, "by" | "text">;
}

function noted({ at, event, details: { by, text } }: Happening): Note[] {
  return event === "noted" ? [{ at, by, text }] : [];
}

function whispered({ at, event, details: { step, by, text } }: Happening): Note[] {
  return event === "in_chat" && step === "whispered" ? [{ at, by, text }] : [];
}

function Reading({ interaction, shares }: { interaction: string; shares: boolean }) {
  const entries = useSignal<Entry[] | undefined>(undefined);
  const whispers = useSignal<Note[]>([]);
  const notes = useSignal<Note[]>([]);
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
          const happenings = (found.body["happenings"] ?? []) as Happening[];
          whispers.value = happenings.flatMap(whispered);
          notes.value = happenings.flatMap(noted);
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
  const there = heldNow(interaction);
  // A conversation in which an agent of the house is who can read.
  const talks = there?.held.talks && there.agent.agent !== session.value?.agent;
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
      <Said entries={entries.value ?? []} whispers={whispers.value} notes={notes.value} />
      {talks && <Composer interaction={interaction} how="whisper" agent={there.agent.name} />}
    </>
  );
}
