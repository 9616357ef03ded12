// Why somebody was chosen, and how the others stood, in the language of who works at a console or board.

import { catalogue } from "./language";
import { span } from "./when";

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
    no_phone: "has no phone that can be reached",
    no_slot: "has no chat slot",
    beside_call: "takes no chats beside a call",
    in_peace: "said no a moment ago",
    asked_before: "was asked before, and comes last",
    kept_for_another: "it is kept for another agent for now",
  } as Record<string, string>,
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
    no_phone: "hat kein erreichbares Telefon",
    no_slot: "hat keinen freien Chatplatz",
    beside_call: "nimmt neben einem Anruf keine Chats",
    in_peace: "hat eben abgelehnt",
    asked_before: "wurde schon gefragt und kommt zuletzt",
    kept_for_another: "ist vorerst für jemand anderen reserviert",
  },
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
