// Recordings of all calls, the newest on top: found by time, queue, agent and number, heard in place.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useLoaded } from "../../console/loaded";
import { Shown } from "../../console/view/State";
import { Player } from "../../player/Player";
import type { Board } from "../../generated/protocol";
import { reason } from "../../text/staff";
import { dayTime, span } from "../../text/when";
import { agentNamed, now, queue, session } from "../model";
import { find, more, type Found, type Wanted } from "../recordings";
import { lang, words } from "../words";
import { Table } from "./Table";

/** The column that holds how long each is. */
const LENGTH = 4;

const NOTHING: Omit<Wanted, "queue"> = { agent: "", number: "", from: "", to: "", whole: true };

export function Recordings({ board }: { board: Board }) {
  const wanted = useSignal(NOTHING);
  const heard = useSignal<string | undefined>(undefined);
  const found = useLoaded(() => find({ ...wanted.value, queue: queue.value }), [wanted.value, queue.value]);
  const trouble = useSignal("");
  // What is found anew is not heard by itself.
  useEffect(() => void (heard.value = undefined), [wanted.value, queue.value]);
  const older = async (path: string, before: Found[]) => {
    trouble.value = "";
    const shown = found.state.value;
    const page = await more(path).catch((error: Error) => void (found.state.value === shown && (trouble.value = error.message)));
    // What was looked for meanwhile stays.
    if (page && found.state.value === shown) found.state.value = { is: "there", value: { found: before.concat(page.found), next: page.next } };
  };
  const { columns } = words.recordings;
  return (
    <>
      <Form board={board} start={(asked) => (wanted.value = asked)} />
      <Shown of={found} texts={words.recordings}>
        {({ found: all, next }) => (
          <>
            <Table title={words.recordings.title} columns={columns.map((name, at) => ({ name, number: at === LENGTH }))} empty={words.recordings.none} testid="recordings">
              {all.map((each) => (
                <Line key={each.recording} found={each} open={heard.value === each.recording} toggle={() => (heard.value = heard.value === each.recording ? undefined : each.recording)} />
              ))}
            </Table>
            {trouble.value && (
              <p class="error" role="alert">
                {words.recordings.failed} {trouble.value}
              </p>
            )}
            {next && (
              <button type="button" class="quiet more" onClick={() => void older(next, all)} data-testid="recordings-more">
                {words.recordings.more}
              </button>
            )}
          </>
        )}
      </Shown>
    </>
  );
}

function Form({ board, start }: { board: Board; start: (wanted: Omit<Wanted, "queue">) => void }) {
  const submit = (event: Event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const field = (name: string) => String(form.get(name) ?? "").trim();
    start({ agent: field("agent"), number: field("number"), from: field("from"), to: field("to"), whole: !form.has("all") });
  };
  return (
    <form class="find" onSubmit={submit} aria-label={words.recordings.find} data-testid="recordings-form">
      <label class="field">
        <span>{words.recordings.from}</span>
        <input type="date" name="from" />
      </label>
      <label class="field">
        <span>{words.recordings.to}</span>
        <input type="date" name="to" />
      </label>
      <label class="field">
        <span>{words.recordings.agent}</span>
        <select name="agent">
          <option value="">{words.recordings.anyAgent}</option>
          {board.agents.map(({ agent, name }) => (
            <option key={agent} value={agent}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{words.number}</span>
        <input type="tel" name="number" autocomplete="off" />
      </label>
      <label class="check">
        <input type="checkbox" name="all" />
        {words.recordings.all}
      </label>
      <button type="submit" class="primary" data-testid="recordings-find">
        {words.recordings.find}
      </button>
    </form>
  );
}

function Line({ found, open, toggle }: { found: Found; open: boolean; toggle: () => void }) {
  const time = dayTime(found.started_at, now.value, lang);
  const known = found.name ?? found.number;
  const name = words.recordings.of(known ?? words.withNameless.voice, time);
  const agents = found.agents.map(agentNamed);
  return (
    <>
      <tr data-recording={found.recording}>
        <th scope="row">{time}</th>
        <td>
          {known ?? words.nameless.voice}
          {found.name !== null && found.number !== null && <span class="quietly"> {found.number}</span>}
        </td>
        <td>{found.queue}</td>
        <td>{agents.join(", ") || words.none}</td>
        <td class="number">{found.ms === null ? words.none : span(found.ms)}</td>
        <td class="quietly">{marks(found)}</td>
        <td>
          {found.mediatype !== null && (
            <button type="button" class="quiet" aria-expanded={open} aria-label={open ? words.recordings.closeOf(name) : words.recordings.listenTo(name)} onClick={toggle} data-testid="recording-listen">
              {open ? words.recordings.close : words.recordings.listen}
            </button>
          )}
        </td>
        <td>
          <a href={`/console/#history/${found.interaction}`} target="_blank" rel="noopener" aria-label={words.recordings.recordOf(name)} data-testid="recording-record">
            {words.recordings.record}
          </a>
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={8}>
            <Player token={session.value?.token ?? ""} sound={{ path: `/api/v1/interactions/${found.interaction}/recordings/${found.n}`, ms: found.ms ?? 0, name, mono: found.message_left_at !== null }} eager />
          </td>
        </tr>
      )}
    </>
  );
}

function marks(found: Found): string {
  const said = words.recordings;
  if (found.failed !== null) return said.lost(reason(found.failed));
  if (found.ms === null) return said.goesOn;
  if (found.mediatype === null) return said.deleted;
  const told = [found.message_left_at !== null && said.message, found.cut && said.cut, (found.lost_ms ?? 0) > 0 && said.missing(span(found.lost_ms ?? 0))];
  return told.filter(Boolean).join("; ");
}
