// Merging two records of the same person: find the other one, see both, say why.

import { useSignal } from "@preact/signals";
import { dayTime } from "../../../text/when";
import { fetchCustomer, findCustomers, merge, nameIn, unmerge, type Customer } from "../../customer";
import { useLoaded } from "../../loaded";
import { now } from "../../model";
import { recordOf, recordsOf, takeOut, textIn, typeIn } from "../../typed";
import { lang, words as common } from "../../words";
import { customerWords as words } from "../../words/customer";
import { handingWords } from "../../words/handing";
import { Fact } from "../Fact";
import { Modal } from "../Modal";
import { Shown } from "../State";

export function MergeDialog({ customer, close, done }: { customer: string; close: () => void; done: () => void }) {
  const other = useSignal<Customer | undefined>(undefined);
  return other.value ? (
    <Sure key="sure" customer={customer} other={other.value} again={() => (other.value = undefined)} close={close} done={done} />
  ) : (
    <Find key="find" customer={customer} choose={(found) => (other.value = found)} close={close} />
  );
}

function Find({ customer, choose, close }: { customer: string; choose: (found: Customer) => void; close: () => void }) {
  const trouble = useSignal("");
  const found = useSignal<Customer[] | undefined>(undefined);
  const busy = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const clue = String(new FormData(event.currentTarget as HTMLFormElement).get("clue") ?? "").trim();
    trouble.value = clue ? "" : words.clueEmpty;
    found.value = undefined;
    if (!clue) return;
    busy.value = true;
    // The own record, and what is part of it already, is no other one.
    await findCustomers(clue).then(
      (customers) => (found.value = customers.filter((each) => each.customer !== customer && !each.merged.includes(customer))),
      (error: Error) => (trouble.value = error.message),
    );
    busy.value = false;
  };
  return (
    <Modal title={words.mergeTitle} wide closed={close}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <p>{words.mergeLead}</p>
        <div class="beside">
          <label class="field">
            <span>{words.clue}</span>
            <input name="clue" maxLength={200} autofocus autocomplete="off" aria-describedby="clue-trouble" data-testid="merge-clue" />
          </label>
          <button class="primary" disabled={busy} data-testid="merge-find">
            {busy.value ? words.finding : words.find}
          </button>
        </div>
        <p class="error" role="alert" id="clue-trouble">
          {trouble}
        </p>
      </form>
      <p class={found.value?.length === 0 ? "none" : "hush"} role="status">
        {found.value && (found.value.length === 0 ? words.nobody : handingWords.found(found.value.length))}
      </p>
      <ul class="rows" data-testid="merge-found">
        {found.value?.map((each) => (
          <li key={each.customer}>
            <button type="button" class="row" onClick={() => choose(each)}>
              <span class="what">
                <span class="name">{nameIn(each, words.unnamed)}</span>
                <span class="last">{[each.number, each.mail, counted(each)].filter(Boolean).join(" · ")}</span>
              </span>
              <span class="marks">{words.choose}</span>
            </button>
          </li>
        ))}
      </ul>
      <div class="buttons">
        <button type="button" class="quiet" onClick={close}>
          {common.cancel}
        </button>
      </div>
    </Modal>
  );
}

function Sure({ customer, other, again, close, done }: { customer: string; other: Customer; again: () => void; close: () => void; done: () => void }) {
  const own = useLoaded(() => fetchCustomer(customer), [customer]);
  const trouble = useSignal("");
  const about = recordsOf(customer, other.customer);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget as HTMLFormElement).get("reason") ?? "").trim();
    if (!reason) return void (trouble.value = words.whyEmpty);
    const giveBackText = takeOut("merge", about);
    merge(customer, other.customer, reason).then(
      () => (close(), done()),
      (error: Error) => (giveBackText(), (trouble.value = error.message)),
    );
  };
  return (
    <Modal title={words.sure} wide closed={close}>
      <form onSubmit={submit} noValidate>
        <p>{words.sureText}</p>
        <Shown of={own} texts={words}>
          {(kept) => (
            <div class="both" data-testid="merge-both">
              <Side title={words.stays} customer={kept} />
              <Side title={words.joins} customer={other} />
            </div>
          )}
        </Shown>
        <label class="field">
          <span>{words.why}</span>
          <input name="reason" maxLength={100} autofocus defaultValue={textIn("merge", about)} onInput={(event) => typeIn("merge", about, nameIn(other, words.unnamed), event.currentTarget.value)} data-testid="merge-reason" />
        </label>
        <p class="error" role="alert">
          {trouble}
        </p>
        <div class="buttons">
          <button type="button" class="quiet" onClick={again}>
            {words.otherOne}
          </button>
          <button class="primary" data-testid="confirm">
            {words.mergeYes}
          </button>
        </div>
      </form>
    </Modal>
  );
}

// The answer about a customer has 50 of them at most.
function counted({ interactions: { length } }: Customer): string {
  return length < 50 ? words.count(length) : words.atLeast(length);
}

function Side({ title, customer }: { title: string; customer: Customer }) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <dl>
        <Fact label={common.name} value={customer.name ?? words.unnamed} />
        <Fact label={common.number} value={customer.number} />
        <Fact label={common.mail} value={customer.mail} />
        <Fact label={words.verified} value={customer.verified} />
        <Fact label={words.known} value={dayTime(customer.known_at, now.value, lang)} />
        <Fact label={words.interactions} value={counted(customer)} />
        <Fact label={words.title} value={customer.customer} mono />
      </dl>
    </section>
  );
}

export function UnmergeDialog({ merged, close, done }: { merged: string; close: () => void; done: () => void }) {
  const trouble = useSignal("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget as HTMLFormElement).get("reason") ?? "").trim();
    if (!reason) return void (trouble.value = words.whyEmpty);
    const giveBackText = takeOut("unmerge", recordOf(merged));
    unmerge(merged, reason).then(
      () => (close(), done()),
      (error: Error) => (giveBackText(), (trouble.value = error.message)),
    );
  };
  return (
    <Modal title={words.unmergeTitle} closed={close}>
      <form onSubmit={submit} noValidate>
        <p>{words.unmergeText}</p>
        <label class="field">
          <span>{words.reason}</span>
          <input name="reason" maxLength={100} autofocus defaultValue={textIn("unmerge", recordOf(merged))} onInput={(event) => typeIn("unmerge", recordOf(merged), words.unnamed, event.currentTarget.value)} data-testid="unmerge-reason" />
        </label>
        <p class="error" role="alert">
          {trouble}
        </p>
        <div class="buttons">
          <button type="button" class="quiet" onClick={close}>
            {common.cancel}
          </button>
          <button class="primary" data-testid="confirm">
            {words.unmergeYes}
          </button>
        </div>
      </form>
    </Modal>
  );
}
