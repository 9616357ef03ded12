// Who is here, where they are, whether they take work, and how many wait.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Desk, QueueLength } from "../../generated/protocol";
import { MemoButton } from "../../memos/Memos";
import { colleagues } from "../roster";
import { sound, toggleSound } from "../alerts";
import { allow, discreet, permission, toggleDiscreet } from "../notices";
import { reason } from "../../text/staff";
import { act, awayReasons, dialog, live, pending, session, unseen, wantOut } from "../model";
import { go, hashOf, place, type Place } from "../place";
import { atCallbacks } from "../sought";
import { words } from "../words";
import { callbackWords } from "../words/callbacks";
import { Mark } from "../../signing/Mark";
import { Where } from "../voice/HeadsetBar";
import { Icon } from "./Icon";

export function TopBar({ desk }: { desk: Desk | undefined }) {
  return (
    <header class="top">
      <h1 class="brand">
        <Mark />
        <span>Tandem</span>
      </h1>
      {desk && <Places />}
      {desk && <Presence desk={desk} />}
      {desk && (
        <p class={desk.phone ? "phone on" : "phone off"} title={desk.phone ? words.phoneOn : words.phoneOffHint} data-testid="phone">
          <Icon name="phone" />
          <span>{desk.phone ? words.phoneOn : words.phoneOff}</span>
        </p>
      )}
      <Queues queues={desk?.queues ?? []} />
      <div class="self" data-keeps="next">
        <Notices />
        {desk && <MemoButton memos={desk.memos} me={desk.agent} token={session.value?.token ?? ""} small boss={false} queues={desk.queues.map(({ queue }) => queue)} people={colleagues} />}
        {desk && <Where headset={desk.headset} live={live.value} />}
        <button type="button" class="ghost small" aria-pressed={sound.value} onClick={toggleSound} title={sound.value ? words.soundOn : words.soundOff} aria-label={words.soundOn} data-testid="sound">
          <Icon name={sound.value ? "bell" : "mute"} />
        </button>
        <button type="button" class="ghost small for-keys" onClick={() => (dialog.value = { is: "keyboard" })} title={words.keyboard} aria-label={words.keyboard} data-testid="keyboard">
          <Icon name="keys" />
        </button>
        <span class="who">{desk?.name ?? session.value?.agent}</span>
        <button type="button" class="ghost out" onClick={wantOut} data-testid="sign-out">
          <Icon name="leave" />
          <span>{words.signOut}</span>
        </button>
      </div>
    </header>
  );
}

// Who left a message waits for nobody, and is told apart.
function said({ queue, waiting, messages }: QueueLength): string {
  const there = words.waitingIn(queue, waiting - messages);
  return messages > 0 ? `${there}, ${words.messagesIn(messages)}` : there;
}

// All of the agent's own queues: side by side where there is room, else how many wait, which opens the list.
function Queues({ queues }: { queues: readonly QueueLength[] }) {
  const row = useRef<HTMLUListElement>(null);
  const cut = useSignal(false);
  useEffect(() => {
    const list = row.current;
    if (!list) return;
    const look = () => (cut.value = list.scrollHeight > list.clientHeight + 2 || [...list.children].some((chip) => chip.scrollWidth > chip.clientWidth));
    const observer = new ResizeObserver(look);
    observer.observe(list);
    for (const chip of list.children) observer.observe(chip);
    look();
    return () => observer.disconnect();
  }, [queues]);
  const there = queues.reduce((sum, { waiting, messages }) => sum + waiting - messages, 0);
  const chips = queues.map((queue) => (
    <li key={queue.queue} class={queue.waiting > queue.messages ? "busy" : ""}>
      {said(queue)}
    </li>
  ));
  return (
    <div class={cut.value ? "lines cut" : "lines"}>
      <ul class="queues" ref={row} aria-hidden={cut.value} data-testid="queues">
        {chips}
      </ul>
      {cut.value && (
        <details data-testid="all-queues">
          <summary class={there > 0 ? "busy" : ""}>{words.allQueues(queues.length, there)}</summary>
          <ul>{chips}</ul>
        </details>
      )}
    </div>
  );
}

function Places() {
  const at = place.value.is === "customer" ? "history" : place.value.is;
  return (
    <nav class="places" aria-label={words.places}>
      <To place={{ is: "desk" }} current={at === "desk"} icon="desk" name={words.atDesk} unseen={at === "desk" ? 0 : unseen.value} />
      <To place={atCallbacks()} current={at === "callbacks"} icon="clock" name={callbackWords.title} />
      <To place={{ is: "history" }} current={at === "history"} icon="search" name={words.history} />
    </nav>
  );
}

function To({ place: to, current, icon, name, unseen: count = 0 }: { place: Place; current: boolean; icon: "desk" | "clock" | "search"; name: string; unseen?: number }) {
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a href={hashOf(to)} aria-current={current ? "page" : undefined} onClick={follow} data-testid={`to-${to.is}`}>
      <Icon name={icon} />
      <span>{name}</span>
      {count > 0 && (
        <span class="unread" aria-label={words.unread(count)}>
          {count}
        </span>
      )}
    </a>
  );
}

function Presence({ desk }: { desk: Desk }) {
  const current = desk.presence.is === "away" ? `away:${desk.presence.reason}` : desk.presence.is;
  // The one that counts was chosen perhaps at a console in another language.
  const own = desk.presence.is === "away" ? [desk.presence.reason] : [];
  const reasons = [...awayReasons().filter((each) => !own.some((one) => one !== each && reason(one) === reason(each))), ...own.filter((one) => !awayReasons().includes(one))];
  const choose = (value: string) => {
    const presence = value === "ready" ? ({ is: "ready" } as const) : ({ is: "away", reason: value.slice("away:".length) } as const);
    act({ op: "presence", presence });
  };
  return (
    <label class={`presence ${desk.presence.is}`}>
      <span class="dot" />
      <span class="hush">{words.presence}</span>
      <select
        value={current}
        disabled={!live.value || pending.value.has("presence")}
        onChange={(event) => {
          choose(event.currentTarget.value);
          // The server's word counts: until its change comes the old state is shown.
          event.currentTarget.value = current;
        }}
        data-testid="presence"
      >
        <option value="ready">{words.ready}</option>
        <optgroup label={words.away}>
          {reasons.map((each) => (
            <option key={each} value={`away:${each}`}>
              {reason(each)}
            </option>
          ))}
        </optgroup>
        {desk.presence.is === "gone" && <option value="gone">{words.gone}</option>}
      </select>
    </label>
  );
}

// Who was not asked yet is asked by it; who allowed notifications chooses what they say.
function Notices() {
  if (permission.value === "denied") return null;
  if (permission.value === "default") {
    return (
      <button type="button" class="ghost small notify" onClick={() => void allow()} title={words.allowNotices} aria-label={words.allowNotices} data-testid="allow-notices">
        <Icon name="notices" />
      </button>
    );
  }
  const hides = discreet.value;
  return (
    <button type="button" class="ghost small notify" aria-pressed={hides} onClick={toggleDiscreet} title={hides ? words.discreetOn : words.discreetOff} aria-label={words.discreet} data-testid="discreet">
      <Icon name={hides ? "discreet" : "notices"} />
    </button>
  );
}
