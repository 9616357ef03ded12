// What an agent does within a running call: hold, mute, transfer, and what follows a question.

import type { Contact } from "../../generated/protocol";
import { act, complete, dialog, live, nameOf, pending } from "../model";
import { goalNamed } from "../roster";
import { textIn, typeIn } from "../typed";
import { words } from "../words";
import { Keypad } from "./Keypad";

export function CallActions({ contact }: { contact: Contact }) {
  const { interaction, consult, conference = [], held = false, muted = false } = contact;
  const waits = (op: string) => !live.value || pending.value.has(`${op}:${interaction}`);
  if (consult) {
    const who = goalNamed(consult.to);
    return (
      <span class="actions" data-testid="consulting" data-joined={consult.joined}>
        <span>{consult.joined ? words.asked(who) : words.asking(who)}</span>
        <button type="button" class="primary" disabled={waits("complete")} onClick={() => complete(interaction)} data-testid="complete">
          {words.complete}
        </button>
        {consult.joined && (
          <button type="button" class="quiet" disabled={waits("conference")} onClick={() => act({ op: "conference", interaction })} data-testid="conference">
            {words.conference}
          </button>
        )}
        {consult.joined && <Keypad interaction={interaction} />}
        <button type="button" class="quiet" disabled={waits("take_back")} onClick={() => act({ op: "take_back", interaction })} data-testid="take-back">
          {words.takeBack}
        </button>
      </span>
    );
  }
  return (
    <span class="actions">
      {conference.map((guest) => (
        <span key={guest.leg} class="guest" data-testid="in-conference">
          {words.inConference(goalNamed(guest))}
          <button type="button" class="quiet" disabled={waits("dismiss")} onClick={() => act({ op: "dismiss", interaction, leg: guest.leg })} data-testid="take-out">
            {words.takeOut(goalNamed(guest))}
          </button>
        </span>
      ))}
      <button type="button" class="quiet" disabled={waits("hold")} onClick={() => act({ op: "hold", interaction, on: !held })} data-testid="hold">
        {held ? words.resume : words.hold}
      </button>
      <button type="button" class="quiet" disabled={waits("mute")} onClick={() => act({ op: "mute", interaction, on: !muted })} data-testid="mute">
        {muted ? words.unmute : words.mute}
      </button>
      <Keypad interaction={interaction} />
      <button type="button" class="quiet" disabled={waits("transfer")} onClick={() => (dialog.value = { is: "transfer", interaction })} data-testid="transfer">
        {words.transfer}
      </button>
    </span>
  );
}

/** What a colleague who is asked should know once they take over. */
export function Along({ contact: { interaction, card, consult } }: { contact: Contact }) {
  if (!consult) return null;
  return (
    <label class="field along">
      <span>{words.transferNote}</span>
      <input maxLength={4_000} autocomplete="off" value={textIn("transfer", interaction)} onInput={(event) => typeIn("transfer", interaction, nameOf(card), event.currentTarget.value)} data-testid="consult-note" />
    </label>
  );
}
