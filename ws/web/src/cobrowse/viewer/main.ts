// The customer's page as it is now, in a document of its own: nothing in it can run, and it can reach nothing. It takes
// what happened on the page from the console, and tells it where the agent points.

import { Replayer } from "@rrweb/replay";
import "@rrweb/replay/dist/style.css";
import { dress } from "./dress";
import "./viewer.css";
import type { FromViewer, ToViewer, Tool } from "./words";

const stage = document.getElementById("stage")!;
const glass = document.getElementById("glass")!;
const note = document.getElementById("note")!;
const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
const POINT_EVERY = 60;
const SCROLL_EVERY = 120;
const POINTS = 200;

let port: MessagePort | undefined;
let replayer: Replayer | undefined;
let size = { width: 1, height: 1 };
let scale = 1;
let tool: Tool = "look";
/** The recording that is shown. */
let stream = "";
let told = 0;
let newest = 0;
let heavy = false;
let drawn: [number, number][] | undefined;
const sheets = new Map<string, string>();
let wheel: { x: number; y: number } | undefined;

addEventListener("message", (event) => {
  if (event.source !== parent || event.origin !== location.origin || !event.ports[0]) return;
  port = event.ports[0];
  port.onmessage = ({ data }) => handle(data as ToViewer);
  tell({ is: "ready" });
});

const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
svg.append(line);
glass.append(svg);

function tell(message: FromViewer): void {
  port?.postMessage(message);
}

function handle(message: ToViewer): void {
  switch (message.is) {
    case "batch":
      if (message.fresh) sheets.clear();
      stream = message.stream;
      for (const [name, text] of message.sheets) sheets.set(name, text);
      return play(message.fresh, message.events);
    case "tool":
      tool = message.tool;
      glass.dataset["tool"] = tool;
      return line.setAttribute("points", "");
    case "note":
      note.textContent = message.text;
      note.hidden = message.text === "";
  }
}

interface Shown {
  type: number;
  timestamp: number;
  data: { tag?: string };
}

// The recording's times are the server's; what arrives is shown when it arrives, in its own rhythm within a batch.
function play(fresh: boolean, text: string): void {
  const events = JSON.parse(text) as Shown[];
  const last = events.at(-1)?.timestamp ?? 0;
  const now = Date.now();
  if (fresh) begin(now);
  if (!replayer) return;
  for (const event of events) {
    newest = Math.max(newest, event.timestamp - last + now);
    event.timestamp = newest;
    if (event.type === 5 && event.data.tag === "heavy") {
      heavy = true;
      tell({ is: "heavy" });
    }
    dress(event, sheets);
    replayer.addEvent(event as never);
  }
}

function begin(now: number): void {
  replayer?.destroy();
  stage.replaceChildren();
  newest = now - 1_000;
  heavy = false;
  replayer = new Replayer([], {
    root: stage,
    liveMode: true,
    useVirtualDom: false,
    mouseTail: false,
    showWarning: false,
    showDebug: false,
    triggerFocus: false,
    UNSAFE_replayCanvas: false,
    loadTimeout: 0,
  });
  replayer.on("resize", (dimension) => {
    size = dimension as typeof size;
    fit();
  });
  // What stands for a heavy page is empty, and drawn after it was named.
  replayer.on("fullsnapshot-rebuilded", () => heavy || tell({ is: "shown" }));
  replayer.startLive(now);
}

function fit(): void {
  const wrapper = stage.querySelector<HTMLElement>(".replayer-wrapper");
  if (!wrapper) return;
  scale = Math.min(1, innerWidth / size.width, innerHeight / size.height);
  const left = Math.max(0, (innerWidth - size.width * scale) / 2);
  wrapper.style.transform = `translate(${left}px, 0) scale(${scale})`;
}

// Where an event of the mouse is on the page: in its window, and from its upper left corner.
function place(event: MouseEvent): { x: number; y: number; inX: number; inY: number } | undefined {
  const box = replayer?.iframe.getBoundingClientRect();
  const view = replayer?.iframe.contentWindow;
  if (!box || !view) return undefined;
  const inX = (event.clientX - box.left) / scale;
  const inY = (event.clientY - box.top) / scale;
  if (inX < 0 || inY < 0 || inX > size.width || inY > size.height) return undefined;
  return { inX, inY, x: Math.round(inX + view.scrollX), y: Math.round(inY + view.scrollY) };
}

function hit(at: { inX: number; inY: number }): { node: number; element: Element } | undefined {
  const element = replayer?.iframe.contentDocument?.elementFromPoint(at.inX, at.inY);
  const node = element ? (replayer?.getMirror().getId(element) ?? -1) : -1;
  return element && node > 0 ? { node, element } : undefined;
}

function labelOf(element: Element): string {
  const id = element.getAttribute("id");
  const named = id ? element.ownerDocument.querySelector(`label[for="${CSS.escape(id)}"]`) : null;
  const text = (named ?? element.closest("label") ?? element).textContent ?? "";
  return text.replace(/\s+/g, " ").trim().slice(0, 60);
}

glass.addEventListener("mousemove", (event) => {
  const at = place(event);
  if (!at) return;
  if (drawn) {
    if (drawn.length < POINTS) drawn.push([at.x, at.y]);
    line.setAttribute("points", `${line.getAttribute("points") ?? ""} ${event.clientX},${event.clientY}`);
  }
  if (tool === "look" || event.timeStamp - told < POINT_EVERY) return;
  told = event.timeStamp;
  tell({ is: "guide", stream, guide: { how: "pointer", x: at.x, y: at.y } });
});

glass.addEventListener("mousedown", (event) => {
  const at = place(event);
  if (tool !== "draw" || !at) return;
  drawn = [[at.x, at.y]];
  line.setAttribute("points", `${event.clientX},${event.clientY}`);
});

addEventListener("mouseup", () => {
  if (drawn && drawn.length > 1) tell({ is: "guide", stream, guide: { how: "draw", points: drawn } });
  drawn = undefined;
});

glass.addEventListener("click", (event) => {
  const at = place(event);
  const found = at && hit(at);
  if (!found) return;
  const label = labelOf(found.element) || null;
  if (tool === "point") return tell({ is: "guide", stream, guide: { how: "mark", node: found.node, label } });
  if (tool !== "fill") return;
  const field = found.element.closest("input, textarea, select");
  const pressed = field ? undefined : found.element.closest("button, summary, a, [role='button'], [role='tab']");
  const target = field ?? pressed;
  const node = target ? (replayer?.getMirror().getId(target) ?? -1) : -1;
  if (!target || node < 1) return;
  const type = field?.getAttribute("type") ?? "";
  if (field && ["submit", "button", "reset"].includes(type)) return tell({ is: "guide", stream, guide: { how: "press", node, label } });
  tell(field ? { is: "field", stream, node, label: labelOf(target) || null, tick: type === "checkbox" || type === "radio" } : { is: "guide", stream, guide: { how: "press", node, label: labelOf(target) || null } });
});

// Scrolling together: the visitor's page moves, and what is seen here follows it.
glass.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    const view = replayer?.iframe.contentWindow;
    if (tool === "look" || !view) return;
    const from = wheel ?? { x: view.scrollX, y: view.scrollY };
    if (!wheel) setTimeout(scrolled, SCROLL_EVERY);
    wheel = { x: Math.max(0, Math.round(from.x + event.deltaX)), y: Math.max(0, Math.round(from.y + event.deltaY)) };
  },
  { passive: false },
);

function scrolled(): void {
  if (wheel) tell({ is: "guide", stream, guide: { how: "scroll", ...wheel } });
  wheel = undefined;
}

addEventListener("resize", fit);
