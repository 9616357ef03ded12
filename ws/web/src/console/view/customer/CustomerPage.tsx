// Everything that is known of one customer.

import { useSignal } from "@preact/signals";
import { dayTime } from "../../../text/when";
import { because } from "../../because";
import { addNote, fetchCustomer, nameIn, type Customer } from "../../customer";
import { more, ofCustomer, type Found } from "../../history";
import { useLoaded } from "../../loaded";
import { reason } from "../../../text/staff";
import { live, now } from "../../model";
import { open } from "../../opened";
import { go } from "../../place";
import { agentNamed } from "../../roster";
import { recordOf, takeOut, textIn, typeIn } from "../../typed";
import { lang, words as common } from "../../words";
import { customerWords as words } from "../../words/customer";
import { historyWords } from "../../words/history";
import { Fact } from "../Fact";
import { Icon } from "../Icon";
import { Older } from "../Older";
import { Shown } from "../State";
import { Consents } from "./Consents";
import { MergeDialog, UnmergeDialog } from "./MergeDialog";

export function CustomerPage({ customer }: { customer: string }) {
  const found = useLoaded(() => fetchCustomer(customer), [customer]);
  return (
    <section class="page customer" id="conversation" tabIndex={-1} aria-labelledby="page-title" data-testid="customer-page">
      <Shown of={found} texts={words}>
        {(shown) => <All shown={shown} again={() => void found.again()} />}
      </Shown>
    </section>
  );
}

function All({ shown, again }: { shown: Customer; again: () => void }) {
  return (
    <>
      <header>
        <button type="button" class="ghost" onClick={() => go({ is: "desk" })} data-testid="to-desk">
          <Icon name="back" />
          {words.back}
        </button>
        <h2 id="page-title">{nameIn(shown, words.unnamed)}</h2>
        {shown.verified && (
          <span class="badge good">
            <Icon name="check" />
            {common.verified}
          </span>
        )}
      </header>
      {shown.erased && <p class="told">{words.erased(dayTime(shown.erased.at, now.value, lang))}</p>}
      <div class="columns">
        <div>
          <Known shown={shown} />
          <Merges shown={shown} again={again} />
        </div>
        <div>
          <Consents customer={shown.customer} name={nameIn(shown, words.unnamed)} />
          <Notes shown={shown} again={again} />
        </div>
        <Interactions shown={shown} />
      </div>
    </>
  );
}

function Known({ shown }: { shown: Customer }) {
  return (
    <section aria-label={words.title}>
      <dl class="facts">
        <Fact label={common.name} value={shown.name} />
        <Fact label={common.number} value={shown.number} />
        <Fact label={common.mail} value={shown.mail} />
        <Fact label={words.verified} value={shown.verified} />
        <Fact label={words.value} value={String(shown.value)} />
        <Fact label={words.familiar} value={shown.familiar && agentNamed(shown.familiar)} />
        <Fact label={words.known} value={dayTime(shown.known_at, now.value, lang)} />
      </dl>
      <h3>{words.knownBy}</h3>
      <ul class="identities">
        {shown.identities.map(({ kind, system, value, leads }) => (
          <li key={`${kind}${system}${value}`} title={leads ? words.leads : undefined}>
            <span class="told">{system || (words.kinds[kind] ?? kind)}</span>
            <span class={kind === "visitor" ? "mono" : undefined}>{value}</span>
            {leads && <Icon name="check" />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Merges({ shown, again }: { shown: Customer; again: () => void }) {
  const merging = useSignal(false);
  const apart = useSignal<string | undefined>(undefined);
  return (
    <section aria-label={words.merges} data-keeps="next" data-testid="merges">
      <h3>{words.merges}</h3>
      <ul class="merges">
        {shown.merges.map(({ merged, at, agent, program, reason, undone_at, undone_agent, undone_program, undone_reason }) => (
          <li key={`${merged}${at}`}>
            <span>
              {because(words.mergedAt(dayTime(at, now.value, lang), doer(agent, program)), reason)}
            </span>
            <span class="mono">{merged}</span>
            {undone_at === null ? (
              <button type="button" class="link" disabled={!live.value} onClick={() => (apart.value = merged)} data-testid="unmerge">
                {words.unmerge}
              </button>
            ) : (
              <span class="told" data-testid="unmerged">
                {because(words.undoneAt(dayTime(undone_at, now.value, lang), doer(undone_agent, undone_program)), undone_reason)}
              </span>
            )}
          </li>
        ))}
      </ul>
      <button type="button" class="quiet" disabled={!live.value} onClick={() => (merging.value = true)} data-testid="merge">
        {words.merge}
      </button>
      {merging.value && <MergeDialog customer={shown.customer} close={() => (merging.value = false)} done={again} />}
      {apart.value && <UnmergeDialog merged={apart.value} close={() => (apart.value = undefined)} done={again} />}
    </section>
  );
}

function doer(agent: string | null, program: string | null): string {
  return agent ? agentNamed(agent) : (program ?? words.somebody);
}

function Notes({ shown, again }: { shown: Customer; again: () => void }) {
  const trouble = useSignal("");
  const about = recordOf(shown.customer);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const text = String(new FormData(form).get("text") ?? "").trim();
    if (!text) return;
    const giveBackText = takeOut("note", about, true);
    addNote(shown.customer, text).then(
      () => {
        trouble.value = "";
        again();
      },
      (error: Error) => (giveBackText(), (trouble.value = error.message)),
    );
  };
  return (
    <section aria-label={words.notes} data-testid="customer-notes">
      <h3>{words.notes}</h3>
      {shown.notes.length === 0 && <p class="none">{words.noNotes}</p>}
      <ul class="notes">
        {shown.notes.map(({ at, agent, program, text }) => (
          <li key={`${at}${text}`}>
            <p>{text}</p>
            <span class="told">
              {agent ? agentNamed(agent) : (program ?? words.bySystem)} · {dayTime(at, now.value, lang)}
            </span>
          </li>
        ))}
      </ul>
      <form class="beside" onSubmit={submit}>
        <label class="field">
          <span>{words.newNote}</span>
          <textarea name="text" rows={2} maxLength={4_000} value={textIn("note", about)} onInput={(event) => typeIn("note", about, nameIn(shown, words.unnamed), event.currentTarget.value)} data-testid="customer-note" />
        </label>
        <button class="quiet" disabled={!live.value} data-testid="customer-note-add">
          {words.addNote}
        </button>
      </form>
      <p class="error" role="alert">
        {trouble}
      </p>
    </section>
  );
}

function Interactions({ shown }: { shown: Customer }) {
  const found = useLoaded(() => ofCustomer(shown.customer), [shown.customer, shown.merged.join()]);
  return (
    <section aria-label={words.interactions} data-testid="customer-interactions">
      <h3>{words.interactions}</h3>
      <Shown of={found} texts={{ loading: common.loading, failed: words.interactionsFailed, again: words.again }}>
        {({ body }) => (
          <>
            {body.length === 0 && <p class="none">{words.noInteractions}</p>}
            <ul class="rows">
              {body.map((each) => (
                <Row key={each.interaction} found={each} />
              ))}
            </ul>
            <Older of={found} fetch={more}>
              {historyWords.more}
            </Older>
          </>
        )}
      </Shown>
    </section>
  );
}

function Row({ found: { interaction, channel, opened_at, outcome, queue } }: { found: Found }) {
  return (
    <li>
      <button type="button" class="row" onClick={() => open({ is: "history", interaction })}>
        <span class={`avatar ${channel}`}>
          <Icon name={channel === "voice" ? "phone" : "chat"} />
        </span>
        <span class="what">
          <span class="name">{dayTime(opened_at, now.value, lang)}</span>
          <span class="last">{outcome === null ? historyWords.goesOn : reason(outcome)}</span>
        </span>
        <span class="marks">{queue}</span>
      </button>
    </li>
  );
}
