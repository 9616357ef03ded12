// Finding interactions on record, and reading one.

import { dayTime } from "../../../text/when";
import { colleagues } from "../../roster";
import { fetchRecord, more, search, type Found } from "../../history";
import { useLoaded } from "../../loaded";
import { reason } from "../../../text/staff";
import { desk, now } from "../../model";
import { leaves, open } from "../../opened";
import { go } from "../../place";
import { NOTHING, seek, sought, type Search } from "../../sought";
import { lang, words as common } from "../../words";
import { handingWords } from "../../words/handing";
import { historyWords as words } from "../../words/history";
import { Icon } from "../Icon";
import { Older } from "../Older";
import { Nothing, Shown } from "../State";
import { RecordView } from "./RecordView";

export function HistoryPage({ interaction }: { interaction: string | undefined }) {
  const wanted = sought.value.history;
  const found = useLoaded(() => search(wanted), [wanted]);
  const hits = found.state.value;
  return (
    <section class={interaction ? "page split chosen" : "page split"} id="conversation" tabIndex={-1} onKeyDown={leaves} aria-labelledby="page-title" data-testid="history-page">
      <div class="list">
        <header>
          <h2 id="page-title">{words.title}</h2>
          <p>{words.lead}</p>
        </header>
        <Form wanted={wanted} start={(history) => seek({ history })} />
        <p class="hush" role="status" data-testid="found">
          {hits.is === "there" && handingWords.found(hits.value.body.length)}
        </p>
        <Shown of={found} texts={words}>
          {({ body }) =>
            body.length === 0 ? (
              <Nothing title={words.empty} text={words.emptyText} />
            ) : (
              <>
                <ul class="rows" aria-label={words.results} data-testid="results">
                  {body.map((each) => (
                    <FoundRow key={each.interaction} found={each} chosen={each.interaction === interaction} />
                  ))}
                </ul>
                <Older of={found} fetch={more}>
                  {words.more}
                </Older>
              </>
            )
          }
        </Shown>
      </div>
      <div class="detail">{interaction ? <OneRecord key={interaction} interaction={interaction} /> : <p class="pick">{words.pick}</p>}</div>
    </section>
  );
}

function OneRecord({ interaction }: { interaction: string }) {
  const record = useLoaded(() => fetchRecord(interaction), [interaction]);
  return (
    <>
      <button type="button" class="ghost back" onClick={() => go({ is: "history" })}>
        <Icon name="back" />
        {words.back}
      </button>
      <Shown of={record} texts={{ loading: common.loading, failed: common.recordFailed, again: words.again }}>
        {(shown) => <RecordView record={shown} />}
      </Shown>
    </>
  );
}

function Form({ wanted, start }: { wanted: Search; start: (wanted: Search) => void }) {
  const agents = useLoaded(() => colleagues(), []);
  const staff = agents.state.value.is === "there" ? agents.state.value.value : [];
  const submit = (event: Event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const field = (name: string) => String(form.get(name) ?? "").trim();
    start({ text: field("text"), name: field("name"), number: field("number"), mail: field("mail"), queue: field("queue"), agent: field("agent"), from: field("from"), to: field("to"), live: form.has("live") });
  };
  return (
    <form class="filters search" role="search" aria-label={words.form} onSubmit={submit} onReset={() => start(NOTHING)} data-testid="search">
      <label class="field broad">
        <span>{words.text}</span>
        <input name="text" type="search" defaultValue={wanted.text} maxLength={200} data-testid="search-text" />
      </label>
      <label class="field">
        <span>{words.name}</span>
        <input name="name" defaultValue={wanted.name} maxLength={100} autocomplete="off" data-testid="search-name" />
      </label>
      <label class="field">
        <span>{words.number}</span>
        <input name="number" type="tel" defaultValue={wanted.number} maxLength={30} autocomplete="off" data-testid="search-number" />
      </label>
      <label class="field">
        <span>{words.mail}</span>
        <input name="mail" defaultValue={wanted.mail} maxLength={200} autocomplete="off" data-testid="search-mail" />
      </label>
      <label class="field">
        <span>{words.queue}</span>
        <select name="queue" data-testid="search-queue">
          <option value="">{words.anyQueue}</option>
          {desk.value?.queues.map(({ queue }) => (
            <option key={queue} selected={queue === wanted.queue}>
              {queue}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{words.agent}</span>
        <select name="agent" data-testid="search-agent">
          <option value="">{words.anyAgent}</option>
          {staff.map(({ agent, name }) => (
            <option key={agent} value={agent} selected={agent === wanted.agent}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{words.from}</span>
        <input name="from" defaultValue={wanted.from} type="date" />
      </label>
      <label class="field">
        <span>{words.to}</span>
        <input name="to" defaultValue={wanted.to} type="date" />
      </label>
      <label class="check">
        <input name="live" type="checkbox" defaultChecked={wanted.live} data-testid="search-live" />
        <span>{words.live}</span>
      </label>
      <div class="buttons">
        <button type="reset" class="quiet">
          {words.clear}
        </button>
        <button class="primary" data-testid="search-go">
          {words.search}
        </button>
      </div>
    </form>
  );
}

function FoundRow({ found, chosen }: { found: Found; chosen: boolean }) {
  return (
    <li>
      <button type="button" class="row" aria-pressed={chosen} onClick={() => open({ is: "history", interaction: found.interaction })} data-testid="result" data-interaction={found.interaction}>
        <span class={`avatar ${found.channel}`}>
          <Icon name={found.channel === "voice" ? "phone" : "chat"} />
        </span>
        <span class="what">
          <span class="name">{found.who || common.unnamed}</span>
          <span class="last">{[found.queue, found.outcome === null ? words.goesOn : reason(found.outcome)].join(" · ")}</span>
        </span>
        <span class="marks when">{dayTime(found.opened_at, now.value, lang)}</span>
      </button>
    </li>
  );
}
