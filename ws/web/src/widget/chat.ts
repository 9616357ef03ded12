// The chat behind the launcher: puts the visitor's machine, the panel and the world together.

import { json } from "../link/json";
import type { Share } from "../cobrowse/share";
import { Driver } from "../link/drive";
import { newMid } from "../link/mid";
import type { VisitorAct, VisitorRequest } from "../generated/protocol";
import { place } from "../text/secret";
import type { Voice } from "../voice/pane";
import type { Refused } from "./admission";
import type { Alerts } from "./alerts";
import type * as Sheets from "./callsheet";
import { dress, level } from "./dom";
import type { Files } from "./files";
import type { Chat, Door, Launcher } from "./loader";
import { seen } from "./heard";
import { Later } from "./later";
import { drawerKey, goesOn, recall, remember, type Memory } from "./memory";
import type { Over } from "./over";
import { Panel, type Zone } from "./panel";
import sheet from "./panel.css?inline";
import { Visitor, type Told, type VisitorOutput } from "./visitor";
import { refusedIn, wordsOf } from "./words";

declare const __SHARE_CHUNK__: string;
declare const __CROSSING_CHUNK__: string;
declare const __RECORDER_CHUNK__: string;
declare const __VOICE_CHUNK__: string;
declare const __FILES_CHUNK__: string;
declare const __ALERTS_CHUNK__: string;
declare const __OVER_CHUNK__: string;
declare const __SHEET_CHUNK__: string;
declare const __ADMISSION_CHUNK__: string;

/** After so long a tab that is looked at has said so. */
const SEEN_BY = 400;
/** For so long it is told that something could not be loaded. */
const MISSED = 10_000;
const UNKNOWN: Zone = { title: "", greeting: "", chat: true, call: true, browser_call: false, callback: true };

/** Starts the chat; the loader calls it once. */
export function start(launcher: Launcher): Chat {
  dress(launcher.root, sheet);
  return new Running(launcher);
}

class Running implements Chat {
  readonly #words;
  readonly #visitor: Visitor;
  readonly #driver: Driver<Exclude<VisitorOutput, { do: "connect" | "send" | "close" }>>;
  readonly #panel: Panel;
  /** What this tab remembered last. */
  #kept: Memory;
  #zone = UNKNOWN;
  #zoneKnown = false;
  readonly #share = new Later<Share>(() =>
    this.launcher.load(__SHARE_CHUNK__).then(({ start }) =>
      start({
        launcher: this.launcher,
        key: this.#key,
        zone: this.#zoned,
        recorder: () => new Promise((done) => this.#recorder.tell(done)),
        ask: (act: VisitorAct, told?: Told) => {
          const say: Told = (error, ...answer) => told?.(error === "lost" ? this.#words.reconnecting : error, ...answer);
          this.#driver.step((now) => this.#visitor.cobrowse(act, say, now));
        },
      }),
    ),
  );
  readonly #recorder = new Later<typeof import("../cobrowse/recorder")>(() => this.launcher.load(__RECORDER_CHUNK__));
  // What goes on follows its visitor to the other websites of the zone.
  readonly #crossing = new Later<void>(() =>
    this.launcher.load(__CROSSING_CHUNK__).then(({ watch }) =>
      watch(this.#visitor, this.#key, this.#zoned, (request: VisitorRequest) => this.#driver.step((now) => this.#visitor.aside(request, undefined, now)), this.launcher.root),
    ),
  );
  readonly #voice = new Later<Voice>(() =>
    this.launcher.load(__VOICE_CHUNK__).then(({ start }) =>
      start({
        ...this.launcher,
        slot: this.#panel.voice,
        introduce: () => ({ zone: this.launcher.zone, name: this.#visitor.memory.name || null, ...this.#visitor.where() }),
        ask: (act: Parameters<Visitor["voice"]>[0], told: Told) => this.#driver.step((now) => this.#visitor.voice(act, told, now)),
        keep: (leg: string) => this.#set("leg", leg),
      }),
    ),
  );
  readonly #files = new Later<Files>(() =>
    this.launcher.load(__FILES_CHUNK__).then(({ start }) =>
      start({ ...this.launcher, here: () => this.#visitor.here, largest: this.#zone.files?.largest ?? 0, newMid }),
    ),
  );
  readonly #alerts = new Later<Alerts>(() => this.launcher.load(__ALERTS_CHUNK__).then(({ start }) => start(localStorageOrNone(), this.launcher)));
  readonly #sheet = new Later<typeof Sheets>(() => this.launcher.load(__SHEET_CHUNK__));
  #over: Later<Over> | undefined;
  /** What the page said of who is there when a credential was asked for. */
  #asked: string | undefined;

  constructor(private readonly launcher: Launcher) {
    this.#words = wordsOf(launcher.lang, launcher.texts);
    this.#kept = recall(localStorageOrNone(), launcher.zone, launcher.known.who);
    this.#visitor = new Visitor(launcher.zone, this.#kept, Math.random);
    this.#visitor.say = (refusal) => {
      // It may have closed since.
      void this.#fetchZone();
      return refusedIn(refusal, this.#words, launcher.lang);
    };
    this.#visitor.tooLong = this.#words.tooLong;
    this.#visitor.where = () => ({ page: place(location), referrer: document.referrer && place(new URL(document.referrer)) });
    this.#panel = this.#makePanel();
    this.#prefill();
    launcher.root.append(this.#panel.element);
    const socket = new URL("ws/visitor", launcher.base).href.replace("http", "ws");
    this.#driver = new Driver(this.#visitor, socket, (output) => this.#carryOut(output), () => this.#draw());
    document.addEventListener("visibilitychange", () => this.#look());
    const hurry = () => this.#driver.step((now) => this.#visitor.hurry(now));
    // Not every browser says that the network is back.
    (navigator as { connection?: EventTarget }).connection?.addEventListener("change", hurry);
    addEventListener("focus", hurry);
    for (const kind of ["focusin", "input", "pointerdown"]) this.#panel.element.addEventListener(kind, hurry);
    launcher.known.changed = () => this.#meet();
    if (!this.#visitor.lives) return;
    this.#driver.step((now) => this.#visitor.open(now));
    if (this.#get("open")) {
      this.#panel.log.awaited = this.#get(`place.${this.#kept.interaction}`)?.split(",").map(Number);
      this.open();
    }
    // By when it is loaded, the call may be left to who began it.
    const resume = () => this.#get("leg");
    if (resume()) this.#voice.tell((voice) => resume() && voice.resume(resume()!));
  }

  toggle(): void {
    if (this.#panel.open) this.#close();
    else this.open("chat");
  }

  open(door?: Door): void {
    if (door === "code") {
      this.#driver.step((now) => this.#visitor.open(now));
      return this.#share.tell((share) => share.pair(), () => (this.open("chat"), this.#missed()));
    }
    this.#set("open", "1");
    this.launcher.button.setAttribute("aria-expanded", "true");
    this.launcher.root.host.setAttribute("data-open", "");
    this.#driver.step((now) => this.#visitor.open(now));
    this.#panel.reveal(this.#visitor, this.#zone, door);
    if (door === "call") this.#panel.openCall();
    this.#look();
    void this.#fetchZone();
  }

  leave(): void {
    this.#driver.end();
    if (this.#voice.wanted) this.#voice.tell((voice) => voice.left());
    if (this.#share.wanted) this.#share.tell((share) => share.left());
  }

  // The page says who is there: of somebody else nothing is shown to them, and nothing goes on.
  #meet(): void {
    const { zone, known } = this.launcher;
    const before = this.#visitor.memory;
    if (goesOn(before, known.who)) {
      // Who was not let in may be now, as somebody else.
      if (this.#visitor.credential.refused && known.identity !== this.#asked) this.#driver.step((now) => (this.#visitor.goOnAs(known.who), this.#visitor.open(now)));
      return this.#typed && !this.#panel.editing ? this.#prefill() : undefined;
    }
    if (before.who) this.#set("leg", "");
    const turn = () => {
      this.#kept = recall(localStorageOrNone(), zone, known.who);
      this.#driver.step(() => this.#visitor.turn(this.#kept));
      this.#prefill();
      if (this.#panel.open || this.#visitor.lives) this.#driver.step((now) => this.#visitor.open(now));
    };
    if (this.#share.wanted) this.#share.tell((share) => share.end());
    if (!this.#voice.wanted) return turn();
    // A call is hung up by whose it is.
    this.#voice.tell((voice) => (voice.leave(), turn()), turn);
  }

  #close(): void {
    this.#set("open", "");
    this.#panel.hide();
    this.launcher.button.setAttribute("aria-expanded", "false");
    this.launcher.root.host.removeAttribute("data-open");
    this.launcher.button.focus();
    if (!this.#visitor.lives) this.#driver.step(() => this.#visitor.link.stop());
  }

  get #key(): string {
    return drawerKey(this.launcher.zone);
  }

  get #typing(): string {
    return `typed.${this.launcher.known.who ?? ""}`;
  }

  // Of somebody else who was signed in here, nothing; what was begun before the page said who is there, too.
  get #typed(): string | null {
    return this.#get(this.#typing) || this.#get("typed.");
  }

  #prefill(): void {
    const [draft, form] = JSON.parse(this.#typed || '["",{}]');
    this.#panel.prefill(this.#visitor.memory, draft, form);
  }

  // What is kept for this tab: where this page was when it was left.
  #get(what: string): string | null {
    try {
      return sessionStorage.getItem(`${this.#key}.${what}`);
    } catch {
      return null;
    }
  }

  #set(what: string, value: string): void {
    try {
      sessionStorage.setItem(`${this.#key}.${what}`, value);
    } catch {
      // Costs only that the panel is closed on the next page.
    }
  }

  readonly #zoned = () => this.#fetchZone().then(() => this.#zone);

  // What was pressed could not be loaded.
  readonly #missed = () => {
    this.#panel.missed = true;
    this.#draw();
    setTimeout(() => {
      this.#panel.missed = false;
      this.#draw();
    }, MISSED);
  };

  #makePanel(): Panel {
    const step = (tell: (now: number) => void) => this.#driver.step(tell);
    const visitor = this.#visitor;
    return new Panel(this.launcher, this.#words, {
      begin: ({ name, mail, text, form }, callback) =>
        step((now) => {
          visitor.introduce(name, mail, form);
          visitor.write(text, newMid(), now, callback);
        }),
      write: (text) => step((now) => visitor.write(text, newMid(), now)),
      keep: (draft, form) => {
        this.#set("typed.", "");
        this.#set(this.#typing, draft || form ? `[${json(draft)},${form ?? "{}"}]` : "");
      },
      typing: (on) => step((now) => visitor.typing(on, now)),
      files: (files, say) => this.#files.tell((all) => all.send(files, say), this.#missed),
      file: (file, place) => this.#files.tell((all) => all.draw(file, place)),
      revise: (mid, text, told) => step((now) => visitor.revise(mid, text, told, now)),
      want: (wish) => step((now) => visitor.want(wish, now)),
      retry: (mid) => step((now) => visitor.retry(mid, now)),
      discard: (mid) => (step(() => visitor.discard(mid)), void this.#fetchZone()),
      dismiss: () => step(() => visitor.dismiss()),
      startOver: () => step((now) => visitor.startOver(now)),
      sheet: (tell) => this.#sheet.tell(tell, this.#missed),
      talk: () => this.#voice.tell((voice) => voice.open(), this.#missed),
      over: (place, tell) => {
        const actions: ConstructorParameters<typeof Over>[3] = {
          rate: (score, comment) => step((now) => visitor.rate(score, comment, now)),
          memory: () => visitor.memory,
          post: (path, body, headers) => this.#fetch(path, body, headers),
        };
        this.#over ??= new Later<Over>(() => this.launcher.load(__OVER_CHUNK__).then((it) => new it.Over(place, this.#words, this.launcher, actions)));
        this.#over.tell(tell);
      },
      sounds: () => this.#sounds,
      turnSounds: () => this.#turnSounds(),
      looked: () => this.#look(),
      close: () => this.#close(),
    });
  }

  #carryOut(output: Exclude<VisitorOutput, { do: "connect" | "send" | "close" }>): void {
    switch (output.do) {
      case "fetch_token":
        return void this.#fetchToken();
      case "remember":
        remember(localStorageOrNone(), this.launcher.zone, output.memory, this.#kept);
        this.#kept = output.memory;
        return;
      case "unread":
        return this.#badge(output.count);
      case "heard":
        return this.#heard(output);
      case "cobrowse":
        // Nothing to share, and nothing loaded for it.
        if (!this.#share.wanted && !(output.news.is === "state" && output.news.sharing.asked.length + output.news.sharing.granted.length)) return;
        return this.#share.tell((share) => share.handle(output.news));
      case "cobrowse_link":
        if (this.#voice.wanted && output.back) this.#voice.tell((voice) => voice.back());
        if (this.#share.wanted) this.#share.tell((share) => (output.back ? share.back() : share.lost()));
        return;
      case "suggested":
        return this.#share.tell((share) => share.suggested(output));
    }
  }

  // Who looks at the chat needs no sound, in any tab: the one that is looked at says so first.
  #heard({ seq, from, text }: Extract<VisitorOutput, { do: "heard" }>): void {
    const interaction = this.#visitor.timeline?.interaction;
    if (!interaction || !this.#sounds) return;
    if (this.#panel.open && !document.hidden) return seen(localStorageOrNone(), this.launcher.zone, interaction, seq);
    let said: string | undefined = text;
    // As it was written anew last.
    const now = () => {
      const revised = this.#visitor.timeline?.revised.get(seq);
      return revised ? (said = revised.text) : said;
    };
    setTimeout(() => this.#alerts.tell((alerts) => void alerts.heard(interaction, seq, from, now), () => {}), document.hidden ? SEEN_BY : 0);
  }

  get #sounds(): boolean {
    return localStorageOrNone().getItem(`${this.#key}.sound`) !== "off";
  }

  #turnSounds(): boolean {
    const on = !this.#sounds;
    try {
      localStorageOrNone().setItem(`${this.#key}.sound`, on ? "on" : "off");
    } catch {
      // Then it stays as it was.
    }
    if (on) this.#alerts.tell((alerts) => void alerts.turnedOn(), this.#missed);
    return on;
  }

  // One tab after the other: a credential that another one has fetched meanwhile is this one's too.
  async #fetchToken(): Promise<void> {
    const { credential, refused } = this.#visitor;
    const { zone, known } = this.launcher;
    this.#asked = known.identity;
    const ask = (identity?: string) => this.#fetch("api/v1/visitors", { zone, identity });
    const disown = (identity: string) => {
      known.refuse(identity);
      if (credential === this.#visitor.credential) this.#visitor.goOnAs(known.who);
      return known.proof;
    };
    const fetched = async () => {
      const { token } = recall(localStorageOrNone(), zone, known.who);
      if (token && token !== refused) return token;
      const { proof } = known;
      const answer = await ask(proof);
      return answer.ok ? (await answer.json())["token"] : (await this.launcher.load(__ADMISSION_CHUNK__)).settle(answer, proof, { ...this.launcher, ask, disown });
    };
    const take = async () => {
      const token = await fetched();
      // It may be of whoever was there when it was asked for.
      if (credential === this.#visitor.credential) this.#driver.step((now) => this.#visitor.handleToken(token, now));
    };
    try {
      // Pages that are not served securely have no locks, and those whose storage is refused may take none.
      const locks = await navigator.locks?.query().catch(() => undefined);
      await (locks ? navigator.locks.request(`${this.#key}.token`, take) : take());
    } catch (error) {
      if (credential === this.#visitor.credential) this.#driver.step((now) => this.#visitor.handleTokenFailed(String(error), now, (error as Partial<Refused>).told));
    }
  }

  async #fetchZone(): Promise<void> {
    // Before a chat, whether somebody is there may have changed since.
    if (this.#zoneKnown && this.#visitor.timeline) return;
    try {
      const answer = await this.#fetch(`api/v1/zones/${encodeURIComponent(this.launcher.zone)}?lang=${this.launcher.lang}`);
      if (!answer.ok) return;
      this.#zone = { ...UNKNOWN, ...(await answer.json()) };
      this.#zoneKnown = true;
      this.#draw();
    } catch {
      // The chat works without title and greeting; asked again when next opened.
    }
  }

  #fetch(path: string, body?: object, headers?: Record<string, string>): Promise<Response> {
    const request: RequestInit = { credentials: "omit", referrerPolicy: "origin" };
    if (body) Object.assign(request, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: json(body) });
    return fetch(new URL(path, this.launcher.base), request);
  }

  #draw(): void {
    level(this.launcher.root.host as HTMLElement);
    this.#panel.draw(this.#visitor, this.#zone);
    const call = this.#visitor.timeline?.entries.findLast((entry) => entry.what === "call");
    if (this.#voice.wanted) this.#voice.tell((voice) => voice.follow({ call, waits: this.#visitor.position !== undefined }));
    if (this.#visitor.here) this.#crossing.tell(() => {});
    this.#look();
  }

  // Everything that arrived counts as read while the end of it is on screen, on a visible page.
  #look(): void {
    const last = this.#visitor.timeline?.last ?? 0;
    if (last > this.#visitor.seen && this.#panel.looking && !document.hidden) this.#driver.step((now) => this.#visitor.saw(last, now));
  }

  #badge(count: number): void {
    const { badge, button } = this.launcher;
    badge.hidden = count === 0;
    badge.textContent = count > 99 ? "99+" : String(count);
    button.setAttribute("aria-label", count > 0 ? this.#words.launcherUnread(count) : this.#words.launcher);
  }
}

// A page may be refused its storage; then nothing outlives it.
function localStorageOrNone(): Storage {
  try {
    return localStorage;
  } catch {
    return { getItem: () => null, setItem: () => {}, removeItem: () => {} } as unknown as Storage;
  }
}
