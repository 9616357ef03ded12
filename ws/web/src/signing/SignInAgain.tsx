// Signing in again without leaving the page: told before the sign-in ends, and asked when it did in a call.

import { useSignal } from "@preact/signals";
import { beat, held, mute } from "../console/voice/headset";
import { lang } from "../text/language";
import { clockTime } from "../text/when";
import { Modal } from "./Modal";
import type { Signing } from "./signing";

// What a screen reader is to say comes into an element that stands there already.
export function SignInEnds({ signing }: { signing: Signing }) {
  const { words, ending } = signing;
  return (
    <div role="status">
      {ending.value !== undefined && (
        <div class="banner" data-testid="sign-in-ends">
          {words.signInEnds(clockTime(ending.value, lang))}{" "}
          <button type="button" class="quiet" onClick={() => signing.ask()} data-testid="sign-in-again">
            {words.signInAgain}
          </button>
        </div>
      )}
    </div>
  );
}

export function SignInAgain({ signing }: { signing: Signing }) {
  return signing.asks.value ? <Again signing={signing} /> : null;
}

function Again({ signing }: { signing: Signing }) {
  const { words, ended, trouble } = signing;
  const busy = useSignal(false);
  void beat.value;
  const close = () => (signing.asks.value = false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget as HTMLFormElement).get("password"));
    if (!password) return void (trouble.value = words.needBoth);
    busy.value = true;
    await signing.again(password);
    busy.value = false;
  };
  return (
    <Modal id="sign-in-title" title={words.signInAgain} closed={(shown) => (ended.value ? shown.showModal() : close())}>
      <form class="again" onSubmit={(event) => void submit(event)} noValidate>
        <p>{ended.value ? words.callGoesOn : words.deskStays}</p>
        <label class="field">
          <span>{words.agent}</span>
          <input name="agent" autocomplete="username" readOnly value={signing.session.value?.agent} />
        </label>
        <label class="field">
          <span>{words.password}</span>
          <input name="password" type="password" autocomplete="current-password" autofocus data-testid="password-again" />
        </label>
        <p class="error" role="alert">
          {trouble}
        </p>
        <div class="buttons">
          {ended.value && (
            <button type="button" class="quiet" aria-pressed={held.value?.talk.muted ?? false} onClick={() => mute(!held.value?.talk.muted)} data-testid="mute-here">
              {words.mute}
            </button>
          )}
          <button type="button" class="quiet" onClick={ended.value ? () => signing.leave() : close} data-testid="not-again">
            {ended.value ? words.hangUpAndLeave : words.cancel}
          </button>
          <button class="primary" disabled={busy} data-testid="confirm">
            {busy.value ? words.signingIn : words.signIn}
          </button>
        </div>
      </form>
    </Modal>
  );
}
