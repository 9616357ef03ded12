// The message that a caller left: how long it is and since when it waits.

import type { Voicemail } from "../../generated/protocol";
import { dayTime, span } from "../../text/when";
import { lang } from "../words";
import { voicemailWords as words } from "../words/voicemail";
import { Icon } from "./Icon";

export function VoicemailBar({ voicemail }: { voicemail: Voicemail }) {
  return (
    <div class="parked" role="status" data-testid="voicemail">
      <Icon name="phone" />
      <span>{words.left(span(voicemail.ms), dayTime(voicemail.left, Date.now(), lang))}</span>
    </div>
  );
}
