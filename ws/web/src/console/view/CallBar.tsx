// The call beside a conversation.

import type { Contact } from "../../generated/protocol";
import { span } from "../../text/when";
import { act, lineOf, live, now, pending } from "../model";
import { callTold } from "../../text/call";
import { reason } from "../../text/staff";
import { words } from "../words";
import { Along, CallActions } from "./CallActions";
import { Icon } from "./Icon";
import { Lines } from "./Lines";
import { RecordingActions } from "./Recording";

export function CallBar({ contact }: { contact: Contact }) {
  const { call, interaction } = contact;
  if (!call) return null;
  const running = call.is !== "ended" && call.is !== "failed";
  const since = lineOf(interaction)?.timeline.entries.findLast((entry) => entry.what === "call" && entry.call.is === "connected")?.at;
  return (
    <div class={`callbar ${call.is}`} role="status" tabIndex={-1} data-keeps={running ? "self" : undefined} data-testid="call" data-call={call.is}>
      <Icon name="phone" />
      <strong>{call.is === "connected" && contact.held ? words.onHold : callTold(call, words, reason)}</strong>
      {call.is === "connected" && since !== undefined && <Duration since={since} />}
      {call.is === "connected" && <CallActions contact={contact} />}
      {running && contact.consult === undefined && (
        <button type="button" class="danger" disabled={!live.value || pending.value.has(`hang_up:${interaction}`)} onClick={() => act({ op: "hang_up", interaction })} data-testid="hang-up">
          {words.hangUp}
        </button>
      )}
      <div class="further">
        {call.is === "connected" && <Along contact={contact} />}
        {contact.hold_refused && (
          <span class="hint" data-testid="hold-refused">
            {words.holdRefused}
          </span>
        )}
        {running && contact.page_away && (
          <span class="hint" role="status" data-testid="page-away">
            {words.pageAway}
          </span>
        )}
        <Lines contact={contact} />
        {call.is === "connected" && <RecordingActions contact={contact} />}
      </div>
    </div>
  );
}

function Duration({ since }: { since: number }) {
  return (
    <span class="duration" role="timer" aria-live="off">
      {span(now.value - since)}
    </span>
  );
}
