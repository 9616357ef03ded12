// A program that does an agent's work by the HTTP interface alone, in a page that has nothing of ours.
import { until } from "./house.mjs";

/** Runs in the page: opens the console of an agent, and leaves what it is told and how it asks in `tandemProgram`. */
async function open({ agent, password }) {
  const asked = async (method, path, token, body) => {
    const headers = { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) };
    const answer = await fetch(`/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  };
  const { token } = await asked("POST", "/login", undefined, { agent, password });
  const events = await fetch(`/api/v1/agents/${agent}/console`, { headers: { authorization: `Bearer ${token}` } });
  const reader = events.body.pipeThrough(new TextDecoderStream()).getReader();
  const program = { told: [], ask: (method, path, body) => asked(method, `/agents/${agent}${path}`, token, body) };
  globalThis.tandemProgram = program;
  const read = async () => {
    for (let kept = ""; ; ) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (kept + value).split("\n\n");
      kept = parts.pop();
      for (const part of parts) program.told.push(JSON.parse(/^data: (.*)$/m.exec(part)[1]));
    }
  };
  void read();
}

/** Runs in the page: takes a call that rings, with the page's microphone. */
async function take(leg) {
  const connection = new RTCPeerConnection();
  const loudspeaker = new Audio();
  connection.addEventListener("track", ({ track }) => {
    loudspeaker.srcObject = new MediaStream([track]);
    void loudspeaker.play();
  });
  const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
  for (const track of microphone.getTracks()) connection.addTrack(track, microphone);
  await connection.setLocalDescription(await connection.createOffer());
  const { sdp } = await globalThis.tandemProgram.ask("POST", `/legs/${leg}/media`, { sdp: connection.localDescription.sdp });
  await connection.setRemoteDescription({ type: "answer", sdp });
}

/** A program in a page, which is an agent's. */
export class Program {
  constructor(window, page) {
    Object.assign(this, { window, page });
  }

  static async open(house, agent) {
    const window = await house.window();
    const page = await window.context.newPage();
    await page.goto(`${house.url}/console/`);
    await page.evaluate(open, { agent, password: house.password });
    const program = new Program(window, page);
    program.console = await program.until("the number of the console", (told) => told.console);
    return program;
  }

  ask(method, path, body) {
    return this.page.evaluate(({ method, path, body }) => globalThis.tandemProgram.ask(method, path, body), { method, path, body });
  }

  /** The newest of what it was told in which something is found. */
  async until(what, find) {
    let found;
    await until(what, async () => {
      const told = await this.page.evaluate(() => globalThis.tandemProgram.told);
      found = told.map(find).findLast((each) => each !== undefined);
      return found !== undefined;
    });
    return found;
  }

  /** Waits for a call that rings at this console, and takes it. */
  async take() {
    const ringing = ({ change }) => (change?.change === "headset" ? change.headset.calls.find((call) => !call.taken) : undefined);
    const { leg } = await this.until("a call rings at the console", ringing);
    await this.page.evaluate(take, leg);
  }

  async close() {
    await this.window.close();
  }
}
