// Signing in.

import { useSignal } from "@preact/signals";
import { signIn, trouble } from "../model";
import { words } from "../words";
import { Mark } from "./Mark";

export function Login() {
  const busy = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const agent = String(fields.get("agent")).trim();
    const password = String(fields.get("password"));
    if (!agent || !password) return void (trouble.value = words.needBoth);
    busy.value = true;
    await signIn(agent, password);
    busy.value = false;
  };
  return (
    <main class="login">
      <form onSubmit={submit} noValidate>
        <Mark />
        <h1>{words.title}</h1>
        <p class="lead">{words.signInLead}</p>
        <label class="field">
          <span>{words.agent}</span>
          <input name="agent" autocomplete="username" autofocus autocapitalize="none" spellcheck={false} data-testid="agent" />
        </label>
        <label class="field">
          <span>{words.password}</span>
          <input name="password" type="password" autocomplete="current-password" data-testid="password" />
        </label>
        <p class="error" role="alert" data-testid="login-error">
          {trouble}
        </p>
        <button class="primary" disabled={busy} data-testid="sign-in">
          {busy.value ? words.signingIn : words.signIn}
        </button>
      </form>
    </main>
  );
}
