// A browser for calls, without sound or network: connections that a check moves, devices that it plugs, and a store. It is the one
// there is when what is tested is loaded.

/** A track of a device, or of the other side. */
export class FakeTrack extends EventTarget {
  kind = "audio";
  enabled = true;
  readyState: "live" | "ended" = "live";

  constructor(readonly device: string) {
    super();
  }

  getSettings() {
    return { deviceId: this.device };
  }

  stop(): void {
    this.readyState = "ended";
  }

  /** Its device is gone. */
  end(): void {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }
}

export class FakeStream {
  constructor(readonly tracks: FakeTrack[]) {}

  getTracks(): FakeTrack[] {
    return this.tracks;
  }

  getAudioTracks(): FakeTrack[] {
    return this.tracks;
  }
}

/** A connection; Chromium takes the streams of one away whose offer is rolled back. */
export class FakePeer {
  connectionState = "new";
  signalingState = "stable";
  localDescription: { type: string; sdp: string } | undefined;
  onconnectionstatechange: (() => void) | null = null;
  ontrack: (() => void) | null = null;
  rolledBack = false;
  closed = false;
  offers: { iceRestart: boolean }[] = [];
  sender = { track: undefined as FakeTrack | undefined, dtmf: null, replaceTrack: async (track: FakeTrack) => this.#replace(track) };

  constructor() {
    browser.peers.push(this);
  }

  addTrack(track: FakeTrack): void {
    this.sender.track = track;
  }

  getSenders() {
    return [this.sender];
  }

  async createOffer({ iceRestart }: { iceRestart: boolean }) {
    this.offers.push({ iceRestart });
    return { type: "offer", sdp: `offer ${this.offers.length}` };
  }

  async setLocalDescription(description: { type: string; sdp: string }): Promise<void> {
    if (description.type === "rollback") {
      this.rolledBack = true;
      this.signalingState = "stable";
      return;
    }
    this.localDescription = description;
    this.signalingState = "have-local-offer";
  }

  async setRemoteDescription(): Promise<void> {
    if (this.signalingState !== "have-local-offer") throw new Error("no offer waits for an answer");
    this.signalingState = "stable";
  }

  async getStats() {
    return new Map();
  }

  close(): void {
    this.closed = true;
  }

  /** The connection is so now. */
  becomes(state: string): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  async #replace(track: FakeTrack): Promise<void> {
    if (this.closed) throw new DOMException("the connection is closed", "InvalidStateError");
    this.sender.track = track;
  }
}

/** A store as of a tab or a browser. */
export class FakeStorage {
  readonly #kept = new Map<string, string>();

  getItem(key: string): string | null {
    return this.#kept.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#kept.set(key, value);
  }

  removeItem(key: string): void {
    this.#kept.delete(key);
  }
}

class FakeDevices extends EventTarget {
  plugged = ["default"];
  speakers: string[] = [];
  /** Every track that was given out. */
  given: FakeTrack[] = [];
  /** What is asked is answered by a check that sets this; else it is allowed at once. */
  answer: ((wanted: string) => Promise<void>) | undefined;

  async getUserMedia({ audio }: { audio: { deviceId?: { ideal: string } } }): Promise<FakeStream> {
    const wanted = audio.deviceId?.ideal ?? "";
    await this.answer?.(wanted);
    const device = this.plugged.includes(wanted) ? wanted : this.plugged[0];
    if (device === undefined) throw new DOMException("there is none", "NotFoundError");
    const track = new FakeTrack(device);
    this.given.push(track);
    return new FakeStream([track]);
  }

  async enumerateDevices() {
    const named = (kind: string) => (deviceId: string) => ({ kind, deviceId, label: deviceId });
    return [...this.plugged.map(named("audioinput")), ...this.speakers.map(named("audiooutput"))];
  }

  /** There are these microphones now. */
  plug(...microphones: string[]): void {
    this.plugged = microphones;
    this.dispatchEvent(new Event("devicechange"));
  }
}

class FakeContext {
  createAnalyser() {
    return { fftSize: 0, getFloatTimeDomainData: () => {} };
  }

  createMediaStreamSource() {
    return { connect: () => {} };
  }

  async resume(): Promise<void> {}
  async close(): Promise<void> {}
}

class FakeAudio {
  sink = "";

  constructor() {
    browser.sounds.push(this);
  }

  async play(): Promise<void> {}

  async setSinkId(id: string): Promise<void> {
    this.sink = id;
  }
}

const page = new EventTarget();
const browser = { peers: [] as FakePeer[], sounds: [] as FakeAudio[], devices: new FakeDevices(), tab: new FakeStorage(), browser: new FakeStorage(), page };

/** Puts it in the place of a real one; `again` loads the page again, with what its tab keeps. */
export function install(again = false): typeof browser {
  if (!again) Object.assign(browser, { peers: [], sounds: [], devices: new FakeDevices(), tab: new FakeStorage(), browser: new FakeStorage() });
  const globals = {
    RTCPeerConnection: FakePeer,
    MediaStream: FakeStream,
    AudioContext: FakeContext,
    Audio: FakeAudio,
    localStorage: browser.browser,
    sessionStorage: browser.tab,
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page),
  };
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  Object.defineProperty(globalThis, "navigator", { value: { mediaDevices: browser.devices, language: "en" }, configurable: true, writable: true });
  return browser;
}

/** Lets everything happen that waits for nothing outside. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await Promise.resolve();
}
