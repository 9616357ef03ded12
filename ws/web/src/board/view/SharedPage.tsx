// The page that the customer of a contact shares with its agent, to be looked at only.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { FromViewer, ToViewer } from "../../cobrowse/viewer/words";
import { follow, sharingOf } from "../../console/cobrowse/store";
import { live, look } from "../model";
import { lang, words } from "../words";

export function SharedPage({ interaction }: { interaction: string }) {
  const sharing = sharingOf(interaction);
  const open = useSignal(false);
  if (!sharing.granted.includes("view")) return null;
  return (
    <section class="shared-page" aria-label={words.sharedPage} data-testid="shared-page">
      <p>
        <button type="button" class="quiet" aria-expanded={open.value} onClick={() => (open.value = !open.value)} data-testid="see-page">
          {open.value ? words.hidePage : words.seePage}
        </button>{" "}
        <span class="quietly">{open.value ? words.pageSeenBy(sharing.viewers.map(({ name }) => name).join(", ")) : sharing.page}</span>
      </p>
      {open.value && <Frame key={sharing.since} interaction={interaction} />}
    </section>
  );
}

function Frame({ interaction }: { interaction: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const port = useRef<MessagePort>(undefined);
  const say = (message: ToViewer) => port.current?.postMessage(message);
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
      say({ is: "note", text: words.pageComes });
      look(interaction, true);
    } else if (message.is === "shown") say({ is: "note", text: "" });
    else if (message.is === "heavy") say({ is: "note", text: words.pageHeavy });
  };
  useEffect(() => {
    const unfollow = follow(interaction, {
      show: (stream, fresh, events, sheets) => say({ is: "batch", stream, fresh, events, sheets }),
      again: () => look(interaction, true),
    });
    return () => {
      unfollow();
      look(interaction, false);
    };
  }, [interaction]);
  // After a lost connection the server knows no viewer any more.
  const connected = live.value;
  const first = useRef(true);
  useEffect(() => {
    if (connected && !first.current) look(interaction, true);
    first.current = false;
  }, [connected]);
  return <iframe ref={frame} src="/cobrowse/viewer/" sandbox="allow-scripts allow-same-origin" title={words.sharedPage} onLoad={connect} data-testid="page-frame" />;
}
