// The whole desk.

import { useEffect } from "preact/hooks";
import type { Desk } from "../../generated/protocol";
import { announcement } from "../announce";
import { act, contact, desk, dismiss, live, notices, pending, selected, signing, unseen } from "../model";
import { covered } from "../narrow";
import { titleOf } from "../title";
import { place } from "../place";
import { watchKeyboard } from "../shortcuts";
import { SignInAgain, SignInEnds } from "../../signing/SignInAgain";
import { HeadsetBar } from "../voice/HeadsetBar";
import { words } from "../words";
import { CallbacksPage } from "./callbacks/CallbacksPage";
import { CardPanel } from "./CardPanel";
import { Contacts } from "./Contacts";
import { Conversation } from "./Conversation";
import { CustomerPage } from "./customer/CustomerPage";
import { Dialogs } from "./Dialogs";
import { LeftUnsent } from "./LeftUnsent";
import { HistoryPage } from "./history/HistoryPage";
import { AskedAbout, Offers, OwnQueue } from "./Offers";
import { TopBar } from "./TopBar";

export function DeskView() {
  useEffect(watchKeyboard, []);
  const shown = desk.value;
  // Read while drawing, so that what it counts is followed.
  const title = titleOf(shown, unseen.value);
  useEffect(() => void (document.title = title), [title]);
  return (
    <div class={selected.value || place.value.is !== "desk" ? "desk showing" : "desk"}>
      <a class="skip" href="#conversation">
        {words.skip}
      </a>
      <TopBar desk={shown} />
      {!live.value && (
        <p class="banner" role="status" data-testid="banner">
          {shown ? words.reconnecting : words.opening}
        </p>
      )}
      <p class="hush" role="status" aria-live="polite">
        <span key={announcement.value.n}>{announcement.value.text}</span>
      </p>
      <SignInEnds signing={signing} />
      <Notices />
      <LeftUnsent />
      {shown && <HeadsetBar headset={shown.headset} live={live.value} asked={shown.consulted} />}
      <main>
        {shown ? (
          <>
            <div class="side">
              {shown.consulted && <AskedAbout asked={shown.consulted} />}
              <Offers offers={shown.offers} />
              <OwnQueue own={shown.own ?? []} />
              <Contacts desk={shown} />
            </div>
            <Middle desk={shown} />
          </>
        ) : (
          <div class="empty" role="status">
            <span class="spinner" />
            <p>{words.opening}</p>
          </div>
        )}
      </main>
      <Dialogs />
      <SignInAgain signing={signing} />
    </div>
  );
}

function Middle({ desk: shown }: { desk: Desk }) {
  const at = place.value;
  switch (at.is) {
    case "callbacks":
      return <CallbacksPage callback={at.callback} />;
    case "history":
      return <HistoryPage interaction={at.interaction} />;
    case "customer":
      return <CustomerPage key={at.customer} customer={at.customer} />;
    case "desk":
      if (!contact.value) return <Empty desk={shown} />;
      return (
        <>
          <Conversation contact={contact.value} covered={covered.value} />
          <CardPanel contact={contact.value} covers={covered.value} />
        </>
      );
  }
}

function Empty({ desk: { presence, contacts } }: { desk: Desk }) {
  if (contacts.length > 0) {
    return (
      <section class="empty" id="conversation" tabIndex={-1}>
        <p>{words.pick}</p>
      </section>
    );
  }
  const ready = presence.is === "ready";
  return (
    <section class="empty" id="conversation" tabIndex={-1} data-testid="empty">
      <h2>{ready ? words.emptyReady : words.emptyAway}</h2>
      <p>{ready ? words.emptyReadyText : words.emptyAwayText}</p>
      {!ready && (
        <button type="button" class="primary" disabled={!live.value || pending.value.has("presence")} onClick={() => act({ op: "presence", presence: { is: "ready" } })} data-testid="go-ready">
          {words.goReady}
        </button>
      )}
    </section>
  );
}

function Notices() {
  if (notices.value.length === 0) return null;
  return (
    <div class="notices" data-keeps="next" data-testid="notices">
      {notices.value.map(({ n, about, text }) => (
        <div key={n} role="alert">
          <span>
            {words.failed[about]} {text}
          </span>
          <button type="button" class="link" onClick={() => dismiss(n)}>
            {words.dismiss}
          </button>
        </div>
      ))}
    </div>
  );
}
