// Who else is in a chat: whose it is, who helps, and who is asked in.

import type { Contact } from "../../generated/protocol";
import { act, live, pending } from "../model";
import { companyWords as words } from "../words/company";
import { Icon } from "./Icon";

export function Company({ contact: { interaction, owner, members = [] }, agent }: { contact: Contact; agent: string }) {
  const others = members.filter((member) => member.agent !== agent);
  return (
    <div class="company" role="status" aria-label={words.company} data-testid="company">
      {(owner || others.length > 0) && <Icon name="people" />}
      {owner && <span>{words.of(owner.name)}</span>}
      {others.map(({ agent: other, name, joined }) => (
        <span key={other} class={joined ? "chip" : "chip asked"} data-member={other} data-joined={joined}>
          {joined ? words.with(name) : words.asked(name)}
          {!joined && !owner && (
            <button type="button" class="link" disabled={!live.value || pending.value.has(`withdraw:${interaction}:${other}`)} onClick={() => act({ op: "withdraw", interaction, agent: other })} aria-label={words.withdrawing(name)} data-testid="withdraw">
              {words.withdraw}
            </button>
          )}
        </span>
      ))}
    </div>
  );
}
