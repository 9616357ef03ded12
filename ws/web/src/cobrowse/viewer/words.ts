// What console and viewer say to each other.

import type { Guide } from "../../generated/protocol";

/** What the agent's hand does on the page. */
export type Tool = "look" | "point" | "draw" | "fill";

/** From the console; `keys` says what the keyboard does. */
export type ToViewer =
  | { is: "words"; lang: string; title: string; keys: string }
  | { is: "batch"; stream: string; fresh: boolean; events: string; sheets: [name: string, text: string][] }
  | { is: "tool"; tool: Tool }
  | { is: "note"; text: string };

/** From the viewer. */
export type FromViewer =
  | { is: "ready" }
  | { is: "shown" }
  | { is: "heavy" }
  | { is: "guide"; stream: string; guide: Guide }
  | { is: "field"; stream: string; node: number; label: string | null; tick: boolean };
