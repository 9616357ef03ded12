// The callbacks that were promised: mine, my queues', everybody's.

import { useEffect } from "preact/hooks";
import { dayTime } from "../../../text/when";
import { AT_ONCE, findCallbacks, moreCallbacks, type Callback, type Wanted } from "../../callbacks";
import { useFresh, useLoaded } from "../../loaded";
import { desk, now, session } from "../../model";
import { leaves, open } from "../../opened";
import { go } from "../../place";
import { agentNamed } from "../../roster";
import { seek, sought, type Listed } from "../../sought";
import { lang } from "../../words";
import { callbackWords as words } from "../../words/callbacks";
import { Nothing, Shown } from "../State";
import { CallbackDetail } from "./CallbackDetail";

const STATES = ["open", "promised", "dialling", "retrying", "ended"] as const;

export function CallbacksPage({ callback }: { callback: string | undefined }) {
  const listed = sought.value.callbacks;
  const { whose, queue, state } = listed;
  const turn = (change: Partial<Listed>) => seek({ callbacks: { ...listed, ...change } });
  useEffect(() => seek({ callback }), [callback]);
  const wanted: Wanted = { owner: whose === "mine" ? (session.value?.agent ?? "") : "", queue, state };
  const list = useLoaded(() => findCallbacks(wanted), [whose, queue, state]);
  // What was shown of further pages would go with the first that is fetched again.
  const first = ({ value: shown } = list.state) => shown.is === "there" && shown.value.body.length <= AT_ONCE;
  useFresh(list, first);
  const more = async (next: string, before: Callback[]) => {
    const found = await moreCallbacks(next);
    list.state.value = { is: "there", value: { body: before.concat(found.body), next: found.next } };
  };
  return (
    <section class={callback ? "page split chosen" : "page split"} id="conversation" tabIndex={-1} onKeyDown={leaves} aria-labelledby="page-title" data-testid="callbacks-page">
      <div class="list">
        <header>
          <h2 id="page-title">{words.title}</h2>
          <p>{words.lead}</p>
        </header>
        <form class="filters" onSubmit={(event) => event.preventDefault()}>
          <Choice label={words.whose} value={whose} options={[["mine", words.mine], ["all", words.everybody]]} choose={(value) => turn({ whose: value as Listed["whose"] })} testid="filter-whose" />
          <Choice label={words.queue} value={queue} options={[["", words.allQueues], ...(desk.value?.queues ?? []).map(({ queue: name }): [string, string] => [name, name])]} choose={(value) => turn({ queue: value })} testid="filter-queue" />
          <Choice label={words.state} value={state} options={[...STATES.map((each): [string, string] => [each, words.states[each]]), ["", words.states.all]]} choose={(value) => turn({ state: value as Listed["state"] })} testid="filter-state" />
        </form>
        <Shown of={list} texts={words}>
          {({ body, next }) =>
            body.length === 0 ? (
              <Nothing title={words.empty} text={words.emptyText} />
            ) : (
              <>
                <ul class="rows" aria-label={words.list} data-testid="callback-list">
                  {body.map((each) => (
                    <Row key={each.callback} callback={each} chosen={callback === each.callback} />
                  ))}
                </ul>
                {next && (
                  <button type="button" class="quiet more" onClick={() => void more(next, body)}>
                    {words.more}
                  </button>
                )}
              </>
            )
          }
        </Shown>
      </div>
      <div class="detail">{callback ? <CallbackDetail key={callback} callback={callback} changed={() => void list.again()} back={() => go({ is: "callbacks" })} /> : <p class="pick">{words.pick}</p>}</div>
    </section>
  );
}

function Choice({ label, value, options, choose, testid }: { label: string; value: string; options: [string, string][]; choose: (value: string) => void; testid: string }) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => choose(event.currentTarget.value)} data-testid={testid}>
        {options.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function Row({ callback, chosen }: { callback: Callback; chosen: boolean }) {
  const late = callback.state !== "ended" && callback.due < now.value - 60_000;
  return (
    <li>
      <button type="button" class="row" aria-pressed={chosen} onClick={() => open({ is: "callbacks", callback: callback.callback })} data-testid="callback-row" data-callback={callback.callback}>
        <span class="what">
          <span class="name">{callback.number}</span>
          <span class="last">
            {[callback.name, callback.queue, callback.owner ? agentNamed(callback.owner) : words.anybody].filter(Boolean).join(" · ")}
          </span>
        </span>
        <span class="marks">
          <span class={late ? "when late" : "when"}>
            {dayTime(callback.due, now.value, lang)}
            {late && <span> · {words.overdue}</span>}
          </span>
          <span class={`pill ${callback.state}`}>{words.states[callback.state]}</span>
        </span>
      </button>
    </li>
  );
}
