// What console and viewer say to each other.

import type { Guide } from "../../generated/protocol";

/** What the agent's hand does on the page. */
export type Tool = "look" | "point" | "draw" | "fill";

/** What a thing on the page is. */
export type Kind = "field" | "button" | "link" | "heading" | "picture" | "table" | "list" | "text" | "part";

/** From the console; `keys` says what the keyboard does, `kinds` what is said of things that are marked, where that may be. */
export type ToViewer =
  | { is: "words"; lang: string; title: string; keys: string; kinds?: Record<Kind, string> }
  | { is: "batch"; stream: string; fresh: boolean; events: string; sheets: [name: string, text: string][] }
  | { is: "tool"; tool: Tool }
  | { is: "note"; text: string }
  /** The keyboard comes back to the page. */
  | { is: "keys" };

/** From the viewer; of a field its kind, and how many characters it takes at most, unless that is below zero. */
export type FromViewer =
  | { is: "ready" }
  | { is: "shown" }
  | { is: "heavy" }
  | { is: "veiled" }
  | { is: "misread" }
  | { is: "guide"; stream: string; guide: Guide }
  | { is: "field"; stream: string; node: number; label: string | null; tick: boolean; type: string; most: number };
