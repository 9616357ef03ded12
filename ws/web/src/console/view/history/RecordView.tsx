// A record in order: who came, before whom it was put and why, what was said, how it ended.

import { holdTold, stood } from "../../../text/route";
import { reason } from "../../../text/staff";
import { dayTime, span } from "../../../text/when";
import { fetchHold } from "../../history";
import { useLoaded } from "../../loaded";
import { inOrder, whole, type InteractionRecord, type RecordLeg, type RecordLine, type RecordOffer, type Who } from "../../record";
import { agentName, authorName, told } from "../../told";
import { agentNamed } from "../../roster";
import { download } from "../../transcript";
import { walked, type Words } from "../../walked";
import { lang, words } from "../../words";
import { companyWords } from "../../words/company";
import { handingWords } from "../../words/handing";
import { customerWords } from "../../words/customer";
import { historyWords } from "../../words/history";
import { arrive, open } from "../../opened";
import { go } from "../../place";
import { Fact } from "../Fact";
import { FileBubble } from "../FileBubble";
import { Icon } from "../Icon";
import { Recorded } from "./Recorded";

/** The name of an agent. */
type Named = (agent: string) => string;

const WORDS: Words = { history: historyWords, customer: customerWords, reason, lang };

const when = (at: number | null) => (at === null ? words.none : dayTime(at, Date.now(), lang));

export function RecordView({ record, opened }: { record: InteractionRecord; opened?: () => void }) {
  const { customer, name } = record.customer;
  const agents = record.assignments.map((stay) => naming(record)(stay.agent)).filter((each, at, all) => all.indexOf(each) === at);
  return (
    <div ref={arrive} class="record" data-opened tabIndex={0} role="region" aria-label={words.recordTitle} data-testid="record">
      <dl class="facts">
        <Fact label={historyWords.customer} value={name || words.unnamed} />
        <Fact label={words.opened} value={when(record.opened_at)} />
        <Fact label={words.sealed} value={record.sealed_at === null ? historyWords.goesOn : when(record.sealed_at)} />
        <Fact label={words.queue} value={record.queue ?? words.none} />
        <Fact label={words.assignments} value={agents.join(", ") || words.none} />
        <Fact label={words.outcome} value={reason(record.outcome) || words.none} />
        {record.solved !== null && <Fact label={historyWords.solved} value={historyWords.solvedAs[record.solved ? "yes" : "no"]} testid="record-solved" />}
        <Other label={historyWords.repeats} interaction={record.repeatOf} opened={opened} testid="record-repeats" />
        <Other label={historyWords.partOf} interaction={record.partOf} opened={opened} testid="record-part-of" />
        {record.waits && <Held interaction={record.interaction} />}
        {record.answers.map(({ label, text }) => (
          <Fact key={label} label={label} value={text} testid="record-answer" />
        ))}
        <Fact label={words.page} value={record.page} address />
        <Fact label={words.referrer} value={record.referrer} address />
        <Fact label={words.interaction} value={record.interaction} mono />
      </dl>
      <div class="buttons">
        {customer && (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              opened?.();
              go({ is: "customer", customer });
            }}
            data-testid="record-customer"
          >
            <Icon name="card" />
            {historyWords.openCustomer}
          </button>
        )}
        <button type="button" class="quiet" onClick={() => download(record.interaction, record.timeline)} data-testid="transcript">
          <Icon name="save" />
          {historyWords.transcript}
        </button>
      </div>
      {whole(record).map((each) => (
        <Recorded key={each.interaction} record={each} />
      ))}
      <h3>{historyWords.order}</h3>
      <ol class="order">
        {inOrder(record).map((line, at) => (
          <li key={at} data-is={line.is} class={line.of === record ? undefined : "part"}>
            <time dateTime={new Date(line.at).toISOString()}>{when(line.at)}</time>
            <Line line={line} opened={opened} />
          </li>
        ))}
      </ol>
    </div>
  );
}

// Another contact that this one belongs to.
function Other({ label, interaction, opened, testid }: { label: string; interaction: string; opened: (() => void) | undefined; testid: string }) {
  if (!interaction) return null;
  return (
    <div data-testid={testid}>
      <dt>{label}</dt>
      <dd>
        <Way interaction={interaction} opened={opened} />
      </dd>
    </div>
  );
}

function Way({ interaction, opened }: { interaction: string; opened: (() => void) | undefined }) {
  const turn = () => {
    opened?.();
    open({ is: "history", interaction });
  };
  return (
    <button type="button" class="link" title={interaction} onClick={turn}>
      {historyWords.openOther}
    </button>
  );
}

function Held({ interaction }: { interaction: string }) {
  const { state } = useLoaded(() => fetchHold(interaction), [interaction]);
  const hold = state.value.is === "there" ? state.value.value : null;
  return <Fact label={historyWords.held} value={hold && holdTold(hold, Date.now(), lang)} testid="record-held" />;
}

// Who left the house keeps the name they came into the chat under.
function naming(record: InteractionRecord): Named {
  return (agent) => agentNamed(agent, agentName(agent, record.timeline));
}

function Line({ line, opened }: { line: RecordLine; opened: (() => void) | undefined }) {
  const record = line.of;
  const name = naming(record);
  const who = ({ agent, name: then }: Who) => (agent ? agentNamed(agent, then || agent) : then);
  switch (line.is) {
    case "entry":
      if (line.entry.what === "file")
        return (
          <div>
            <strong>{authorName(line.entry.from)}:</strong> <FileBubble interaction={record.interaction} file={line.entry.file} />
          </div>
        );
      if (line.entry.what !== "message") return <p class="told">{told(line.entry, record.timeline)}</p>;
      return (
        <p>
          <strong>{authorName(line.entry.from)}:</strong> {line.entry.text}
        </p>
      );
    case "offer":
      return <Offered offer={line.offer} name={name} />;
    case "leg_began":
      return <p class="told">{historyWords.legBegan(party(line.leg, name), named(line.leg.cause))}</p>;
    case "leg_ended":
      return <p class="told">{historyWords.legEnded(party(line.leg, name), reason(named(line.leg.reason)))}</p>;
    case "internal":
      return (
        <p class="noted" data-testid="record-note">
          <strong>{handingWords.notedBy(who(line.note.by))}:</strong> {line.note.text}
        </p>
      );
    case "hand_over":
      return <p class="told">{handingWords.handedTo(who(line.handOver.from), who(line.handOver.to))}</p>;
    case "invited":
      return <p class="told">{companyWords.askedIn(who(line.invitation.from), who(line.invitation.to))}</p>;
    case "uncome":
      return <p class="told">{companyWords.notCome(name(line.uncome.who), historyWords.ends[line.uncome.end] ?? line.uncome.end)}</p>;
    case "asked":
      return <p class="told">{historyWords.asked[line.asked.step](who(line.asked.whom) || words.legWords["outside_phone"]!, who(line.asked.by), reason(named(line.asked.why)))}</p>;
    case "step":
      return (
        <p class="told">
          {walked(line.step, who, WORDS)} {"other" in line.step && <Way interaction={line.step.other} opened={opened} />}
        </p>
      );
    case "part":
      return (
        <p class="told">
          {historyWords.part(record.channel ? historyWords.channels[record.channel] : words.none, record.queue ?? words.none)} <Way interaction={record.interaction} opened={opened} />
        </p>
      );
    case "note":
      return (
        <p class="noted">
          <strong>{historyWords.noted(name(line.stay.agent))}:</strong> {[line.stay.disposition, line.stay.note].filter(Boolean).join(". ")}
        </p>
      );
  }
}

function Offered({ offer, name }: { offer: RecordOffer; name: Named }) {
  const { candidates } = offer;
  const about = [offer.waited !== null && historyWords.waited(span(offer.waited)), offer.end ? (historyWords.ends[offer.end] ?? offer.end) : historyWords.stands];
  return (
    <div class="offered">
      <p>
        {historyWords.offered(name(offer.agent), reason(offer.why))} <span class="told">({about.filter(Boolean).join("; ")})</span>
      </p>
      {candidates.length > 0 && (
        <details data-testid="route">
          <summary>{historyWords.lookedAt(Math.max(offer.considered, candidates.length))}</summary>
          <ul>
            {candidates.map((each) => (
              <li key={each.agent}>
                <strong>{name(each.agent)}</strong> {stood(each)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function party(leg: RecordLeg, name: Named): string {
  const kind = named(leg.kind);
  if (leg.kind.startsWith("agent_")) return leg.who ? `${kind} ${name(leg.who)}` : kind;
  return leg.who && !/^[0-9a-f]{32}$/.test(leg.who) ? `${kind} ${leg.who}` : kind;
}

// Words the catalogue does not know are shown as the server wrote them.
function named(word: string): string {
  return words.legWords[word] ?? word.replaceAll("_", " ");
}
