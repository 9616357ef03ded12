// Who is here, whether they take work, and how many wait.

import type { Desk } from "../../protocol";
import { act, dialog, live, pending, session, signOut } from "../model";
import { words } from "../words";
import { Icon } from "./Icon";
import { Mark } from "./Login";

export function TopBar({ desk }: { desk: Desk | undefined }) {
  return (
    <header class="top">
      <p class="brand">
        <Mark />
        <span>Tandem</span>
      </p>
      {desk && <Presence desk={desk} />}
      {desk && (
        <p class={desk.phone ? "phone on" : "phone off"} title={desk.phone ? undefined : words.phoneOffHint} data-testid="phone">
          <Icon name="phone" />
          <span>{desk.phone ? words.phoneOn : words.phoneOff}</span>
        </p>
      )}
      <ul class="queues" data-testid="queues">
        {desk?.queues.map(({ queue, waiting }) => (
          <li key={queue} class={waiting > 0 ? "busy" : ""}>
            {words.waitingIn(queue, waiting)}
          </li>
        ))}
      </ul>
      <div class="self">
        <NoticePermission />
        <button type="button" class="ghost" onClick={() => (dialog.value = { is: "keyboard" })} data-testid="keyboard">
          <Icon name="keys" />
          <span>{words.keyboard}</span>
        </button>
        <span class="who">{desk?.name ?? session.value?.agent}</span>
        <button type="button" class="ghost" onClick={() => signOut()} data-testid="sign-out">
          {words.signOut}
        </button>
      </div>
    </header>
  );
}

function Presence({ desk }: { desk: Desk }) {
  const current = desk.presence.is === "away" ? `away:${desk.presence.reason}` : desk.presence.is;
  const reasons = new Set<string>(words.reasons);
  if (desk.presence.is === "away") reasons.add(desk.presence.reason);
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
        {[...reasons].map((reason) => (
          <option key={reason} value={`away:${reason}`}>
            {words.awayFor(reason)}
          </option>
        ))}
        {desk.presence.is === "gone" && <option value="gone">{words.gone}</option>}
      </select>
    </label>
  );
}

function NoticePermission() {
  if (!("Notification" in window) || Notification.permission !== "default") return null;
  const ask = (event: MouseEvent) => {
    const button = event.currentTarget as HTMLButtonElement;
    void Notification.requestPermission().then(() => (button.hidden = true));
  };
  return (
    <button type="button" class="ghost notify" onClick={ask}>
      {words.allowNotices}
    </button>
  );
}
