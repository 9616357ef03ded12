// What the visitor's machine tells the world.

import type { LinkOutput } from "../link/link";
import type { VisitorNews } from "../generated/protocol";
import type { Memory } from "./memory";

/** What the visitor's machine asks of the world besides the socket. */
export type VisitorOutput =
  | LinkOutput
  | { do: "fetch_token" }
  | { do: "remember"; memory: Memory }
  | { do: "unread"; count: number }
  | { do: "heard"; seq: number; from: string; text: string }
  | { do: "cobrowse"; news: VisitorNews | { is: "paired" } }
  | { do: "cobrowse_link"; back: boolean }
  | { do: "suggested"; name: string; url: string; title: string | null };

/** Is told what came of something about a shared page or a call: why not, or the code that was asked for, or what was
 *  answered for which leg, and for how many milliseconds a code is good. The last that was told of a call is told `elsewhere`,
 *  too, when another page takes that leg. */
export type Told = (error: string | undefined, answer?: string, more?: string) => void;

/** Where an interaction waits. */
export interface Position {
  position: number;
  wait: number | null;
}
