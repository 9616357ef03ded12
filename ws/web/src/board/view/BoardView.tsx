// The frame of the board: what is most urgent on top, and the part that is chosen below.

import { clockTime } from "../../text/when";
import { HeadsetBar, Where } from "../../console/voice/HeadsetBar";
import { Mark } from "../../signing/Mark";
import { SignInAgain, SignInEnds } from "../../signing/SignInAgain";
import { MemoButton } from "../../memos/Memos";
import { agentNamed, board, calls, dismiss, elsewhere, leave, live, memos, notices, queue, refused, session, signing, signOut, tab, watched, type Tab } from "../model";
import type { TransferTo } from "../../generated/protocol";
import { lang, words } from "../words";
import { Agents } from "./Agents";
import { Callbacks } from "./Callbacks";
import { Decisions } from "./Decisions";
import { Queues } from "./Queues";
import { Recordings } from "./Recordings";
import { Satisfaction } from "./Satisfaction";
import { Tiles } from "./Tiles";
import { Tolls } from "./Tolls";
import { Trunks } from "./Trunks";
import { Waiting } from "./Waiting";
import { Webhooks } from "./Webhooks";
import { Watch } from "./Watch";
import { Why } from "./Why";

const TABS: Tab[] = ["now", "callbacks", "decisions", "satisfaction", "recordings"];

export function BoardView() {
  const shown = board.value;
  return (
    <div class="page">
      <a class="skip" href="#main">
        {words.skip}
      </a>
      <header class="top">
        <h1>
          <Mark />
          {words.title}
        </h1>
        {shown && (
          <label class="only">
            <span class="hush">{words.queue}</span>
            <select value={queue} onChange={(event) => (queue.value = event.currentTarget.value)} data-testid="queue">
              <option value="">{words.all}</option>
              {shown.queues.map((view) => (
                <option key={view.queue}>{view.queue}</option>
              ))}
            </select>
          </label>
        )}
        {shown && session.value && (
          <MemoButton
            memos={memos.value}
            me={session.value.agent}
            token={session.value.token}
            boss
            queues={shown.queues.map((view) => view.queue)}
            people={() => Promise.resolve(shown.agents)}
          />
        )}
        {shown && <Where headset={calls.value} live={live.value} />}
        {shown && <time data-testid="at">{clockTime(shown.at, lang)}</time>}
        <button type="button" class="quiet" onClick={() => signOut()} data-testid="sign-out">
          {words.signOut}
        </button>
      </header>
      <SignInEnds signing={signing} />
      {shown && <HeadsetBar headset={calls.value} live={live.value} />}
      {shown && !live.value && (
        <p class="banner" role="status" data-testid="banner">
          {words.reconnecting}
        </p>
      )}
      <div class="notices" data-keeps="next" data-testid="notices">
        {notices.value.map(({ n, agent, went, over, text }) => (
          <p key={n} role="alert" class="notice">
            {went ? words.callMoved(destination(went)) : over ? words.callOver(text) : agent === undefined ? words.notSupervised(text) : words.notSet(agentNamed(agent), text)}
            <button type="button" class="link" onClick={() => dismiss(n)}>
              {words.dismiss}
            </button>
          </p>
        ))}
      </div>
      {elsewhere.value.map(({ interaction, card }) => (
        <StillReading key={interaction} interaction={interaction} who={card.name ?? card.number ?? words.withNameless.chat} />
      ))}
      {shown && <Webhooks />}
      <main id="main" tabIndex={-1}>
        {shown ? <Parts /> : <Nothing />}
      </main>
      <Why />
      <Watch />
      <SignInAgain signing={signing} />
    </div>
  );
}

function StillReading({ interaction, who }: { interaction: string; who: string }) {
  return (
    <p class="banner" role="status" data-testid="still-reading">
      {words.stillReading(who)}{" "}
      <button type="button" class="link" onClick={() => (watched.value = { interaction, who, chats: true })} data-testid="still-open">
        {words.openIt}
      </button>{" "}
      <button type="button" class="link" disabled={!live.value} onClick={() => leave(interaction)} data-testid="still-leave">
        {words.supervise.stop}
      </button>
    </p>
  );
}

function Nothing() {
  if (refused.value) {
    return (
      <p class="empty" role="alert" data-testid="refused">
        {words.refused} {refused.value}
      </p>
    );
  }
  return (
    <p class="empty" role="status">
      <span class="spinner" aria-hidden="true" />
      {words.opening}
    </p>
  );
}

function Parts() {
  const shown = board.value;
  if (!shown) return null;
  return (
    <>
      <Tiles board={shown} />
      <Tolls board={shown} />
      <Trunks board={shown} />
      <div class="tabs" role="tablist" aria-label={words.parts} onKeyDown={move}>
        {TABS.map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            id={`tab-${one}`}
            aria-selected={tab.value === one}
            aria-controls="part"
            tabIndex={tab.value === one ? 0 : -1}
            onClick={() => (tab.value = one)}
            data-testid={`tab-${one}`}
          >
            {one === "recordings" ? words.recordings.tab : words[one]}
          </button>
        ))}
      </div>
      <div id="part" role="tabpanel" aria-labelledby={`tab-${tab.value}`} class={`part ${tab.value}`}>
        {tab.value === "now" && (
          <>
            <Queues board={shown} />
            <Waiting board={shown} />
            <Agents board={shown} />
          </>
        )}
        {tab.value === "callbacks" && <Callbacks board={shown} />}
        {tab.value === "decisions" && <Decisions board={shown} />}
        {tab.value === "satisfaction" && <Satisfaction board={shown} />}
        {tab.value === "recordings" && <Recordings board={shown} />}
      </div>
    </>
  );
}

function move(event: KeyboardEvent): void {
  const at = TABS.indexOf(tab.value);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[event.key];
  const next = to === undefined ? undefined : TABS[(to + TABS.length) % TABS.length];
  if (!next) return;
  event.preventDefault();
  tab.value = next;
  requestAnimationFrame(() => document.getElementById(`tab-${next}`)?.focus());
}

function destination(to: TransferTo): string {
  return "agent" in to ? agentNamed(to.agent) : "queue" in to ? to.queue : to.number;
}
