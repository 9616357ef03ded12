// Why somebody was chosen, how the others stood, and why it is put before nobody for now, in the language of who works at a console or board.

import type { Hold } from "../generated/protocol";
import { catalogue } from "./language";
import { dayTime, span } from "./when";

/** How an agent stood who was looked at. */
export interface Stand {
  /** In one word. */
  is: string;
  /** How they stand to the channel, in one word; empty where they prefer none. */
  leaning: string;
  skill: string;
  least: number;
  has: number;
  load: number;
  /** In milliseconds. */
  idle: number;
}

const en = {
  free: (load: number, idle: string) => `free: load ${load}, idle for ${idle}`,
  lacks: (skill: string, has: number, least: number) => `has ${skill} at ${has}, asked is ${least}`,
  leanings: { prefers: "prefers this channel", prefers_another: "prefers another channel" } as Record<string, string>,
  verdicts: {
    signed_out: "is not signed in",
    away: "is away",
    lost: "has lost the console",
    in_call: "is in a call",
    offered: "is offered a call",
    wrap_up: "wraps up after a call",
    no_phone: "has no phone that can be reached",
    no_slot: "has no chat slot",
    beside_call: "takes no chats beside a call",
    beside_offer: "takes no chats while a call is offered",
    beside_wrap_up: "takes no chats in the wrap-up of a call",
    in_peace: "said no a moment ago",
    not_called: "could not be called a moment ago",
    asked_before: "was asked before, and comes last",
    kept_for_another: "it is kept for another agent for now",
  } as Record<string, string>,
  closedUntil: (time: string) => `a message; closed until ${time}`,
  closed: "a message; closed",
  queueUnknown: "the queue is not configured, and nobody serves it",
  quiet: "waits for a quiet time of the queue",
  barred: "must not be dialled now: consent, a limit, the trunk, or a running call",
};

const de: typeof en = {
  free: (load, idle) => `frei: Last ${load}, ohne Arbeit seit ${idle}`,
  lacks: (skill, has, least) => `hat ${skill} mit ${has}, gefragt ist ${least}`,
  leanings: { prefers: "bevorzugt diesen Kanal", prefers_another: "bevorzugt einen anderen Kanal" },
  verdicts: {
    signed_out: "ist nicht angemeldet",
    away: "ist abwesend",
    lost: "hat die Konsole verloren",
    in_call: "ist in einem Anruf",
    offered: "bekommt gerade einen Anruf angeboten",
    wrap_up: "arbeitet einen Anruf nach",
    no_phone: "hat kein erreichbares Telefon",
    no_slot: "hat keinen freien Chatplatz",
    beside_call: "nimmt neben einem Anruf keine Chats",
    beside_offer: "nimmt keine Chats, während ein Anruf angeboten wird",
    beside_wrap_up: "nimmt in der Nacharbeit eines Anrufs keine Chats",
    in_peace: "hat eben abgelehnt",
    not_called: "war eben nicht anzurufen",
    asked_before: "wurde schon gefragt und kommt zuletzt",
    kept_for_another: "ist vorerst für jemand anderen reserviert",
  },
  closedUntil: (time) => `eine Nachricht; geschlossen bis ${time}`,
  closed: "eine Nachricht; geschlossen",
  queueUnknown: "die Warteschlange ist nicht konfiguriert, und niemand bedient sie",
  quiet: "wartet auf eine ruhige Zeit der Warteschlange",
  barred: "darf jetzt nicht gewählt werden: Einwilligung, eine Grenze, die Leitung oder ein laufender Anruf",
};

const words = catalogue("route", en, de);

/** Reads how an agent stood out of what the server wrote; what is missing is empty. */
export function standOf(one: Record<string, unknown>): Stand {
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const number = (value: unknown) => (typeof value === "number" ? value : 0);
  return { is: text(one["is"]), leaning: text(one["leaning"]), skill: text(one["skill"]), least: number(one["least"]), has: number(one["has"]), load: number(one["load"]), idle: number(one["idle_ms"]) };
}

/** Says how an agent stood. */
export function stood(stand: Stand): string {
  if (stand.is === "free") return [words.free(stand.load, span(stand.idle)), words.leanings[stand.leaning]].filter(Boolean).join(", ");
  if (stand.is === "lacks") return words.lacks(stand.skill, stand.has, stand.least);
  return words.verdicts[stand.is] ?? stand.is.replaceAll("_", " ");
}

/** Reads out of `GET …/route` why it is put before nobody for now. */
export function holdOf(route: Record<string, unknown>): Hold | null {
  const until = route["held_until"];
  if (route["queue_unknown"] === true) return { is: "queue_unknown" };
  if (route["out_of_hours"] === true) return { is: "hours", until: typeof until === "number" ? until : null };
  if (route["held_back"] === true) return { is: "quiet" };
  return route["barred"] === true ? { is: "barred" } : null;
}

/** Says why it is put before nobody for now. */
export function holdTold(hold: Hold, now: number, lang: string): string {
  switch (hold.is) {
    case "hours":
      return hold.until === null ? words.closed : words.closedUntil(dayTime(hold.until, now, lang));
    case "queue_unknown":
      return words.queueUnknown;
    case "quiet":
      return words.quiet;
    case "barred":
      return words.barred;
  }
}
