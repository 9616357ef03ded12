// The console's keyboard: Alt and a letter; on a Mac, where that types signs, Control beside them in a field.

import type { Contact } from "../generated/protocol";
import { sound, toggleSound } from "./alerts";
import { announce } from "./announce";
import { letterOf } from "./keys";
import { act, awayReasons, cardOpen, contact, desk, dialog, live, select, selected, takesMembers } from "./model";
import { covered } from "./narrow";
import { go as goTo, place } from "./place";
import { atCallbacks } from "./sought";
import { words } from "./words";

/** Listens until the returned function is called. */
export function watchKeyboard(): () => void {
  addEventListener("keydown", hear);
  return () => removeEventListener("keydown", hear);
}

/** Does what a press of keys asks for, here or in a page within this one. */
export function hear(event: KeyboardEvent): void {
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") cardOpen.value = false;
  const run = SHORTCUTS[letterOf(event, isWrittenIn(event.target), /^Mac/.test(navigator.platform)) ?? ""];
  if (!run) return;
  event.preventDefault();
  run();
}

function isWrittenIn(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("textarea, input"));
}

const SHORTCUTS: Record<string, () => void> = {
  y: () => answer("accept"),
  n: () => answer("decline"),
  j: () => go(1),
  k: () => go(-1),
  m: () => {
    goTo({ is: "desk" });
    const field = covered.value ? null : document.getElementById("composer");
    cardOpen.value = false;
    if (field) field.focus();
    else requestAnimationFrame(() => document.getElementById("composer")?.focus());
  },
  p: turn,
  c: call,
  t: handOver,
  i: invite,
  s: sounds,
  1: () => goTo({ is: "desk" }),
  2: () => goTo(atCallbacks()),
  3: () => goTo({ is: "history" }),
};

function answer(op: "accept" | "decline"): void {
  const first = desk.value?.offers[0];
  if (first) act({ op, interaction: first.interaction });
}

function go(by: number): void {
  const contacts = desk.value?.contacts ?? [];
  if (contacts.length === 0) return;
  const at = contacts.findIndex((held) => held.interaction === selected.value);
  const next = contacts[(at + by + contacts.length) % contacts.length];
  if (!next) return;
  select(next.interaction);
  requestAnimationFrame(() => document.getElementById("composer")?.focus());
}

function sounds(): void {
  toggleSound();
  announce(sound.value ? words.soundOn : words.soundOff);
}

function turn(): void {
  const ready = desk.value?.presence.is === "ready";
  act({ op: "presence", presence: ready ? { is: "away", reason: awayReasons()[0] ?? "" } : { is: "ready" } });
}

// What is done with a contact is done with one that is in sight.
function atDesk(): Contact | undefined {
  return place.value.is === "desk" ? contact.value : undefined;
}

function handOver(): void {
  const shown = atDesk();
  if ((shown?.chat || shown?.voicemail) && !shown.owner && live.value) dialog.value = { is: "hand_over", interaction: shown.interaction };
}

function invite(): void {
  const shown = atDesk();
  if (shown && takesMembers(shown) && live.value) dialog.value = { is: "invite", interaction: shown.interaction };
}

function call(): void {
  const shown = atDesk();
  const calling = shown?.call && shown.call.is !== "ended" && shown.call.is !== "failed";
  if ((shown?.chat || shown?.voicemail) && !shown.owner && !calling && live.value) dialog.value = { is: "escalate", interaction: shown.interaction };
}
