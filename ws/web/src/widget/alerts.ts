// A sound and, where the visitor allowed them, a notification for a message that is not on screen; loaded when the first one comes.

import { notify } from "../sound/notify";
import { play } from "../sound/tones";
import { isKnown, seen } from "./heard";
import type { Launcher } from "./loader";
import { drawerKey, type Drawer } from "./memory";

const TONES = [740, 880];
/** How long it takes until what one page keeps stands in the others', in milliseconds. */
const SPREADS = 100;

/** Tells of messages that came while nobody looked. */
export class Alerts {
  #speaker: AudioContext | undefined;
  #stands: MutationObserver | undefined;

  constructor(
    private readonly drawer: Drawer,
    private readonly launcher: Pick<Launcher, "zone" | "badge" | "button">,
    private readonly hidden: () => boolean,
  ) {}

  /** A message stands at `seq`, and says so now, or nothing where it was taken back; of several pages of one visitor the first tells. */
  async heard(interaction: string, seq: number, from: string, said: () => string | undefined): Promise<void> {
    const { zone } = this.launcher;
    const key = drawerKey(zone);
    const tell = () => {
      if (isKnown(this.drawer, zone, interaction, seq) || said() === undefined) return;
      seen(this.drawer, zone, interaction, seq);
      this.#chime();
      if (this.hidden()) this.#notify(from, key, said);
      return new Promise((done) => setTimeout(done, SPREADS));
    };
    // Browsers wake all hidden pages at one moment. Pages that are not served securely have no locks, and those whose storage is refused may take none.
    const locks = await navigator.locks?.query().catch(() => undefined);
    await (locks ? navigator.locks.request(`${key}.heard`, tell) : tell());
  }

  // Pressing it leads to the chat; what was read or taken back needs none. The next one takes its place.
  #notify(from: string, tag: string, said: () => string | undefined): void {
    const { badge, button } = this.launcher;
    const body = said();
    const notice = body === undefined ? undefined : notify(from, { body, tag });
    if (!notice) return;
    notice.onclick = () => {
      window.focus();
      if (button.getAttribute("aria-expanded") !== "true") button.click();
      notice.close();
    };
    this.#stands?.disconnect();
    const stands = (this.#stands = new MutationObserver(() => {
      if (!badge.hidden && said() === body) return;
      stands.disconnect();
      notice.close();
      if (!badge.hidden) this.#notify(from, tag, said);
    }));
    // Who put it away is not told again.
    notice.onclose = () => stands.disconnect();
    // It is drawn with each thing that happens.
    stands.observe(badge, { attributes: true, childList: true });
  }

  /** The visitor turned sounds on: they hear how it sounds, and are asked for notifications where the browser knows them. */
  async turnedOn(): Promise<void> {
    this.#chime();
    if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
  }

  // A browser that hears of no press yet keeps silent.
  #chime(): void {
    if (typeof AudioContext === "undefined") return;
    this.#speaker ??= new AudioContext();
    play(this.#speaker, TONES);
  }
}

/** Starts it; the chat calls it once. */
export function start(drawer: Drawer, launcher: Launcher): Alerts {
  return new Alerts(drawer, launcher, () => document.hidden);
}
