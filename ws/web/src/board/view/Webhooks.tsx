// What other systems and customers were not told: a line for each webhook, and one for mails, that somebody should look after.

import { webhooks } from "../model";
import { command, stuck } from "../webhooks";
import { words } from "../words";

export function Webhooks() {
  return (
    <div class="notices" data-testid="webhooks">
      {stuck(webhooks.value).map((one) => (
        <p key={one.webhook} role="status" class="notice" title={one.error ?? undefined}>
          <b>{one.webhook}</b>
          {": "}
          {one.state === "gone" ? words.wantsNothing : one.mails ? words.deadMails(one.dead) : words.deadLetters(one.dead)}. {words.lookBy} <code>{command(one)}</code>
        </p>
      ))}
    </div>
  );
}
