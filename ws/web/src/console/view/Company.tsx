// Who else is in a chat: whose it is, who helps, and who is asked in.

import type { Contact } from "../../generated/protocol";
import { companyWords as words } from "../words/company";
import { Icon } from "./Icon";

export function Company({ contact: { owner, members = [] }, agent }: { contact: Contact; agent: string }) {
  const others = members.filter((member) => member.agent !== agent);
  return (
    <div class="company" role="status" aria-label={words.company} data-testid="company">
      {(owner || others.length > 0) && <Icon name="people" />}
      {owner && <span>{words.of(owner.name)}</span>}
      {others.map(({ agent: other, name, joined }) => (
        <span key={other} class={joined ? "chip" : "chip asked"} data-member={other} data-joined={joined}>
          {joined ? words.with(name) : words.asked(name)}
        </span>
      ))}
    </div>
  );
}
