// Signing in.

import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Mark } from "./Mark";
import type { Signing } from "./signing";

export function Login({ signing, title }: { signing: Signing; title: string }) {
  const { words, trouble } = signing;
  const busy = useSignal(false);
  const form = useRef<HTMLFormElement>(null);
  // It may come in the place of a desk, where no browser gives it the focus by itself.
  useLayoutEffect(() => [...(form.current?.querySelectorAll("input") ?? [])].find(({ value }) => value === "")?.focus(), []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const agent = String(fields.get("agent")).trim();
    const password = String(fields.get("password"));
    if (!agent || !password) return void (trouble.value = words.needBoth);
    busy.value = true;
    await signing.in(agent, password);
    busy.value = false;
  };
  return (
    <main class="login">
      <form ref={form} onSubmit={(event) => void submit(event)} noValidate>
        <Mark />
        <h1>{title}</h1>
        <p class="lead">{words.signInLead}</p>
        <label class="field">
          <span>{words.agent}</span>
          <input name="agent" autocomplete="username" autocapitalize="none" spellcheck={false} data-testid="agent" />
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
