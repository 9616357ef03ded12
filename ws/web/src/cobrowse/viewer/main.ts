// The customer's page as it is now, in a document of its own: nothing in it can run. It takes what happened on the page from the
// console, and tells it what the agent does on it.

import { closest } from "../flat";
import { Hand, type Ground } from "./hand";
import { Keys } from "./keys";
import { nameOf, Picture, recorded } from "./picture";
import "./viewer.css";
import type { FromViewer, Kind, ToViewer, Tool } from "./words";

const part = (id: string) => document.getElementById(id)!;
const glass = part("glass");
const note = part("note");

let port: MessagePort | undefined;
let tool: Tool = "look";
/** The recording that is shown. */
let stream = "";
let kinds: Record<Kind, string> | undefined;

addEventListener("message", (event) => {
  if (event.source !== parent || event.origin !== location.origin || !event.ports[0]) return;
  port = event.ports[0];
  port.onmessage = ({ data }) => handle(data as ToViewer);
  tell({ is: "ready" });
});

function tell(message: FromViewer): void {
  port?.postMessage(message);
}

const picture = new Picture(part("stage"), { shown: () => tell({ is: "shown" }), heavy: () => tell({ is: "heavy" }), veiled: () => tell({ is: "veiled" }), misread: () => tell({ is: "misread" }) });
const ground: Ground = { picture, tool: () => tool, guide: (guide) => tell({ is: "guide", stream, guide }), press };
const hand = new Hand(glass, ground);
const keys = new Keys(glass, part("mark"), part("said"), hand, ground);

function handle(message: ToViewer): void {
  switch (message.is) {
    case "words":
      document.documentElement.lang = message.lang;
      document.title = message.title;
      kinds = message.kinds;
      return glass.setAttribute("aria-label", message.keys);
    case "batch":
      stream = message.stream;
      if (message.fresh) keys.clear();
      return picture.play(message.fresh, message.events, message.sheets);
    case "tool":
      if (tool !== message.tool) keys.clear();
      tool = message.tool;
      glass.dataset["tool"] = tool;
      return hand.clear();
    case "keys":
      return glass.focus();
    case "note":
      note.textContent = message.text;
      note.hidden = message.text === "";
  }
}

// Marks a thing, asks what is to be filled into a field, or presses a button, as the tool is.
function press(element: Element): void {
  const node = picture.node(element);
  if (tool === "point" && node && kinds) return ground.guide({ how: "mark", node, label: recorded(element, kinds) });
  if (tool !== "fill") return;
  const field = closest<HTMLInputElement>(element, "input, textarea, select");
  const type = field ? picture.kind(field) : "";
  const target = field ?? closest(element, "button, summary, a, [role='button'], [role='tab']");
  const on = picture.node(target);
  if (!target || !on) return;
  const named = nameOf(target) ?? null;
  if (!field || ["submit", "button", "reset"].includes(type)) return ground.guide({ how: "press", node: on, label: named });
  tell({ is: "field", stream, node: on, label: named, tick: type === "checkbox" || type === "radio", type, most: field.maxLength ?? -1 });
}
