// A contact's shared page: the question for it, the page itself, and the tools on it.

import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { KINDS, SHAPES } from "../../cobrowse/filled";
import { misfit } from "../../cobrowse/fits";
import type { FromViewer, ToViewer, Tool } from "../../cobrowse/viewer/words";
import type { AgentAct, Contact, Grant, Sharing } from "../../generated/protocol";
import { cobrowse, live } from "../model";
import { hear as hearKeys } from "../shortcuts";
import { lang, words as common } from "../words";
import { Fold } from "./Fold";
import { Looking } from "./looking";
import { PairPage } from "./PairPage";
import { follow, known, sharingOf, whereOf } from "./store";
import { pageWords as words } from "./words";

const ALL: Grant[] = ["view", "point", "push", "control"];

export function CobrowsePane({ contact }: { contact: Contact }) {
  const { interaction } = contact;
  const sharing = sharingOf(interaction);
  const act = (what: AgentAct) => cobrowse(interaction, what);
  if (contact.wrap_up_until !== null) return null;
  // In a colleague's chat the page is looked at, and nothing is done on it.
  const helps = contact.owner !== undefined;
  if (helps && !sharing.granted.includes("view")) return null;
  if (!sharing.granted.includes("view")) return <Invite contact={contact} sharing={sharing} act={act} />;
  return (
    <section class="page-pane" aria-label={words.pane} data-testid="cobrowse-pane">
      <Page key={sharing.since} interaction={interaction} sharing={helps ? { ...sharing, granted: ["view"] } : sharing} helps={helps} act={act} />
    </section>
  );
}

function Invite({ contact, sharing, act }: { contact: Contact; sharing: Sharing; act: (what: AgentAct) => void }) {
  if (sharing.asked.length > 0) {
    return (
      <p class="page-invite" role="status" data-testid="cobrowse-asking">
        <span>{words.asking}</span>
        <button type="button" class="link" onClick={() => act({ do: "stop" })}>
          {words.takeBack}
        </button>
      </p>
    );
  }
  return (
    <div class="page-invite">
      <Ask wanted={ALL} label={words.ask} act={act} />
      {!contact.chat && <PairPage interaction={contact.interaction} />}
    </div>
  );
}

/** Asks for consent; each kind is chosen by itself. */
function Ask({ wanted, label, act }: { wanted: Grant[]; label: string; act: (what: AgentAct) => void }) {
  const [chosen, choose] = useState<Grant[]>(wanted.includes("view") ? ["view", "point"] : []);
  const toggle = (grant: Grant) => choose(chosen.includes(grant) ? chosen.filter((other) => other !== grant) : [...chosen, grant]);
  return (
    <Fold label={label} testid="cobrowse-ask-open">
      {() => (
        <fieldset>
          <legend class="hush">{words.askFor}</legend>
          {wanted.map((grant) => (
            <label key={grant}>
              <input type="checkbox" checked={chosen.includes(grant)} disabled={grant === "view"} onChange={() => toggle(grant)} data-grant={grant} /> {words.grants[grant]}
            </label>
          ))}
          <button type="button" class="primary" disabled={!live.value || chosen.length === 0} onClick={() => act({ do: "ask", grants: chosen })} data-testid="cobrowse-ask-send">
            {words.askFor}
          </button>
        </fieldset>
      )}
    </Fold>
  );
}

/** What is written otherwise than people do is chosen here as on the page. */
const OWN = /^(?:date|time|datetime-local|month|week|color)$/;

interface Field {
  stream: string;
  node: number;
  label: string | null;
  tick: boolean;
  type: string;
  most: number;
}

/** What was typed for a field last and not sent: whoever comes back to it goes on there. */
interface Typed {
  stream: string;
  node: number;
  text: string;
}

const looking = new Looking((interaction) => cobrowse(interaction, { do: "leave" }));

function Page({ interaction, sharing, helps, act }: { interaction: string; sharing: Sharing; helps: boolean; act: (what: AgentAct) => void }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const port = useRef<MessagePort>(undefined);
  /** The recording that is shown. */
  const shown = useRef("");
  const [tool, setTool] = useState<Tool>("look");
  const [field, setField] = useState<Field | undefined>(undefined);
  const typed = useRef<Typed>(undefined);
  /** What is shown in the place of the page. */
  const [instead, setInstead] = useState<"heavy" | "veiled" | undefined>(undefined);
  const [misread, setMisread] = useState(false);
  const can = (grant: Grant) => sharing.granted.includes(grant);
  const watch = () => act({ do: "watch", sheets: known(interaction) });
  const say = (message: ToViewer) => port.current?.postMessage(message);

  const connect = () => {
    const { port1, port2 } = new MessageChannel();
    port.current = port1;
    port1.onmessage = ({ data }) => hear(data as FromViewer);
    frame.current!.contentWindow!.postMessage("tandem", location.origin, [port2]);
    frame.current!.contentWindow!.addEventListener("keydown", hearKeys);
  };
  const backToPage = () => {
    frame.current?.focus();
    say({ is: "keys" });
    setField(undefined);
  };
  const hear = (message: FromViewer) => {
    if (message.is === "ready") {
      say({ is: "words", lang, title: words.pane, keys: words.paneKeys, kinds: words.kinds });
      say({ is: "tool", tool: allowed ? tool : "look" });
      say({ is: "note", text: words.waiting });
      watch();
    } else if (message.is === "shown") say({ is: "note", text: "" });
    else if (message.is === "heavy" || message.is === "veiled") setInstead(message.is);
    else if (message.is === "misread") setMisread(true);
    else if (message.is === "field") setField(message);
    else act({ do: "guide", stream: message.stream, guide: message.guide });
  };
  useEffect(() => {
    looking.turnTo(interaction);
    const unfollow = follow(interaction, {
      show: (stream, fresh, events, sheets) => {
        if (fresh) {
          setInstead(undefined);
          setMisread(false);
        }
        shown.current = stream;
        say({ is: "batch", stream, fresh, events, sheets });
      },
      again: watch,
    });
    return () => {
      unfollow();
      looking.turnFrom(interaction);
    };
  }, [interaction]);
  // After a lost connection the server knows no viewer any more.
  const connected = live.value;
  const first = useRef(true);
  useEffect(() => {
    if (connected && !first.current) watch();
    first.current = false;
  }, [connected]);
  useEffect(() => say({ is: "note", text: instead ? words[instead] : "" }), [instead]);
  const allowed = tool === "look" || can(tool === "fill" ? "control" : "point");
  useEffect(() => say({ is: "tool", tool: allowed ? tool : "look" }), [tool, allowed]);

  const tools: [Tool, Grant, string][] = [
    ["look", "view", words.look],
    ["point", "point", words.point],
    ["draw", "point", words.draw],
    ["fill", "control", words.fill],
  ];
  const missing = helps ? [] : ALL.filter((grant) => !can(grant) && !sharing.asked.includes(grant));
  return (
    <>
      <header class="page-tools">
        {!helps && <span role="group" aria-label={words.pane}>
          {tools.map(([each, grant, label]) => (
            <button key={each} type="button" class="quiet" aria-pressed={tool === each} disabled={!can(grant)} onClick={() => setTool(each)} data-testid={`cobrowse-tool-${each}`}>
              {label}
            </button>
          ))}
        </span>}
        {!helps && <button type="button" class="quiet" disabled={!can("point")} onClick={() => act({ do: "guide", stream: shown.current, guide: { how: "clear" } })}>
          {words.clear}
        </button>}
        {can("push") && <Suggest interaction={interaction} />}
        {missing.length > 0 && <Ask key={missing.join()} wanted={missing} label={words.more} act={act} />}
        <span class="page-where" title={whereOf(sharing)}>
          {whereOf(sharing)}
        </span>
        {!helps && <button type="button" class="quiet danger" onClick={() => act({ do: "stop" })} data-testid="cobrowse-end">
          {words.stop}
        </button>}
      </header>
      {misread && <p class="page-seen" role="status" data-testid="cobrowse-misread">{words.misread}</p>}
      {sharing.viewers.length > 1 && <p class="page-seen">{words.watchers(sharing.viewers.map(({ name }) => name).join(", "))}</p>}
      {field && can("control") && <FillIn key={`${field.stream} ${field.node}`} field={field} typed={typed} close={backToPage} act={act} />}
      {/* Of an origin of its own it could not reach the frame in which the page is drawn: that one is sandboxed, and runs nothing. */}
      <iframe ref={frame} src="/cobrowse/viewer/" sandbox="allow-scripts allow-same-origin" title={words.pane} onLoad={connect} data-testid="cobrowse-frame" />
    </>
  );
}

// An address that is not taken stays to be mended.
function Suggest({ interaction }: { interaction: string }) {
  const [url, setUrl] = useState("");
  const [refused, setRefused] = useState("");
  const submit = (event: Event, close: () => void) => {
    event.preventDefault();
    if (!url.trim()) return;
    cobrowse(interaction, { do: "page", url: url.trim(), title: null }, (error) => {
      setRefused(error ?? "");
      if (error !== undefined) return;
      setUrl("");
      close();
    });
  };
  return (
    <Fold label={words.push} testid="cobrowse-push-open">
      {(close) => (
        <form onSubmit={(event) => submit(event, close)}>
          <label class="field">
            <span>{words.pushUrl}</span>
            <input value={url} onInput={(event) => (setUrl(event.currentTarget.value), setRefused(""))} aria-describedby="page-refused" data-testid="cobrowse-push-url" />
          </label>
          <p class="error" role="alert" id="page-refused">
            {refused}
          </p>
          <button class="primary" disabled={!live.value} data-testid="cobrowse-push">
            {words.send}
          </button>
        </form>
      )}
    </Fold>
  );
}

function FillIn({ field, typed, close, act }: { field: Field; typed: RefObject<Typed | undefined>; close: () => void; act: (what: AgentAct) => void }) {
  const { stream, node, label, tick, type, most } = field;
  const before = typed.current;
  const [value, setValue] = useState(before?.stream === stream && before.node === node ? before.text : "");
  const [wrong, setWrong] = useState("");
  const input = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const lines = type === "textarea";
  useEffect(() => input.current?.focus(), [field]);
  const send = (text: string) => {
    act({ do: "guide", stream, guide: { how: "fill", node, value: text, label } });
    typed.current = undefined;
    close();
  };
  const write = (text: string) => {
    typed.current = { stream, node, text };
    setValue(text);
    setWrong("");
  };
  // As where a message is written.
  const press = (event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    event.currentTarget.form?.requestSubmit();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const text = KINDS.test(type) || SHAPES.test(type) ? value.trim() : value;
    const why = input.current?.validity.badInput ? "kind" : misfit(type, most, text);
    if (why) setWrong(words.misfits[why](most));
    else send(text);
  };
  return (
    <form class="page-fill" noValidate onSubmit={submit} onKeyDown={(event) => event.key === "Escape" && !event.isComposing && close()} data-testid="cobrowse-fill">
      <label>
        {words.fieldValue(label ?? "")}{" "}
        {tick ? (
          <input ref={input} type="checkbox" onChange={(event) => send(String(event.currentTarget.checked))} />
        ) : lines ? (
          <textarea ref={input} rows={3} value={value} maxLength={2000} autocomplete="off" onInput={(event) => write(event.currentTarget.value)} onKeyDown={press} aria-describedby="page-lines page-wrong" data-testid="cobrowse-fill-value" />
        ) : (
          <input ref={input} type={(OWN.test(type) ? type : "text") as "text"} value={value} maxLength={2000} autocomplete="off" onInput={(event) => write(event.currentTarget.value)} aria-describedby="page-wrong" data-testid="cobrowse-fill-value" />
        )}
      </label>
      {!tick && <button class="primary">{words.send}</button>}
      <button type="button" class="quiet" onClick={close}>
        {words.close}
      </button>
      {lines && (
        <span class="hint" id="page-lines">
          {common.sendHint}
        </span>
      )}
      <span class="page-wrong" id="page-wrong" role="alert" data-testid="cobrowse-fill-wrong">
        {wrong}
      </span>
    </form>
  );
}
