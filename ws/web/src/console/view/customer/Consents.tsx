// By what a customer may be contacted, what they said about it, and a form for what they say now.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { dayTime } from "../../../text/when";
import { restated, saidOf, standings, state, type ContactChannel, type Standing, type Statement } from "../../customer";
import { useLoaded } from "../../loaded";
import { may } from "../../may";
import { act, live, now, pending } from "../../model";
import { agentNamed } from "../../roster";
import { recordOf, takeOut, textIn, typeIn } from "../../typed";
import { lang, words as common } from "../../words";
import { customerWords as words } from "../../words/customer";
import { Modal } from "../Modal";
import { Shown } from "../State";

/** `interaction` is the contact in which something is said now, when there is one. */
export function Consents({ customer, name, interaction }: { customer: string; name: string; interaction?: string }) {
  const found = useLoaded(() => standings(customer), [customer]);
  const shown = useSignal<"record" | "history" | undefined>(undefined);
  const [news, connected] = [restated.value.get(customer), live.value];
  const first = useRef(true);
  // What came while the connection was away was told to nobody here.
  useEffect(() => {
    if (connected && !first.current) void found.refresh();
    first.current = false;
  }, [news, connected]);
  const close = () => (shown.value = undefined);
  return (
    <section class="consents" aria-label={words.consent} data-testid="consents">
      <h3>{words.consent}</h3>
      <Shown of={found} texts={{ loading: common.loading, failed: words.consentFailed, again: words.again }}>
        {(channels) => (
          <ul>
            {channels.map((each) => (
              <Channel key={each.channel} standing={each} />
            ))}
          </ul>
        )}
      </Shown>
      <div class="buttons">
        <button type="button" class="link" disabled={!live.value} onClick={() => (shown.value = "record")} data-testid="consent-record">
          {words.record}
        </button>
        <button type="button" class="link" onClick={() => (shown.value = "history")} data-testid="consent-history">
          {words.history}
        </button>
      </div>
      {shown.value === "record" && <Record customer={customer} name={name} interaction={interaction} close={close} done={() => void found.again()} />}
      {shown.value === "history" && <History customer={customer} close={close} />}
    </section>
  );
}

function Channel({ standing: { channel, allowed, reason, consent, suppression } }: { standing: Standing }) {
  const last = reason === "suppressed" ? suppression : (consent ?? suppression);
  const why = [reason && (words.reasons[reason] ?? reason), last?.reason].filter(Boolean).join(": ");
  return (
    <li class={allowed ? "yes" : "no"} data-channel={channel} data-allowed={allowed}>
      <span>{words.channels[channel]}</span>
      <strong>{allowed ? words.allowed : words.barred}</strong>
      {why && <span class="reason">{why}</span>}
    </li>
  );
}

interface RecordProps {
  customer: string;
  name: string;
  interaction: string | undefined;
  close: () => void;
  /** It is recorded. */
  done: () => void;
}

function Record({ customer, name, interaction, close, done }: RecordProps) {
  const trouble = useSignal("");
  // Who lifts what the house blocks decides for the house.
  const lifts = useLoaded(() => may("admin:privacy"), []).state.value;
  const { unsuppressed, ...said } = words.changes;
  const about = interaction ?? recordOf(customer);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const channel = form.get("channel") as ContactChannel;
    const change = form.get("change") as Statement;
    const reason = String(form.get("reason") ?? "").trim();
    const day = String(form.get("until") ?? "");
    const until = day ? new Date(`${day}T23:59:59`).getTime() : undefined;
    if (until !== undefined && until <= now.peek()) return void (trouble.value = words.untilPast);
    const giveBackText = takeOut("consent", about);
    const finish = () => (close(), done());
    const failed = (why: string) => (giveBackText(), (trouble.value = why));
    // What a customer says in a contact belongs to the contact's record.
    if (interaction && until === undefined && (change === "given" || change === "withdrawn")) {
      return act({ op: "consent", interaction, channel, given: change === "given", reason: reason || null }, (error) => (error === undefined ? finish() : failed(error)));
    }
    state(customer, channel, change, reason, until).then(finish, (error: Error) => failed(error.message));
  };
  return (
    <Modal title={words.recordTitle} closed={close}>
      <form onSubmit={submit} noValidate>
        <Choice name="channel" label={words.channel} options={words.channels} />
        <Choice name="change" label={words.statement} options={lifts.is === "there" && lifts.value ? words.changes : said} />
        <label class="field">
          <span>{words.reason}</span>
          <input name="reason" maxLength={100} defaultValue={textIn("consent", about)} onInput={(event) => typeIn("consent", about, name, event.currentTarget.value)} placeholder={words.reasonHint} data-testid="consent-reason" />
        </label>
        <label class="field">
          <span>{words.until}</span>
          <input name="until" type="date" />
        </label>
        <p class="error" role="alert">
          {trouble}
        </p>
        <div class="buttons">
          <button type="button" class="quiet" onClick={close}>
            {common.cancel}
          </button>
          <button class="primary" disabled={!live.value || pending.value.has(`consent:${interaction}`)} data-testid="confirm">
            {words.save}
          </button>
        </div>
      </form>
    </Modal>
  );
}

function Choice({ name, label, options }: { name: string; label: string; options: Record<string, string> }) {
  return (
    <label class="field">
      <span>{label}</span>
      <select name={name} data-testid={`consent-${name}`}>
        {Object.entries(options).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function History({ customer, close }: { customer: string; close: () => void }) {
  const said = useLoaded(() => saidOf(customer), [customer, restated.value.get(customer)]);
  return (
    <Modal title={words.historyTitle} wide closed={close}>
      <Shown of={said} texts={{ loading: common.loading, failed: words.consentFailed, again: words.again }}>
        {(history) =>
          history.length === 0 ? (
            <p class="none">{words.noHistory}</p>
          ) : (
            <ol class="said" data-testid="said">
              {history.map(({ at, channel, change, source, reason, until, agent, program }) => (
                <li key={`${at}${channel}${change}`}>
                  <time>{dayTime(at, now.value, lang)}</time>
                  <p>
                    <strong>{words.channels[channel]}:</strong> {[words.changes[change] ?? change, reason, until && words.untilTime(dayTime(until, now.value, lang))].filter(Boolean).join(", ")}{" "}
                    <span class="told">({[words.sources[source] ?? source, agent ? agentNamed(agent) : program].filter(Boolean).join(", ")})</span>
                  </p>
                </li>
              ))}
            </ol>
          )
        }
      </Shown>
      <div class="buttons">
        <button type="button" class="quiet" autofocus onClick={close}>
          {common.close}
        </button>
      </div>
    </Modal>
  );
}
