// Signing in again without leaving the desk: told before the sign-in ends, and asked when it did in a call.

import { useSignal } from "@preact/signals";
import { dialog, ended, ending, leaveDesk, session, signInAgain, trouble } from "../model";
import { clockTime } from "../../text/when";
import { lang, words } from "../words";
import { beat, held, mute } from "../voice/headset";
import { close, Modal } from "./Modal";

export function SignInEnds() {
  if (ending.value === undefined) return null;
  return (
    <div class="banner" role="status" data-testid="sign-in-ends">
      {words.signInEnds(clockTime(ending.value, lang))}{" "}
      <button type="button" class="quiet" onClick={() => ((trouble.value = ""), (dialog.value = { is: "sign_in" }))} data-testid="sign-in-again">
        {words.signInAgain}
      </button>
    </div>
  );
}

export function SignInAgain() {
  const busy = useSignal(false);
  void beat.value;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget as HTMLFormElement).get("password"));
    if (!password) return void (trouble.value = words.needBoth);
    busy.value = true;
    await signInAgain(password);
    busy.value = false;
  };
  return (
    <Modal title={words.signInAgain} closed={(shown) => (ended.value ? shown.showModal() : close())}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <p>{ended.value ? words.callGoesOn : words.deskStays}</p>
        <label class="field">
          <span>{words.agent}</span>
          <input name="agent" autocomplete="username" readOnly value={session.value?.agent} />
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
          <button type="button" class="quiet" onClick={ended.value ? leaveDesk : close} data-testid="not-again">
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
