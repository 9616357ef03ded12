// The page that the customer of a contact shares with its agent, to be looked at only.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { FromViewer, ToViewer } from "../../cobrowse/viewer/words";
import { follow, sharingOf, whereOf } from "../../console/cobrowse/store";
import { live, look } from "../model";
import { lang, words } from "../words";

/** A page that has not come by then is said not to. */
const PATIENCE = 10_000;

/** `shared` says whether there is one, where that is known from the board; of a chat that is read along it is told. */
export function SharedPage({ interaction, shared }: { interaction: string; shared?: boolean }) {
  const sharing = sharingOf(interaction);
  const open = useSignal(false);
  const turn = useTurn(sharing.since);
  const there = shared ?? sharing.granted.includes("view");
  const was = useRef(false);
  was.current ||= there;
  if (!there) return was.current ? <p class="quietly" role="status" data-testid="page-over">{words.pageOver}</p> : null;
  return (
    <section class="shared-page" aria-label={words.sharedPage} data-testid="shared-page">
      <p>
        <button type="button" class="quiet" aria-expanded={open.value} onClick={() => (open.value = !open.value)} data-testid="see-page">
          {open.value ? words.hidePage : words.seePage}
        </button>{" "}
        <span class="quietly">{open.value ? words.pageSeenBy(sharing.viewers.map(({ name }) => name).join(", ")) : whereOf(sharing)}</span>
      </p>
      {open.value && <Frame key={turn} interaction={interaction} />}
    </section>
  );
}

// Counts how often it was shared anew; to be told since when it is, is none.
function useTurn(since: number | null): number {
  const known = useRef({ since, turn: 0 });
  if (known.current.since !== since) known.current = { since, turn: known.current.turn + (known.current.since === null ? 0 : 1) };
  return known.current.turn;
}

function Frame({ interaction }: { interaction: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const port = useRef<MessagePort>(undefined);
  const late = useRef<ReturnType<typeof setTimeout>>(undefined);
  const say = (message: ToViewer) => port.current?.postMessage(message);
  const note = (text: string) => {
    clearTimeout(late.current);
    say({ is: "note", text });
  };
  const ask = () => look(interaction, true, (refused) => refused && note(refused));
  const connect = () => {
    const { port1, port2 } = new MessageChannel();
    port.current = port1;
    port1.onmessage = ({ data }) => hear(data as FromViewer);
    frame.current!.contentWindow!.postMessage("tandem", location.origin, [port2]);
  };
  // What is done with hand or keys there stays there.
  const hear = (message: FromViewer) => {
    if (message.is === "ready") {
      say({ is: "words", lang, title: words.sharedPage, keys: words.sharedPage });
      say({ is: "tool", tool: "look" });
      note(words.pageComes);
      late.current = setTimeout(() => note(words.pageLate), PATIENCE);
      ask();
    } else if (message.is === "shown") note("");
    else if (message.is === "heavy") note(words.pageHeavy);
    else if (message.is === "veiled") note(words.pageVeiled);
  };
  useEffect(() => {
    const unfollow = follow(interaction, {
      show: (stream, fresh, events, sheets) => say({ is: "batch", stream, fresh, events, sheets }),
      again: ask,
    });
    return () => {
      unfollow();
      clearTimeout(late.current);
      look(interaction, false);
    };
  }, [interaction]);
  // After a lost connection the server knows no viewer any more.
  const connected = live.value;
  const first = useRef(true);
  useEffect(() => {
    if (connected && !first.current) ask();
    first.current = false;
  }, [connected]);
  return <iframe ref={frame} src="/cobrowse/viewer/" sandbox="allow-scripts allow-same-origin" title={words.sharedPage} onLoad={connect} data-testid="page-frame" />;
}
