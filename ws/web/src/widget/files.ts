// Files in the visitor's chat; loaded when the first one is sent or shown.

import { drawn, isPicture, save } from "../files/picture";
import { fetched, NotTaken, send } from "../files/send";
import { size } from "../files/size";
import type { SharedFile } from "../generated/protocol";
import { overlaid, type Texts } from "../text/overlay";
import { dress, el } from "./dom";
import sheet from "./files.css?inline";

/** What the widget gives. */
export interface Ground {
  base: string;
  lang: string;
  texts: Texts;
  /** The visitor's credential and their chat, once both are there. */
  here(): { token: string; interaction: string } | undefined;
  /** The largest file, in bytes. */
  largest: number;
  newMid(): string;
}

export type Say = (text: string, wrong: boolean) => void;

const en = {
  sending: (name: string) => `Sending ${name}…`,
  notSent: (name: string, why: string) => `${name} was not sent: ${why}`,
  tooLarge: (most: string) => `it is larger than ${most}`,
  offline: "the connection is lost; please try again",
  notYet: "the chat has not begun yet",
  save: (name: string) => `Save ${name}`,
  gone: "This file cannot be shown any more.",
  picture: (name: string) => `Picture ${name}`,
  refusals: {
    too_large: "it is too large",
    unsupported: "files of this type are not taken",
    too_slow: "it took too long; please try again",
    rate_limited: "that was too fast; please try again in a moment",
    full: "too much was sent already",
    conflict: "this cannot be done at the moment",
    not_found: "this chat is over",
  } as Record<string, string>,
};

const de: typeof en = {
  sending: (name) => `${name} wird gesendet …`,
  notSent: (name, why) => `${name} wurde nicht gesendet: ${why}`,
  tooLarge: (most) => `größer als ${most}`,
  offline: "Die Verbindung ist unterbrochen; bitte versuchen Sie es noch einmal",
  notYet: "Der Chat hat noch nicht begonnen",
  save: (name) => `${name} speichern`,
  gone: "Diese Datei lässt sich nicht mehr zeigen.",
  picture: (name) => `Bild ${name}`,
  refusals: {
    too_large: "sie ist zu groß",
    unsupported: "Dateien dieser Art werden nicht angenommen",
    too_slow: "es hat zu lange gedauert; bitte versuchen Sie es noch einmal",
    rate_limited: "das ging zu schnell; bitte versuchen Sie es gleich noch einmal",
    full: "es wurde schon zu viel gesendet",
    conflict: "das geht gerade nicht",
    not_found: "dieser Chat ist vorbei",
  },
};

/** The catalogues that are built in. */
export const CATALOGUE: Record<string, typeof en> = { en, de };

/** Files, once they are needed. */
export class Files {
  readonly #words;

  /** Of files whose fate is not known: whoever picks one again sends the same. */
  readonly #tried = new Map<string, string>();

  constructor(private readonly ground: Ground) {
    this.#words = CATALOGUE[ground.lang] ?? overlaid(en, ground.texts["files"]);
  }

  /** Sends one after the other; what goes wrong is said. */
  async send(files: readonly File[], say: Say): Promise<void> {
    const failed = [];
    for (const file of files) {
      say(this.#words.sending(file.name), false);
      const why = await this.#sent(file);
      if (why !== undefined) failed.push(this.#words.notSent(file.name, why));
    }
    // The others stand in the conversation now.
    say(failed.join(" "), failed.length > 0);
  }

  /** Shows a file in its place: a picture as one, and a button that saves it. */
  draw(file: SharedFile, place: HTMLElement): void {
    const words = this.#words;
    const keep = el("button", { type: "button", class: "file", title: words.save(file.name), "data-testid": "file", onclick: () => void this.#save(file, place) }, el("strong", {}, file.name), el("span", {}, size(file.bytes, this.ground.lang)));
    place.replaceChildren(keep);
    if (!isPicture(file.kind, file.bytes)) return;
    this.#fetch(file)
      .then((blob) => drawn(blob, 232, 200))
      .then((canvas) => {
        canvas.setAttribute("role", "img");
        canvas.setAttribute("aria-label", words.picture(file.name));
        canvas.dataset["testid"] = "picture";
        keep.prepend(canvas);
      })
      .catch(() => keep.append(el("span", {}, words.gone)));
  }

  async #sent(file: File): Promise<string | undefined> {
    const here = this.ground.here();
    if (!here) return this.#words.notYet;
    if (file.size > this.ground.largest) return this.#words.tooLarge(size(this.ground.largest, this.ground.lang));
    const which = [here.interaction, file.name, file.size, file.lastModified].join("/");
    const mid = this.#tried.get(which) ?? this.ground.newMid();
    this.#tried.set(which, mid);
    try {
      await send(new URL(`api/v1/visitors/interactions/${here.interaction}/files`, this.ground.base), here.token, file, mid);
      this.#tried.delete(which);
      return undefined;
    } catch (error) {
      if (!(error instanceof NotTaken)) return this.#words.offline;
      this.#tried.delete(which);
      return this.ground.lang === "en" ? error.message : (this.#words.refusals[error.code] ?? error.message);
    }
  }

  async #save(file: SharedFile, place: HTMLElement): Promise<void> {
    try {
      save(await this.#fetch(file), file.name);
    } catch {
      place.append(el("span", { role: "alert" }, this.#words.gone));
    }
  }

  #fetch(file: SharedFile): Promise<Blob> {
    const here = this.ground.here();
    if (!here) return Promise.reject(new NotTaken(""));
    return fetched(new URL(`api/v1/visitors/interactions/${here.interaction}/files/${file.file}`, this.ground.base), here.token);
  }
}

/** Starts it; the chat calls it once. */
export function start(ground: Ground & { root: ShadowRoot }): Files {
  dress(ground.root, sheet);
  return new Files(ground);
}
