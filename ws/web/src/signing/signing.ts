// Who is signed in at a console or board: let in by a password, told before the sign-in ends, asked again without leaving the page.

import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import * as headset from "../console/voice/headset";
import { giveBack } from "../link/returns";
import { endsSoon, Renewal, sessionOf, type Answer, type Session } from "../link/signed";
import { problem } from "../text/staff";
import { store, stored } from "./stored";

/** What is said about it, in the words of the page. */
export interface SigningWords {
  signIn: string;
  signingIn: string;
  signInLead: string;
  agent: string;
  password: string;
  needBoth: string;
  unreachable: string;
  signedOut: string;
  signInEnds: (at: string) => string;
  signInAgain: string;
  deskStays: string;
  callGoesOn: string;
  hangUpAndLeave: string;
  mute: string;
  cancel: string;
}

/** The page that somebody signs in at. */
export interface SignedPage {
  /** Under what this browser tab keeps who is signed in. */
  kept: string;
  /** Under what it keeps whose words stand there, while nobody is signed in. */
  author: string;
  words: SigningWords;
  /** Shows what is before who is signed in. */
  open(): void;
  /** Goes on by another credential. */
  goOn(token: string): void;
  /** Asks nothing of the server any more; what is shown stays. */
  stop(): void;
  /** Shows nothing any more; what was typed stays for who signs in as the same agent. */
  close(): void;
  /** What was typed is not for whoever comes next. */
  forget(): void;
}

/** A page's sign-in. */
export class Signing {
  readonly session: Signal<Session | undefined>;
  /** Why the last session ended or could not begin. */
  readonly trouble = signal("");
  /** The sign-in has ended in a call that goes on. */
  readonly ended = signal(false);
  /** Whether the password is asked for again. */
  readonly asks = signal(false);
  /** When the sign-in ends, where that is soon. */
  readonly ending: ReadonlySignal<number | undefined>;
  readonly #renewal: Renewal;
  #silent: ReturnType<typeof setTimeout> | undefined;

  /** `now` is what time it is at the server. */
  constructor(
    private readonly page: SignedPage,
    now: ReadonlySignal<number>,
  ) {
    this.session = signal(stored<Session>(page.kept));
    this.ending = computed(() => (this.ended.value ? undefined : endsSoon(this.session.value, now.value)));
    this.#renewal = new Renewal(
      () => this.session.value,
      (renewed) => this.#goOn(renewed),
    );
    for (const call of [headset.beat, headset.held]) call.subscribe(() => queueMicrotask(() => this.#leaveSilence()));
  }

  get words(): SigningWords {
    return this.page.words;
  }

  /** Renews the credential once it is time. */
  tell(now: number): void {
    void this.#renewal.tell(now);
  }

  /** Signs in; the text of a failure is in {@link trouble}. */
  async in(agent: string, password: string): Promise<void> {
    const made = await this.#proven(agent, password);
    if (!made) return;
    this.session.value = made;
    store(this.page.kept, made);
    if (stored(this.page.author) !== agent) this.#forget();
    this.page.open();
  }

  /** Asks for the password again. */
  ask(): void {
    this.trouble.value = "";
    this.asks.value = true;
  }

  /** Signs in again at the page that stands; the text of a failure is in {@link trouble}. */
  async again(password: string): Promise<void> {
    const was = this.session.value;
    const made = was && (await this.#proven(was.agent, password));
    // Somebody may have signed out meanwhile.
    if (!made || this.session.value !== was) return;
    this.ended.value = this.asks.value = false;
    this.#goOn(made);
  }

  /** Gives the sign-in back. */
  out(): void {
    if (this.session.value) giveBack(this.session.value);
    this.#close("");
    this.#forget();
  }

  /** The server lets nobody in by this sign-in any more: what was typed is kept for who signs in as the same agent. */
  over(why: string): void {
    const author = this.session.value?.agent;
    if (author === undefined || this.ended.value) return;
    store(this.page.author, author);
    if (!headset.speaks()) return this.#close(why);
    // Who is in a call goes on hearing and being heard: the page stands behind the question for the password.
    this.ended.value = true;
    this.page.stop();
    sessionStorage.removeItem(this.page.kept);
    this.trouble.value = why;
    this.asks.value = true;
  }

  /** Leaves the page whose sign-in has ended. */
  leave(): void {
    this.#close(this.words.signedOut);
  }

  async #proven(agent: string, password: string): Promise<Session | undefined> {
    this.trouble.value = "";
    const response = await fetch("/api/v1/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ agent, password }),
    }).catch(() => undefined);
    const answer = (await response?.json().catch(() => ({}))) as Answer | undefined;
    if (response?.ok && answer?.token) return sessionOf(agent, answer.token, answer);
    this.trouble.value = problem(answer) || this.words.unreachable;
    return undefined;
  }

  #goOn(session: Session): void {
    this.session.value = session;
    store(this.page.kept, session);
    this.page.goOn(session.token);
  }

  // The call for whose sake the page stood is over.
  #leaveSilence(): void {
    clearTimeout(this.#silent);
    if (!this.ended.value) return;
    if (!headset.speaks()) return this.leave();
    this.#silent = setTimeout(() => this.#leaveSilence(), headset.PATIENCE);
  }

  #close(why: string): void {
    this.ended.value = this.asks.value = false;
    headset.leave();
    this.page.stop();
    this.session.value = undefined;
    this.page.close();
    this.trouble.value = why;
    sessionStorage.removeItem(this.page.kept);
  }

  #forget(): void {
    sessionStorage.removeItem(this.page.author);
    this.page.forget();
  }
}
